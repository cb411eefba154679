"""The page of one user, for those who manage users (U4): what is known of them, whichever tab is open."""

from __future__ import annotations

import reflex as rx

from selfcare_app.services import clock, users
from selfcare_app.services.access import Actor, NotFound
from selfcare_app.services.users import Granted, UserPage
from selfcare_app.specs.lists import CUSTOMER_NUMBERS, SUBSCRIPTIONS
from selfcare_app.specs.permissions import KINDS, SINGLE, level
from selfcare_app.specs.phones import national
from selfcare_app.specs.user_tabs import USER_TABS
from selfcare_app.state.details import DetailState, Shown
from selfcare_app.state.numbers import whole
from selfcare_app.state.rows import page_of
from selfcare_app.state.shown import grouped

Row = dict[str, str]


def user_at(path: str) -> int:
    """The id of the user whose page that is; 0, which nobody has, where the address names none."""
    return whole(path.rstrip("/").rpartition("/")[2])


class UserState(DetailState, rx.State):
    """/users/[id]."""

    levels: Row = {}
    """What may be done with each kind of information."""
    singles: list[str] = []
    customer_numbers: list[Row] = []
    subscriptions: list[Row] = []
    groups: list[Row] = []
    more: Row = {}
    """How many of each kind are not named."""
    own: bool = False
    """Whether it is the reader themself."""
    user_id: int = 0
    doings: list[str] = []
    """What the reader may do to them besides what the tabs are for."""

    def _read(self, actor: Actor, asked: str) -> UserPage:
        return users.overview(actor, user_id_of(asked))

    def _shown(self, actor: Actor, read: UserPage) -> Shown:
        granted = {
            "customer_numbers": read.customer_numbers,
            "subscriptions": read.subscriptions,
            "groups": read.groups,
        }
        given = any(each.shown or each.more for each in granted.values())
        return Shown(
            facts={
                "name": read.name,
                "email": read.email,
                "phone": national(read.phone),
                "role": read.role,
                "status": read.status,
                "created": clock.show(read.created_at),
                "activated": clock.show(read.activated_at),
                "disabled": clock.show(read.disabled_at),
                "last_sign_in": clock.show(read.last_sign_in_at),
                "access": "all" if read.access_all else "some" if given else "none",
            },
            tabs={tab.key: None for tab in USER_TABS if actor.may(tab.permission)},
            more={
                "levels": {kind: level(kind, read.permissions).value for kind in KINDS},
                "singles": [each.value for each in SINGLE if each in read.permissions],
                "customer_numbers": [
                    {"text": f"{number} {name}", "href": page_of(CUSTOMER_NUMBERS, number)}
                    for number, name in read.customer_numbers.shown
                ],
                "subscriptions": [
                    {"text": label, "href": page_of(SUBSCRIPTIONS, number)}
                    for number, label in read.subscriptions.shown
                ],
                "groups": [{"text": name, "href": ""} for _, name in read.groups.shown],
                "more": {kind: _more(each) for kind, each in granted.items()},
                "own": read.own,
                "user_id": read.id,
                "doings": [each.value for each in read.doings],
            },
        )


def user_id_of(asked: str) -> int:
    """The id in an address. NotFound for what can't be one."""
    if not (id_ := whole(asked)):
        raise NotFound
    return id_


def _more(granted: Granted) -> str:
    return grouped(granted.more) if granted.more else ""
