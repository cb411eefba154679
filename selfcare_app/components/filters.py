"""The filters of a list: each a button with a popover on wide screens, all in one sheet on phones."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components import overlays
from selfcare_app.components.controls import hidden_text, icon
from selfcare_app.components.native import FollowingInput, Press, link
from selfcare_app.specs.lists import Filter, FilterKind, ListSpec
from selfcare_app.state.texts import T

TYPING_MS = 150
"""How long a pause ends a word being typed."""


def search_field(spec: ListSpec, state: Any) -> rx.Component:
    """The list's search; "/" goes to it, and a pasted column of numbers stays apart."""
    return rx.el.label(
        hidden_text(T("lists.search")),
        icon("search"),
        FollowingInput.create(
            value=state.search,
            on_change=state.search_for.debounce(TYPING_MS),
            type="search",
            name="q",
            placeholder=T(f"{spec.texts}.search"),
            auto_complete="off",
            class_name="input",
            custom_attrs={
                "data-list-search": True,
                "data-paste-numbers": True,
                "aria-keyshortcuts": "/",
                "spellCheck": False,
            },
        ),
        rx.el.kbd("/", class_name="key desk-only", aria_hidden="true"),
        class_name="withicon search",
    )


def _choice(state: Any, filter_: Filter, choice: Any) -> rx.Component:
    return rx.el.label(
        Press.create(
            type="checkbox",
            checked=choice["chosen"] == "1",
            answered=state.answered,
            on_change=lambda picked, press: state.pick(filter_.key, choice["value"], picked, press),
            class_name="check",
        ),
        rx.cond(choice["category"] != "", hidden_text(choice["category"] + ":")),
        rx.el.span(T(f"{filter_.texts}." + choice["value"]) if filter_.texts else choice["label"]),
        class_name="option",
        key=choice["value"],
    )


def _choices(state: Any, filter_: Filter) -> rx.Component:
    choices = state.choices[filter_.key]
    picks = rx.el.fieldset(
        rx.el.legend(T(f"lists.filters.{filter_.key}"), class_name="vh"),
        rx.foreach(choices, lambda choice: _choice(state, filter_, choice)),
        class_name="picks",
    )
    if not filter_.searched:
        return picks
    return rx.fragment(
        rx.cond(state.searchable.contains(filter_.key), _seek(state, filter_)),
        rx.cond(choices.length() > 0, picks, rx.el.p(T("lists.filters.nothing_to_choose"), class_name="muted small")),
        rx.cond(
            state.more_choices.contains(filter_.key),
            rx.el.p(T("lists.filters.more", shown=choices.length()), class_name="hint"),
        ),
    )


def _seek(state: Any, filter_: Filter) -> rx.Component:
    """A search among what a filter offers."""
    label = T("lists.filters.seek", filter=T(f"lists.filters.{filter_.key}"))
    return rx.el.label(
        hidden_text(label),
        icon("search"),
        FollowingInput.create(
            value=state.choice_searches[filter_.key].to(str),
            on_change=lambda text: state.seek(filter_.key, text).debounce(TYPING_MS),
            type="search",
            auto_complete="off",
            class_name="input",
        ),
        class_name="withicon seek",
    )


def _span(state: Any, filter_: Filter) -> rx.Component:
    """From a month to a month, or from a day to a day."""
    unit = "month" if filter_.kind is FilterKind.MONTHS else "day"
    return rx.fragment(
        *(
            rx.el.label(
                rx.el.span(T(f"lists.filters.{end}_{unit}"), class_name="label"),
                FollowingInput.create(
                    value=state.filter_values[f"{filter_.key}_{end}"],
                    on_change=lambda text, end=end: state.set_period(filter_.key, end, text).debounce(TYPING_MS),
                    type="month" if unit == "month" else "date",
                    class_name="input",
                ),
                class_name="field",
            )
            for end in ("from", "to")
        )
    )


def _text(state: Any, filter_: Filter) -> rx.Component:
    return rx.el.label(
        rx.el.span(T(f"lists.filters.{filter_.key}_contains"), class_name="label"),
        FollowingInput.create(
            value=state.filter_values[filter_.key],
            on_change=lambda text: state.set_text(filter_.key, text).debounce(TYPING_MS),
            type="text",
            auto_complete="off",
            class_name="input",
        ),
        class_name="field",
    )


