"""Where a list is on its way to: what is pressed before it has come there is added to that, and lost by nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from selfcare_app.specs.lists import ListSpec
from selfcare_app.specs.queries import ListQuery, parse

ARRIVES_WITHIN = timedelta(seconds=3)
"""After that it is given up: the answer that led there was lost with its connection."""


@dataclass(frozen=True)
class OnWay:
    """A change that was answered with a new address, at which nobody has arrived yet."""

    of: str
    """Key of the list."""
    to: ListQuery
    past: tuple[ListQuery, ...]
    """Where one may still be meanwhile; the last is where one is."""
    since: datetime
    press: int = 0
    """The last press that led there."""

    def stands(self, now: datetime) -> bool:
        """Whether it may still arrive."""
        return timedelta() <= now - self.since < ARRIVES_WITHIN

    def further(self, here: ListQuery, to: ListQuery, now: datetime, press: int = 0) -> OnWay:
        """The same to another place, asked for where one is."""
        return OnWay(self.of, to, (*self.past, self.to, here), now, max(press, self.press))

    def passing(self, here: ListQuery) -> OnWay:
        """The same, where one is now."""
        return replace(self, past=(*self.past, here))

    def with_step(self, spec: ListSpec, here: ListQuery) -> ListQuery:
        """Where it leads when a link was followed meanwhile: what that changed is changed there too."""
        was, now, to = (_said(spec, each) for each in (self.past[-1], here, self.to))
        changed = {key for key in {*was, *now} if was.get(key) != now.get(key)}
        said = {key: (now if key in changed else to).get(key, "") for key in {*to, *changed}}
        return replace(parse(spec, said), within=self.to.within)


def _said(spec: ListSpec, query: ListQuery) -> Mapping[str, str]:
    return query.changed().parameters(spec)
