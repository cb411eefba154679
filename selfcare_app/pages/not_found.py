"""The page for what isn't there, or isn't there for this reader: the two can't be told apart."""

from __future__ import annotations

import reflex as rx

from selfcare_app.components.controls import empty
from selfcare_app.components.frame import page, page_title
from selfcare_app.components.native import link
from selfcare_app.pages.page import Page
from selfcare_app.state.frame import FrameState
from selfcare_app.state.texts import T


def missing() -> rx.Component:
    """What a page shows in place of something that isn't there."""
    return rx.el.section(
        empty(
            "map-pin-off",
            T("pages.not_found.title"),
            T("pages.not_found.text"),
            link(T("pages.not_found.home"), to="/", class_name="btn"),
        ),
        class_name="panel",
    )


def draw() -> rx.Component:
    """The page."""
    return page("pages.not_found.title", "", missing())


PAGE = Page(route="404", title=page_title("pages.not_found.title"), draw=draw, on_load=FrameState.arrive)
