"""The pages that are one list: /customer-numbers, /subscriptions, …"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx

from selfcare_app.components.controls import icon
from selfcare_app.components.frame import page_title
from selfcare_app.components.list_page import list_page
from selfcare_app.components.native import link
from selfcare_app.components.user_doings import doing_dialog
from selfcare_app.pages.page import Page
from selfcare_app.specs.lists import USERS
from selfcare_app.state.audit import AuditState
from selfcare_app.state.connections import ConnectionsState
from selfcare_app.state.customer_numbers import CustomerNumbersState
from selfcare_app.state.frame import FrameState
from selfcare_app.state.invoices import InvoicesState
from selfcare_app.state.subscriptions import SubscriptionsState
from selfcare_app.state.texts import T
from selfcare_app.state.users import UsersState

STATES = (CustomerNumbersState, SubscriptionsState, ConnectionsState, InvoicesState, UsersState, AuditState)
"""Each shows the list it names as its SPEC."""


def _create_user() -> rx.Component:
    return rx.cond(
        FrameState.menu.contains("create_user"),
        link(icon("plus"), T("users.wizard.new"), to=f"{USERS.route}/new", class_name="btn primary"),
    )


PRIMARY: dict[str, Callable[[], rx.Component]] = {USERS.key: _create_user}
"""The one button of a list's page that most people come for."""
MORE: dict[str, tuple[Callable[[], rx.Component], ...]] = {USERS.key: (doing_dialog,)}
"""What else a list's page has, such as a dialog that its actions open."""


def _page(state: Any) -> Page:
    spec = state.SPEC
    return Page(
        route=spec.route,
        title=page_title(f"{spec.texts}.title"),
        draw=lambda: list_page(
            spec,
            state,
            *(part() for part in MORE.get(spec.key, ())),
            primary=PRIMARY[spec.key]() if spec.key in PRIMARY else None,
        ),
        on_load=state.load,
        on_news=state.freshen,
    )


LISTS: tuple[Page, ...] = tuple(_page(state) for state in STATES)
