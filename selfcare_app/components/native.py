"""Elements Reflex has no component for: links in the portal, native forms, and the React parts in assets/parts.js."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.constants.compiler import MemoizationMode
from reflex_base.event import no_args_event_spec
from reflex_components_core.el.elements.base import BaseHTML

PARTS = "$/public/parts.js"
MENU_LIBRARY = "@radix-ui/react-dropdown-menu@2.2.1"


class PageLink(BaseHTML):
    """A link to a page of the portal."""

    library = PARTS
    tag = "PageLink"

    href: rx.Var[str]


def link(*children: Any, to: Any, stay: bool = False, sets: Any = "", **props: Any) -> rx.Component:
    """A real link to a page of the portal, opened without a reload. `stay`: the page keeps its scroll position.

    `sets`: the parameters of a list's address that it is about. Pressed while the list is on its way to something
    else, it changes these and leaves the others as they will be.
    """
    own = {**({"data-stay": True} if stay else {}), **({"data-sets": sets} if str(sets) else {})}
    if own:
        props["custom_attrs"] = {**own, **props.get("custom_attrs", {})}
    return PageLink.create(*children, href=to, **props)


class RowMenu(BaseHTML):
    """The menu of a row: a mere button until it is first pressed; its children are the entries."""

    library = PARTS
    tag = "RowMenu"
    lib_dependencies: list[str] = [MENU_LIBRARY]


class PlainLink(BaseHTML):
    """A link the browser itself follows: to a file, to a page of the server's, within the page."""

    tag = "a"

    href: rx.Var[str]


def plain_link(*children: Any, href: Any, **props: Any) -> rx.Component:
    """A link the browser itself follows; Reflex's own hands it to the app."""
    return PlainLink.create(*children, href=href, **props)


class NativeForm(BaseHTML):
    """A form the browser itself sends; Reflex's own takes every submission over."""

    tag = "form"

    action: rx.Var[str]
    method: rx.Var[str]


def native_form(*children: Any, **props: Any) -> rx.Component:
    """A form the browser itself sends."""
    return NativeForm.create(*children, **props)


class FollowingInput(BaseHTML):
    """An input one types in freely while its value also follows the address."""

    library = PARTS
    tag = "FollowingInput"

    value: rx.Var[str]
    type: rx.Var[str]
    name: rx.Var[str]
    placeholder: rx.Var[str]
    auto_complete: rx.Var[str]
    max_length: rx.Var[int]

    on_change: rx.EventHandler[rx.event.input_event]


def _press(checked: rx.Var[bool], number: rx.Var[int]) -> tuple[rx.Var[bool], rx.Var[int]]:
    """Whether it is checked now, and the number of the press."""
    return checked, number


class Press(BaseHTML):
    """A radio button or tick box that shows at once what was pressed, and what the state says once that has answered:
    its state is a `Pressed`. A tick box may be half ticked, `some`."""

    library = PARTS
    tag = "Press"

    type: rx.Var[str]
    name: rx.Var[str]
    value: rx.Var[str]
    checked: rx.Var[bool]
    some: rx.Var[bool]
    answered: rx.Var[int]
    answers: rx.Var[str]
    """In place of `answered`: the name of the `Answered` that tells."""
    disabled: rx.Var[bool]

    on_change: rx.EventHandler[_press]


class Answered(rx.Component):
    """Tells each Press that waits for the state of this name which press was dealt with: for those that are too many
    to be drawn anew for it."""

    library = PARTS
    tag = "Answered"

    of: rx.Var[str]
    answered: rx.Var[int]


class GroupNames(rx.Component):
    """Category:Group, … with the category lighter."""

    library = PARTS
    tag = "GroupNames"

    names: rx.Var[str]


class DocumentFrame(rx.Component):
    """Language and title of the document, focus after a change of page."""

    library = PARTS
    tag = "DocumentFrame"

    ready: rx.Var[bool]
    language: rx.Var[str]
    title: rx.Var[str]


class Settled(rx.Component):
    """What a link in the same list dimmed when it was pressed is bright again with each new `of`."""

    library = PARTS
    tag = "Settled"

    of: rx.Var[int]


class Expiry(rx.Component):
    """Fires once after some seconds, anew for each `of`."""

    library = PARTS
    tag = "Expiry"

    of: rx.Var[str]
    seconds: rx.Var[int]

    on_expire: rx.EventHandler[no_args_event_spec]


class Copyable(rx.Component):
    """A name and its value in a list of such, with a button that copies it."""

    library = PARTS
    tag = "Copyable"

    name: rx.Var[str]
    value: rx.Var[str]
    copy: rx.Var[str]
    """What is copied, where it isn't what is shown."""
    texts: rx.Var[dict[str, str]]


class Secrets(rx.Component):
    """Shows SIM and PUK of the subscription `of` at a press, for some seconds. They never pass through any state."""

    library = PARTS
    tag = "Secrets"

    of: rx.Var[str]
    seconds: rx.Var[int]
    texts: rx.Var[dict[str, str]]


class FileDrop(rx.Component):
    """A place for a file, sent at once to `action` with progress; the answer leads to the file's page."""

    library = PARTS
    tag = "FileDrop"

    action: rx.Var[str]
    most: rx.Var[int]
    """Bytes."""
    accept: rx.Var[str]
    texts: rx.Var[dict[str, str]]


class LoadFully(rx.Component):
    """Leaves the app for the server's own page at this address."""

    library = PARTS
    tag = "LoadFully"


WHOLE = MemoizationMode(recursive=False)
"""For a component that hands its props to its child (Radix' asChild): both must be drawn as one."""


class WithoutNetwork(rx.Component):
    """Its content while the browser has no network, or the connection is `lost` as far as the app knows."""

    library = PARTS
    tag = "WithoutNetwork"

    lost: rx.Var[bool]
