"""What opens over the page: menus, popovers, sheets. Radix brings keyboard and focus, our classes the look."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.event import no_args_event_spec, passthrough_event_spec

from selfcare_app.components.native import MENU_LIBRARY, WHOLE

_CLOSE_TO_TRIGGER = 6
"""Pixels between a trigger and what it opens."""


class _Menu(rx.Component):
    library = MENU_LIBRARY


class MenuRoot(_Menu):
    """Holds a menu's trigger and content."""

    tag = "Root"
    alias = "MenuRoot"
    modal: rx.Var[bool]


class MenuTrigger(_Menu):
    """The button that opens a menu."""

    tag = "Trigger"
    alias = "MenuTrigger"


class MenuContent(_Menu):
    """The menu itself."""

    tag = "Content"
    alias = "MenuContent"
    align: rx.Var[str]
    side: rx.Var[str]
    side_offset: rx.Var[int]
    collision_padding: rx.Var[int]


class MenuItem(_Menu):
    """An entry; with `as_child` its one child, a link or a submit button, is the entry."""

    tag = "Item"
    alias = "MenuItem"
    as_child: rx.Var[bool]
    on_select: rx.EventHandler[no_args_event_spec]
    _memoization_mode = WHOLE


class MenuCheck(_Menu):
    """An entry that can be ticked."""

    tag = "CheckboxItem"
    alias = "MenuCheck"
    checked: rx.Var[bool]
    on_select: rx.EventHandler[no_args_event_spec]
    on_checked_change: rx.EventHandler[passthrough_event_spec(bool)]


class MenuMark(_Menu):
    """The tick of a ticked entry."""

    tag = "ItemIndicator"
    alias = "MenuMark"


class MenuLine(_Menu):
    """A line between entries."""

    tag = "Separator"
    alias = "MenuLine"


class MenuHead(_Menu):
    """A heading over entries."""

    tag = "Label"
    alias = "MenuHead"


class _Popover(rx.Component):
    library = "@radix-ui/react-popover@1.3.1"


class PopoverRoot(_Popover):
    """Holds a popover's trigger and content."""

    tag = "Root"
    alias = "PopoverRoot"


class PopoverTrigger(_Popover):
    """The button that opens a popover."""

    tag = "Trigger"
    alias = "PopoverTrigger"


class PopoverPortal(_Popover):
    """Puts a popover at the end of the document."""

    tag = "Portal"
    alias = "PopoverPortal"


class PopoverContent(_Popover):
    """The popover itself."""

    tag = "Content"
    alias = "PopoverContent"
    align: rx.Var[str]
    side_offset: rx.Var[int]
    collision_padding: rx.Var[int]


class _Dialog(rx.Component):
    library = "@radix-ui/react-dialog@1.3.1"


class DialogRoot(_Dialog):
    """Holds a sheet's or a dialog's trigger and content. Without a trigger, `open` says whether it is there."""

    tag = "Root"
    alias = "DialogRoot"
    open: rx.Var[bool]
    on_open_change: rx.EventHandler[passthrough_event_spec(bool)]


class DialogTrigger(_Dialog):
    """The button that opens a sheet."""

    tag = "Trigger"
    alias = "DialogTrigger"


class DialogPortal(_Dialog):
    """Puts a sheet at the end of the document."""

    tag = "Portal"
    alias = "DialogPortal"


class DialogOverlay(_Dialog):
    """The veil over the page."""

    tag = "Overlay"
    alias = "DialogOverlay"


class DialogContent(_Dialog):
    """The sheet itself; keeps the focus until it is closed."""

    tag = "Content"
    alias = "DialogContent"


class DialogTitle(_Dialog):
    """Names the sheet."""

    tag = "Title"
    alias = "DialogTitle"


class DialogClose(_Dialog):
    """Closes the sheet; with `as_child` its one child does."""

    tag = "Close"
    alias = "DialogClose"
    as_child: rx.Var[bool]
    _memoization_mode = WHOLE


