"""Which mail one gets: a choice for each kind that has one, and why the others always come at once (C3)."""

from __future__ import annotations

import reflex as rx

from selfcare_app.components.controls import bone, empty, failure, icon, panel
from selfcare_app.components.native import Press
from selfcare_app.specs.mail import KINDS, How, Reason, always
from selfcare_app.state.frame import FrameState
from selfcare_app.state.mail_choices import MailChoicesState as State
from selfcare_app.state.texts import T

TEXTS = "profile.mail"
SYMBOLS = {Reason.SECURITY: "shield-check", Reason.APPROVAL: "clipboard-check"}


def _choice(kind: str) -> rx.Component:
    options = (
        rx.el.label(
            Press.create(
                type="radio",
                name=f"mail-{kind}",
                value=how.value,
                checked=State.chosen[kind] == how.value,
                answered=State.answered,
                on_change=lambda _, press, how=how.value: State.choose(kind, how, press),
                class_name="check",
            ),
            rx.el.span(T(f"{TEXTS}.how.{how}")),
            class_name="option",
        )
        for how in How
    )
    return rx.cond(
        State.offered.contains(kind),
        rx.el.fieldset(
            rx.el.legend(T(f"{TEXTS}.kinds.{kind}"), class_name="label"),
            rx.el.p(T(f"{TEXTS}.about.{kind}"), class_name="second", id=f"mail-{kind}-about"),
            rx.el.div(*options, class_name="options three"),
            aria_describedby=f"mail-{kind}-about",
            class_name="plainset stack gap4",
        ),
    )


def _chosen() -> rx.Component:
    return panel(
        T(f"{TEXTS}.choose"),
        rx.cond(
            ~State.loaded,
            rx.el.p(bone(4), class_name="panel-body"),
            rx.cond(
                State.offered.length() == 0,
                empty("bell-off", T(f"{TEXTS}.none"), T(f"{TEXTS}.none_why")),
                rx.el.div(
                    *(_choice(kind) for kind, each in KINDS.items() if each.always is None),
                    rx.el.p(T(f"{TEXTS}.daily_note"), class_name="hint"),
                    class_name="panel-body stack gap4",
                ),
            ),
        ),
        key="mail-chosen",
        note=T(f"{TEXTS}.choose_note", company=FrameState.company_name),
    )


def _always() -> rx.Component:
    return panel(
        T(f"{TEXTS}.always"),
        rx.el.ul(
            *(
                rx.el.li(
                    icon(SYMBOLS[reason]),
                    rx.el.div(
                        rx.el.div(T(f"{TEXTS}.reasons.{reason}"), class_name="medium"),
                        rx.el.ul(
                            *(rx.el.li(T(f"{TEXTS}.kinds.{kind}")) for kind in always(reason)),
                            class_name="second small changes",
                        ),
                        class_name="grow",
                    ),
                )
                for reason in Reason
            ),
            class_name="rows two tall",
        ),
        key="mail-always",
    )


def mail_choices() -> rx.Component:
    """The section of the profile."""
    return rx.cond(
        State.failed,
        rx.el.section(failure(State.retry), class_name="panel"),
        rx.el.div(_chosen(), _always(), class_name="stack"),
    )
