"""The first page after signing in."""

from __future__ import annotations

import asyncio

import reflex as rx

from selfcare_app.services import clock, overviews
from selfcare_app.services.access import Actor
from selfcare_app.services.overviews import Counted
from selfcare_app.specs.lists import CUSTOMER_NUMBERS
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.queries import parse
from selfcare_app.state.filling import Filled
from selfcare_app.state.frame import enter
from selfcare_app.state.gate import event


class OverviewState(Filled, rx.State):
    """/."""

    company_name: str = ""
    today: str = ""
    weekday: str = "0"
    """Monday is 0."""
    sees_customer_numbers: bool = False
    customer_numbers_total: int = 0
    customer_numbers_active: int = 0
    customer_numbers_inactive: int = 0
    sees_subscriptions: bool = False
    subscriptions_total: int = 0
    subscriptions_active: int = 0
    agreements: list[dict[str, str]] = []
    agreement_products: dict[str, list[str]] = {}
    attention: bool = False
    """Whether an agreement soon ends."""
    groups: dict[str, list[dict[str, str]]] = {}
    """By category; `share` is a group's part of the largest, in percent."""
    superusers: list[str] = []
    operator_companies: int = 0
    feeds: list[dict[str, str]] = []

    @event()
    async def load(self) -> None:
        """Show the overview of whoever is signed in."""
        actor = await enter(self)
        self.company_name = actor.company_name
        self.today = actor.today.isoformat()
        self.weekday = str(actor.today.weekday())
        with self._filling():
            if actor.operator_role is not None:
                await self._show_operator(actor)
            else:
                await self._show_company(actor)

    async def _show_company(self, actor: Actor) -> None:
        seen = await asyncio.to_thread(overviews.of_company, actor)
        numbers, subscriptions = seen.customer_numbers or Counted(), seen.subscriptions or Counted()
        self.sees_customer_numbers = seen.customer_numbers is not None
        self.sees_subscriptions = seen.subscriptions is not None
        self.customer_numbers_total, self.customer_numbers_active = numbers.total, numbers.active
        self.customer_numbers_inactive = numbers.total - numbers.active
        self.subscriptions_total, self.subscriptions_active = subscriptions.total, subscriptions.active
        self.superusers = seen.superusers
        self.agreements = [
            {
                "number": a.number,
                "from": a.valid_from.isoformat(),
                "to": a.valid_to.isoformat() if a.valid_to else "",
                "ending": "1" if a.ending else "",
            }
            for a in seen.agreements
        ]
        self.attention = any(a.ending for a in seen.agreements)
        self.agreement_products = {a.number: a.products for a in seen.agreements}
        empty = parse(CUSTOMER_NUMBERS, {})
        links = actor.may(Permission.CUSTOMER_NUMBERS_READ)
        largest = max((g.customer_numbers + g.subscriptions for g in seen.groups), default=0) or 1
        groups: dict[str, list[dict[str, str]]] = {}
        for g in seen.groups:
            groups.setdefault(g.category, []).append(
                {
                    "group": g.name,
                    "customer_numbers": str(g.customer_numbers),
                    "subscriptions": str(g.subscriptions),
                    "share": str(round(100 * (g.customer_numbers + g.subscriptions) / largest)),
                    "href": empty.with_filter("group", (str(g.id),)).address(CUSTOMER_NUMBERS) if links else "",
                }
            )
        self.groups = groups

    async def _show_operator(self, actor: Actor) -> None:
        seen = await asyncio.to_thread(overviews.of_operator, actor)
        self.operator_companies = seen.companies
        self.feeds = [
            {
                "kind": fed.kind,
                "file": fed.file_name,
                "at": clock.show(fed.at),
                "created": str(fed.created),
                "changed": str(fed.changed),
                "unchanged": str(fed.unchanged),
            }
            for fed in seen.feeds
        ]
