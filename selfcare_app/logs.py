"""What reaches the log from the libraries under the portal: that something happened, never what a client sent.

Reflex and its socket libraries log an event they can't use with everything it carried: headers, session reference,
tab token, payload. Anybody who opens a socket could so write into the log, and read back from it what isn't theirs.
"""

from __future__ import annotations

import logging
import re
from typing import Any

LIBRARIES = frozenset({"reflex", "reflex_base", "engineio", "socketio", "asyncio"})
LENGTH = 160
_WHAT_A_CLIENT_SENT = re.compile(r"Event\(|router_data|payload|[{\[<'\"]|with value|Event data|Traceback")


def keep_clients_out() -> None:
    """From now on, and once is enough: messages of the libraries end where what a client sent begins."""
    made = logging.getLogRecordFactory()
    if getattr(made, "keeps_clients_out", False):
        return

    def make(*args: Any, **values: Any) -> logging.LogRecord:
        record = made(*args, **values)
        if record.name.partition(".")[0] in LIBRARIES and record.levelno >= logging.WARNING:
            _cut(record)
        return record

    make.keeps_clients_out = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(make)


def _cut(record: logging.LogRecord) -> None:
    try:
        text = record.getMessage()
    except (TypeError, ValueError):
        text = str(record.msg)
    kept = _WHAT_A_CLIENT_SENT.split(text, maxsplit=1)[0]
    kept = "".join(c if c.isprintable() else " " for c in kept).strip()[:LENGTH] or "An event could not be used"
    error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
    # The traceback goes too: the last line of it quotes what could not be used.
    record.msg = f"{kept} ({error})" if error else kept
    record.args, record.exc_info, record.exc_text = (), None, None