def _groups(state: Any, filter_: Filter) -> rx.Component:
    """Groups under their categories, as of a month."""
    choices = state.choices[filter_.key]

    def group(choice: Any, index: Any) -> rx.Component:
        first = (index == 0) | (choices[index - 1]["category"] != choice["category"])
        return rx.fragment(
            rx.cond(first, rx.el.div(choice["category"], class_name="menu-head", aria_hidden="true")),
            _choice(state, filter_, choice),
            key=choice["value"],
        )

    return rx.fragment(
        rx.cond(
            choices.length() > 0,
            rx.el.fieldset(
                rx.el.legend(T(f"lists.filters.{filter_.key}"), class_name="vh"),
                rx.foreach(choices, group),
                class_name="picks",
            ),
            rx.el.p(T("lists.filters.no_groups"), class_name="muted small"),
        ),
        rx.el.label(
            rx.el.span(T("lists.filters.month"), class_name="label"),
            FollowingInput.create(
                value=state.month,
                on_change=lambda text: state.set_month(text).debounce(TYPING_MS),
                type="month",
                class_name="input",
            ),
            rx.el.span(T("lists.filters.month_hint"), class_name="hint"),
            class_name="field",
        ),
    )


_DRAWN = {
    FilterKind.CHOICE: _choices,
    FilterKind.CONDITION: _choices,
    FilterKind.DISTINCT: _choices,
    FilterKind.REFERENCE: _choices,
    FilterKind.TEXT: _text,
    FilterKind.MONTHS: _span,
    FilterKind.DAYS: _span,
    FilterKind.GROUPS: _groups,
}


def _present(state: Any, filter_: Filter, drawn: rx.Component) -> rx.Component:
    """The filter, unless the user has no right to it or it would narrow nothing here."""
    return rx.cond(state.absent.contains(filter_.key), rx.fragment(), drawn)


def filter_buttons(spec: ListSpec, state: Any) -> list[rx.Component]:
    """A button for each filter, tinted and counted when it narrows the list."""
    buttons = []
    for filter_ in spec.filters:
        count = state.filter_counts[filter_.key].to(int)
        label = T(f"lists.filters.{filter_.key}")
        trigger = overlays.popover_trigger(
            label,
            rx.cond(count > 0, f" ({count})", ""),
            icon("chevron-down", "sm"),
            class_name=rx.cond(count > 0, "filter desk on", "filter desk"),
        )
        buttons.append(
            _present(state, filter_, overlays.popover(trigger, _DRAWN[filter_.kind](state, filter_), label=label))
        )
    return buttons


def filter_sheet(spec: ListSpec, state: Any) -> rx.Component:
    """All filters in a sheet, for phones."""
    chosen = state.chips.length()
    return overlays.sheet(
        overlays.sheet_trigger(
            icon("list-filter", "sm"),
            T("lists.filter"),
            rx.cond(chosen > 0, f" ({chosen})", ""),
            class_name="filter phone-only",
        ),
        T("lists.filter"),
        T("frame.close"),
        *(
            _present(
                state,
                filter_,
                rx.el.section(
                    # A text filter's label says it already.
                    *(
                        [rx.el.h3(T(f"lists.filters.{filter_.key}"), aria_hidden="true")]
                        if filter_.kind is not FilterKind.TEXT
                        else []
                    ),
                    _DRAWN[filter_.kind](state, filter_),
                    class_name="set",
                ),
            )
            for filter_ in spec.filters
        ),
        side="bottom",
        foot=(
            link(T("lists.clear"), to=state.clear_href, stay=True, class_name="btn"),
            overlays.sheet_close(
                rx.el.button(
                    T("lists.show_hits", n=state.total, shown=state.total_text), type="button", class_name="btn primary"
                )
            ),
        ),
    )


def _chip(chip: Any) -> rx.Component:
    label = rx.cond(chip["label"] != "", chip["label"], T("lists.filters." + chip["filter"]))
    value = rx.cond(chip["value_key"] != "", T(chip["value_key"]), chip["text"])
    return rx.el.span(
        rx.el.span(rx.el.b(label + ":"), value),
        link(
            icon("x", "sm"),
            to=chip["href"],
            sets=chip["filter"],
            stay=True,
            aria_label=T("lists.remove_filter", name=label + ": " + value),
        ),
        class_name="chip",
        key=chip["href"],
    )


def chips(state: Any) -> rx.Component:
    """What narrows the list, each with a way to take it away; and how many rows there are."""
    return rx.el.div(
        rx.el.div(
            rx.foreach(state.chips, _chip),
            rx.cond(
                state.filtered,
                link(T("lists.clear"), to=state.clear_href, stay=True, class_name="btn quiet sm"),
            ),
            class_name="chiplist",
        ),
        rx.el.span(
            rx.cond(
                state.loaded,
                rx.fragment(rx.el.b(state.total_text), " ", T("lists.hit_word", n=state.total)),
            ),
            class_name="hits num",
            role="status",
        ),
        class_name="chips",
    )
