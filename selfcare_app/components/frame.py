"""What surrounds every page: top bar, menu, drawer, breadcrumbs, heading with help, footer, notices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx
from reflex_components_core.base.error_boundary import ErrorBoundary
from reflex_components_core.core.banner import has_too_many_connection_errors

from selfcare_app.components import overlays
from selfcare_app.components.controls import brand, callout, empty, half_moon, icon
from selfcare_app.components.native import DocumentFrame, Expiry, WithoutNetwork, link, native_form, plain_link
from selfcare_app.components.theme import FONT_LATIN
from selfcare_app.config import settings
from selfcare_app.locales import DEFAULT, text
from selfcare_app.specs.navigation import NAVIGATION, Entry, Section
from selfcare_app.state.frame import FrameState
from selfcare_app.state.texts import T

RECEIPT_SECONDS = 10
LOGOUT_FORM = "logout"
Crumbs = Sequence[tuple[str, str]]
"""(text key, address) of the pages above this one."""


def page_title(title_key: str) -> str:
    """The tab's title before the language is known, in the portal's first one; the page sets it in the reader's."""
    return f"{text(DEFAULT, title_key)} – {product_name()}"


def product_name() -> str:
    """The operator's name and the portal's."""
    return f"{settings().operator_name} Selfcare"


def head() -> list[rx.Component]:
    """What every page's head holds: the font, the icon, the script for "/" and pasted numbers."""
    return [
        rx.el.link(
            rel="preload", href=FONT_LATIN, type="font/woff2", custom_attrs={"as": "font", "crossOrigin": "anonymous"}
        ),
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
        rx.el.script(src="/language.js"),
        rx.el.script(src="/selfcare.js", custom_attrs={"defer": True}),
    ]


def _allowed(entry: Entry) -> Any:
    """Whether the menu shows an entry: not while it is unknown who is signed in."""
    return FrameState.menu.contains(entry.key)


def _entries(section: Section) -> list[Entry]:
    return [entry for entry in NAVIGATION if entry.section is section]


def _here(entry: Entry) -> Any:
    path = rx.State.router.url.path
    if entry.route == "/":
        return path == entry.route
    within = [each.route for each in NAVIGATION if each.route.startswith(f"{entry.route}/")]
    return (
        path.startswith(entry.route) & ~_any(path.startswith(route) for route in within)
        if within
        else path.startswith(entry.route)
    )


def _current(entry: Entry) -> Any:
    return rx.cond(_here(entry), "page", rx.Var("undefined"))


def _top_link(entry: Entry) -> rx.Component:
    return link(
        T(f"navigation.{entry.key}"),
        to=entry.route,
        class_name=rx.cond(_here(entry), "here", ""),
        aria_current=_current(entry),
    )


def _menu_link(entry: Entry, close: Any = overlays.menu_item) -> rx.Component:
    return rx.cond(
        _allowed(entry),
        close(
            link(
                icon(entry.icon),
                T(f"navigation.{entry.key}"),
                to=entry.route,
                class_name="menu-item",
                aria_label=T(f"navigation.{entry.key}_full"),
                aria_current=_current(entry),
            )
        ),
    )


def _top_menu(section: Section) -> rx.Component:
    """A menu of the bar; not there at all when its entries are all beyond the user's rights."""
    entries = _entries(section)
    here = _any(_here(entry) for entry in entries)
    return rx.cond(
        ~FrameState.ready | _any(_allowed(entry) for entry in entries),
        overlays.menu(
            overlays.menu_trigger(
                T(f"navigation.section.{section}"), icon("chevron-down", "sm"), class_name=rx.cond(here, "here", "")
            ),
            *(_menu_link(entry) for entry in entries),
        ),
    )


def _any(conditions: Any) -> Any:
    first, *rest = conditions
    for condition in rest:
        first = first | condition
    return first


def _navigation() -> rx.Component:
    return rx.el.nav(
        *(_top_link(entry) for entry in _entries(Section.OVERVIEW)),
        *(_top_menu(section) for section in (Section.SHOW, Section.CREATE) if _entries(section)),
        class_name="nav",
        aria_label=T("frame.main_menu"),
    )


