"""The small pieces of every page: icons, marks of status, buttons, empty and error places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import reflex as rx

from selfcare_app.components.native import link
from selfcare_app.components.theme import MARK_DOTS, MARK_PATH
from selfcare_app.config import settings
from selfcare_app.state.texts import T

ICON_SIZE = 16


def icon(name: str, size: str = "") -> rx.Component:
    """A decorative icon: 16 px, `sm` 14, `lg` 20. What it means is said in words beside it."""
    return rx.icon(name, size=ICON_SIZE, class_name=size, aria_hidden="true")


def mark() -> rx.Component:
    """The portal's mark."""
    return rx.el.svg(
        rx.el.svg.rect(width="26", height="26", rx="7", class_name="mark-ground"),
        rx.el.svg.path(d=MARK_PATH, class_name="mark-line"),
        *(rx.el.svg.circle(cx=str(x), cy=str(y), r="1.9", class_name="mark-dot") for x, y in MARK_DOTS),
        view_box="0 0 26 26",
        aria_hidden="true",
    )


def half_moon() -> rx.Component:
    """Light and dark in one."""
    return rx.el.svg(
        rx.el.svg.circle(cx="12", cy="12", r="9.5"),
        rx.el.svg.path(d="M12 2.5v19a9.5 9.5 0 0 0 0-19", fill="currentColor", stroke="none"),
        view_box="0 0 24 24",
        class_name="i",
        aria_hidden="true",
    )


def brand() -> rx.Component:
    """Mark and name, the way home."""
    return link(
        mark(),
        rx.el.div(settings().operator_name, " ", rx.el.span("Selfcare"), class_name="name"),
        to="/",
        class_name="brand",
    )


def hidden_text(text: Any) -> rx.Component:
    """Words for screen readers only."""
    return rx.el.span(text, class_name="vh")


# --- statuses


def _drawn(*shapes: rx.Component) -> rx.Component:
    return rx.el.svg(*shapes, view_box="0 0 16 16", aria_hidden="true")


def _disc(radius: str = "7") -> rx.Component:
    return rx.el.svg.circle(cx="8", cy="8", r=radius, fill="currentColor")


def _ring(radius: str = "6") -> rx.Component:
    return rx.el.svg.circle(
        cx="8", cy="8", r=radius, fill="none", stroke="currentColor", custom_attrs={"strokeWidth": "1.7"}
    )


def _line(path: str, class_name: str = "hole") -> rx.Component:
    """A stroke: on a filled shape in the colour of the ground."""
    return rx.el.svg.path(d=path, class_name=f"stroke {class_name}")


_MARKS: dict[str, Callable[[], rx.Component]] = {
    "dot": lambda: _drawn(_disc("4.5")),
    "hollow": lambda: _drawn(_ring("4")),
    "ring": lambda: _drawn(_ring()),
    "half": lambda: _drawn(_ring(), rx.el.svg.path(d="M8 4.5a3.5 3.5 0 0 1 0 7z", fill="currentColor")),
    "tick": lambda: _drawn(_disc(), _line("m5 8.2 2.1 2.1L11 6.2")),
    "slash": lambda: _drawn(_ring(), _line("m4 12 8-8", "")),
    "triangle": lambda: _drawn(
        rx.el.svg.path(d="M8 1.3 15.2 14H.8z", class_name="stroke filled"), _line("M8 6v3.7M8 12v.01")
    ),
}
_STATUSES: dict[str, tuple[str, str]] = {
    "active": ("dot", "success"),
    "coming": ("ring", "info"),
    "invited": ("ring", "info"),
    "unpaid": ("ring", "neutral"),
    "part_paid": ("half", "warning"),
    "paid": ("tick", "success"),
    "credited": ("slash", "neutral"),
    "overdue": ("triangle", "danger loud"),
}
"""Mark and tone of a status; `loud` where someone at the company must act. All others: a hollow dot."""


def status(value: Any, texts: str, word: Any = None) -> rx.Component:
    """A status as mark and word: marks differ in shape, and are quiet while nothing is asked of the reader. `word`:
    said in place of the status's own text."""
    said = T(f"{texts}." + value) if word is None else word

    def badge(mark: str, tone: str) -> rx.Component:
        return rx.el.span(_MARKS[mark](), said, class_name=f"badge is-{tone}" + ("" if "loud" in tone else " cell"))

    return rx.match(value, *((name, badge(*shown)) for name, shown in _STATUSES.items()), badge("hollow", "neutral"))


def empty(symbol: str, title: Any, why: Any, *way_out: rx.Component, role: str = "") -> rx.Component:
    """Where nothing is: what, why, one way out."""
    return rx.el.div(
        icon(symbol),
        rx.el.h2(title),
        rx.el.p(why),
        *way_out,
        class_name="empty",
        **({"role": role} if role else {}),
    )


def failure(on_retry: Any) -> rx.Component:
    """What could not be fetched: that nothing changed, and a way to try again."""
    return empty(
        "wifi-off",
        T("frame.failed.title"),
        T("frame.failed.text", phone=settings().service_phone),
        rx.el.button(T("frame.failed.retry"), on_click=on_retry, class_name="btn", type="button"),
        role="alert",
    )


def unless_refused(state: Any, content: rx.Component, forbidden: str = "lists.forbidden.title") -> rx.Component:
    """The page's content, or in its place that it could not be fetched, or that a right is missing. `state` is a
    `Filled` with `forbidden`."""
    return rx.cond(
        state.failed,
        rx.el.section(failure(state.retry), class_name="panel"),
        rx.cond(
            state.forbidden,
            rx.el.section(empty("lock", T(forbidden), T("lists.forbidden.text")), class_name="panel"),
            content,
        ),
    )


def callout(kind: str, symbol: str, *content: Any, **props: Any) -> rx.Component:
    """Something worth saying by the thing it is about; kind: danger, warning, info."""
    return rx.el.div(icon(symbol), rx.el.div(*content), class_name=f"callout is-{kind}", **props)


def panel(title: Any, *content: Any, key: str, note: Any = None, more: Any = None) -> rx.Component:
    """A panel with a heading; `key` makes its heading's id."""
    return rx.el.section(
        rx.el.div(
            rx.el.h2(title, id=f"h-{key}"),
            *([rx.el.span(note, class_name="muted small")] if note is not None else []),
            *([rx.el.span(more, class_name="more")] if more is not None else []),
            class_name="panel-head",
        ),
        *content,
        class_name="panel",
        aria_labelledby=f"h-{key}",
    )


def scrolled(label: Any, table: rx.Component) -> rx.Component:
    """A table that may be wider than a phone: it scrolls by itself, by keyboard too, and never the page."""
    return rx.el.div(
        table, class_name="xscroll", tab_index=0, role="region", aria_label=T("frame.table_of", name=label)
    )


def bone(width: int = 2) -> rx.Component:
    """A grey place where a value will stand; width 1 to 4."""
    return rx.el.span(class_name=f"sk w{width}", aria_hidden="true")
