"""/groups/upload, /group-memberships/upload: many things at once by a file (R6)."""

from __future__ import annotations

from typing import Any

import reflex as rx

from selfcare_app.components.controls import callout, empty, icon, panel, scrolled, unless_refused
from selfcare_app.components.frame import page, page_title
from selfcare_app.components.native import FileDrop, link, plain_link
from selfcare_app.pages.page import Page
from selfcare_app.services.uploads.reading import MAX_BYTES, MOST_ROWS
from selfcare_app.specs.uploads import UPLOADS, UploadSpec
from selfcare_app.state.shown import grouped
from selfcare_app.state.texts import T
from selfcare_app.state.uploads import SHOWN
from selfcare_app.state.uploads import UploadState as State

TEXTS = "uploads.page"
_MEGABYTES = MAX_BYTES // 1_000_000


def _file(which: str, words: str, symbol: str = "download") -> rx.Component:
    """A file about this upload: saved, without leaving the page."""
    return plain_link(
        icon(symbol),
        T(f"{TEXTS}.{words}"),
        href="/uploads/" + State.kind + "/" + State.upload + f"/{which}",
        custom_attrs={"download": True},
        class_name="btn",
    )


# --- sending a file in


def _send(spec: UploadSpec, title: str, text: str) -> rx.Component:
    texts = {key: T(f"{TEXTS}.{key}") for key in ("drop", "choose", "checking", "failed", "one_file", "sending")} | {
        "name": T(f"{TEXTS}.drop_name"),
        "too_big": T(f"{TEXTS}.too_big", megabytes=_MEGABYTES),
        "limits": T(f"{TEXTS}.limits", megabytes=_MEGABYTES, rows=grouped(MOST_ROWS)),
    }
    return panel(
        T(f"{TEXTS}.{title}"),
        rx.el.div(
            rx.el.p(T(f"{TEXTS}.{text}"), class_name="second"),
            FileDrop.create(
                action=f"/uploads/{spec.key}", most=MAX_BYTES, accept=".xlsx,.csv", texts=rx.Var.create(texts)
            ),
            class_name="panel-body filed",
        ),
        key="send",
    )


def _start(spec: UploadSpec) -> rx.Component:
    template = plain_link(
        icon("file-spreadsheet"),
        T(f"{TEXTS}.template"),
        href=f"/uploads/{spec.key}/template.xlsx",
        custom_attrs={"download": True},
        class_name="btn",
    )
    return rx.el.div(
        panel(
            T(f"{TEXTS}.prepare"),
            rx.el.div(
                rx.el.p(T(f"{spec.texts}.what")),
                rx.el.p(T(f"{TEXTS}.prepare_text"), class_name="second"),
                rx.el.div(template),
                class_name="panel-body filed",
            ),
            key="prepare",
        ),
        _send(spec, "send", "send_text"),
        class_name="cols halves",
    )


# --- what a file would do


def _refusal() -> rx.Component:
    return rx.cond(State.refusal != "", callout("danger", "circle-alert", State.refusal, role="alert"))


def _progress() -> rx.Component:
    """How many rows of a large file are done, while it is checked or applied."""
    said = T(f"{TEXTS}.steps." + State.step)
    return rx.el.div(
        rx.el.p(said, role="status"),
        rx.el.progress(value=State.percent, max=100, aria_label=said),
        rx.el.p(T(f"{TEXTS}.rows_done", done=State.done, of=State.of), class_name="second"),
        class_name="counted",
    )


def _checking() -> rx.Component:
    return panel(T(f"{TEXTS}.checking_title"), rx.el.div(_progress(), class_name="panel-body filed"), key="checking")


def _head(title: Any, count: Any, *actions: rx.Component, text: Any = None, key: str, more: Any = ()) -> rx.Component:
    return panel(
        title,
        rx.el.div(
            _refusal(),
            rx.el.p(rx.el.span(State.file_name, class_name="medium break"), " · ", count, class_name="second"),
            *([rx.el.p(text)] if text is not None else []),
            *more,
            rx.cond(State.step != "", _progress()),
            rx.el.div(*actions, class_name="row"),
            class_name="panel-body filed",
        ),
        key=key,
    )


def _another(spec: UploadSpec) -> rx.Component:
    return link(T(f"{TEXTS}.another"), to=spec.route, class_name="btn")