def _drawer() -> rx.Component:
    sections = [section for section in (Section.SHOW, Section.CREATE) if _entries(section)]
    return overlays.sheet(
        overlays.sheet_trigger(icon("menu", "lg"), class_name="iconbtn phone-only", aria_label=T("frame.menu")),
        T("frame.menu"),
        T("frame.close"),
        rx.el.nav(
            *(_menu_link(entry, overlays.sheet_close) for entry in _entries(Section.OVERVIEW)),
            *(
                rx.fragment(
                    rx.el.div(T(f"navigation.section.{section}"), class_name="menu-head"),
                    *(_menu_link(entry, overlays.sheet_close) for entry in _entries(section)),
                )
                for section in sections
            ),
            aria_label=T("frame.main_menu"),
        ),
        side="left",
    )


def _company() -> rx.Component:
    """Which company this is; a link to choose another for whoever is a user in several."""
    name = rx.el.span(FrameState.company_name)
    return rx.cond(
        FrameState.company_name != "",
        rx.cond(
            FrameState.has_companies,
            plain_link(
                icon("building-2"),
                name,
                href="/choose-company",
                class_name="company",
                aria_label=FrameState.company_name + ", " + T("frame.switch_company"),
            ),
            rx.el.span(icon("building-2"), name, class_name="company"),
        ),
    )


def _language() -> rx.Component:
    other = rx.cond(FrameState.lang == "sv", "en", "sv")
    return rx.el.button(
        rx.cond(FrameState.lang == "sv", "SV", "EN"),
        on_click=FrameState.set_language(other),
        class_name="lang",
        type="button",
        aria_label=T("frame.switch_language"),
    )


def _theme_switch() -> rx.Component:
    return rx.el.button(
        half_moon(),
        on_click=rx.toggle_color_mode,
        class_name="iconbtn",
        type="button",
        aria_label=T("frame.switch_theme"),
    )


def _help() -> rx.Component:
    phone = settings().service_phone
    return overlays.popover(
        overlays.popover_trigger(icon("circle-help"), class_name="iconbtn hide", aria_label=T("frame.help")),
        rx.el.h2(T("frame.help")),
        rx.el.p(T("frame.help_service", operator=settings().operator_name), " ", rx.el.b(phone, class_name="num")),
        rx.el.p(T("frame.help_hours", hours=settings().service_hours)),
        rx.el.p(T("frame.help_keys")),
        label=T("frame.help"),
        class_name="help",
        align="end",
    )


def _account() -> rx.Component:
    avatar = rx.cond(FrameState.operator, "avatar op", "avatar")
    return overlays.menu(
        overlays.menu_trigger(
            rx.el.span(FrameState.initials, class_name=avatar, aria_hidden="true"),
            icon("chevron-down", "sm"),
            class_name="account",
            aria_label=T("frame.account_of", name=FrameState.user_name),
        ),
        rx.el.div(
            rx.el.div(FrameState.user_name, class_name="medium"),
            rx.el.div(FrameState.email, class_name="muted small"),
            rx.cond(
                FrameState.role != "", rx.el.div(T("permissions.role." + FrameState.role), class_name="muted small")
            ),
            class_name="menu-who",
        ),
        overlays.menu_line(),
        *(_menu_link(entry) for entry in _entries(Section.ACCOUNT)),
        rx.cond(
            FrameState.has_companies,
            overlays.menu_item(
                plain_link(
                    icon("building-2"), T("frame.switch_company"), href="/choose-company", class_name="menu-item"
                )
            ),
        ),
        overlays.menu_submit(
            rx.el.button(
                icon("log-out"),
                T("frame.log_out"),
                type="submit",
                form=LOGOUT_FORM,
                class_name="menu-item",
            )
        ),
        align="end",
    )


def _top_bar() -> rx.Component:
    return rx.el.header(
        rx.el.div(
            _drawer(),
            brand(),
            _navigation(),
            rx.el.div(
                _company(),
                _language(),
                _theme_switch(),
                _help(),
                _account(),
                class_name="tools",
            ),
            class_name="topbar-in",
        ),
        native_form(id=LOGOUT_FORM, action="/logout", method="post", hidden=True),
        class_name="topbar",
    )


def _crumbs(crumbs: Crumbs, here: Any) -> rx.Component:
    return rx.el.nav(
        rx.el.ol(
            *(rx.el.li(link(T(key), to=to), icon("chevron-right", "sm")) for key, to in crumbs),
            rx.el.li(rx.el.span(here, aria_current="page")),
        ),
        class_name="crumbs",
        aria_label=T("frame.breadcrumbs"),
    )


