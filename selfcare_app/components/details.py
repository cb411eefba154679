"""The pieces of a page about one thing: heading, facts, tabs with what belongs to it, its groups, what can be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from selfcare_app.components import overlays
from selfcare_app.components.actions import export_items
from selfcare_app.components.controls import bone, empty, failure, icon, panel, scrolled, status
from selfcare_app.components.frame import Crumbs, page
from selfcare_app.components.list_page import related_list
from selfcare_app.components.native import GroupNames, link
from selfcare_app.specs.lists import LISTS, related_to
from selfcare_app.state.related import RelatedState
from selfcare_app.state.texts import T

_HERE = rx.Var('(typeof window === "undefined" ? "" : window.location.pathname.replace(/\\/+$/, ""))').to(str)
"""The path the browser shows; the server's copy of it comes a moment later."""
_BONES = 3
_ICONS = {action.key: action.icon for spec in LISTS.values() for action in spec.actions}


@dataclass(frozen=True)
class Detail:
    """Draws the page of one thing from its state (a DetailState) and its texts:
    `<texts>.title`, `.named` (with {number}), `.help`, `.facts`, `.<fact>`, `.related`."""

    state: Any
    texts: str

    @property
    def known(self) -> Any:
        """Whether the state tells of the thing that the address names now, and not of the one looked at before."""
        return self.state.loaded & (self.state.at == _HERE)

    def page(
        self,
        *content: Any,
        crumbs: Crumbs,
        missing: rx.Component,
        number: Any,
        beside: Any = None,
        lead: Any = None,
        leads: Sequence[str] = (),
        primary: rx.Component | None = None,
        named: Any = None,
    ) -> rx.Component:
        """The whole page. `missing` stands there for what doesn't exist or isn't the reader's to see; `leads` are
        keys of lists.actions that the state may have addresses for. `primary`: the one button most people come for,
        on phones too. `named`: key of the heading, where it isn't `<texts>.named`."""
        state, there = self.state, self.known & self.state.found
        gone = self.known & ~state.found & ~state.failed
        return page(
            f"{self.texts}.title",
            f"{self.texts}.help",
            rx.cond(
                state.failed,
                rx.el.section(failure(state.retry), class_name="panel"),
                rx.cond(gone, missing, rx.el.div(*content, class_name="stack")),
            ),
            crumbs=(("navigation.overview", "/"), *crumbs),
            title=rx.cond(
                gone,
                T("pages.not_found.title"),
                rx.cond(
                    there, T(f"{self.texts}.named" if named is None else named, number=number), T(f"{self.texts}.title")
                ),
            ),
            beside=rx.cond(there, beside, "") if beside is not None else None,
            lead=rx.cond(there, lead, "") if lead is not None else None,
            actions=(*self._actions(there, leads), *([rx.cond(there, primary)] if primary is not None else [])),
        )

    def _actions(self, there: Any, leads: Sequence[str]) -> tuple[rx.Component, ...]:
        """One menu of what can be done; on phones it has the files of the list below too."""
        to, files = self.state.leads, RelatedState.export_xlsx != ""
        entries = [
            rx.cond(
                to.contains(key),
                overlays.menu_item(
                    link(icon(_ICONS[key]), T(f"lists.actions.{key}"), to=to[key], class_name="menu-item")
                ),
            )
            for key in leads
        ]
        wide = overlays.menu(
            overlays.menu_trigger(
                T("details.choose_action"), icon("chevron-down", "sm tail"), class_name="btn desk-only"
            ),
            *entries,
            align="end",
        )
        narrow = overlays.menu(
            overlays.menu_trigger(
                icon("ellipsis", "lg"), class_name="iconbtn phone-only", aria_label=T("details.choose_action")
            ),
            *entries,
            rx.cond(files & (to.length() > 0), overlays.menu_line()),
            rx.cond(
                files,
                rx.fragment(
                    overlays.menu_head(T("lists.export")),
                    *export_items(RelatedState.export_xlsx, RelatedState.export_csv),
                ),
            ),
            align="end",
        )
        return (
            rx.cond(there & (to.length() > 0), wide),
            rx.cond(there & (files | (to.length() > 0)), narrow),
        )

    # --- facts

    def fact(
        self,
        key: str,
        value: Any = None,
        *,
        width: int = 2,
        class_name: str = "",
        optional: bool = False,
        wide: bool = False,
    ) -> rx.Component:
        """One fact by its name; a grey place for it until it is known. `value`: drawn in place of the state's text.
        `optional`: not there at all when the thing has none, else a dash stands for it. `wide`: takes a whole row."""
        text = self.state.facts[key]
        has = text != ""
        drawn = rx.cond(has, text if value is None else value, rx.el.span("–", class_name="muted"))
        fact = rx.el.div(
            rx.el.dt(T(f"{self.texts}.{key}")),
            rx.el.dd(rx.cond(self.known, drawn, bone(width)), class_name=class_name),
            class_name="wide" if wide else "",
        )
        return rx.cond(self.known & has, fact) if optional else fact

    def customer_number(self) -> rx.Component:
        """The customer number it is on; not there for those who don't see that."""
        shown = link(self.state.facts["customer_number"], to=self.state.facts["customer_number_href"])
        fact = self.fact("customer_number", shown, width=3)
        return rx.cond(~self.known | (self.state.facts["customer_number"] != ""), fact)

    def span(self) -> tuple[rx.Component, ...]:
        """Since when it is in use, and until when."""
        return (
            self.fact("opened", class_name="num"),
            self.fact("ends", class_name="num", optional=True),
            self.fact("ended", class_name="num", optional=True),
        )

    def groups_now(self) -> rx.Component:
        """The groups it is in this month; those by its customer number say so."""
        one = lambda each: rx.cond(  # noqa: E731
            each["state"] == "active",
            rx.el.li(
                GroupNames.create(names=each["name"]),
                rx.cond(
                    each["by"] == "customer_number",
                    rx.el.span(" ", T("details.membership.inherited"), class_name="muted"),
                ),
            ),
        )
        listed = rx.el.ul(rx.foreach(self.state.groups, one), class_name="grouplist")
        return rx.cond(
            ~self.known | (self.state.tabs.contains("groups")), self.fact("groups", listed, width=4, wide=True)
        )

    def facts(self, *facts: rx.Component, note: Any = None) -> rx.Component:
        """The panel of facts."""
        return panel(
            T(f"{self.texts}.facts"),
            rx.el.hr(class_name="rule"),
            rx.el.dl(*facts, class_name="facts"),
            key="facts",
            note=note,
        )

    # --- what belongs to it

    def lists(self, kind: str) -> dict[str, rx.Component]:
        """The lists of what belongs to something of that kind (key of the list that names it), as tabs; where there is
        nothing there is nothing to search in."""
        return {
            spec.key: rx.cond(
                self.state.tab_counts[spec.key] == "0",
                empty(spec.icon, T(f"{spec.texts}.none"), T(f"{spec.texts}.none_why")),
                related_list(spec),
            )
            for spec in related_to(kind)
        }

    def tabs(self, contents: Mapping[str, rx.Component]) -> rx.Component:
        """What belongs to the thing, one kind at a time; only those that the reader may open. A list under its own key
        bears the list's title, others have theirs in details.tabs."""
        state = self.state
        bar = rx.el.nav(
            *(
                rx.cond(
                    state.tabs.contains(key),
                    link(
                        T(f"{LISTS[key].texts}.title" if key in LISTS else f"details.tabs.{key}"),
                        rx.cond(
                            state.tab_counts[key] != "",
                            rx.el.span(state.tab_counts[key], class_name="n", aria_hidden="true"),
                        ),
                        to=state.tab_hrefs[key],
                        stay=True,
                        aria_current=rx.cond(state.tab == key, "page", rx.Var("undefined")),
                    ),
                )
                for key in contents
            ),
            class_name="tabs line",
            aria_label=T(f"{self.texts}.related"),
        )
        waiting = rx.el.ul(*(rx.el.li(bone(4)) for _ in range(_BONES)), class_name="rows", aria_hidden="true")
        return rx.cond(
            ~self.known,
            rx.el.section(waiting, class_name="panel", aria_hidden="true"),
            rx.cond(
                state.tabs.length() > 0,
                rx.el.section(
                    bar,
                    rx.match(state.tab, *contents.items(), rx.fragment()),
                    class_name="panel tabbed",
                    aria_label=T(f"{self.texts}.related"),
                ),
            ),
        )


