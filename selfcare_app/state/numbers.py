"""Numbers as a browser sends them: whatever it sends, an id or a count comes of it that the database takes."""

from __future__ import annotations

from typing import Any

MOST_DIGITS = 18
"""More than any id has, fewer than the database takes."""


def whole(said: Any, digits: int = MOST_DIGITS) -> int:
    """A whole number in plain digits; 0, which no row has for its id, for anything else."""
    typed = "" if said is None or isinstance(said, bool) else str(said).strip()
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= digits else 0
