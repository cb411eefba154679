"""The page of one subscription. Nothing of its SIM and PUK is ever here (O1): components/native.py Secrets."""

from __future__ import annotations

import reflex as rx

from selfcare_app.services import subscriptions
from selfcare_app.services.access import Actor
from selfcare_app.services.subscriptions import SubscriptionOverview
from selfcare_app.state.details import (
    DetailState,
    Shown,
    customer_number_facts,
    group_facts,
    membership_rows,
    span_facts,
)
from selfcare_app.state.shown import money


class SubscriptionState(DetailState, rx.State):
    """/subscriptions/[number]."""

    groups: list[dict[str, str]] = []

    def _read(self, actor: Actor, asked: str) -> SubscriptionOverview:
        return subscriptions.overview(actor, asked)

    def _shown(self, actor: Actor, read: SubscriptionOverview) -> Shown:
        plan = read.plan
        bound = read.bound_until
        return Shown(
            facts={
                "number": read.number,
                "label": read.label,
                "person": read.person,
                "type": read.type,
                "status": read.status,
                **customer_number_facts(
                    read.customer_number, read.customer_number_name, seen=read.sees_customer_number
                ),
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
            },
            tabs={key: count for key, count in read.parts.items() if key == "groups"},
            more={"groups": membership_rows(read.groups)},
        )
