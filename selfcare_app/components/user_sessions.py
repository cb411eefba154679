"""The tab of a user's page with where they are signed in (S4, U4)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.controls import bone, empty
from selfcare_app.components.details import Detail, Head, small_table
from selfcare_app.state.texts import T
from selfcare_app.state.user_sessions import UserSessionsState as State

TEXTS = "details.user"


def _device(each: Any) -> Any:
    return rx.cond(each["device"] != "", each["device"], T("profile.sessions.unknown"))


def _end(each: Any) -> rx.Component:
    return rx.el.button(
        T("profile.sessions.end"),
        on_click=State.end(each["id"]).throttle(1000),
        type="button",
        class_name="btn sm",
        aria_label=T("profile.sessions.end_of", device=_device(each)),
    )


def draw(_detail: Detail) -> rx.Component:
    """The tab's content."""
    table = lambda *more: small_table(  # noqa: E731
        T(f"{TEXTS}.sessions"),
        "profile.sessions",
        State.sessions,
        Head("device", _device),
        Head("source", lambda each: each["source"], "num"),
        Head("signed_in", lambda each: each["signed_in"], "num", said=True),
        Head("last_used", lambda each: each["last_used"], "num", said=True),
        *more,
    )
    everywhere = rx.el.button(
        T(f"{TEXTS}.end_all"), on_click=State.end_all.throttle(1000), type="button", class_name="btn sm"
    )
    return rx.fragment(
        rx.el.div(
            rx.el.h2(T("details.tabs.sessions"), class_name="tab-head"),
            rx.cond(State.may_end & (State.sessions.length() > 0), everywhere),
            class_name="tab-line",
        ),
        rx.cond(
            ~State.loaded,
            rx.el.p(bone(4), class_name="panel-body"),
            rx.cond(
                State.sessions.length() == 0,
                empty("log-out", T(f"{TEXTS}.no_sessions"), T(f"{TEXTS}.no_sessions_why")),
                rx.cond(
                    State.may_end,
                    table(Head("action", _end, "r mark")),
                    rx.fragment(table(), rx.el.p(T(f"{TEXTS}.may_not_end"), class_name="panel-body muted small")),
                ),
            ),
        ),
    )
