"""The first page after signing in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import reflex as rx

from selfcare_app.services import clock, groups, overviews
from selfcare_app.services.access import Actor
from selfcare_app.services.attention import DueInvoice
from selfcare_app.services.groups import GroupsOverview
from selfcare_app.services.invoices import Invoiced, Latest
from selfcare_app.services.overviews import CompanyOverview
from selfcare_app.specs.invoices import InvoiceKind, InvoiceStatus
from selfcare_app.specs.lists import CUSTOMER_NUMBERS, INVOICES, SUBSCRIPTIONS, ListSpec
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.queries import parse
from selfcare_app.state.filling import Filled, put
from selfcare_app.state.frame import enter
from selfcare_app.state.gate import event
from selfcare_app.state.rows import page_of
from selfcare_app.state.shown import NO_BREAK_SPACE, bar_rows, grouped, money, signed

Row = dict[str, str]


class OverviewState(Filled, rx.State):
    """/."""

    company_name: str = ""
    today: str = ""
    weekday: str = "0"
    """Monday is 0."""
    counts: Row = {}
    """Figures by the keys of `overviews`; what the reader may not read is not there."""
    attention: list[Row] = []
    """What needs a person: texts by key and the values they take, an amount, and one link."""
    attention_count: str = ""
    invoiced: Row = {}
    """What was invoiced in the latest month, and how that differs from the month before; empty without invoices."""
    months: list[Row] = []
    latest: list[Row] = []
    agreements: list[Row] = []
    agreement_products: dict[str, list[str]] = {}
    superusers: list[str] = []
    groups: dict[str, list[Row]] = {}
    """By category; `share` is a group's part of the largest, in percent."""
    group_costs: Row = {}
    """The month that the groups' costs are of, and currencies left out."""
    operator_companies: int = 0
    feeds: list[Row] = []

    @event()
    async def load(self) -> AsyncIterator[None]:
        """Show the overview of whoever is signed in: groups last, since counting what is in them takes longest."""
        actor = await enter(self)
        put(self, company_name=actor.company_name, today=actor.today.isoformat(), weekday=str(actor.today.weekday()))
        if actor.operator_role is not None:
            with self._filling():
                self._show_operator(await asyncio.to_thread(overviews.of_operator, actor))
            return
        with self._filling():
            self._show_company(actor, await asyncio.to_thread(overviews.of_company, actor))
        if self.failed or not actor.may(Permission.GROUPS_READ):
            put(self, groups={})
            return
        yield
        with self._filling():
            self._show_groups(actor, await asyncio.to_thread(groups.overview, actor))

    def _show_company(self, actor: Actor, seen: CompanyOverview) -> None:
        endings = [agreement for agreement in seen.agreements if agreement.ending]
        needs = seen.attention
        count = needs.overdue_count + needs.soon_count + len(endings) + (needs.bindings_ending > 0)
        put(
            self,
            counts={key: grouped(count) for key, count in seen.counts.items()},
            attention=[
                *_due_invoices("overdue", needs.overdue, needs.overdue_count, actor.today),
                *_due_invoices("due", needs.soon, needs.soon_count, actor.today),
                *(
                    _need("agreement", "/company", number=a.number, date=a.valid_to.isoformat())
                    for a in endings
                    if a.valid_to is not None
                ),
                *_bindings(needs.bindings_ending, needs.first_binding),
            ],
            attention_count=grouped(count) if count else "",
            agreements=[
                {
                    "number": a.number,
                    "from": a.valid_from.isoformat(),
                    "to": a.valid_to.isoformat() if a.valid_to else "",
                }
                for a in seen.agreements
            ],
            agreement_products={a.number: a.products for a in seen.agreements},
            superusers=seen.superusers,
            **_invoiced(seen.invoiced),
        )

    def _show_groups(self, actor: Actor, seen: GroupsOverview) -> None:
        sizes = {g.id: max(g.cost, Decimal(0)) if g.cost else Decimal(0) for g in seen.groups}
        if not any(sizes.values()):
            sizes = {g.id: Decimal(g.customer_numbers + g.subscriptions) for g in seen.groups}
        largest = max(sizes.values(), default=Decimal(0)) or Decimal(1)
        shown: dict[str, list[Row]] = {}
        for g in seen.groups:
            shown.setdefault(g.category, []).append(
                {
                    "group": g.name,
                    "href": f"/groups/{g.id}",
                    "customer_numbers": grouped(g.customer_numbers),
                    "subscriptions": grouped(g.subscriptions),
                    "customer_numbers_href": _in_group(CUSTOMER_NUMBERS, g.id, g.customer_numbers),
                    "subscriptions_href": _in_group(SUBSCRIPTIONS, g.id, g.subscriptions),
                    "cost": money(g.cost) if g.cost is not None and seen.cost_month else "",
                    "share": str(round(100 * sizes[g.id] / largest)),
                }
            )
        month = seen.cost_month
        put(
            self,
            groups=shown,
            group_costs={
                "month": f"{month.month}" if month else "",
                "left_out": ", ".join(seen.left_out),
            },
        )

    def _show_operator(self, seen: overviews.OperatorOverview) -> None:
        put(
            self,
            operator_companies=seen.companies,
            feeds=[
                {
                    "kind": fed.kind,
                    "file": fed.file_name,
                    "at": clock.show(fed.at),
                    "created": str(fed.created),
                    "changed": str(fed.changed),
                    "unchanged": str(fed.unchanged),
                }
                for fed in seen.feeds
            ],
        )


