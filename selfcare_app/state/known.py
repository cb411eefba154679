"""What a tab knows of the list it shows: of the next page it then asks for less. Never its rows, which are asked for
each time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from selfcare_app.services.access import Actor
from selfcare_app.services.listing import Beside, Mark, Narrowed, Offer, Page
from selfcare_app.specs.queries import ListQuery, Place
from selfcare_app.state import rows

STANDS = timedelta(seconds=10)
"""How long a total and what filters offer may be shown that were asked for before."""


@dataclass(frozen=True, slots=True)
class Known:
    """Of the page that was shown last: for what and whom, and when."""

    asked: ListQuery
    filters: tuple[object, ...]
    choices: tuple[object, ...]
    order: tuple[object, ...]
    narrowed: Narrowed
    counted_at: datetime
    offered_at: datetime
    page: int
    ends: tuple[Mark, Mark] | None

    def counts(self, place: Place, query: ListQuery, actor: Actor) -> Narrowed | None:
        """What was counted for the same filters: paging and sorting ask only for their rows. The same address asked
        for again is counted anew: an old count may hide a row."""
        if query == self.asked or not _stands(self.counted_at, actor):
            return None
        return self.narrowed if self.filters == rows.same_filters(place, query, actor) else None

    def offers(self, place: Place, query: ListQuery, actor: Actor) -> dict[str, Offer] | None:
        """What filters offered where the same was chosen in them: typing doesn't change it."""
        if query == self.asked or not _stands(self.offered_at, actor):
            return None
        return self.narrowed.offers if self.choices == rows.same_choices(place, query, actor) else None

    def beside(self, place: Place, query: ListQuery, actor: Actor) -> Beside | None:
        """From which row on the screen the page asked for is next or previous; None: it is neither."""
        if self.ends is None or abs(query.page - self.page) != 1 or self.order != rows.same_order(place, query, actor):
            return None
        first, last = self.ends
        return Beside(last, after=True) if query.page > self.page else Beside(first, after=False)


def known(place: Place, asked: ListQuery, actor: Actor, page: Page, before: Known | None) -> Known:
    """What the page tells, some of which it may have from the one before."""
    same = before.narrowed if before else None
    offered = before is not None and page.narrowed.offers is before.narrowed.offers
    return Known(
        asked=asked,
        filters=rows.same_filters(place, asked, actor),
        choices=rows.same_choices(place, asked, actor),
        order=rows.same_order(place, page.query, actor),
        narrowed=page.narrowed,
        counted_at=before.counted_at if before and page.narrowed is same else actor.at,
        offered_at=before.offered_at if before and offered else actor.at,
        page=page.query.page,
        ends=page.ends,
    )


def _stands(since: datetime, actor: Actor) -> bool:
    return timedelta() <= actor.at - since < STANDS
