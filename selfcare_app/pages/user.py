"""/users/[asked]: one user, a tab for each kind of thing there is to see and change (U2-U5).

A tab is a line in specs/user_tabs.py and a module in components that draws it; what it loads beside the page's own is
added to EDITED or SHOWN here.
"""

from __future__ import annotations

from collections.abc import Callable

import reflex as rx

from selfcare_app.components import user_access, user_audit, user_permissions, user_profile, user_sees, user_sessions
from selfcare_app.components.controls import status
from selfcare_app.components.details import Detail
from selfcare_app.components.frame import page_title
from selfcare_app.components.user_doings import doing_dialog, doing_menu
from selfcare_app.pages.not_found import missing
from selfcare_app.pages.page import Page
from selfcare_app.specs.lists import USERS
from selfcare_app.specs.user_tabs import USER_TABS
from selfcare_app.state.related import RelatedState
from selfcare_app.state.texts import T
from selfcare_app.state.user import UserState as State
from selfcare_app.state.user_access import UserAccessState
from selfcare_app.state.user_permissions import UserPermissionsState
from selfcare_app.state.user_profile import UserProfileState
from selfcare_app.state.user_sees import UserSeesState
from selfcare_app.state.user_sessions import UserSessionsState

TEXTS = "details.user"
DRAWN: dict[str, Callable[[Detail], rx.Component]] = {
    "profile": user_profile.draw,
    "permissions": user_permissions.draw,
    "access": user_access.draw,
    "sees": user_sees.draw,
    "sessions": user_sessions.draw,
    "audit": user_audit.draw,
}

EDITED = (UserProfileState, UserPermissionsState, UserAccessState)
SHOWN = (UserSeesState, UserSessionsState, RelatedState)
"""The states of the tabs. Each fills its tab when that is the open one."""


def draw() -> rx.Component:
    """The page."""
    detail = Detail(State, TEXTS)
    return detail.page(
        detail.tabs({tab.key: DRAWN[tab.key](detail) for tab in USER_TABS}),
        doing_dialog(),
        crumbs=((f"{USERS.texts}.title", USERS.route),),
        missing=missing(),
        number=State.facts["name"],
        primary=doing_menu(),
        beside=status(State.facts["status"], "lists.user_status"),
        lead=rx.el.span(T("permissions.role." + State.facts["role"]), " · ", State.facts["email"]),
    )


PAGE = Page(
    route=f"{USERS.route}/[asked]",
    title=page_title(f"{TEXTS}.title"),
    draw=draw,
    on_load=[State.load, *(each.load for each in (*EDITED, *SHOWN))],
    on_rights=[State.load, *(each.redraw for each in EDITED), *(each.load for each in SHOWN)],
    on_news=[State.freshen, UserSessionsState.freshen, RelatedState.freshen],
)
