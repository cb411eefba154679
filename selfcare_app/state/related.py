"""The lists under the tabs of detail pages: one state for all, which finds its list from page and tab.

`/customer-numbers/10023?tab=subscriptions&view=active&q=ek` shows the list `subscriptions` within customer number
10023: `tab` is the page's, the list's own is `view`, all else is as on a list page. Reload, back, bookmark and export
work alike. Without `tab` it is the first list that the reader may see there, in the order of `related_to`.

A detail page adds `RelatedState.load` to its own `on_load`, and draws `components.related.related_list(spec)` under
the tab named by the list's key. The spec says in `within` which pages it may stand on, and which rows belong there.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import reflex as rx

from selfcare_app.services import listing
from selfcare_app.specs.lists import ListSpec, related_to
from selfcare_app.specs.queries import Parent, Place
from selfcare_app.state.gate import acting, event
from selfcare_app.state.lists import ListState


def _opens(spec: ListSpec, kind: str) -> bool:
    within = spec.within_a(kind)
    return within is not None and within.first


class RelatedState(ListState, rx.State):
    """The list under the open tab of a detail page."""

    _shown_at: tuple[str, str] = ("", "")
    """The page and the tab that the vars are of."""

    def _place(self) -> Place | None:
        """The list that the address names: `tab` a list that may stand within what the page is about.

        As the page's own tabs do, it takes the first where the reader may not open the one that is asked for.
        """
        parts = self.router.url.path.strip("/").split("/")
        if len(parts) != 2:
            return None
        kind, number = parts
        lists = {spec.key: spec for spec in related_to(kind) if listing.opens(acting(), spec)}
        asked = self.router.url.query_parameters.get("tab", "")
        spec = lists.get(str(asked)) or next((each for each in lists.values() if _opens(each, kind)), None)
        return Place(spec, f"/{kind}/{number}", Parent(kind, unquote(number)), spec.key) if spec else None

    @event()
    async def load(self) -> Any:
        """Show the list under the page's tab; nothing of another page's or tab's is kept."""
        place = self._place()
        at = (place.route, place.tab) if place else ("", "")
        if at != self._shown_at:
            self.reset()
            self._shown_at = at
        return await self._load()

    @event()
    async def freshen(self, kinds: list[str]) -> None:
        """As any list, unless another page or tab is about to be shown."""
        place = self._place()
        if place is not None and (place.route, place.tab) == self._shown_at:
            await self._freshen(kinds)
