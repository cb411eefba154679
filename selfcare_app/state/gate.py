"""The gate of all socket events: nothing runs that isn't marked, and nobody passes who isn't signed in right now.

`@event(Permission.x)` marks a handler. Before every event - from the socket, on_load, chained or background - the
gate looks up the handler's mark and, in the session store, who the socket belongs to; `acting()` is that actor for as
long as the event runs. Framework handlers pass for the signed-in only, by exact name; everything else is refused.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any
from urllib.parse import quote

import reflex as rx
from reflex.middleware import Middleware
from reflex.state import BaseState, StateUpdate
from reflex_base.event import Event, EventHandler
from reflex_base.registry import RegistrationContext
from sqlalchemy.exc import SQLAlchemyError

from selfcare_app.services import clock, sessions
from selfcare_app.services.access import Actor
from selfcare_app.specs.permissions import Permission
from selfcare_app.state.live import HALL

SESSION_HEADER = "x-selfcare-session"
"""Set by the outer guard from the cookie; whatever a client sends under this name is dropped there."""
SOURCE_HEADER = "x-selfcare-source"
_MARK = "selfcare_permission"

_ROOT = "reflex___state____state"
FRAMEWORK_EVENTS = frozenset(
    {
        f"{_ROOT}.hydrate",
        f"{_ROOT}.hydrate_and_load",
        f"{_ROOT}.set_is_hydrated",
        f"{_ROOT}.reflex___state____on_load_internal_state.on_load_internal",
        f"{_ROOT}.reflex___state____on_load_internal_state.set_is_hydrated",
        f"{_ROOT}.reflex___state____update_vars_internal_state.update_vars_internal",
        f"{_ROOT}.reflex___state____frontend_event_exception_state.handle_frontend_exception",
    }
)
"""The framework's own handlers that a page needs. Never setvar."""

_ON_LOAD = f"{_ROOT}.reflex___state____on_load_internal_state.on_load_internal"

_SAY_FAILED = f"{_ROOT}.selfcare_app___state___frame____frame_state.say_failed"
_actor: ContextVar[Actor] = ContextVar("actor")


class NotActingError(LookupError):
    """Code that needs an actor ran outside an event that passed the gate."""


def acting() -> Actor:
    """Who the running event is done by, as looked up when it began."""
    try:
        return _actor.get()
    except LookupError:
        raise NotActingError from None


def event(permission: Permission | None = None, **settings: Any) -> Callable[[Callable[..., Any]], Any]:
    """Make a method an event handler that the gate lets through for holders of the permission.

    None: for everyone signed in. `settings` go to rx.event.
    """

    def mark(handler: Callable[..., Any]) -> Any:
        setattr(handler, _MARK, permission)
        return rx.event(handler, **settings) if settings else rx.event(handler)

    return mark


def is_marked(handler: EventHandler) -> bool:
    """Whether the handler bears the gate's mark."""
    return hasattr(handler.fn, _MARK)


class Gate(Middleware):
    """Refuses every event that isn't marked and every socket that isn't signed in."""

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        """Let the event run (None), or answer in its place."""
        headers = state.router_data.get("headers", {})
        try:
            actor = await asyncio.to_thread(
                sessions.actor_by_ref, headers.get(SESSION_HEADER, ""), clock.now(), headers.get(SOURCE_HEADER, "")
            )
        except SQLAlchemyError:
            # The database is out of reach: nothing runs but the word that it is.
            if event.name == _SAY_FAILED:
                return None
            raise
        token = state.router_data.get("token", "")
        if actor is None or (actor.company_id is None and actor.operator_role is None):
            HALL.leave(token)
            return _leave(state)
        HALL.enter(token, actor, state.router_data)
        framework = event.name in FRAMEWORK_EVENTS
        registered = RegistrationContext.get().event_handlers.get(event.name)
        if not framework and (registered is None or not is_marked(registered.handler)):
            return StateUpdate()
        if event.name == _ON_LOAD:
            return _load_at_once(app, state)
        _actor.set(actor)
        if framework or registered is None:
            return None
        permission = getattr(registered.handler.fn, _MARK)
        if permission is not None and not actor.may(permission):
            from selfcare_app.state.frame import FrameState

            return StateUpdate(events=Event.from_event_type(FrameState.say_forbidden))
        return None


def _load_at_once(app: rx.App, state: BaseState) -> StateUpdate | None:
    """Arriving at a page within the app: what the page loads, and nothing around it.

    Reflex alone says "not ready" before and "ready" after it, each with a message, the second as an event of its own
    with its own walk through this gate. Here "ready" goes out in the same message as what was loaded.
    """
    loads = app.get_load_events(state.router.url.path) if state.is_hydrated else []
    if not loads:
        return None
    state.is_hydrated = True
    return StateUpdate(events=Event.from_event_type(loads))


def _leave(state: BaseState) -> StateUpdate:
    """Send the tab out of the app, to the sign-in page and back to where it was."""
    state.reset()
    url = state.router_data.get("asPath") or "/"
    target = url if isinstance(url, str) and url.startswith("/") and not url.startswith("/login") else "/"
    return StateUpdate(events=Event.from_event_type(rx.redirect(f"/login?next={quote(target, safe='')}")))
