"""The wizard that creates a user (U7): person, permissions, access, summary.

What is filled in stays in the tab's own state until the user is created or one begins anew: going back and forth,
leaving the page and reloading lose nothing. The step stands in the address.
"""

from __future__ import annotations

import asyncio
from typing import Any

import reflex as rx

from selfcare_app.locales import text
from selfcare_app.services import invitations
from selfcare_app.services.access import Actor, NotFound, Refused
from selfcare_app.services.invitations import Invitee
from selfcare_app.specs.lists import USERS
from selfcare_app.specs.permissions import Permission, Role
from selfcare_app.state.access_choice import ALL, SOME, AccessChoice
from selfcare_app.state.filling import Filled, put
from selfcare_app.state.frame import FrameState, enter
from selfcare_app.state.gate import acting, event
from selfcare_app.state.permission_choice import PermissionChoice

ROUTE = f"{USERS.route}/new"
STEPS = ("person", "permissions", "access", "summary")
PERSON, PERMISSIONS, ACCESS, SUMMARY = STEPS
FIELDS = ("name", "email", "phone")
MOST_TYPED = 320
"""Characters of a field that are kept; an address has no more."""
AT_STEP = {
    "auth.invite.already_here": (PERSON, "email"),
    "auth.invite.bad_email": (PERSON, "email"),
    "auth.profile.bad_phone": (PERSON, "phone"),
    "auth.profile.name_missing": (PERSON, "name"),
    "auth.profile.name_too_long": (PERSON, "name"),
    "auth.invite.more_than_own": (PERMISSIONS, ""),
    "auth.invite.more_access_than_own": (ACCESS, ""),
}
"""Where a refusal is put right: the step, and the field on it."""


def address(step: str) -> str:
    """The address of a step."""
    return ROUTE if step == PERSON else f"{ROUTE}?step={step}"


