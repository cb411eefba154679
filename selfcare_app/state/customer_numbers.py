"""The list of customer numbers, and the page of one."""

from __future__ import annotations

from typing import ClassVar

import reflex as rx

from selfcare_app.services import customer_numbers
from selfcare_app.services.access import Actor
from selfcare_app.services.customer_numbers import CustomerNumberOverview
from selfcare_app.specs.lists import CUSTOMER_NUMBERS, ListSpec
from selfcare_app.state.details import DetailState, Shown, membership_rows
from selfcare_app.state.lists import ListState


class CustomerNumbersState(ListState, rx.State):
    """/customer-numbers."""

    SPEC: ClassVar[ListSpec] = CUSTOMER_NUMBERS


class CustomerNumberState(DetailState, rx.State):
    """/customer-numbers/[number]."""

    groups: list[dict[str, str]] = []

    def _read(self, actor: Actor, asked: str) -> CustomerNumberOverview:
        return customer_numbers.overview(actor, asked)

    def _shown(self, actor: Actor, read: CustomerNumberOverview) -> Shown:
        closed = read.closed.isoformat() if read.closed else ""
        return Shown(
            facts={
                "number": read.number,
                "name": read.name,
                "type": read.type,
                "status": read.status,
                "opened": read.opened.isoformat(),
                "closes": closed if read.status == "active" else "",
                "closed": closed if read.status == "inactive" else "",
                "company": read.company,
            },
            tabs={key: count for key, count in read.parts.items() if key == "groups"},
            more={"groups": membership_rows(read.groups)},
        )
