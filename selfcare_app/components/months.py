"""Months in a select, under their years: a long list that one finds one's way in, by keyboard too."""

from __future__ import annotations

from typing import Any

import reflex as rx


def month_options(years: Any) -> rx.Component:
    """The options of `state.months.Months`; those that are taken can't be chosen and say by what."""
    option = lambda each: rx.el.option(  # noqa: E731
        each["month"] + rx.cond(each["off"] != "", " – " + each["off"], ""),
        value=each["month"],
        key=each["month"],
        disabled=each["off"] != "",
    )
    return rx.foreach(
        years, lambda year: rx.el.optgroup(rx.foreach(year[1], option), label=year[0].to(str), key=year[0].to(str))
    )
