"""The page of one customer number."""

from __future__ import annotations

import reflex as rx

from selfcare_app.services import customer_numbers
from selfcare_app.services.access import Actor
from selfcare_app.services.customer_numbers import CustomerNumberOverview
from selfcare_app.state.details import (
    DetailState,
    Shown,
    group_facts,
    groups_tab,
    list_leads,
    membership_rows,
    span_facts,
)


class CustomerNumberState(DetailState, rx.State):
    """/customer-numbers/[number]."""

    groups: list[dict[str, str]] = []

    def _read(self, actor: Actor, asked: str) -> CustomerNumberOverview:
        return customer_numbers.overview(actor, asked)

    def _shown(self, actor: Actor, read: CustomerNumberOverview) -> Shown:
        return Shown(
            facts={
                "number": read.number,
                "name": read.name,
                "type": read.type,
                "status": read.status,
                **span_facts(read.opened, read.closed, read.status),
                "company": read.company,
                **group_facts(read.groups),
            },
            tabs={**read.parts, **groups_tab(actor, read.groups)},
            leads=list_leads(actor, read.number, [key for key, count in read.parts.items() if count]),
            more={"groups": membership_rows(read.groups)},
        )
