"""/company: what the company has decided, who approves its orders, its agreements (C2, C4, C8)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.agreements import agreements_table
from selfcare_app.components.controls import bone, callout, empty, icon, panel, unless_refused
from selfcare_app.components.frame import page, page_title
from selfcare_app.components.meanwhile import meanwhile
from selfcare_app.components.native import plain_link
from selfcare_app.pages.page import Page
from selfcare_app.services.company_profile import ADDRESS_LENGTH, MOST_APPROVERS
from selfcare_app.specs.products import Product
from selfcare_app.state.company_profile import CompanyProfileState as State
from selfcare_app.state.draft import PAUSE_MS
from selfcare_app.state.frame import FrameState
from selfcare_app.state.texts import T

TEXTS = "company_profile"


# --- What is decided


def _fact(key: str, value: Any, class_name: str = "") -> rx.Component:
    return rx.el.div(
        rx.el.dt(T(f"{TEXTS}.decided.{key}")), rx.el.dd(rx.cond(State.loaded, value, bone(3)), class_name=class_name)
    )


def _yes_or_no(value: Any) -> Any:
    return rx.cond(value, T(f"{TEXTS}.decided.yes"), T(f"{TEXTS}.decided.no"))


def _decided() -> rx.Component:
    facts = rx.el.dl(
        _fact("email_notification", _yes_or_no(State.email_notification)),
        _fact("require_second_factor", _yes_or_no(State.require_second_factor)),
        _fact("remind_after", T(f"{TEXTS}.decided.days", n=State.remind_after), "num"),
        _fact("escalate_after", T(f"{TEXTS}.decided.days", n=State.escalate_after), "num"),
        _fact(
            "delivery_address",
            rx.cond(State.delivery_address != "", State.delivery_address, T(f"{TEXTS}.decided.none")),
            "lines",
        ),
        class_name="facts",
    )
    return panel(
        T(f"{TEXTS}.decided.title"),
        rx.el.hr(class_name="rule"),
        rx.cond(State.editing, _form(), facts),
        key="decided",
        more=rx.cond(
            State.loaded & State.may_edit & ~State.editing,
            rx.el.button(
                icon("pencil", "sm"), T(f"{TEXTS}.edit"), on_click=State.edit, type="button", class_name="btn sm"
            ),
        ),
    )


def _kept(key: str) -> dict[str, Any]:
    """The content of a field: what was typed outlives a reload."""
    return {
        "default_value": State.draft[key],
        "on_change": lambda written: State.keep(key, written).debounce(PAUSE_MS),
        "on_blur": lambda written: State.keep(key, written),
    }


def _choice(key: str) -> rx.Component:
    """Yes or no, with what it means."""
    return rx.el.fieldset(
        rx.el.legend(T(f"{TEXTS}.decided.{key}"), class_name="label"),
        rx.el.div(
            *(
                rx.el.label(
                    rx.el.input(
                        type="radio",
                        name=key,
                        value=said,
                        default_checked=State.draft[key] == said,
                        on_change=lambda _, said=said: State.keep(key, said),
                        class_name="check",
                    ),
                    T(f"{TEXTS}.decided.{said}"),
                    class_name="option",
                )
                for said in ("yes", "no")
            ),
            class_name="row",
        ),
        rx.el.span(T(f"{TEXTS}.decided.{key}_hint"), class_name="hint"),
        class_name="field plainset",
    )


def _days(key: str) -> rx.Component:
    return rx.el.div(
        rx.el.label(T(f"{TEXTS}.decided.{key}"), html_for=key),
        rx.el.input(
            id=key,
            name=key,
            **_kept(key),
            input_mode="numeric",
            max_length=2,
            aria_describedby=f"{key}-unit",
            class_name="input num",
        ),
        rx.el.span(T(f"{TEXTS}.decided.days_unit"), id=f"{key}-unit", class_name="hint"),
        class_name="field",
    )


def _form() -> rx.Component:
    return rx.el.form(
        meanwhile(State),
        rx.cond(State.problem != "", callout("danger", "circle-alert", State.problem, role="alert")),
        rx.el.div(
            _choice("email_notification"),
            _choice("require_second_factor"),
            _days("remind_after"),
            _days("escalate_after"),
            class_name="fields",
        ),
        rx.el.div(
            rx.el.label(T(f"{TEXTS}.decided.delivery_address"), html_for="delivery_address"),
            rx.el.textarea(
                id="delivery_address",
                name="delivery_address",
                **_kept("delivery_address"),
                rows="3",
                max_length=ADDRESS_LENGTH,
                auto_complete="street-address",
                aria_describedby="delivery_address-hint",
                class_name="input",
            ),
            rx.el.span(T(f"{TEXTS}.decided.delivery_address_hint"), id="delivery_address-hint", class_name="hint"),
            class_name="field",
        ),
        rx.el.div(
            rx.el.button(T(f"{TEXTS}.save"), type="submit", class_name="btn primary"),
            rx.el.button(T(f"{TEXTS}.cancel"), on_click=State.cancel, type="button", class_name="btn"),
            class_name="row",
        ),
        on_submit=State.save,
        no_validate=True,
        class_name="panel-body form",
    )


# --- Approver chains


def _person(product: str, each: Any) -> rx.Component:
    edits = rx.fragment(
        rx.el.button(
            T(f"{TEXTS}.chains.change"),
            on_click=State.choose(product, each["id"]),
            type="button",
            class_name="btn sm",
            aria_label=T(f"{TEXTS}.chains.change_of", name=each["name"]),
        ),
        rx.cond(
            each["last"] == "1",
            rx.el.button(
                T(f"{TEXTS}.chains.remove"),
                on_click=State.remove_last(product, each["id"]),
                type="button",
                class_name="btn sm",
                aria_label=T(f"{TEXTS}.chains.remove_of", name=each["name"]),
            ),
        ),
    )
    return rx.el.li(
        rx.el.span(each["place"], class_name="place num"),
        rx.el.div(
            rx.el.div(each["name"], class_name="medium"),
            rx.cond(each["able"] == "", rx.el.div(T(f"{TEXTS}.chains.unable"), class_name="small warn")),
            class_name="grow",
        ),
        rx.cond(State.may_edit_chains, rx.el.div(edits, class_name="row end")),
    )


def _chooser(product: str) -> rx.Component:
    """Whom to add, or to put in somebody's place."""
    field = f"person-{product}"
    return rx.el.form(
        rx.cond(
            State.chain_problem != "",
            callout(
                "danger",
                "circle-alert",
                State.chain_problem,
                rx.cond(
                    State.chain_before != "",
                    rx.el.p(T(f"{TEXTS}.chains.was"), ": ", State.chain_before, " → ", State.chain_after),
                ),
                rx.cond(
                    State.password_needed,
                    rx.fragment(
                        " ",
                        plain_link(T(f"{TEXTS}.chains.password"), href="/confirm-password?next=/company"),
                    ),
                ),
                role="alert",
            ),
        ),
        rx.cond(
            State.candidates.length() > 0,
            rx.fragment(
                rx.el.div(
                    rx.el.label(T(f"{TEXTS}.chains.choose"), html_for=field),
                    rx.el.select(
                        rx.foreach(
                            State.candidates,
                            lambda each: rx.el.option(each["name"], value=each["id"], key=each["id"]),
                        ),
                        id=field,
                        name="person",
                        auto_focus=True,
                        class_name="select",
                    ),
                    class_name="field",
                ),
                rx.el.div(
                    rx.el.button(T(f"{TEXTS}.save"), type="submit", class_name="btn sm primary"),
                    rx.el.button(
                        T(f"{TEXTS}.cancel"), on_click=State.stop_choosing, type="button", class_name="btn sm"
                    ),
                    class_name="row",
                ),
            ),
            rx.el.p(T(f"{TEXTS}.chains.nobody"), class_name="second"),
        ),
        on_submit=State.take,
        class_name="nested form",
    )


