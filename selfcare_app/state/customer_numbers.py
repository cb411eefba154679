"""The list of customer numbers, and the page of one."""

from __future__ import annotations

import asyncio
import logging
from typing import ClassVar
from urllib.parse import unquote

import reflex as rx

from selfcare_app.services import customer_numbers
from selfcare_app.services.access import Refused
from selfcare_app.specs.lists import CUSTOMER_NUMBERS, ListSpec
from selfcare_app.specs.permissions import Permission
from selfcare_app.state.frame import enter
from selfcare_app.state.gate import event
from selfcare_app.state.lists import ListState

logger = logging.getLogger(__name__)


class CustomerNumbersState(ListState, rx.State):
    """/customer-numbers."""

    SPEC: ClassVar[ListSpec] = CUSTOMER_NUMBERS


class CustomerNumberState(rx.State):
    """/customer-numbers/[number]."""

    loaded: bool = False
    found: bool = False
    failed: bool = False
    number: str = ""
    name: str = ""
    type: str = ""
    status: str = ""
    opened: str = ""
    closed: str = ""
    company: str = ""
    groups: list[dict[str, str]] = []
    subscriptions_total: int = 0
    subscriptions_active: int = 0
    subscriptions_by_type: list[dict[str, str]] = []
    may_see_groups: bool = False
    may_see_subscriptions: bool = False

    @event()
    async def load(self) -> None:
        """Show the customer number the address names; unknown and foreign alike give the page that says so."""
        actor = await enter(self)
        asked = unquote(self.router.url.path.rstrip("/").rpartition("/")[2])
        self.failed = False
        try:
            shown = await asyncio.to_thread(customer_numbers.overview, actor, asked)
        except Refused:
            # Missing, foreign and not permitted look alike.
            self.reset()
            self.loaded = True
            return
        except Exception:
            # Told on the page; raised, it would keep the page from being told.
            logger.exception("A page could not be filled")
            self.failed = self.loaded = True
            return
        self.loaded = self.found = True
        self.number, self.name, self.type = shown.number, shown.name, shown.type
        self.status, self.company = shown.status, shown.company
        self.opened = shown.opened.isoformat()
        self.closed = shown.closed.isoformat() if shown.closed else ""
        self.subscriptions_total, self.subscriptions_active = shown.subscriptions, shown.active_subscriptions
        self.subscriptions_by_type = [{"type": kind, "count": str(count)} for kind, count in shown.by_type]
        self.may_see_groups = actor.may(Permission.GROUPS_READ)
        self.may_see_subscriptions = actor.may(Permission.SUBSCRIPTIONS_READ)
        self.groups = [
            {
                "name": m.name,
                "from": m.start.strftime("%Y-%m"),
                "to": m.end.strftime("%Y-%m") if m.end else "",
                "state": m.state,
            }
            for m in shown.groups
        ]

    @event()
    async def retry(self) -> rx.event.EventSpec:
        """Ask once more after a failure."""
        return CustomerNumberState.load  # type: ignore[return-value]
