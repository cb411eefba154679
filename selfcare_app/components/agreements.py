"""The company's framework agreements (C8), the same wherever they stand."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.details import Head, small_table
from selfcare_app.state.texts import T

TEXTS = "company_profile.agreements"


def agreements_table(state: Any) -> rx.Component:
    """What a state holds as `agreements`, with the products of each in `agreement_products`."""

    def products(each: Any) -> rx.Component:
        return rx.foreach(
            state.agreement_products[each["number"]],
            lambda product, index: rx.fragment(rx.cond(index > 0, ", ", ""), T("pages.product." + product)),
        )

    return small_table(
        T(f"{TEXTS}.title"),
        TEXTS,
        state.agreements,
        Head("number", lambda each: each["number"], "medium num"),
        Head("products", products, "mark"),
        Head("from", lambda each: each["from"], "num", said=True),
        Head("to", lambda each: rx.cond(each["to"] != "", each["to"], T("pages.until_further")), "num", said=True),
    )