def menu(trigger: rx.Component, *entries: Any, align: str = "start", label: Any = None) -> rx.Component:
    """A menu opened by the trigger; its content exists only while it is open.

    It stays where its trigger is, not at the end of the document, so that it belongs to the same landmark.
    """
    named = {"aria_label": label} if label is not None else {}
    return MenuRoot.create(
        trigger,
        MenuContent.create(
            *entries,
            class_name="menu",
            align=align,
            side_offset=_CLOSE_TO_TRIGGER,
            collision_padding=8,
            **named,
        ),
        modal=False,
    )


def menu_trigger(*children: Any, **props: Any) -> rx.Component:
    """The button that opens a menu."""
    return MenuTrigger.create(*children, **props)


def menu_item(child: rx.Component) -> rx.Component:
    """An entry that is a link or a button of its own."""
    return MenuItem.create(child, as_child=True)


def menu_submit(child: rx.Component) -> rx.Component:
    """An entry that sends a form: the menu stays, or the form would be gone before it is sent."""
    return MenuItem.create(child, as_child=True, on_select=rx.prevent_default)


def menu_check(label: Any, checked: Any, on_change: Any) -> rx.Component:
    """An entry that can be ticked; the menu stays open."""
    return MenuCheck.create(
        label,
        MenuMark.create(rx.icon("check"), class_name="end"),
        checked=checked,
        on_checked_change=on_change,
        on_select=rx.prevent_default,
        class_name="menu-item",
    )


def menu_line() -> rx.Component:
    """A line between entries."""
    return MenuLine.create(class_name="menu-line")


def menu_head(label: Any) -> rx.Component:
    """A heading over entries."""
    return MenuHead.create(label, class_name="menu-head")


def popover(
    trigger: rx.Component, *content: Any, label: Any, class_name: str = "", align: str = "start"
) -> rx.Component:
    """A small panel opened by the trigger."""
    return PopoverRoot.create(
        trigger,
        PopoverPortal.create(
            PopoverContent.create(
                *content,
                class_name=f"menu popover {class_name}".strip(),
                align=align,
                side_offset=_CLOSE_TO_TRIGGER,
                collision_padding=8,
                aria_label=label,
            )
        ),
    )


def popover_trigger(*children: Any, **props: Any) -> rx.Component:
    """The button that opens a popover."""
    return PopoverTrigger.create(*children, **props)


def sheet(
    trigger: rx.Component, title: Any, close: Any, *content: Any, side: str, foot: tuple[Any, ...] = ()
) -> rx.Component:
    """A sheet over a phone's page, from the left or the bottom. `close` names its ✕."""
    return DialogRoot.create(
        trigger,
        DialogPortal.create(
            DialogOverlay.create(class_name="scrim"),
            DialogContent.create(
                rx.el.div(
                    DialogTitle.create(title),
                    DialogClose.create(rx.icon("x", class_name="lg"), class_name="iconbtn", aria_label=close),
                    class_name="sheet-head",
                ),
                rx.el.div(*content, class_name="sheet-body"),
                *([rx.el.div(*foot, class_name="sheet-foot")] if foot else []),
                class_name=f"sheet {side}",
                custom_attrs={"aria-describedby": rx.Var("undefined")},
            ),
        ),
    )


def dialog(title: Any, close: Any, *content: Any, trigger: Any = None, wide: bool = False, **root: Any) -> rx.Component:
    """A dialog in the middle of the page, on phones over all of it. `close` names its ✕. It is opened by its trigger,
    or by `open` of the state, which then is told by `on_open_change`."""
    return DialogRoot.create(
        *([trigger] if trigger is not None else []),
        DialogPortal.create(
            DialogOverlay.create(class_name="scrim"),
            DialogContent.create(
                rx.el.div(
                    DialogTitle.create(title),
                    DialogClose.create(rx.icon("x", class_name="lg"), class_name="iconbtn", aria_label=close),
                    class_name="dialog-head",
                ),
                rx.el.div(*content, class_name="dialog-body"),
                class_name="dialog wide" if wide else "dialog",
                custom_attrs={"aria-describedby": rx.Var("undefined")},
            ),
        ),
        **root,
    )


def sheet_trigger(*children: Any, **props: Any) -> rx.Component:
    """The button that opens a sheet."""
    return DialogTrigger.create(*children, **props)


def sheet_close(child: rx.Component) -> rx.Component:
    """A link or button that closes the sheet when pressed."""
    return DialogClose.create(child, as_child=True)
