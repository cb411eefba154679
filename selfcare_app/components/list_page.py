"""A whole list drawn from its ListSpec, as a page of its own or as a part of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from selfcare_app.components.actions import has_ticks, selection_bar
from selfcare_app.components.controls import icon
from selfcare_app.components.filters import chips
from selfcare_app.components.frame import page
from selfcare_app.components.native import Answered, Settled
from selfcare_app.components.table import body
from selfcare_app.components.toolbar import not_found, page_export, part_export, toolbar
from selfcare_app.specs.lists import ListSpec
from selfcare_app.state.related import RelatedState
from selfcare_app.state.texts import T


def list_page(spec: ListSpec, state: Any, *more: rx.Component, primary: rx.Component | None = None) -> rx.Component:
    """The page of a list. `primary`: the one button most people come for; `more`: what else the page has."""
    return page(
        f"{spec.texts}.title",
        f"{spec.texts}.help",
        rx.el.section(*_list(spec, state), class_name="panel", **_named(spec)),
        *_selection(spec, state),
        *more,
        actions=(*page_export(state), *([primary] if primary is not None else [])),
    )


def related_list(spec: ListSpec, *drawn: Any) -> rx.Component:
    """The list as a part of another page: what belongs to what that is about. It stands in the panel of whoever draws
    it, such as the one below the tabs of `Detail.tabs`, under the tab that bears the list's key:

        detail.tabs({spec.key: related_list(spec) for spec in related_to("customer-numbers")})
        PAGE = Page(…, on_load=[State.load, RelatedState.load])

    `narrowing.parts` counts what is under each tab. `drawn`: handlers that draw what else shows its rows, for when
    rows have come or gone.
    """
    return list_part(spec, RelatedState, drawn=drawn)


def list_part(
    spec: ListSpec, state: Any, first: str = "", lead: rx.Component | None = None, drawn: Sequence[Any] = ()
) -> rx.Component:
    """The list as a part of a page that has its state. `first`: the action that stands in place of Visa; `lead`: what
    the page has before the search."""
    # A group and no region: the tab or panel that it stands in is one already, by the same name.
    return rx.el.div(
        *_list(spec, state, *part_export(state), first=first, lead=lead, drawn=drawn),
        *_selection(spec, state),
        role="group",
        **_named(spec),
    )


def _named(spec: ListSpec) -> dict[str, Any]:
    return {"aria_label": T(f"{spec.texts}.title"), "custom_attrs": {"data-list": True}}


def _list(
    spec: ListSpec,
    state: Any,
    *more: rx.Component,
    first: str = "",
    lead: rx.Component | None = None,
    drawn: Sequence[Any] = (),
) -> tuple[rx.Component, ...]:
    return (
        Settled.create(of=state.loads),
        Answered.create(of=state.get_name(), answered=state.answered),
        toolbar(spec, state, *more, lead=lead),
        chips(state),
        not_found(state),
        _news(state, drawn),
        body(spec, state, first),
    )


def _news(state: Any, drawn: Sequence[Any]) -> rx.Component:
    """That rows have come or gone: they enter at a click. It lies over the table, so that nothing moves for it."""
    return rx.el.div(
        rx.cond(
            state.news != "",
            rx.el.button(
                icon("refresh-cw", "sm"),
                T("lists.news." + state.news, n=state.news_count, shown=state.news_text),
                on_click=[state.show_news, *drawn],
                type="button",
                class_name="btn sm",
            ),
        ),
        class_name="news",
        aria_live="polite",
    )


def _selection(spec: ListSpec, state: Any) -> tuple[rx.Component, ...]:
    return (rx.cond(state.selected_count > 0, selection_bar(spec, state)),) if has_ticks(spec) else ()
