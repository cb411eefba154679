"""The page of one subscription. Nothing of its SIM and PUK is ever here (O1): components/native.py Secrets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import reflex as rx

from selfcare_app.services import subscriptions, usage
from selfcare_app.services.access import Actor
from selfcare_app.services.subscriptions import SubscriptionOverview
from selfcare_app.services.usage import NOTHING, Usage
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.usage import UsageType, UsageUnit
from selfcare_app.state.details import (
    DetailState,
    Shown,
    customer_number_facts,
    customer_number_leads,
    group_facts,
    groups_tab,
    membership_rows,
    span_facts,
)
from selfcare_app.state.shown import bar_rows, money, sum_of_parts, used

MONTHS = 12
"""Months of usage that are shown, the present one among them."""
COLUMNS = {
    UsageType.CALL: UsageUnit.SECONDS,
    UsageType.SMS: UsageUnit.PIECES,
    UsageType.DATA: UsageUnit.MEGABYTES,
}
"""What the table shows a quantity of, and in what it is counted; roaming is of all kinds and shown in kr."""


AMOUNT = "amount"


class SubscriptionState(DetailState, rx.State):
    """/subscriptions/[number]."""

    groups: list[dict[str, str]] = []
    usage_bars: list[dict[str, str]] = []
    usage_rows: list[dict[str, str]] = []

    def _read(self, actor: Actor, asked: str) -> tuple[SubscriptionOverview, Usage | None]:
        read = subscriptions.overview(actor, asked)
        if not actor.may(Permission.USAGE_READ):
            return read, None
        return read, usage.by_month(actor, subscription_number=asked, months=MONTHS)

    def _shown(self, actor: Actor, found: tuple[SubscriptionOverview, Usage | None]) -> Shown:
        read, months = found
        plan = read.plan
        bound = read.bound_until
        return Shown(
            facts={
                "number": read.number,
                "label": read.label,
                "person": read.person,
                "type": read.type,
                "status": read.status,
                **customer_number_facts(read.customer_number, read.customer_number_name),
                "plan": plan.name if plan else "",
                "monthly_fee": money(plan.monthly_fee) if plan else "",
                "binding": str(plan.binding_months) if plan else "",
                "notice": str(plan.notice_months) if plan else "",
                "bound_until": bound.isoformat() if bound else "",
                "binding_days": str((bound - actor.today).days) if bound and read.binding_ends else "",
                "cost_centre": read.cost_centre,
                **span_facts(read.opened, read.ended, read.status),
                **group_facts(read.groups),
                "secrets": "1" if read.has_secrets else "",
                **_usage_facts(months),
            },
            tabs={**read.parts, **({"usage": None} if months else {}), **groups_tab(actor, read.groups)},
            leads=customer_number_leads(actor, read.customer_number),
            more={
                "groups": membership_rows(read.groups),
                "usage_bars": _usage_bars(months) if months else [],
                "usage_rows": _usage_rows(months) if months else [],
            },
        )


def _usage_facts(months: Usage | None) -> dict[str, str]:
    """What the latest month with anything in it came to; empty when nothing was used in any of them."""
    if months is None or not months.sums:
        return {"usage": ""}
    latest, of, values = _latest(months), _measure(months), dict(_measured(months))
    return {
        "usage": _said(of)(values[latest]),
        "usage_of": of,
        "usage_month": str(latest.month),
        "usage_year": str(latest.year),
    }


def _usage_bars(months: Usage) -> list[dict[str, str]]:
    now = _latest(months) if months.sums else None
    return bar_rows(_measured(months), now, _said(_measure(months)))


def _latest(months: Usage) -> date:
    return max(each.month for each in months.sums)


def _measure(months: Usage) -> str:
    """What the bars show: what it cost; where that is nothing, as with much that is included in a price plan, the
    first of data, calls and messages that there is some of."""
    if months.amount:
        return AMOUNT
    used_of = {each.type for each in months.sums}
    return next((kind.value for kind in (UsageType.DATA, UsageType.CALL, UsageType.SMS) if kind in used_of), AMOUNT)


def _measured(months: Usage) -> list[tuple[date, Decimal]]:
    of = _measure(months)
    if of == AMOUNT:
        return [(each.month, each.amount) for each in months.by_month]
    found = dict.fromkeys(months.months, Decimal(0))
    for each in months.sums:
        if (each.type, each.unit) == (of, COLUMNS[UsageType(of)]):
            found[each.month] += each.quantity
    return list(found.items())


def _said(of: str) -> Callable[[Decimal], str]:
    return sum_of_parts if of == AMOUNT else lambda value: used(value, COLUMNS[UsageType(of)]) or "0"


def _usage_rows(months: Usage) -> list[dict[str, str]]:
    """Months as the table shows them, the latest first; those before anything was used are left out."""
    quantities = {(s.month, s.type, s.unit): s.quantity for s in months.sums}
    roaming = dict.fromkeys(months.months, NOTHING)
    for each in months.sums:
        if each.type is UsageType.ROAMING:
            roaming[each.month] += each.amount
    first = min((each.month for each in months.sums), default=None)
    return [
        {
            "month": of.month.strftime("%Y-%m"),
            **{kind: used(quantities.get((of.month, kind, unit), NOTHING), unit) for kind, unit in COLUMNS.items()},
            "roaming": sum_of_parts(roaming[of.month]) if roaming[of.month] else "",
            "amount": sum_of_parts(of.amount),
        }
        for of in reversed(months.by_month)
        if first is not None and of.month >= first
    ]
