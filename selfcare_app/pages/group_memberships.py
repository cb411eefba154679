"""/group-memberships: search for what is to be put into a group; many at once; one thing's own groups (R2-R4)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components import overlays
from selfcare_app.components.controls import empty, icon, panel, status
from selfcare_app.components.details import Detail, Head, small_table
from selfcare_app.components.foreseen import foreseen
from selfcare_app.components.frame import page, page_title
from selfcare_app.components.group_dialog import lines, problem
from selfcare_app.components.list_page import list_part
from selfcare_app.components.meanwhile import meanwhile
from selfcare_app.components.membership_picture import picture
from selfcare_app.components.months import month_options
from selfcare_app.components.native import GroupNames, link
from selfcare_app.pages.not_found import missing
from selfcare_app.pages.page import Page
from selfcare_app.specs.uploads import GROUP_MEMBERSHIPS as UPLOAD
from selfcare_app.state.frame import FrameState
from selfcare_app.state.group_adding import GroupAddingState as Adding
from selfcare_app.state.group_memberships import ROUTE, SEARCHED, GroupSearchState
from selfcare_app.state.group_memberships import ThingsGroupsState as State
from selfcare_app.state.texts import T

TEXTS = "grouping.memberships"
THING = "grouping.thing"
MEMBERSHIP = "details.membership"


# --- the search


def _search() -> rx.Component:
    bar = rx.el.nav(
        *(
            link(
                T(f"{TEXTS}.tabs.{spec.key}"),
                to=f"{ROUTE}?tab={spec.key}",
                aria_current=rx.cond(GroupSearchState.kind == spec.key, "page", rx.Var("undefined")),
            )
            for spec in SEARCHED
        ),
        class_name="tabs line",
        aria_label=T(f"{TEXTS}.title"),
    )
    lists = [(spec.key, list_part(spec, GroupSearchState, "edit_groups")) for spec in SEARCHED]
    return page(
        f"{TEXTS}.title",
        f"{TEXTS}.help",
        rx.el.section(
            bar,
            rx.match(GroupSearchState.kind, *lists, rx.fragment()),
            class_name="panel tabbed",
            aria_label=T(f"{TEXTS}.title"),
        ),
        crumbs=(("navigation.overview", "/"), ("grouping.title", "/groups")),
        actions=(
            rx.cond(
                FrameState.menu.contains("add_to_group"),
                link(icon("file-spreadsheet"), T("grouping.upload"), to=UPLOAD.route, class_name="btn"),
            ),
        ),
    )


# --- one thing's groups


def _acts(each: Any) -> rx.Component:
    def act(asking: str) -> rx.Component:
        return rx.el.button(
            T(f"{THING}.{asking}"),
            on_click=State.change(asking, each["id"]),
            type="button",
            class_name="btn sm",
            aria_label=T(f"{THING}.{asking}_of", name=each["name"]),
        )

    return rx.cond(
        State.may_write,
        rx.el.div(
            rx.cond(each["state"] != "past", rx.fragment(act("months"), act("move")), act("months")),
            act("remove"),
            class_name="row end",
        ),
    )


def _table(title: str, rows: Any) -> rx.Component:
    return small_table(
        T(title),
        MEMBERSHIP,
        rows,
        Head("group", lambda each: link(GroupNames.create(names=each["name"]), to=each["href"]), "groupname"),
        Head("from", lambda each: each["from"], "num"),
        Head("to", lambda each: rx.cond(each["to"] != "", each["to"], T("pages.until_further")), "num until"),
        Head("state", lambda each: status(each["state"], f"{MEMBERSHIP}.states"), ""),
        Head("acts", _acts, "acts"),
    )


def _field(key: str, control: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.label(T(f"{THING}.{key}"), html_for=f"membership-{key}"), control, class_name="field")


def _select(key: str, value: Any, on_change: Any, *options: Any, **props: Any) -> rx.Component:
    return rx.el.select(
        *options, id=f"membership-{key}", value=value, on_change=on_change, class_name="select", **props
    )


def _dialog() -> rx.Component:
    groups = _field(
        "group",
        _select(
            "group",
            State.group,
            State.choose_group,
            rx.foreach(State.choices, lambda each: rx.el.option(each["name"], value=each["id"], key=each["id"])),
        ),
    )
    category = _field(
        "category",
        _select(
            "category",
            State.category,
            State.choose_category,
            rx.foreach(State.categories, lambda each: rx.el.option(each["name"], value=each["id"], key=each["id"])),
            auto_focus=True,
        ),
    )
    start = _field("start", _select("start", State.start, State.choose_start, month_options(State.starts)))
    from_month = _field("month", _select("month", State.start, State.choose_start, month_options(State.starts)))
    end = _field(
        "end",
        _select(
            "end",
            State.end,
            State.choose_end,
            rx.cond(State.open_ended, rx.el.option(T("pages.until_further"), value="")),
            month_options(State.ends),
        ),
    )
    fields = rx.match(
        State.asking,
        ("add", rx.fragment(category, groups, start, end)),
        ("months", rx.fragment(start, end)),
        ("move", rx.fragment(groups, from_month, rx.el.p(T(f"{THING}.move_hint"), class_name="hint"))),
        rx.el.p(rx.cond(State.history, T(f"{THING}.remove_history"), T(f"{THING}.remove_hint"))),
    )
    return overlays.dialog(
        rx.match(
            State.asking,
            ("months", T(f"{THING}.months_of", name=State.called)),
            ("move", T(f"{THING}.move_of", name=State.called)),
            ("remove", T(f"{THING}.remove_of", name=State.called)),
            T(f"{THING}.add"),
        ),
        T("grouping.close"),
        rx.el.div(
            problem(State.problem),
            rx.cond(State.asking == "remove", meanwhile(State, "grouping.remove_changed"), meanwhile(State)),
            fields,
            lines(State.sight, "eye", "warning"),
            rx.el.div(
                rx.el.button(
                    rx.match(
                        State.asking,
                        ("months", T("grouping.save")),
                        ("move", T(f"{THING}.move")),
                        ("remove", T(f"{THING}.remove")),
                        T(f"{THING}.add"),
                    ),
                    on_click=State.save(State.fingerprint),
                    type="button",
                    class_name="btn primary",
                ),
                rx.el.button(T("grouping.cancel"), on_click=State.close(False), type="button", class_name="btn"),
                class_name="row",
            ),
            class_name="form",
        ),
        open=State.asking != "",
        on_open_change=State.close,
    )


def _thing() -> rx.Component:
    detail = Detail(State, THING)
    add = rx.el.button(icon("plus"), T(f"{THING}.add"), on_click=State.add, type="button", class_name="btn primary")
    active, later = State.active, State.later
    return detail.page(
        rx.cond(
            detail.known,
            rx.fragment(
                panel(
                    T(f"{THING}.active"),
                    rx.cond(
                        active.length() == 0,
                        empty(
                            "layers",
                            T(f"{THING}.none"),
                            rx.cond(State.has_groups, T(f"{THING}.none_why"), T("grouping.no_groups_why")),
                        ),
                        _table(f"{THING}.active", active),
                    ),
                    key="active",
                    more=rx.cond(State.may_write & State.has_groups, add),
                ),
                rx.cond(
                    later.length() > 0,
                    panel(T(f"{THING}.later"), _table(f"{THING}.later", later), key="later"),
                ),
                rx.cond(
                    State.rows.length() > 0,
                    panel(
                        T(f"{THING}.picture"),
                        rx.el.div(
                            picture(State.rows, State.months, lambda each: each["name"], lambda each: each["name"]),
                            class_name="panel-body",
                        ),
                        key="picture",
                    ),
                ),
            ),
        ),
        _dialog(),
        crumbs=((f"{TEXTS}.title", ROUTE),),
        missing=missing(),
        number=State.facts["number"],
        lead=rx.el.span(
            link(State.facts["name"], to=State.facts["page"]), " · ", T(f"{THING}.opened", month=State.facts["opened"])
        ),
        primary=link(icon("arrow-left"), T(f"{THING}.back"), to=GroupSearchState.back, class_name="btn back"),
    )


# --- many at once


def _outcomes() -> rx.Component:
    back = rx.el.button(T("grouping.members.again"), on_click=Adding.again, type="button", class_name="btn")
    return rx.el.div(foreseen(Adding, back, apply=T(f"{TEXTS}.apply")), class_name="panel-body")


def _many_form() -> rx.Component:
    def select(key: str, value: Any, *options: Any) -> rx.Component:
        control = rx.el.select(
            *options, id=f"membership-{key}", name=key, default_value=value, key=key + value, class_name="select"
        )
        return rx.el.div(rx.el.label(T(f"{THING}.{key}"), html_for=f"membership-{key}"), control, class_name="field")

    return rx.el.form(
        problem(Adding.problem),
        select(
            "group",
            Adding.group,
            rx.foreach(Adding.groups, lambda each: rx.el.option(each["name"], value=each["id"], key=each["id"])),
        ),
        select("start", Adding.start, rx.el.option(T(f"{TEXTS}.from_opening"), value=""), month_options(Adding.starts)),
        select("end", Adding.end, rx.el.option(T("pages.until_further"), value=""), month_options(Adding.ends)),
        rx.el.label(
            rx.el.input(type="checkbox", name="moving", default_checked=Adding.moving, class_name="check"),
            rx.el.span(T(f"{TEXTS}.moving")),
            class_name="row",
        ),
        rx.el.div(
            rx.el.button(T("grouping.members.preview"), type="submit", class_name="btn primary"),
            link(T("grouping.cancel"), to=rx.cond(Adding.back != "", Adding.back, ROUTE), class_name="btn"),
            class_name="row",
        ),
        on_submit=Adding.preview,
        no_validate=True,
        class_name="panel-body form",
    )


def _many() -> rx.Component:
    nothing = empty(
        "layers",
        T(f"{TEXTS}.nothing_chosen"),
        T(f"{TEXTS}.nothing_chosen_why"),
        link(T(f"{TEXTS}.title"), to=ROUTE, class_name="btn"),
    )
    content = rx.cond(
        Adding.forbidden,
        empty("lock", T("lists.forbidden.title"), T("lists.forbidden.text")),
        rx.cond(
            Adding.count == 0,
            nothing,
            rx.cond(
                Adding.groups.length() == 0,
                empty("layers", T("grouping.no_groups"), T("grouping.no_groups_why")),
                rx.cond(Adding.outcomes.length() > 0, _outcomes(), _many_form()),
            ),
        ),
    )
    return page(
        f"{TEXTS}.many",
        f"{TEXTS}.many_help",
        rx.cond(Adding.loaded | Adding.forbidden, rx.el.section(content, class_name="panel")),
        crumbs=(("navigation.overview", "/"), (f"{TEXTS}.title", ROUTE)),
        lead=rx.cond(Adding.count > 0, T(f"{TEXTS}.chosen", n=Adding.count), ""),
        narrow=True,
    )


PAGES = (
    Page(
        route=ROUTE,
        title=page_title(f"{TEXTS}.title"),
        draw=_search,
        on_load=GroupSearchState.load,
        on_news=GroupSearchState.freshen,
    ),
    Page(route=f"{ROUTE}/many", title=page_title(f"{TEXTS}.many"), draw=_many, on_load=Adding.load),
    Page(
        route=f"{ROUTE}/[kind]/[asked]",
        title=page_title(f"{THING}.title"),
        draw=_thing,
        on_load=State.load,
        on_news=State.freshen,
    ),
)