def page_help(help_key: str) -> rx.Component:
    """The "?" by a heading: what the page is for and what its actions do (L4)."""
    return overlays.popover(
        overlays.popover_trigger(icon("circle-help"), class_name="iconbtn sm", aria_label=T("frame.help_about_page")),
        rx.el.h2(T("frame.help_about_page")),
        rx.el.p(T(help_key)),
        label=T("frame.help_about_page"),
        class_name="help",
    )


def page(
    title_key: str,
    help_key: str,
    *content: Any,
    crumbs: Crumbs = (("navigation.overview", "/"),),
    title: Any = None,
    beside: Any = None,
    lead: Any = None,
    actions: Sequence[rx.Component] = (),
    narrow: bool = False,
) -> rx.Component:
    """A page in the frame. `title` stands in for title_key's text, `beside` by the heading, `lead` under it."""
    heading = T(title_key) if title is None else title
    return rx.el.div(
        DocumentFrame.create(ready=FrameState.ready, language=FrameState.lang, title=heading + f" – {product_name()}"),
        plain_link(T("frame.skip"), href="#main", class_name="skip"),
        _top_bar(),
        rx.el.main(
            *([_crumbs(crumbs, heading)] if crumbs else []),
            rx.el.div(
                rx.el.div(
                    rx.el.div(
                        rx.el.h1(heading),
                        *([page_help(help_key)] if help_key else []),
                        *([beside] if beside is not None else []),
                        class_name="title",
                    ),
                    *([rx.el.p(lead, class_name="lead")] if lead is not None else []),
                ),
                *([rx.el.div(*actions, class_name="actions")] if actions else []),
                class_name="pagehead",
            ),
            *content,
            id="main",
            tab_index=-1,
            class_name="narrow" if narrow else "",
        ),
        _footer(),
        class_name="shell",
    )


def _footer() -> rx.Component:
    known = settings()
    return rx.el.footer(
        rx.el.span(
            T("frame.service", operator=known.operator_name),
            " ",
            rx.el.span(known.service_phone, class_name="num"),
            ", ",
            T("frame.weekdays", hours=known.service_hours),
        ),
        *([plain_link(known.service_email, href=f"mailto:{known.service_email}")] if known.service_email else []),
        class_name="foot",
    )


def _notice() -> rx.Component:
    dismiss = rx.el.button(
        icon("x"),
        on_click=FrameState.dismiss_notice,
        class_name="iconbtn sm",
        type="button",
        aria_label=T("frame.close"),
    )
    return rx.cond(
        FrameState.notice_kind == "danger",
        rx.el.div(
            icon("circle-alert"),
            rx.el.span(FrameState.notice, class_name="grow"),
            dismiss,
            class_name="callout is-danger",
        ),
        rx.el.div(
            icon("check"),
            rx.el.span(FrameState.notice),
            dismiss,
            Expiry.create(of=FrameState.notice, seconds=RECEIPT_SECONDS, on_expire=FrameState.dismiss_notice),
            class_name="toast",
        ),
    )


@rx.memo
def notices() -> rx.Component:
    """What the portal says by itself, on any page: outcomes, and that the connection was lost."""
    return rx.el.div(
        rx.el.div(
            WithoutNetwork.create(
                callout("warning", "unplug", T("frame.connection_lost"), role="status"),
                lost=has_too_many_connection_errors,
            ),
            aria_live="polite",
        ),
        rx.el.div(rx.cond(FrameState.notice != "", _notice()), aria_live="polite"),
        class_name="notices",
    )


@rx.memo
def crashed() -> rx.Component:
    """In place of everything, when drawing it failed: what happened, and a full load as the way out."""
    again = plain_link(T("frame.crashed.reload"), href="", class_name="btn primary")
    return rx.el.main(
        rx.el.section(
            empty("circle-alert", T("frame.crashed.title"), T("frame.crashed.text"), again, role="alert"),
            class_name="panel",
        ),
    )


def boundary() -> rx.Component:
    """Keeps an error in drawing from leaving a white page; what failed goes to the server's log."""
    return ErrorBoundary.create(fallback_render=crashed())


def overlay() -> rx.Component:
    """What lies over all pages."""
    return rx.fragment(notices())
