"""The page of one connection."""

from __future__ import annotations

import re

import reflex as rx

from selfcare_app.services import connections
from selfcare_app.services.access import Actor
from selfcare_app.services.connections import ConnectionOverview
from selfcare_app.state.details import DetailState, Shown, customer_number_facts, customer_number_leads, span_facts
from selfcare_app.state.shown import NO_BREAK_SPACE

_BARE = re.compile(r"[0-9]+(/[0-9]+)?")
"""Down and up without a unit: Mbit/s (catalogue.md)."""


class ConnectionState(DetailState, rx.State):
    """/connections/[number]."""

    def _read(self, actor: Actor, asked: str) -> ConnectionOverview:
        return connections.overview(actor, asked)

    def _shown(self, actor: Actor, read: ConnectionOverview) -> Shown:
        return Shown(
            facts={
                "number": read.number,
                "product": read.product,
                "service_type": read.service_type,
                "status": read.status,
                **customer_number_facts(read.customer_number, read.customer_number_name),
                "capacity": f"{read.capacity}{NO_BREAK_SPACE}Mbit/s"
                if _BARE.fullmatch(read.capacity)
                else read.capacity,
                "address": read.address,
                "city": read.city,
                "sla": read.sla,
                "equipment": read.equipment,
                **span_facts(read.opened, read.ended, read.status),
            },
            tabs=read.parts,
            leads=customer_number_leads(actor, read.customer_number),
        )
