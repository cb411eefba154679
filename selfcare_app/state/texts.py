"""Texts on screen: `T("key")` is a Var that follows the chosen language without a word of it in anybody's state.

The dictionary is one JavaScript module made from locales/ before the front end is built.
"""

from __future__ import annotations

import json
from typing import Any

import reflex as rx
from reflex_base.vars import VarData

from selfcare_app.config import PROJECT
from selfcare_app.locales import DEFAULT, LANGUAGES, catalogue
from selfcare_app.state.frame import FrameState

DICTIONARY = PROJECT / "assets" / "i18n.js"
SCREEN_FILES = (
    "frame",
    "lists",
    "pages",
    "details",
    "navigation",
    "permissions",
    "profile",
    "company_profile",
    "grouping",
    "refused",
    "uploads",
    "users",
)
"""Files of locales/ that reach the browser; mail, feeds and the sign-in pages stay on the server."""

_SOURCE = """// Made from selfcare_app/locales. Do not edit.
const texts = %s;
export const t = (language, key, values) => {
  const of = texts[language] ?? texts.%s;
  let text = of[key];
  if (text === undefined && values && "n" in values) {
    text = of[`${key}.${Number(values.n) === 1 ? "one" : "other"}`];
  }
  if (text === undefined) return "";
  for (const name in values) text = text.replaceAll(`{${name}}`, values[name]);
  return text;
};
"""
_IMPORT = {"$/public/i18n.js": "t"}


def write_dictionary() -> None:
    """Make assets/i18n.js; untouched when nothing changed, so that no build is caused."""
    texts = {
        language: {key: text for key, text in catalogue(language).items() if key.partition(".")[0] in SCREEN_FILES}
        for language in LANGUAGES
    }
    source = _SOURCE % (json.dumps(texts, ensure_ascii=False, sort_keys=True, indent=0), DEFAULT)
    if not DICTIONARY.exists() or DICTIONARY.read_text(encoding="utf-8") != source:
        DICTIONARY.write_text(source, encoding="utf-8")


def T(key: str | rx.Var, **values: Any) -> rx.vars.StringVar:  # noqa: N802  reads as a mark in page code
    """The text with this key in the reader's language; `values` fill its {names}, `n` chooses one or other."""
    literal_key = rx.Var.create(key)
    filled = {name: rx.Var.create(value) for name, value in values.items()}
    inside = ", ".join(f"{json.dumps(name)}: {value!s}" for name, value in filled.items())
    return rx.Var(
        f"t({FrameState.lang!s}, {literal_key!s}" + (f", {{{inside}}}" if filled else "") + ")",
        _var_data=VarData.merge(
            VarData(imports=_IMPORT),
            FrameState.lang._get_all_var_data(),
            literal_key._get_all_var_data(),
            *(value._get_all_var_data() for value in filled.values()),
        ),
    ).to(str)
