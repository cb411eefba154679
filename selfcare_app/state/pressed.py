"""Which presses of boxes and buttons were answered, so that one shows what was pressed until then (`native.Press`)."""

from __future__ import annotations

from typing import Any

import reflex as rx

_MOST = 2**53
"""Beyond it a browser doesn't count one by one."""


class Pressed(rx.State, mixin=True):
    """A handler that a Press calls takes its number last and says when it is done, whatever came of it."""

    answered: int = 0
    """The number of the last press that was dealt with; a browser counts them upwards."""

    def _answer(self, press: Any) -> None:
        if isinstance(press, int) and 0 < press < _MOST:
            self.answered = press