# --- what needs a person


def _need(kind: str, href: str, why: str = "", value: str = "", **values: str) -> Row:
    """`kind` and `why` name texts under pages.overview.needs, filled with the values."""
    return {
        "kind": kind,
        "why": why or kind,
        "href": href,
        "value": value,
        "of": "",
        "number": "",
        "n": "",
        "date": "",
        **values,
    }


def _due_invoices(kind: str, invoices: Iterable[DueInvoice], count: int, today: date) -> Iterable[Row]:
    shown = [
        _need(
            kind,
            page_of(INVOICES, each.number),
            why="due_today" if each.due == today else kind,
            number=each.number,
            of=f"{each.customer_number} {each.customer_name}",
            date=each.due.isoformat(),
            n=grouped(abs((each.due - today).days)),
            value=money(each.left, each.currency),
        )
        for each in invoices
    ]
    yield from shown
    if count > len(shown):
        whole = parse(INVOICES, {})
        all_ = whole.changed(tab="overdue") if kind == "overdue" else whole.with_filter("due", ("soon",))
        yield _need(f"more_{kind}", all_.address(INVOICES), n=grouped(count))


def _bindings(count: int, first: date | None) -> Iterable[Row]:
    if count and first:
        href = parse(SUBSCRIPTIONS, {}).with_filter("binding", ("soon",)).address(SUBSCRIPTIONS)
        yield _need("bindings", href, n=grouped(count), date=first.isoformat())


def _in_group(spec: ListSpec, group_id: int, count: int) -> str:
    return parse(spec, {}).with_filter("group", (str(group_id),)).address(spec) if count else ""


# --- invoices


def _invoiced(seen: Invoiced | None) -> dict[str, Any]:
    if seen is None or not seen.months:
        return {"invoiced": {}, "months": [], "latest": []}
    (before, earlier), (month, amount) = seen.months[-2:]
    change = 100 * (amount - earlier) / earlier if earlier > 0 else None
    return {
        "invoiced": {
            "amount": money(amount),
            "month": str(month.month),
            "change": _percent(change) if change is not None else "",
            "before": str(before.month),
            "left_out": ", ".join(seen.left_out),
        },
        "months": bar_rows(seen.months, month, money),
        "latest": [_latest(each) for each in seen.latest],
    }


def _latest(each: Latest) -> Row:
    amount = -each.payable if each.kind == InvoiceKind.CREDIT_NOTE else each.payable
    waits = each.status is InvoiceStatus.UNPAID and each.due is not None
    return {
        "number": each.number,
        "href": page_of(INVOICES, each.number),
        "of": f"{each.customer_number} {each.customer_name}",
        "amount": money(amount, each.currency),
        "status": each.status.value,
        "due": each.due.isoformat() if waits and each.due else "",
    }


def _percent(change: Decimal) -> str:
    """Signed, with one place."""
    return f"{signed(change.quantize(Decimal('0.1'), ROUND_HALF_UP))}{NO_BREAK_SPACE}%"