def _discard() -> rx.Component:
    return rx.el.button(T(f"{TEXTS}.discard"), on_click=State.discard, type="button", class_name="btn quiet")


def _problem(each: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(each["row"], class_name="num"),
        rx.el.td(rx.cond(each["column"] != "", T("uploads.columns." + each["column"]), "–"), class_name="second"),
        rx.el.td(each["sentence"], class_name="wraps"),
        key=each["key"],
    )


def _heading(*keys: str) -> rx.Component:
    return rx.el.thead(rx.el.tr(*(rx.el.th(T(f"{TEXTS}.{key}"), scope="col") for key in keys)))


def _problems(spec: UploadSpec) -> rx.Component:
    table = rx.el.table(
        rx.el.caption(T(f"{TEXTS}.problems_title"), class_name="vh"),
        _heading("row", "column", "problem"),
        rx.el.tbody(rx.foreach(State.problems, _problem)),
        class_name="table plain",
    )
    count = T(f"{TEXTS}.problems", n=State.problem_count)
    return rx.el.div(
        _head(
            T(f"{TEXTS}.problems_title"),
            count,
            _file("problems", "problems_file"),
            _discard(),
            text=T(f"{TEXTS}.problems_text"),
            key="problems",
        ),
        panel(
            count,
            scrolled(T(f"{TEXTS}.problems_title"), table),
            key="problem-rows",
            more=rx.cond(
                State.problem_count > SHOWN,
                T(f"{TEXTS}.problems_more", shown=SHOWN, n=State.problem_count),
                "",
            ),
        ),
        _send(spec, "send_again", "send_text"),
        class_name="stack",
    )


def _value(column: Any, value: Any) -> rx.Component:
    none = rx.cond(column == "end", T(f"{TEXTS}.until_further"), "–")
    return rx.cond(value != "", value, none)


def _field(each: Any, outcome: Any) -> rx.Component:
    after = rx.el.ins(_value(each["column"], each["after"]))
    before = rx.el.del_(_value(each["column"], each["before"]))
    return rx.el.li(
        rx.el.span(T("uploads.columns." + each["column"]), ": ", class_name="muted"),
        rx.match(
            outcome,
            ("created", after),
            ("removed", before),
            rx.fragment(before, rx.el.span(" → ", aria_hidden="true"), after),
        ),
    )


def _change(each: Any) -> rx.Component:
    return rx.el.tr(
        rx.el.td(each["row"], class_name="num"),
        rx.el.td(each["label"], class_name="medium"),
        rx.el.td(T("uploads.outcomes." + each["outcome"])),
        rx.el.td(
            rx.el.ul(
                rx.foreach(State.fields[each["row"]], lambda field: _field(field, each["outcome"])),
                class_name="changes",
            ),
            class_name="wraps",
        ),
        key=each["row"],
    )


def _badges(texts: str) -> rx.Component:
    return rx.el.ul(
        rx.foreach(
            State.counts,
            lambda each: rx.el.li(T(f"uploads.{texts}." + each["outcome"], n=each["n"]), class_name="tag"),
        ),
        class_name="row",
    )


def _preview(spec: UploadSpec) -> rx.Component:
    table = rx.el.table(
        rx.el.caption(T(f"{TEXTS}.preview_title"), class_name="vh"),
        _heading("row", "thing", "what", "change"),
        rx.el.tbody(rx.foreach(State.changes, _change)),
        class_name="table plain",
    )
    return rx.el.div(
        _head(
            T(f"{TEXTS}.preview_title"),
            T(f"{TEXTS}.rows", n=State.rows),
            rx.el.button(
                rx.cond(State.working, T(f"{TEXTS}.applying"), T(f"{TEXTS}.apply")),
                on_click=State.apply(State.fingerprint),
                disabled=State.working,
                aria_busy=State.working,
                type="button",
                class_name="btn primary",
            ),
            _file("preview", "preview_file"),
            _another(spec),
            _discard(),
            text=T(f"{TEXTS}.preview_text"),
            key="preview",
            more=(
                _badges("counts"),
                rx.foreach(State.notes, lambda note: callout("warning", "triangle-alert", note)),
            ),
        ),
        panel(
            T(f"{TEXTS}.rows", n=State.planned),
            scrolled(T(f"{TEXTS}.preview_title"), table),
            key="preview-rows",
            more=rx.cond(State.planned > SHOWN, T(f"{TEXTS}.preview_more", shown=SHOWN, n=State.planned), ""),
        ),
        class_name="stack",
    )