def _chain(product: str) -> rx.Component:
    people = State.chains[product]
    return rx.el.section(
        rx.el.h3(T(f"pages.product.{product}"), id=f"h-chain-{product}"),
        rx.cond(
            people.length() > 0,
            rx.el.ol(rx.foreach(people, lambda each: _person(product, each)), class_name="rows chain"),
            rx.el.p(T(f"{TEXTS}.chains.none"), class_name="second"),
        ),
        rx.cond(
            State.may_edit_chains,
            rx.cond(
                State.editing_chain == product,
                _chooser(product),
                rx.cond(
                    people.length() < MOST_APPROVERS,
                    rx.el.button(
                        icon("plus", "sm"),
                        T(f"{TEXTS}.chains.add"),
                        on_click=State.choose(product, ""),
                        type="button",
                        class_name="btn sm",
                        aria_describedby=f"h-chain-{product}",
                    ),
                ),
            ),
        ),
        class_name="stack gap4",
        aria_labelledby=f"h-chain-{product}",
    )


def _chains() -> rx.Component:
    return panel(
        T(f"{TEXTS}.chains.title"),
        rx.cond(
            State.loaded,
            rx.el.div(*(_chain(product.value) for product in Product), class_name="panel-body chains"),
            rx.el.ul(*(rx.el.li(bone(4)) for _ in range(3)), class_name="rows", aria_hidden="true"),
        ),
        key="chains",
        note=T(f"{TEXTS}.chains.note"),
    )


# --- Agreements


def _agreements() -> rx.Component:
    return panel(
        T(f"{TEXTS}.agreements.title"),
        rx.cond(
            State.loaded & (State.agreements.length() == 0),
            empty("file-text", T(f"{TEXTS}.agreements.none"), T(f"{TEXTS}.agreements.none_why")),
            agreements_table(State),
        ),
        key="agreements",
    )


def draw() -> rx.Component:
    """The page."""
    return page(
        f"{TEXTS}.title",
        f"{TEXTS}.help",
        unless_refused(
            State, rx.el.div(_decided(), _chains(), _agreements(), class_name="stack"), forbidden=f"{TEXTS}.forbidden"
        ),
        lead=rx.cond(FrameState.ready, FrameState.company_name, bone(3)),
        narrow=True,
    )


PAGE = Page(route="/company", title=page_title(f"{TEXTS}.title"), draw=draw, on_load=State.load, on_rights=State.redraw)
