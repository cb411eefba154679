"""Every text the portal says, in Swedish and English: one catalogue for screen, mail, PDF and export headings.

A text's key is `<file>.<table>.<name>`: locales/sv/lists.toml, [columns], opened -> lists.columns.opened.
`{name}` in a text is filled in; a text that counts has two forms, `<key>.one` and `<key>.other`, chosen by `n`.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("sv", "en")
DEFAULT = "sv"
FOLDER = Path(__file__).parent


@cache
def catalogue(language: str) -> dict[str, str]:
    """All texts of a language by key."""
    texts: dict[str, str] = {}
    for path in sorted((FOLDER / language).glob("*.toml")):
        _flatten(path.stem, tomllib.loads(path.read_text(encoding="utf-8")), texts)
    return texts


def _flatten(prefix: str, value: Any, into: dict[str, str]) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _flatten(f"{prefix}.{key}", inner, into)
    else:
        into[prefix] = str(value)


def language_or_default(language: str | None) -> str:
    """The language when the portal speaks it, else Swedish."""
    return language if language in LANGUAGES else DEFAULT


def text(language: str, key: str, **values: Any) -> str:
    """The text, filled in. Raises KeyError for a key that doesn't exist: a test finds every key used."""
    texts = catalogue(language_or_default(language))
    if "n" in values and key not in texts:
        key = f"{key}.{'one' if values['n'] == 1 else 'other'}"
    found = texts[key]
    for name, value in values.items():
        found = found.replace("{" + name + "}", str(value))
    return found
