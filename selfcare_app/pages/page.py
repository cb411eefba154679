"""What a page is to the app: an address, a title, something to draw, and the event that fills it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page. `route` in Reflex's manner, /customer-numbers/[asked]; `title` as the browser's tab shows it."""

    route: str
    title: str | rx.Var
    draw: Callable[[], rx.Component]
    on_load: Any = None
    on_rights: Any = None
    """What shows it to a reader whose rights are others than before, where an open form must keep what is typed;
    otherwise it is loaded anew."""
    on_news: Any = None
    """What shows it as it is by now when something has changed; given the kinds of what has (`state.live`)."""
