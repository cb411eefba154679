"""The company's profile: what it has decided, its approver chains, its agreements."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import reflex as rx

from selfcare_app.locales import text
from selfcare_app.services import company_profile
from selfcare_app.services.access import Actor, PasswordNeeded, Refused
from selfcare_app.services.changed import Changed
from selfcare_app.services.company_profile import Chain, CompanyPage, Decided
from selfcare_app.specs.permissions import Permission, Role
from selfcare_app.specs.products import Product
from selfcare_app.state.draft import Draft
from selfcare_app.state.filling import Filled, put
from selfcare_app.state.frame import FrameState, enter
from selfcare_app.state.gate import acting, event
from selfcare_app.state.meanwhile import Change, Meanwhile, change
from selfcare_app.state.numbers import whole

DECIDED = ("email_notification", "require_second_factor", "remind_after", "escalate_after", "delivery_address")

_CHOICES = frozenset({"email_notification", "require_second_factor"})
_YES = {True: "yes", False: "no"}
"""What a choice says."""


class CompanyProfileState(Draft, Filled, Meanwhile, rx.State):
    """/company."""

    forbidden: bool = False
    email_notification: bool = False
    delivery_address: str = ""
    require_second_factor: bool = False
    remind_after: int = 0
    escalate_after: int = 0
    version: int = 0
    may_edit: bool = False
    may_edit_chains: bool = False
    problem: str = ""
    chains: dict[str, list[dict[str, str]]] = {}
    """People of each product's chain, in order."""
    versions: dict[str, int] = {}
    candidates: list[dict[str, str]] = []
    """Who may approve and isn't in the open chain yet, and whoever may take their own place there again."""
    _able: list[dict[str, str]] = []
    """Who may approve."""
    editing_chain: str = ""
    """The product whose chain is open for a choice."""
    editing_person: str = ""
    """Whose place is given to another; empty: somebody is added."""
    chain_problem: str = ""
    chain_before: str = ""
    """How the open chain was, where another has changed it meanwhile."""
    chain_after: str = ""
    password_needed: bool = False
    agreements: list[dict[str, str]] = []
    agreement_products: dict[str, list[str]] = {}

    @event()
    async def load(self) -> None:
        """Show the company's profile; whoever may not read it is told so. A form that is open, and that they may use,
        stays so with what is typed."""
        await self._load()

    @event()
    async def redraw(self) -> None:
        """Show it to whoever has other rights now; a choice of an approver stays open too."""
        await self._load(choosing=bool(self.editing_chain) and acting().role == Role.SUPERUSER)

    async def _load(self, *, choosing: bool = False) -> None:
        actor = await enter(self)
        editing = self._still_open(actor) and actor.may(Permission.COMPANY_WRITE)
        put(self, forbidden=not actor.may(Permission.COMPANY_READ))
        if self.forbidden:
            return
        with self._filling():
            page = await asyncio.to_thread(company_profile.overview, actor)
            # What an open form began with stays: whoever was faster is told of when it is saved.
            if not editing:
                self._close()
                self._show_decided(page.decided)
                put(self, problem="")
            if not choosing:
                self._show_chains(page)
            put(
                self,
                may_edit=actor.may(Permission.COMPANY_WRITE),
                may_edit_chains=actor.role == Role.SUPERUSER,
                agreements=[
                    {
                        "number": a.number,
                        "from": a.valid_from.isoformat(),
                        "to": a.valid_to.isoformat() if a.valid_to else "",
                    }
                    for a in page.agreements
                ],
                agreement_products={a.number: a.products for a in page.agreements},
            )

    def _show_decided(self, decided: Decided) -> None:
        put(
            self,
            email_notification=decided.email_notification,
            delivery_address=decided.delivery_address,
            require_second_factor=decided.require_second_factor,
            remind_after=decided.remind_after,
            escalate_after=decided.escalate_after,
            version=decided.version,
        )

    def _show_chains(self, page: CompanyPage) -> None:
        put(
            self,
            chains={chain.product.value: _people(chain) for chain in page.chains},
            versions={chain.product.value: chain.version for chain in page.chains},
            _able=[{"id": str(user_id), "name": name} for user_id, name in page.candidates],
            editing_chain="",
            editing_person="",
            chain_problem="",
            chain_before="",
            password_needed=False,
        )

    def _differences(self, actor: Actor, now: Decided) -> list[Change]:
        """What another changed; that is what an edit starts from afterwards, while what is typed stays."""
        had = {name: getattr(self, name) for name in DECIDED}
        self._show_decided(now)
        return [
            change(
                label_key=f"company_profile.decided.{name}",
                before=_said(actor.language, before),
                after=_said(actor.language, getattr(now, name)),
            )
            for name, before in had.items()
            if before != getattr(now, name)
        ]

    @event(Permission.COMPANY_WRITE)
    async def edit(self) -> None:
        """Open the fields."""
        had = {name: getattr(self, name) for name in DECIDED}
        self._open(**{name: _YES[had[name]] if name in _CHOICES else str(had[name]) for name in DECIDED})
        self.problem = ""
        self._forget_changed()

    @event(Permission.COMPANY_WRITE)
    async def cancel(self) -> None:
        """Close them as they were."""
        self._close()
        self.problem = ""

    @event(Permission.COMPANY_WRITE)
    async def save(self, typed: dict[str, Any]) -> None:
        """Save what the company decides; a refusal stands by the fields, which keep what was typed."""
        actor = acting()
        self._written(typed)
        wanted = Decided(
            email_notification=typed.get("email_notification") == _YES[True],
            delivery_address=str(typed.get("delivery_address", "")),
            require_second_factor=typed.get("require_second_factor") == _YES[True],
            remind_after=whole(typed.get("remind_after")),
            escalate_after=whole(typed.get("escalate_after")),
            version=self.version,
        )
        self._forget_changed()
        try:
            decided = await asyncio.to_thread(company_profile.change, actor, wanted)
        except Refused as refused:
            if isinstance(refused, Changed):
                self._tell_changed(actor, refused, self._differences(actor, cast(Decided, refused.now)))
                self.problem = ""
                return
            self.problem = text(actor.language, refused.key, **refused.values)
            return
        self._show_decided(decided)
        self._close()
        self.problem = ""
        (await self.get_state(FrameState))._say("company_profile.saved")

    # --- approver chains

    @event(Permission.COMPANY_WRITE)
    async def choose(self, product: str, person: str) -> None:
        """Open the choice of a person: to be added, or for somebody's place."""
        put(
            self,
            editing_chain=str(product),
            editing_person=str(person),
            chain_problem="",
            chain_before="",
            password_needed=False,
        )
        self._offer()

    def _offer(self) -> None:
        # Whoever was removed and is back may be put into their own place again.
        there = {
            person["id"]
            for person in self.chains.get(self.editing_chain, [])
            if person["able"] or person["id"] != self.editing_person
        }
        put(self, candidates=[each for each in self._able if each["id"] not in there])

    @event(Permission.COMPANY_WRITE)
    async def stop_choosing(self) -> None:
        """Close it."""
        put(self, editing_chain="", editing_person="", chain_problem="", chain_before="", password_needed=False)

    @event(Permission.COMPANY_WRITE)
    async def take(self, typed: dict[str, Any]) -> None:
        """Add the chosen person, or give them the place of whom one began with."""
        chosen, present = whole(typed.get("person")), whole(self.editing_person)
        if not self.editing_person:
            await self._change(company_profile.add_approver, chosen)
        else:
            await self._change(company_profile.replace_approver, present, chosen)

    @event(Permission.COMPANY_WRITE)
    async def remove_last(self, product: str, person: str) -> None:
        """Take the last person out of a chain."""
        put(self, editing_chain=str(product), editing_person="")
        await self._change(company_profile.remove_approver, whole(person))

    async def _change(self, operation: Callable[..., Chain], *people: int) -> None:
        actor, said = acting(), self.editing_chain
        try:
            product = Product(said)
            await asyncio.to_thread(operation, actor, product, self.versions.get(said, 0), *people)
        except ValueError:
            return
        except Refused as refused:
            before = self.chains.get(said, [])
            if isinstance(refused, Changed):
                await self._read_again(actor)
            put(
                self,
                editing_chain=said,
                chain_problem=text(actor.language, refused.key, **refused.values),
                chain_before=_names(before) if isinstance(refused, Changed) else "",
                chain_after=_names(self.chains.get(said, [])) if isinstance(refused, Changed) else "",
                password_needed=isinstance(refused, PasswordNeeded),
            )
            self._offer()
            return
        await self._read_again(actor)
        (await self.get_state(FrameState))._say("company_profile.chains.changed")

    async def _read_again(self, actor: Actor) -> None:
        self._show_chains(await asyncio.to_thread(company_profile.overview, actor))


def _names(people: list[dict[str, str]]) -> str:
    return ", ".join(person["name"] for person in people) or "–"


def _said(language: str, value: Any) -> str:
    return text(language, f"audit.{'yes' if value else 'no'}") if isinstance(value, bool) else str(value) or "–"


def _people(chain: Chain) -> list[dict[str, str]]:
    last = len(chain.steps)
    return [
        {
            "id": str(step.user_id),
            "name": step.name,
            "able": "1" if step.able else "",
            "place": str(at),
            "last": "1" if at == last else "",
        }
        for at, step in enumerate(chain.steps, 1)
    ]
