"""The tab of a user's page with who they are (U10), and the forms that change it (U4)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.controls import icon
from selfcare_app.components.details import Detail
from selfcare_app.components.user_tab import refusals
from selfcare_app.services.invitations import NAME_LENGTH, PHONE_LENGTH
from selfcare_app.state.texts import T
from selfcare_app.state.user import UserState
from selfcare_app.state.user_profile import UserProfileState as State

ADDRESS_LENGTH = 254


def draw(detail: Detail) -> rx.Component:
    """The tab's content."""
    facts = rx.el.dl(
        detail.fact("name"),
        detail.fact("phone", class_name="num"),
        detail.fact("email", width=3, class_name="long"),
        detail.fact("role", T("permissions.role." + UserState.facts["role"])),
        detail.fact("created", class_name="num"),
        detail.fact("activated", class_name="num"),
        detail.fact("disabled", class_name="num", optional=True),
        detail.fact("last_sign_in", class_name="num"),
        class_name="facts",
    )
    editing = rx.cond(State.filled_for == UserState.user_id, State.editing, "")
    return rx.match(editing, ("profile", _profile()), ("address", _address()), rx.fragment(_edits(), facts))


def _edits() -> rx.Component:
    unused = (UserState.facts["activated"] == "") & (UserState.facts["status"] == "invited")
    return rx.el.div(
        rx.el.button(
            icon("pencil", "sm"),
            T("users.profile.edit"),
            on_click=State.edit("profile"),
            type="button",
            class_name="btn sm",
        ),
        rx.cond(
            unused,
            rx.el.button(
                icon("mail", "sm"),
                T("users.profile.correct_address"),
                on_click=State.edit("address"),
                type="button",
                class_name="btn sm",
            ),
        ),
        class_name="row tab-acts",
    )


def _field(key: str, value: Any, *, star: bool = False, **props: Any) -> rx.Component:
    return rx.el.div(
        rx.el.label(
            T(f"users.wizard.{key}"),
            *([rx.el.span("*", class_name="req", aria_hidden="true")] if star else []),
            html_for=f"user-{key}",
        ),
        rx.el.input(
            id=f"user-{key}",
            name=key,
            default_value=value,
            required=star,
            aria_describedby=f"user-{key}-hint",
            class_name="input",
            **props,
        ),
        rx.el.span(
            T("users.profile.email_hint" if key == "email" else f"users.wizard.{key}_hint"),
            id=f"user-{key}-hint",
            class_name="hint",
        ),
        class_name="field",
    )


def _form(on_submit: Any, save: str, *fields: rx.Component) -> rx.Component:
    return rx.el.form(
        refusals(State, "profile"),
        rx.el.div(*fields, class_name="fields two"),
        rx.el.div(
            rx.el.button(T(save), type="submit", class_name="btn primary"),
            rx.el.button(T("users.cancel"), on_click=State.undo, type="button", class_name="btn"),
            class_name="row",
        ),
        on_submit=on_submit,
        no_validate=True,
        class_name="panel-body form",
    )


def _profile() -> rx.Component:
    return _form(
        State.save_profile,
        "users.save",
        _field("name", State.name, star=True, max_length=NAME_LENGTH, auto_complete="off", auto_focus=True),
        _field("phone", State.phone, type="tel", max_length=PHONE_LENGTH, auto_complete="off"),
    )


def _address() -> rx.Component:
    return _form(
        State.save_address,
        "users.profile.save_address",
        _field(
            "email",
            State.email,
            star=True,
            type="email",
            max_length=ADDRESS_LENGTH,
            auto_complete="off",
            auto_focus=True,
        ),
    )
