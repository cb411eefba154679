"""/login inside the app: the server's own page answers there, so it is asked for it."""

from __future__ import annotations

import reflex as rx

from selfcare_app.components.frame import page_title
from selfcare_app.components.native import LoadFully
from selfcare_app.pages.page import Page


def draw() -> rx.Component:
    """The page."""
    return LoadFully.create()


PAGE = Page(route="/login", title=page_title("pages.sign_in_again.title"), draw=draw)