def _nothing(spec: UploadSpec) -> rx.Component:
    return rx.el.section(
        empty(
            "equal",
            T(f"{TEXTS}.nothing_title"),
            T(f"{TEXTS}.nothing_text", n=State.rows),
            rx.el.div(_another(spec), _discard(), class_name="row"),
        ),
        class_name="panel",
    )


def _done(spec: UploadSpec, stage: str) -> rx.Component:
    actions = [
        rx.cond(State.own, _file("result", "result_file")),
        rx.cond(State.own, _file("original", "original_file", symbol="file")),
        _another(spec),
    ]
    sight = rx.cond(
        State.notes.length() > 0,
        rx.el.div(
            rx.el.p(T(f"{TEXTS}.undo_shown")),
            rx.foreach(State.notes, lambda note: callout("warning", "triangle-alert", note)),
            role="alert",
            class_name="stack",
        ),
    )
    if stage == "applied":
        undo = rx.el.button(
            rx.cond(State.working, T(f"{TEXTS}.undoing"), T(f"{TEXTS}.undo")),
            on_click=State.undo(State.fingerprint),
            disabled=State.working,
            aria_busy=State.working,
            type="button",
            class_name="btn",
        )
        actions.insert(0, rx.cond(State.may_undo, undo))
    return _head(
        T(f"{TEXTS}.{stage}_title"),
        rx.fragment(State.who, " · ", State.when) if stage == "applied" else State.when,
        *actions,
        text=T(f"{TEXTS}.undone_text") if stage == "undone" else None,
        more=(_badges("done"), sight) if stage == "applied" else (),
        key=stage,
    )


# --- the files before it


def _entry(each: Any) -> rx.Component:
    said = [
        rx.cond(each[outcome] != "", rx.el.li(T(f"uploads.done.{outcome}", n=each[outcome]), class_name="tag"))
        for outcome in ("created", "changed", "removed")
    ]
    return rx.el.tr(
        rx.el.td(
            link(each["file"], to=each["href"]),
            class_name="medium wraps break",
        ),
        rx.el.td(T("uploads.states." + each["state"])),
        rx.el.td(rx.el.ul(*said, class_name="row")),
        rx.el.td(each["who"], class_name="second"),
        rx.el.td(each["when"], class_name="num"),
        key=each["id"],
    )


def _history() -> rx.Component:
    table = rx.el.table(
        rx.el.caption(T(f"{TEXTS}.history"), class_name="vh"),
        _heading("file", "state", "what", "who", "when"),
        rx.el.tbody(rx.foreach(State.history, _entry)),
        class_name="table plain folds",
    )
    none = rx.el.p(T(f"{TEXTS}.history_none"), class_name="panel-body second")
    return panel(
        T(f"{TEXTS}.history"),
        rx.cond(State.history.length() > 0, scrolled(T(f"{TEXTS}.history"), table), none),
        key="history",
    )


def _missing(spec: UploadSpec) -> rx.Component:
    return rx.el.section(
        empty("file-x", T(f"{TEXTS}.missing_title"), T(f"{TEXTS}.missing_text"), _another(spec)), class_name="panel"
    )


def _draw(spec: UploadSpec) -> rx.Component:
    shown = rx.match(
        State.stage,
        ("checking", _checking()),
        ("problems", _problems(spec)),
        ("preview", _preview(spec)),
        ("nothing", _nothing(spec)),
        ("applied", _done(spec, "applied")),
        ("undone", _done(spec, "undone")),
        (
            "gone",
            rx.el.section(
                empty("file-x", T(f"{TEXTS}.missing_title"), T(f"{TEXTS}.gone"), _another(spec)), class_name="panel"
            ),
        ),
        _start(spec),
    )
    return page(
        f"{spec.texts}.title",
        f"{spec.texts}.help",
        unless_refused(State, rx.el.div(rx.cond(State.missing, _missing(spec), shown), _history(), class_name="stack")),
        crumbs=(("navigation.overview", "/"), spec.above),
    )


def _page(spec: UploadSpec) -> Page:
    return Page(
        route=spec.route,
        title=page_title(f"{spec.texts}.title"),
        draw=lambda: _draw(spec),
        on_load=State.load,
    )


PAGES: tuple[Page, ...] = tuple(_page(spec) for spec in UPLOADS.values())
