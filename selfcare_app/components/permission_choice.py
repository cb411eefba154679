"""Choosing a role and permissions, drawn from their declaration (U2-U4). Its state is a PermissionChoice."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components import overlays
from selfcare_app.components.controls import hidden_text, icon, scrolled
from selfcare_app.components.native import Press
from selfcare_app.specs.permissions import KINDS, ROLE_PERMISSIONS, SINGLE, Level, Role, level, levels_of
from selfcare_app.state.texts import T

TEXTS = "users.permissions"
ROLES = tuple(Role)


def role_field(state: Any, on_change: Any, *, problem: Any = None) -> rx.Component:
    """The role, with a "?" that explains them all; `problem`: what is wrong with it."""
    wrong = problem != "" if problem is not None else rx.Var.create(False)
    said = rx.cond(
        wrong,
        rx.el.span(icon("circle-alert", "sm"), problem, id="role-error", class_name="error", role="alert"),
        rx.el.span(
            rx.cond(state.role != "", T("permissions.role_text." + state.role), T(f"{TEXTS}.role_hint")),
            id="role-hint",
            class_name="hint",
        ),
    )
    return rx.el.div(
        rx.el.div(
            rx.el.label(
                T(f"{TEXTS}.role"),
                rx.el.span("*", class_name="req", aria_hidden="true"),
                html_for="role",
                class_name="label",
            ),
            role_guide(),
            class_name="row",
        ),
        rx.el.select(
            rx.cond(state.role == "", rx.el.option(T(f"{TEXTS}.choose_role"), value="")),
            *(
                rx.el.option(
                    rx.cond(
                        state.open_roles.contains(role.value),
                        T(f"permissions.role.{role.value}"),
                        T(f"{TEXTS}.role_locked", role=T(f"permissions.role.{role.value}")),
                    ),
                    value=role.value,
                    disabled=~state.open_roles.contains(role.value),
                )
                for role in ROLES
            ),
            value=state.role,
            on_change=on_change,
            id="role",
            required=True,
            aria_invalid=rx.cond(wrong, "true", "false"),
            aria_describedby=rx.cond(wrong, "role-error", "role-hint"),
            class_name="select",
        ),
        said,
        rx.cond(
            state.open_roles.length() < len(ROLES),
            rx.el.span(icon("lock", "sm"), T(f"{TEXTS}.roles_locked"), class_name="hint locked-note"),
        ),
        class_name="field",
    )


def permission_choice(state: Any) -> rx.Component:
    """A level for each kind of information, and single rights. What the actor lacks is locked, and says why."""
    return rx.el.div(
        rx.cond(
            (state.locked_levels.length() > 0) | (state.locked_singles.length() > 0),
            rx.el.p(icon("lock", "sm"), T(f"{TEXTS}.locked_note"), class_name="hint locked-note"),
        ),
        rx.el.div(_kinds(state), _singles(state), class_name="choice-tables"),
        class_name="stack gap4",
    )


def _kinds(state: Any) -> rx.Component:
    table = rx.el.table(
        rx.el.caption(T("permissions.table.kinds"), class_name="vh"),
        rx.el.thead(
            rx.el.tr(
                rx.el.th(T("permissions.table.kind"), scope="col"),
                *(rx.el.th(T(f"permissions.level.{each}"), scope="col", class_name="c") for each in Level),
            )
        ),
        rx.el.tbody(*(_kind(state, kind) for kind in KINDS)),
        class_name="table plain matrix",
    )
    return scrolled(T("permissions.table.kinds"), table)


def _kind(state: Any, kind: str) -> rx.Component:
    locked = state.locked_kinds.contains(kind)
    return rx.el.tr(
        rx.el.th(
            T(f"permissions.kind.{kind}"),
            rx.cond(locked, rx.fragment(icon("lock", "sm"), hidden_text(T(f"{TEXTS}.locked")))),
            scope="row",
        ),
        *(
            rx.el.td(
                rx.el.label(
                    Press.create(
                        type="radio",
                        name=f"level-{kind}",
                        value=each.value,
                        checked=state.levels[kind] == each.value,
                        disabled=state.locked_levels.contains(f"{kind}.{each}"),
                        answered=state.answered,
                        on_change=lambda _, press, wanted=each.value: state.choose_level(kind, wanted, press),
                        class_name="check",
                        aria_label=T(f"permissions.kind.{kind}") + ": " + T(f"permissions.level.{each}"),
                    ),
                )
                if each in levels_of(kind)
                else rx.el.span("–", class_name="muted", aria_hidden="true"),
                class_name="c",
            )
            for each in Level
        ),
    )


def _singles(state: Any) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(T("permissions.table.singles"), class_name="label"),
        *(
            rx.el.label(
                Press.create(
                    type="checkbox",
                    checked=state.singles.contains(each.value),
                    disabled=state.locked_singles.contains(each.value),
                    answered=state.answered,
                    on_change=lambda given, press, right=each.value: state.set_single(right, given, press),
                    class_name="check",
                ),
                rx.el.span(T(f"permissions.single.{each.value}")),
                rx.cond(
                    state.locked_singles.contains(each.value),
                    rx.fragment(icon("lock", "sm"), hidden_text(T(f"{TEXTS}.locked"))),
                ),
                class_name="option",
            )
            for each in SINGLE
        ),
        class_name="plainset singles",
    )


# --- what the roles are


@rx.memo
def role_guide() -> rx.Component:
    """The "?" by the role: each in words, and all of them side by side as they are declared (U3)."""
    trigger = overlays.sheet_trigger(
        icon("circle-help"), class_name="iconbtn sm", aria_label=T(f"{TEXTS}.about_roles"), type="button"
    )
    return overlays.dialog(
        T(f"{TEXTS}.about_roles"),
        T("frame.close"),
        rx.el.dl(
            *(
                rx.el.div(
                    rx.el.dt(T(f"permissions.role.{role.value}")), rx.el.dd(T(f"permissions.role_text.{role.value}"))
                )
                for role in ROLES
            ),
            class_name="roles",
        ),
        scrolled(T(f"{TEXTS}.about_roles"), _declared()),
        trigger=trigger,
        wide=True,
    )


def _declared() -> rx.Component:
    roles = [role for role in ROLES if role in ROLE_PERMISSIONS]
    kinds = [
        (
            T(f"permissions.kind.{kind}"),
            [_level_cell(level(kind, ROLE_PERMISSIONS[role])) for role in roles],
        )
        for kind in KINDS
    ]
    singles = [
        (T(f"permissions.single.{each.value}"), [_held_cell(each in ROLE_PERMISSIONS[role]) for role in roles])
        for each in SINGLE
    ]
    return rx.el.table(
        rx.el.caption(T(f"{TEXTS}.about_roles"), class_name="vh"),
        rx.el.thead(
            rx.el.tr(
                rx.el.th(T("permissions.table.level"), scope="col"),
                *(rx.el.th(T(f"permissions.role.{role.value}"), scope="col") for role in roles),
            )
        ),
        rx.el.tbody(*(rx.el.tr(rx.el.th(name, scope="row"), *cells) for name, cells in (*kinds, *singles))),
        class_name="table plain roletable",
    )


def _level_cell(held: Level) -> rx.Component:
    return rx.el.td(T(f"permissions.level.{held}"), class_name="muted" if held is Level.NONE else "")


def _held_cell(held: bool) -> rx.Component:
    return rx.el.td(
        T("permissions.table.has" if held else "permissions.table.has_not"), class_name="" if held else "muted"
    )
