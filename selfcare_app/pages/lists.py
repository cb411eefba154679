"""The pages that are one list: /customer-numbers, /subscriptions, …"""

from __future__ import annotations

from typing import Any

from selfcare_app.components.frame import page_title
from selfcare_app.components.list_page import list_page
from selfcare_app.pages.page import Page
from selfcare_app.state.connections import ConnectionsState
from selfcare_app.state.customer_numbers import CustomerNumbersState
from selfcare_app.state.invoices import InvoicesState
from selfcare_app.state.subscriptions import SubscriptionsState
from selfcare_app.state.users import UsersState

STATES = (CustomerNumbersState, SubscriptionsState, ConnectionsState, InvoicesState, UsersState)
"""Each shows the list it names as its SPEC."""


def _page(state: Any) -> Page:
    spec = state.SPEC
    return Page(
        route=spec.route,
        title=page_title(f"{spec.texts}.title"),
        draw=lambda: list_page(spec, state),
        on_load=state.load,
        on_news=state.freshen,
    )


LISTS: tuple[Page, ...] = tuple(_page(state) for state in STATES)