class UserNewState(PermissionChoice, AccessChoice, Filled, rx.State):
    """/users/new."""

    forbidden: bool = False
    step: str = PERSON
    reached: list[str] = [PERSON]
    """Steps that can be opened: all before them are complete."""
    name: str = ""
    email: str = ""
    phone: str = ""
    problems: dict[str, str] = {}
    """What is wrong, as sentences, by field."""
    problem: str = ""
    """What is wrong with the step as a whole."""
    begun: bool = False
    """Whether there is anything to lose."""
    draft: int = 0
    """Changes with each new draft: its fields are drawn anew."""

    _of: tuple[int | None, int | None] = (None, None)
    """Whose draft it is."""
    _checked: tuple[str, ...] = ()
    """The person as they were found to be right."""

    @event()
    async def load(self) -> Any:
        """Show the step that the address names, or the first that isn't complete. Of another step than was shown the
        focus goes to the heading: the button that led there is gone."""
        actor, before = await enter(self), self.step if self.loaded else ""
        put(self, forbidden=not actor.may(Permission.MANAGE_USERS))
        with self._filling():
            if self.forbidden or self._of != (actor.company_id, actor.user_id):
                self._begin_anew()
                self._of = (actor.company_id, actor.user_id)
            if not self.forbidden:
                self._offer_permissions(actor, frozenset())
                self._offer_access(actor)
                self._show_step(str(self.router.url.query_parameters.get("step", "")))
                if self.step == ACCESS and self.access == SOME:
                    await self._search(actor, self.hits_for, self.hits_page)
        return rx.set_focus("h-step") if before and before != self.step else None

    def _begin_anew(self) -> None:
        draft, forbidden = self.draft + 1, self.forbidden
        self.reset()
        self.draft, self.forbidden = draft, forbidden

    def _show_step(self, asked: str) -> None:
        reached = [PERSON]
        if self._checked and self._checked == self._person() and self.role:
            reached += [PERMISSIONS, ACCESS]
            if self.access and (self.access != SOME or self.chosen_count):
                reached.append(SUMMARY)
        step = asked if asked in reached else reached[-1] if asked in STEPS else PERSON
        if step != self.step:
            put(self, problem="")
        put(self, reached=reached, step=step)

    def _person(self) -> tuple[str, ...]:
        return (self.name, self.email, self.phone)

    # --- the person

    @event(Permission.MANAGE_USERS)
    async def keep(self, field: str, written: str, draft: int) -> None:
        """Keep what is being typed into a field; what comes late is of a draft that is gone."""
        if field in FIELDS and draft == self.draft:
            self._keep({field: written})

    @event(Permission.MANAGE_USERS)
    async def note(self, field: str, written: str) -> None:
        """Keep what was written in a field, and tell what is wrong with it as soon as it is left."""
        if field not in FIELDS:
            return
        self._keep({field: written})
        if self.problems or getattr(self, field):
            found = await asyncio.to_thread(invitations.problems, acting(), *self._person())
            self._tell({field: found[field]} if field in found else {}, only=field)

    def _keep(self, written: dict[str, Any]) -> None:
        for field in FIELDS:
            if field in written:
                put(self, **{field: str(written[field])[:MOST_TYPED].strip()})
        put(self, begun=self.begun or any(self._person()))

    def _tell(self, found: dict[str, Refused], only: str = "") -> None:
        """Say what is wrong; `only`: nothing is known of the other fields."""
        said = {field: each for field, each in self.problems.items() if only and field != only}
        language = acting().language
        said |= {field: text(language, refused.key, **refused.values) for field, refused in found.items()}
        put(self, problems=said)

    @event(Permission.MANAGE_USERS)
    async def submit_person(self, written: dict[str, Any]) -> Any:
        """On to the permissions; what is wrong is said by the fields, which keep what was typed."""
        self._keep(written)
        actor = acting()
        found = await asyncio.to_thread(invitations.problems, actor, *self._person())
        if not self.role:
            found["role"] = Refused("users.wizard.role_missing")
        self._tell(found)
        if found:
            first = next(field for field in (*FIELDS, "role") if field in found)
            return rx.set_focus(first)
        self._checked = self._person()
        return rx.redirect(address(PERMISSIONS))

    @event(Permission.MANAGE_USERS)
    async def take_role(self, role: str) -> None:
        """Choose the role; what was said of it is settled."""
        self._take_role(role)
        put(self, begun=True, problems={field: each for field, each in self.problems.items() if field != "role"})

    # --- permissions, access

    @event(Permission.MANAGE_USERS)
    async def submit_permissions(self) -> Any:
        """On to the access."""
        return rx.redirect(address(ACCESS))

    @event(Permission.MANAGE_USERS)
    async def submit_access(self) -> Any:
        """On to the summary, once something has been chosen."""
        missing = "access_missing" if not self.access else "objects_missing"
        if not self.access or (self.access == SOME and not self.chosen_count):
            self.problem = text(acting().language, f"users.wizard.{missing}")
            return None
        self.problem = ""
        return rx.redirect(address(SUMMARY))

    @event(Permission.MANAGE_USERS)
    async def start_over(self) -> Any:
        """Throw the draft away."""
        of = self._of
        self._begin_anew()
        self._of = of
        return rx.redirect(ROUTE)

    # --- the user

    @event(Permission.MANAGE_USERS)
    async def create_user(self) -> Any:
        """Create the user and mail the link. A second press finds nothing left to create."""
        actor = acting()
        if not self._checked or SUMMARY not in self.reached:
            return None
        try:
            user_id = await asyncio.to_thread(invitations.invite, actor, self._invitee())
        except Refused as refused:
            return self._refuse(actor, refused)
        email = self.email
        self._begin_anew()
        (await self.get_state(FrameState))._say("users.wizard.created", email=email)
        return rx.redirect(USERS.page.format(number=user_id))

    def _invitee(self) -> Invitee:
        wanted = self._chosen_access()
        return Invitee(
            name=self.name,
            email=self.email,
            phone=self.phone,
            role=Role(self.role),
            permissions=self._chosen_permissions(),
            access_all=self.access == ALL,
            customer_numbers=tuple(sorted(wanted.customer_numbers)),
            subscriptions=tuple(sorted(wanted.subscriptions)),
            groups=tuple(sorted(wanted.groups)),
        )

    def _refuse(self, actor: Actor, refused: Refused) -> Any:
        """Say it where it is put right."""
        said = text(actor.language, refused.key, **refused.values)
        if isinstance(refused, NotFound):
            self.problem = text(actor.language, "users.wizard.objects_gone")
            return rx.redirect(address(ACCESS))
        step, field = AT_STEP.get(refused.key, (SUMMARY, ""))
        if field:
            self._checked, self.problems = (), {field: said}
        else:
            self.problem = said
        return rx.redirect(address(step)) if step != SUMMARY else None
