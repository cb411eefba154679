"""The page of one group: its members now, coming and past, and what it costs (R1, R7)."""

from __future__ import annotations

import asyncio
from datetime import date

import reflex as rx

from selfcare_app.services import group_pages
from selfcare_app.services.access import Actor, NotFound, Refused
from selfcare_app.services.group_pages import GroupPage, Member
from selfcare_app.specs.groups import shown
from selfcare_app.specs.months import months_from_to, months_later
from selfcare_app.specs.permissions import Permission
from selfcare_app.state.details import DetailState, Shown
from selfcare_app.state.filling import put
from selfcare_app.state.gate import acting, event
from selfcare_app.state.related import RelatedState
from selfcare_app.state.shown import bar_rows, grouped, money

BACK, AHEAD = 5, 6
"""Months before and after the present one in the picture of members."""


class GroupState(DetailState, rx.State):
    """/groups/[id]."""

    members: list[dict[str, str]] = []
    """Those of the list's page, as the picture by month draws them."""
    costs: list[dict[str, str]] = []
    months: list[dict[str, str]] = []
    """Of the picture."""
    may_write: bool = False

    def _read(self, actor: Actor, asked: str) -> GroupPage:
        if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
            raise NotFound
        return group_pages.group(actor, int(asked))

    def _shown(self, actor: Actor, read: GroupPage) -> Shown:
        of = read.group
        months = picture_months(actor.month)
        return Shown(
            facts={
                "id": str(of.id),
                "name": shown(of.category, of.name),
                "category": of.category,
                "description": of.description,
                "customer_numbers": grouped(of.customer_numbers),
                "subscriptions": grouped(of.subscriptions),
            },
            more={
                "costs": bar_rows(read.costs, actor.month, lambda amount: money(amount, "SEK")),
                "months": month_heads(months, actor.month),
                "may_write": actor.may(Permission.GROUPS_WRITE),
            },
        )

    @event()
    async def draw_members(self) -> None:
        """Draw by month what the list of members shows: its page, in its order."""
        await self._draw_members()

    @event()
    async def freshen_members(self, kinds: list[str]) -> None:
        """The list of members may have changed: its picture follows it."""
        await self._draw_members()

    async def _draw_members(self) -> None:
        shown = (await self.get_state(RelatedState)).rows
        actor, ids = acting(), [int(row["id"]) for row in shown]
        if not self.found or not ids:
            put(self, members=[])
            return
        try:
            members = await asyncio.to_thread(group_pages.members, actor, int(self.facts["id"]), ids)
        except Refused:
            members = []
        months = picture_months(actor.month)
        put(self, members=[_member(each, months) for each in members])


def picture_months(month: date) -> tuple[date, ...]:
    """The months of a picture of memberships, around the present one."""
    return months_from_to(months_later(month, -BACK), months_later(month, AHEAD))


def month_heads(months: tuple[date, ...], now: date) -> list[dict[str, str]]:
    """Its headings."""
    return [
        {
            "month": str(each.month),
            "year": str(each.year),
            "first": "1" if each.month == 1 or each == months[0] else "",
            "now": "1" if each == now else "",
        }
        for each in months
    ]


def span_in(months: tuple[date, ...], start: date, end: date | None) -> dict[str, str]:
    """Where a membership lies in a picture of the months: the grid's columns, and whether it goes on. Empty: outside
    of it."""
    first, last = months[0], months[-1]
    if start > last or (end is not None and end < first):
        return {"from_column": "", "to_column": "", "goes_on": ""}
    left = months.index(max(start, first)) + 1
    right = months.index(min(end or last, last)) + 2
    return {"from_column": str(left), "to_column": str(right), "goes_on": "1" if end is None or end > last else ""}


def _member(each: Member, months: tuple[date, ...]) -> dict[str, str]:
    return {
        "id": str(each.id),
        "label": each.label,
        "name": each.name,
        "state": each.state,
        **span_in(months, each.start, each.end),
    }