@dataclass(frozen=True)
class Head:
    """A column of a small table: the last part of its text's key, what it draws of a row, and its classes.
    On phones a row folds: the first column and one of class `mark` share its first line, the others its second."""

    key: str
    draw: Callable[[Any], Any]
    class_name: str = ""
    said: bool = False
    """On phones its heading is said before its value, which alone would not tell what it is."""


def small_table(caption: Any, texts: str, rows: Any, *heads: Head) -> rx.Component:
    """A table of few rows, without pages, sorting or choosing."""
    row = lambda each: rx.el.tr(  # noqa: E731
        *(
            rx.el.td(
                head.draw(each),
                role="cell",
                class_name=head.class_name,
                custom_attrs={"data-said": T(f"{texts}.{head.key}")} if head.said else {},
            )
            for head in heads
        ),
        role="row",
    )
    return scrolled(
        caption,
        rx.el.table(
            rx.el.caption(caption, class_name="vh"),
            rx.el.thead(
                rx.el.tr(
                    *(
                        rx.el.th(
                            T(f"{texts}.{head.key}"),
                            scope="col",
                            role="columnheader",
                            class_name="r" if "r" in head.class_name.split() else "",
                        )
                        for head in heads
                    ),
                    role="row",
                ),
                role="rowgroup",
            ),
            rx.el.tbody(rx.foreach(rows, row), role="rowgroup"),
            role="table",
            class_name="table plain folds",
        ),
    )


def groups_table(rows: Any, none: str, *, of_whom: bool = False) -> rx.Component:
    """Memberships with their months (R2). `none`: the text when there are none. `of_whom`: with a column that tells
    groups of the thing's own from those by its customer number."""
    texts = "details.membership"
    by = Head("of_whom", lambda each: T(f"{texts}.by." + each["by"]), "second")
    table = small_table(
        T(f"{texts}.title"),
        texts,
        rows,
        Head("group", lambda each: GroupNames.create(names=each["name"]), "groupname"),
        *((by,) if of_whom else ()),
        Head("from", lambda each: each["from"], "num"),
        Head("to", lambda each: rx.cond(each["to"] != "", each["to"], T("pages.until_further")), "num until"),
        Head("state", lambda each: status(each["state"], f"{texts}.states"), "mark"),
    )
    return rx.cond(rows.length() == 0, empty("layers", T(none), T(f"{texts}.none_why")), table)
