"""/users/new: the wizard that creates a user (U7)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.access_choice import access_choice, chosen_names
from selfcare_app.components.controls import bone, callout, icon, unless_refused
from selfcare_app.components.frame import page, page_title
from selfcare_app.components.native import link
from selfcare_app.components.permission_choice import permission_choice, role_field
from selfcare_app.components.permissions import permission_tables
from selfcare_app.components.wizard import back_link, foot, next_button, steps
from selfcare_app.pages.page import Page
from selfcare_app.services.invitations import INVITATION_LASTS, NAME_LENGTH, PHONE_LENGTH
from selfcare_app.specs.lists import USERS
from selfcare_app.state.access_choice import SOME
from selfcare_app.state.draft import PAUSE_MS
from selfcare_app.state.texts import T
from selfcare_app.state.user_new import ACCESS, MOST_TYPED, PERMISSIONS, PERSON, ROUTE, STEPS, SUMMARY, address
from selfcare_app.state.user_new import UserNewState as State

TEXTS = "users.wizard"


def _field(key: str, value: Any, *, star: bool = False, **props: Any) -> rx.Component:
    wrong = State.problems.contains(key)
    return rx.el.div(
        rx.el.label(
            T(f"{TEXTS}.{key}"),
            *([rx.el.span("*", class_name="req", aria_hidden="true")] if star else []),
            html_for=key,
        ),
        rx.el.input(
            id=key,
            name=key,
            default_value=value,
            on_change=lambda written: State.keep(key, written, State.draft).debounce(PAUSE_MS),
            on_blur=lambda written: State.note(key, written),
            required=star,
            aria_invalid=rx.cond(wrong, "true", "false"),
            aria_describedby=rx.cond(wrong, f"{key}-error", f"{key}-hint"),
            class_name="input",
            **props,
        ),
        rx.cond(
            wrong,
            rx.el.span(
                icon("circle-alert", "sm"), State.problems[key], id=f"{key}-error", class_name="error", role="alert"
            ),
            rx.el.span(T(f"{TEXTS}.{key}_hint"), id=f"{key}-hint", class_name="hint"),
        ),
        class_name="field",
    )


def _person() -> rx.Component:
    return rx.el.form(
        rx.el.div(
            _field("name", State.name, star=True, max_length=NAME_LENGTH, auto_complete="off"),
            _field("email", State.email, star=True, type="email", max_length=MOST_TYPED, auto_complete="off"),
            _field("phone", State.phone, type="tel", max_length=PHONE_LENGTH, auto_complete="off"),
            role_field(State, State.take_role, problem=State.problems.get("role", "")),
            class_name="fields two",
        ),
        foot(
            back_link(USERS.route, T(f"{TEXTS}.to_list")),
            rx.cond(
                State.begun,
                rx.el.button(T(f"{TEXTS}.start_over"), on_click=State.start_over, type="button", class_name="btn"),
            ),
            next_button(),
        ),
        key=State.draft.to_string(),
        on_submit=State.submit_person,
        no_validate=True,
        class_name="panel-body form",
    )


def _problem() -> rx.Component:
    return rx.cond(State.problem != "", callout("danger", "circle-alert", State.problem, role="alert"))


def _step(key: str, *content: Any, on: rx.Component, back: str) -> rx.Component:
    return rx.el.div(
        rx.el.p(T(f"{TEXTS}.{key}_text"), class_name="second"),
        _problem(),
        *content,
        foot(back_link(address(back)), on),
        class_name="panel-body form",
    )


def _permissions() -> rx.Component:
    return _step(
        PERMISSIONS,
        rx.el.p(
            T("users.permissions.role"),
            ": ",
            rx.el.b(T("permissions.role." + State.role)),
            role="status",
        ),
        permission_choice(State),
        back=PERSON,
        on=next_button(type="button", on_click=State.submit_permissions),
    )


def _access() -> rx.Component:
    return _step(
        ACCESS,
        access_choice(State),
        back=PERMISSIONS,
        on=next_button(type="button", on_click=State.submit_access),
    )


def _part(key: str, *content: Any) -> rx.Component:
    """A part of the summary, with the way to change it."""
    return rx.el.section(
        rx.el.div(
            rx.el.h3(T(f"{TEXTS}.steps.{key}"), id=f"h-sum-{key}"),
            link(
                T(f"{TEXTS}.change"),
                to=address(key),
                class_name="btn sm",
                aria_label=T(f"{TEXTS}.change_of", what=T(f"{TEXTS}.steps.{key}")),
            ),
            class_name="row between",
        ),
        *content,
        class_name="stack gap4",
        aria_labelledby=f"h-sum-{key}",
    )


def _fact(text: Any, value: Any, class_name: str = "") -> rx.Component:
    return rx.el.div(rx.el.dt(text), rx.el.dd(rx.cond(value != "", value, "–"), class_name=class_name))


def _summary() -> rx.Component:
    role = T("permissions.role." + State.role)
    return _step(
        SUMMARY,
        _part(
            PERSON,
            rx.el.dl(
                _fact(T(f"{TEXTS}.name"), State.name),
                _fact(T(f"{TEXTS}.email"), State.email, "long"),
                _fact(T(f"{TEXTS}.phone"), State.phone, "num"),
                class_name="facts bare",
            ),
        ),
        _part(
            PERMISSIONS,
            rx.el.p(T("users.permissions.role"), ": ", rx.el.b(role)),
            permission_tables(State.levels, State.singles),
        ),
        _part(
            ACCESS,
            rx.cond(
                State.access == SOME,
                chosen_names(State, removable=False),
                rx.el.p(T("users.access.ways." + State.access + "_text")),
            ),
        ),
        callout("info", "mail", T(f"{TEXTS}.mail", email=State.email, days=INVITATION_LASTS.days)),
        back=ACCESS,
        on=rx.el.button(T(f"{TEXTS}.create"), on_click=State.create_user, type="button", class_name="btn primary"),
    )


def draw() -> rx.Component:
    """The page."""
    waiting = rx.el.div(*(rx.el.p(bone(4)) for _ in range(3)), class_name="panel-body form", aria_hidden="true")
    content = rx.match(
        State.step,
        (PERMISSIONS, _permissions()),
        (ACCESS, _access()),
        (SUMMARY, _summary()),
        _person(),
    )
    return page(
        f"{TEXTS}.title",
        f"{TEXTS}.help",
        unless_refused(
            State,
            rx.el.div(
                steps(f"{TEXTS}.steps", STEPS, State.step, State.reached, address),
                rx.el.section(
                    rx.el.div(
                        rx.el.h2(T(f"{TEXTS}.steps." + State.step), id="h-step", tab_index=-1),
                        class_name="panel-head",
                    ),
                    rx.cond(State.loaded, content, waiting),
                    class_name="panel",
                    aria_labelledby="h-step",
                ),
            ),
            forbidden=f"{TEXTS}.forbidden",
        ),
        crumbs=(("navigation.overview", "/"), (f"{USERS.texts}.title", USERS.route)),
        narrow=True,
    )


PAGE = Page(route=ROUTE, title=page_title(f"{TEXTS}.title"), draw=draw, on_load=State.load)
