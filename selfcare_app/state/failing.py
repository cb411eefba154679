"""When an event fails: the log is told where, the person that it did not go through."""

from __future__ import annotations

import logging
import traceback
from collections import deque

from reflex.event import EventSpec
from reflex_base.event.context import EventContext

from selfcare_app.state.frame import FrameState

logger = logging.getLogger(__name__)
_told: deque[str] = deque(maxlen=1000)
"""The events whose failure was told. One that tells and fails itself (what the state is kept in is out of reach, say)
isn't told of again and again."""


def tell_failure(exception: Exception) -> EventSpec | None:
    """Where an event failed goes to the log, without the error's own text: it may quote what the client sent. Whoever
    caused it reads that nothing was changed, rather than wonder what the button did."""
    frames = traceback.extract_tb(exception.__traceback__)
    where = "; ".join(f"{frame.filename}:{frame.lineno}" for frame in frames[-3:])
    logger.error("An event failed: %s at %s", type(exception).__name__, where)
    failed = EventContext.get()
    if failed.parent_txid in _told:
        return None
    _told.append(failed.txid)
    return FrameState.say_failed()
