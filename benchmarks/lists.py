"""A page of a list, server side: rows, counts, what filters offer, scope; beside plain SQL, Django admin, datasette."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from benchmarks import peers
from benchmarks.measuring import BOTH, P50, P95, SQLITE, Beside, Figures, Must, Work, repeated
from benchmarks.places import Place
from selfcare_app.services import listing
from selfcare_app.services.access import Actor
from selfcare_app.specs.lists import CUSTOMER_NUMBERS, INVOICES, SUBSCRIPTIONS, ListSpec
from selfcare_app.specs.queries import ListQuery, parse

ROWS = 50
SHORT = 3
"""Letters from which on an index finds what contains them; fewer are looked for in every row."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a list, in the words of each that is measured."""

    name: str
    what: str
    spec: ListSpec
    address: Mapping[str, str] = field(default_factory=dict)
    """Of the portal's own page."""
    where: str = "true"
    """Plain SQL's condition, besides the company."""
    order: str = ""
    search: str = ""
    admin: Mapping[str, str] | None = None
    """Of Django admin's page; None: it can't be asked."""
    datasette: Mapping[str, str] | None = None
    depth: float = 0
    """How much of the list lies before the page."""
    turned: bool = False
    """From the page before, which was shown: nothing is counted again."""
    who: str = "superuser"

    def work(self) -> Work:
        """The line of the table."""
        both = [
            Beside(what, lambda place, page=page, said=said: peers.pages(place, page, self.page_of(said, place)))
            for what, page, said in (
                ("Django admin", "django_admin.py", self.admin),
                ("datasette", "datasette_pages.py", self.datasette),
            )
            if said is not None
        ]
        return Work(
            name=f"lists.{self.name}",
            what=self.what,
            measure=self.measure,
            must=(Must(P50, 10), Must(P95, 25)),
            floor=Beside("plain SQL: rows and count", self.plain, BOTH),
            peers=tuple(both),
        )

    def measure(self, place: Place) -> Figures:
        """The service's answer to one event."""
        actor = place.actor(self.who)
        query = parse(self.spec, self.said(place))
        narrowed, beside = self.shown_before(actor, query) if self.turned else (None, None)

        def ask() -> listing.Page:
            return listing.page(actor, self.spec, query, narrowed, beside=beside)

        if not (rows := ask().rows) or len(rows) > ROWS:
            raise AssertionError(f"{self.name}: {len(rows)} rows are no page to measure by")
        return repeated(ask, place.size.runs)

    def shown_before(self, actor: Actor, query: ListQuery) -> tuple[listing.Narrowed, listing.Beside | None]:
        """What a screen knows of the page before: the next one is read from there."""
        page = listing.page(actor, self.spec, replace(query, page=max(1, query.page - 1)))
        return page.narrowed, page.ends and listing.Beside(page.ends[1], after=True)

    def said(self, place: Place) -> dict[str, str]:
        """The portal's own query string, by name."""
        said = {"size": str(ROWS), **self.address}
        if self.search:
            said["q"] = self.search
        if said.get("group") == "two":
            said["group"] = ",".join(map(str, place.groups))
        return {**said, "page": str(1 + self.skipped(place) // ROWS)}

    def skipped(self, place: Place) -> int:
        """How many rows lie before the page."""
        return int(place.size.company // ROWS * self.depth) * ROWS

    def plain(self, place: Place) -> Figures:
        """The rows and how many there are, by a person who writes SQL."""
        company, _ = place.companies
        table = self.spec.model.__tablename__
        condition = f"company_id = {company} AND {self.where.format(company=company)} AND {self.found(place, table)}"
        order = self.order or "number_sort"
        rows = f"SELECT * FROM {table} WHERE {condition} ORDER BY {order}, id LIMIT {ROWS} OFFSET {self.skipped(place)}"
        count = f"SELECT count(*) FROM {table} WHERE {condition}"
        statements = [rows] if self.turned else [rows, count]
        with place.plain() as driver:
            return repeated(lambda: [driver.execute(each).fetchall() for each in statements], place.size.runs)

    def found(self, place: Place, table: str) -> str:
        """The condition that the row contains each word."""
        words = self.search.split()
        if place.database == SQLITE and words and all(len(word) >= SHORT for word in words):
            match = " AND ".join(f'"{word}"' for word in words)
            return f"id IN (SELECT rowid FROM {table}_search WHERE {table}_search MATCH '{match}')"
        return " AND ".join(f"search_key LIKE '%{word}%'" for word in words) or "true"

    def page_of(self, said: Mapping[str, str], place: Place) -> str:
        """The address of a peer's page, from its table on."""
        numbers = {
            "company": place.companies[0],
            "page": 1 + self.skipped(place) // ROWS,
            "skipped": self.skipped(place),
        }
        query: dict[str, Any] = {name: value.format(**numbers) for name, value in said.items()}
        return f"{self.spec.model.__tablename__}?{urlencode(query)}"


_BY_LABEL = {"_sort": "label_sort", "company_id": "{company}"}
_BY_NUMBER = {"_sort": "number_sort", "company_id": "{company}"}
ASKED = (
    Asked("first", "subscriptions: first page", SUBSCRIPTIONS, order="label_sort", admin={}, datasette=_BY_LABEL),
    Asked(
        "filter",
        "subscriptions: of one type, by person",
        SUBSCRIPTIONS,
        {"type": "mobile", "sort": "person"},
        where="type = 'mobile'",
        order="person_sort",
        admin={"type__exact": "mobile", "o": "2"},
        datasette={"company_id": "{company}", "type": "mobile", "_sort": "person_sort"},
    ),
    Asked(
        "tab",
        "subscriptions: those in use, by price plan downwards",
        SUBSCRIPTIONS,
        {"tab": "active", "sort": "-price_plan"},
        where="(ended IS NULL OR ended > CURRENT_DATE)",
        order="price_plan_sort DESC",
    ),
    Asked(
        "groups",
        "subscriptions: in one of two groups",
        SUBSCRIPTIONS,
        {"group": "two"},
        order="label_sort",
    ),
    Asked(
        "deep",
        "subscriptions: the next page, far down",
        SUBSCRIPTIONS,
        order="label_sort",
        admin={"p": "{page}"},
        depth=0.98,
        turned=True,
    ),
    Asked(
        "jump",
        "subscriptions: a page in the middle, by its number",
        SUBSCRIPTIONS,
        order="label_sort",
        admin={"p": "{page}"},
        depth=0.5,
    ),
    Asked(
        "search-3",
        "subscriptions: contain ber (3 letters)",
        SUBSCRIPTIONS,
        order="label_sort",
        search="ber",
        admin={"q": "ber"},
        datasette={**_BY_LABEL, "_search": "ber"},
    ),
    Asked(
        "search-words",
        "subscriptions: contain karin and 08",
        SUBSCRIPTIONS,
        order="label_sort",
        search="karin 08",
        admin={"q": "karin 08"},
        datasette={**_BY_LABEL, "_search": "karin 08"},
    ),
    Asked(
        "search-2",
        "subscriptions: contain ek (2 letters)",
        SUBSCRIPTIONS,
        order="label_sort",
        search="ek",
        admin={"q": "ek"},
        datasette={**_BY_LABEL, "search_key__contains": "ek"},
    ),
    Asked(
        "part",
        "customer numbers: those of a user who sees three",
        CUSTOMER_NUMBERS,
        where="id IN (SELECT customer_number_id FROM access_grant WHERE user_id ="
        " (SELECT min(user_id) FROM access_grant WHERE company_id = {company}))",
        who="partial",
    ),
    Asked("numbers", "customer numbers: first page", CUSTOMER_NUMBERS, admin={}, datasette=_BY_NUMBER),
    Asked(
        "numbers-filter",
        "customer numbers: of one type, by name",
        CUSTOMER_NUMBERS,
        {"type": "mobile", "sort": "name"},
        where="type = 'mobile'",
        order="name_sort",
        admin={"type__exact": "mobile", "o": "2"},
        datasette={"company_id": "{company}", "type": "mobile", "_sort": "name_sort"},
    ),
    Asked(
        "numbers-search",
        "customer numbers: contain umea",
        CUSTOMER_NUMBERS,
        search="umea",
        admin={"q": "ume"},
        datasette={**_BY_NUMBER, "_search": "umea"},
    ),
    Asked(
        "numbers-deep",
        "customer numbers: the next page, far down",
        CUSTOMER_NUMBERS,
        admin={"p": "{page}"},
        depth=0.98,
        turned=True,
    ),
    Asked(
        "invoices",
        "invoices: unpaid, by due date",
        INVOICES,
        {"tab": "unpaid", "sort": "due"},
        where="kind = 'invoice' AND paid + credited < payable",
        order="due",
    ),
)
WORKS = tuple(asked.work() for asked in ASKED)
