"""Filling a page: only what differs is sent, and what goes wrong is told on the page with a way to ask once more."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import reflex as rx

from selfcare_app.state.gate import event

logger = logging.getLogger(__name__)


def put(state: rx.State, **values: Any) -> None:
    """Assign what differs: what is assigned is sent, and all that hangs on it is drawn anew."""
    for name, value in values.items():
        # As it is stored: read like an attribute it would come wrapped, to find out whether it is changed.
        if state.get_value(name) != value:
            setattr(state, name, value)


class Filled(rx.State, mixin=True):
    """Whether a page has been filled, or could not be. A subclass has `load`."""

    loaded: bool = False
    failed: bool = False

    @contextmanager
    def _filling(self) -> Iterator[None]:
        """What is done inside fills the page. An error is logged and told on the page; raised, it would keep the page
        from being told."""
        failed = False
        try:
            yield
        except Exception:
            logger.exception("A page could not be filled")
            failed = True
        put(self, failed=failed, loaded=True)

    @event()
    async def retry(self) -> Any:
        """Ask once more after a failure."""
        return type(self).load  # type: ignore[attr-defined]
