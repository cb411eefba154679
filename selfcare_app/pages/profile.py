"""/profile: one's own details, permissions and security (C1, S4)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.controls import bone, callout, failure, icon, panel, scrolled
from selfcare_app.components.deputies import deputies
from selfcare_app.components.frame import page, page_title
from selfcare_app.components.mail_choices import mail_choices
from selfcare_app.components.meanwhile import meanwhile
from selfcare_app.components.native import link, native_form, plain_link
from selfcare_app.components.permissions import permission_tables
from selfcare_app.locales import LANGUAGES, text
from selfcare_app.pages.page import Page
from selfcare_app.services.invitations import NAME_LENGTH, PHONE_LENGTH
from selfcare_app.services.own_data import ADDRESS as OWN_DATA
from selfcare_app.state.deputies import DeputiesState
from selfcare_app.state.draft import PAUSE_MS
from selfcare_app.state.frame import FrameState
from selfcare_app.state.mail_choices import MailChoicesState
from selfcare_app.state.profile import TABS
from selfcare_app.state.profile import ProfileState as State
from selfcare_app.state.texts import T


def _tabs() -> rx.Component:
    return rx.el.nav(
        *(
            rx.cond(
                {"permissions": State.in_company, "mail": State.in_company, "deputies": State.approves}.get(key, True),
                link(
                    T(f"profile.tabs.{key}"),
                    to="/profile" if key == TABS[0] else f"/profile?tab={key}",
                    stay=True,
                    aria_current=rx.cond(State.tab == key, "page", rx.Var("undefined")),
                ),
            )
            for key in TABS
        ),
        class_name="seg",
        aria_label=T("profile.views"),
    )


# --- Personal details


def _fact(key: str, value: Any, class_name: str = "") -> rx.Component:
    return rx.el.div(
        rx.el.dt(T(f"profile.person.{key}")),
        rx.el.dd(rx.cond(State.loaded, value, bone(3)), class_name=class_name),
    )


def _person() -> rx.Component:
    facts = rx.el.dl(
        _fact("name", State.name),
        rx.cond(State.in_company, _fact("phone", rx.cond(State.phone != "", State.phone, "–"))),
        _fact("email", FrameState.email, "long"),
        rx.cond(State.in_company, _fact("company", FrameState.company_name)),
        rx.cond(State.in_company, _fact("role", T("permissions.role." + FrameState.role))),
        class_name="facts",
    )
    return panel(
        T("profile.person.title"),
        rx.el.hr(class_name="rule"),
        rx.cond(State.editing, _form(), facts),
        key="person",
        more=rx.cond(
            State.loaded & ~State.editing,
            rx.fragment(
                plain_link(T("profile.person.change_email"), href="/profile/address", class_name="btn sm"),
                rx.cond(
                    State.in_company,
                    rx.el.button(
                        icon("pencil", "sm"),
                        T("profile.person.edit"),
                        on_click=State.edit,
                        type="button",
                        class_name="btn sm",
                    ),
                ),
            ),
        ),
    )


def _field(key: str, *, star: bool = False, hint: bool = False, **props: Any) -> rx.Component:
    """A labelled field with its hint and its error, tied to it."""
    wrong = State.problem_field == key
    described = f"{key}-hint" if hint else ""
    return rx.el.div(
        rx.el.label(
            T(f"profile.person.{key}"),
            *([rx.el.span("*", class_name="req", aria_hidden="true")] if star else []),
            html_for=key,
        ),
        rx.el.input(
            id=key,
            name=key,
            default_value=State.draft[key],
            on_change=lambda written: State.keep(key, written).debounce(PAUSE_MS),
            on_blur=lambda written: State.keep(key, written),
            required=star,
            aria_invalid=rx.cond(wrong, "true", "false"),
            aria_describedby=rx.cond(wrong, f"{described} {key}-error".strip(), described),
            class_name="input",
            **props,
        ),
        *([rx.el.span(T(f"profile.person.{key}_hint"), id=f"{key}-hint", class_name="hint")] if hint else []),
        rx.cond(wrong, rx.el.span(State.problem, id=f"{key}-error", class_name="error", role="alert")),
        class_name="field",
    )


def _form() -> rx.Component:
    return rx.el.form(
        meanwhile(State),
        rx.cond(
            (State.problem != "") & (State.problem_field == ""),
            callout("danger", "circle-alert", State.problem, role="alert"),
        ),
        rx.el.div(
            _field("name", star=True, max_length=NAME_LENGTH, auto_complete="name", auto_focus=True),
            _field("phone", hint=True, type="tel", max_length=PHONE_LENGTH, auto_complete="tel"),
            class_name="fields",
        ),
        rx.el.div(
            rx.el.button(T("profile.person.save"), type="submit", class_name="btn primary"),
            rx.el.button(T("profile.person.cancel"), on_click=State.cancel, type="button", class_name="btn"),
            class_name="row",
        ),
        on_submit=State.save,
        no_validate=True,
        class_name="panel-body form",
    )


# --- Language, and what is kept


def _language() -> rx.Component:
    return panel(
        T("profile.language.title"),
        rx.el.div(
            rx.el.p(T("profile.language.text"), class_name="second"),
            rx.el.fieldset(
                rx.el.legend(T("profile.language.title"), class_name="vh"),
                rx.el.div(
                    *(
                        rx.el.label(
                            rx.el.input(
                                type="radio",
                                name="language",
                                value=language,
                                checked=FrameState.lang == language,
                                on_change=lambda _, chosen=language: FrameState.set_language(chosen),
                                class_name="check",
                            ),
                            rx.el.span(text(language, "auth.frame.own_name"), lang=language),
                            class_name="option",
                        )
                        for language in LANGUAGES
                    ),
                    class_name="row",
                ),
                class_name="field plainset",
            ),
            class_name="panel-body stack gap4",
        ),
        key="language",
    )


def _kept() -> rx.Component:
    return panel(
        T("profile.kept.title"),
        rx.el.div(
            rx.el.p(T("profile.kept.text"), class_name="second"),
            plain_link(
                icon("download", "sm"),
                T("profile.kept.download"),
                href=OWN_DATA,
                custom_attrs={"download": True},
                class_name="btn sm",
            ),
            class_name="panel-body stack gap4 start",
        ),
        key="kept",
    )


# --- Security


def _line(symbol: str, title: Any, text: Any, *doings: rx.Component) -> rx.Component:
    return rx.el.li(
        icon(symbol),
        rx.el.div(rx.el.div(title, class_name="medium"), rx.el.div(text, class_name="second small"), class_name="grow"),
        rx.el.div(*doings, class_name="row end"),
    )


def _ways_in() -> rx.Component:
    on = State.factor_since != ""
    factor = rx.cond(
        on,
        rx.fragment(
            T("profile.security.factor_on", date=State.factor_since, n=State.recovery_codes_left),
            rx.cond(State.factor_required, rx.fragment(" ", T("profile.security.factor_required"))),
        ),
        T("profile.security.factor_off"),
    )
    return panel(
        T("profile.tabs.security"),
        rx.el.ul(
            _line(
                "key-round",
                T("profile.security.password"),
                T("profile.security.password_text"),
                plain_link(T("profile.security.change_password"), href="/profile/password", class_name="btn sm"),
            ),
            _line(
                "smartphone",
                T("profile.security.factor"),
                rx.cond(State.loaded, factor, bone(4)),
                rx.cond(
                    on,
                    rx.fragment(
                        native_form(
                            rx.el.button(T("profile.security.new_codes"), type="submit", class_name="btn sm"),
                            action="/second-factor/recovery-codes",
                            method="post",
                        ),
                        rx.cond(
                            ~State.factor_required,
                            plain_link(T("profile.security.turn_off"), href="/second-factor/off", class_name="btn sm"),
                        ),
                    ),
                    rx.cond(
                        State.loaded,
                        plain_link(
                            T("profile.security.turn_on"),
                            href="/second-factor/set-up?next=/profile%3Ftab%3Dsecurity",
                            class_name="btn sm primary",
                        ),
                    ),
                ),
            ),
            class_name="rows two ways",
        ),
        key="security",
    )


def _session(each: Any) -> rx.Component:
    device = rx.cond(each["device"] != "", each["device"], T("profile.sessions.unknown"))
    return rx.el.tr(
        rx.el.td(device, class_name="medium"),
        rx.el.td(each["source"], class_name="num second"),
        rx.el.td(each["signed_in"], class_name="num"),
        rx.el.td(each["last_used"], class_name="num"),
        rx.el.td(
            rx.cond(
                each["current"] == "1",
                rx.el.span(T("profile.sessions.current"), class_name="muted"),
                rx.el.button(
                    T("profile.sessions.end"),
                    on_click=State.end_session(each["id"]),
                    type="button",
                    class_name="btn sm",
                    aria_label=T("profile.sessions.end_of", device=device),
                ),
            ),
            class_name="r",
        ),
        key=each["id"],
    )


def _sessions() -> rx.Component:
    heads = ("device", "source", "signed_in", "last_used")
    table = rx.el.table(
        rx.el.caption(T("profile.sessions.title"), class_name="vh"),
        rx.el.thead(
            rx.el.tr(
                *(rx.el.th(T(f"profile.sessions.{head}"), scope="col") for head in heads),
                rx.el.th(rx.el.span(T("profile.sessions.action"), class_name="vh"), scope="col"),
            )
        ),
        rx.el.tbody(rx.foreach(State.sessions, _session)),
        class_name="table plain",
    )
    return panel(
        T("profile.sessions.title"),
        scrolled(T("profile.sessions.title"), table),
        key="sessions",
        more=rx.cond(
            State.sessions.length() > 1,
            rx.el.button(
                T("profile.sessions.end_others"),
                on_click=State.end_other_sessions,
                type="button",
                class_name="btn sm",
            ),
        ),
    )


def draw() -> rx.Component:
    """The page."""
    return page(
        "profile.title",
        "profile.help",
        rx.cond(
            State.failed,
            rx.el.section(failure(State.retry), class_name="panel"),
            rx.el.div(
                _tabs(),
                rx.match(
                    State.tab,
                    (
                        "permissions",
                        panel(
                            T("profile.tabs.permissions"),
                            permission_tables(State.levels, State.singles),
                            key="permissions",
                            note=T("profile.permissions.note"),
                        ),
                    ),
                    ("deputies", deputies()),
                    ("mail", mail_choices()),
                    ("security", rx.el.div(_ways_in(), _sessions(), class_name="stack")),
                    rx.el.div(_person(), _language(), _kept(), class_name="stack"),
                ),
                class_name="stack",
            ),
        ),
        lead=rx.cond(State.loaded, FrameState.email, bone(3)),
        narrow=True,
    )


LOADS = [State.load, DeputiesState.load, MailChoicesState.load]
REDRAWS = [State.load, DeputiesState.redraw, MailChoicesState.load]
PAGE = Page(route="/profile", title=page_title("profile.title"), draw=draw, on_load=LOADS, on_rights=REDRAWS)
