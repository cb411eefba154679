"""What every list inherits from the engine, for each declared list, on both databases (house.md, Lists)."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from sqlalchemy import event

from selfcare_app.locales import catalogue, text
from selfcare_app.services import exporting, listing
from selfcare_app.services.access import Forbidden
from selfcare_app.services.database import writing
from selfcare_app.specs.lists import CUSTOMER_NUMBERS, LISTS, Cell, FilterKind, ListSpec
from selfcare_app.specs.permissions import Role
from selfcare_app.specs.queries import ListQuery, parse
from selfcare_app.state.rows import cell
from selfcare_app.state.shown import quantity
from tests import factories as make
from tests.lists import FILL, NAMES


def encoded(value: str) -> str:
    """A value as the address of a filter holds it."""
    return value.replace("%", "%25").replace(",", "%2C")


@pytest.fixture(params=list(LISTS))
def spec(request) -> ListSpec:
    return LISTS[request.param]


@pytest.fixture
def actors(database, spec):
    """A superuser of each of two companies with rows that look alike, and one who may nothing."""
    with writing() as db:
        mine, theirs = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        FILL[spec.key](db, mine, 10020)
        FILL[spec.key](db, theirs, 20020)
        return (
            make.actor(make.user(db, mine, "a@bjorko.example")),
            make.actor(make.user(db, theirs, "a@sjovik.example")),
            make.actor(make.user(db, mine, "nobody@bjorko.example", Role.CUSTOM)),
        )


def made(spec: ListSpec, users: int) -> int:
    """How many rows a company has."""
    return len(NAMES) + (users if spec.key == "users" else 0)


def everything(spec: ListSpec) -> ListQuery:
    return replace(parse(spec, {}), size=100)


def ids(page: listing.Page) -> list[int]:
    return [row.id for row in page.rows]


def test_a_list_is_refused_without_its_permission(actors, spec):
    nobody = actors[2]
    for ask in (
        lambda: listing.page(nobody, spec, everything(spec)),
        lambda: listing.export(nobody, spec, everything(spec)),
        lambda: listing.matching_ids(nobody, spec, everything(spec)),
        lambda: listing.offer(nobody, spec, everything(spec), spec.filters[0].key if spec.filters else ""),
        lambda: listing.fitting(nobody, spec, everything(spec)),
        lambda: listing.followed(nobody, spec, everything(spec), spec.actions[0].key if spec.actions else ""),
        lambda: exporting.export(nobody, spec, everything(spec), "csv"),
    ):
        with pytest.raises(Forbidden):
            ask()


def test_a_list_holds_no_row_of_another_company(actors, spec):
    mine, theirs = (listing.page(actor, spec, everything(spec)) for actor in actors[:2])
    assert len(mine.rows) == made(spec, 2)
    assert len(theirs.rows) == made(spec, 1)
    assert not set(ids(mine)) & set(ids(theirs))
    foreign = replace(everything(spec), ids=tuple(ids(theirs)))
    assert listing.page(actors[0], spec, foreign).total == 0
    assert listing.matching_ids(actors[0], spec, foreign) == []


def test_every_sortable_heading_sorts_both_ways_without_losing_a_row(actors, spec):
    unsorted = set(ids(listing.page(actors[0], spec, everything(spec))))
    for column in filter(lambda c: c.sort, spec.columns):
        up = listing.page(actors[0], spec, replace(everything(spec), sort=column.key, descending=False))
        down = listing.page(actors[0], spec, replace(everything(spec), sort=column.key, descending=True))
        assert set(ids(up)) == unsorted
        assert ids(up) == ids(down)[::-1], column.key


def test_every_choice_narrows_to_rows_that_have_it(actors, spec):
    for each in filter(lambda f: f.kind is FilterKind.CHOICE, spec.filters):
        total = 0
        for value in each.values:
            page = listing.page(actors[0], spec, everything(spec).with_filter(each.key, (value,)))
            assert all(row.values[each.key] == value for row in page.rows)
            total += page.total
        assert total == made(spec, 2), "the choices together are the whole list"


def test_what_a_filter_offers_narrows_to_rows_that_have_it(actors, spec):
    for each in filter(lambda f: f.kind in (FilterKind.DISTINCT, FilterKind.REFERENCE), spec.filters):
        whole = listing.page(actors[0], spec, everything(spec))
        assert whole.choices[each.key], "the rows have something to choose"
        for choice in whole.choices[each.key]:
            page = listing.page(actors[0], spec, parse(spec, {"size": "100", each.key: encoded(choice.value)}))
            assert page.rows
            assert {row.values[each.key] for row in page.rows} == {choice.label}
            assert len(page.rows) == sum(row.values[each.key] == choice.label for row in whole.rows)
            assert page.choices[each.key][0] == choice, "what is chosen comes first"


def test_a_value_of_another_company_is_like_one_that_does_not_exist(actors, spec):
    for each in filter(lambda f: f.kind in (FilterKind.DISTINCT, FilterKind.REFERENCE), spec.filters):
        theirs = listing.page(actors[1], spec, everything(spec)).choices[each.key]
        mine = {choice.value for choice in listing.page(actors[0], spec, everything(spec)).choices[each.key]}
        for foreign in [choice.value for choice in theirs if choice.value not in mine] + ["no-such-value"]:
            page = listing.page(actors[0], spec, everything(spec).with_filter(each.key, (foreign,)))
            assert page.total == 0
            assert foreign not in {choice.value for choice in page.choices[each.key]}
            assert not listing.offer(actors[0], spec, everything(spec), each.key, foreign).choices


def test_months_are_from_and_to_and_both_included(actors, spec):
    for each in filter(lambda f: f.kind is FilterKind.MONTHS, spec.filters):

        def found(said, key=each.key):
            return {
                row.values[key] for row in listing.page(actors[0], spec, parse(spec, {"size": "100", key: said})).rows
            }

        months = sorted(found(""))
        first, last = f"{months[0]:%Y-%m}", f"{months[2]:%Y-%m}"
        assert found(first) == {months[0]}
        assert found(f"{first}..{last}") == set(months[:3])
        assert found(f"{last}..") == set(months[2:])
        assert found(f"..{last}") == set(months[:3])
        assert found(f"{last}..{first}") == set()
        assert found("nonsense") == set(months)


def test_choices_are_searched_for_and_what_is_chosen_stays_first(actors, spec):
    for each in filter(lambda f: f.searched, spec.filters):
        offered = listing.offer(actors[0], spec, everything(spec), each.key).choices
        for choice in offered:
            found = listing.offer(actors[0], spec, everything(spec), each.key, choice.label.upper()).choices
            assert choice in found
        query = everything(spec).with_filter(each.key, (offered[-1].value,))
        assert listing.offer(actors[0], spec, query, each.key, "gives nothing").choices == [offered[-1]]


def test_the_tabs_part_the_list(actors, spec):
    page = listing.page(actors[0], spec, everything(spec))
    whole = spec.tabs[0]
    assert page.tab_counts[whole.key] == made(spec, 2)
    for tab in spec.tabs[1:]:
        assert 0 < page.tab_counts[tab.key] < made(spec, 2), (
            "a view that shows all, or nothing, shows that nothing works"
        )
    for tab in filter(lambda t: t.complement, spec.tabs):
        assert page.tab_counts[tab.key] + page.tab_counts[tab.complement] == page.tab_counts[whole.key]
    for tab in spec.tabs:
        assert listing.page(actors[0], spec, replace(everything(spec), tab=tab.key)).total == page.tab_counts[tab.key]


def test_asa_finds_asa_with_a_ring(actors, spec):
    if not spec.searched:
        assert listing.page(actors[0], spec, parse(spec, {"q": "asa"})).total == made(spec, 2), "nothing to search"
        return
    found = listing.page(actors[0], spec, replace(everything(spec), search="asa"))
    assert found.total == 1
    assert "Åsa" in str(found.rows[0].values)


@pytest.mark.parametrize(
    ("search", "found"),
    [("ÅSA lager", 1), ("lager  asa", 1), ("%", 1), ("_", 1), ("\\", 1), ("'", 1), ('"', 0), ("o'b", 1), ("xyz", 0)],
)
def test_every_word_must_be_there_and_no_character_is_special(actors, spec, search, found):
    if spec.searched:
        assert listing.page(actors[0], spec, replace(everything(spec), search=search)).total == found


def test_pages_are_the_list_cut_in_pieces(actors, spec):
    whole = ids(listing.page(actors[0], spec, everything(spec)))
    query = replace(parse(spec, {}), size=4)
    pages = [listing.page(actors[0], spec, replace(query, page=n)) for n in (1, 2, 3)]
    assert [each for page in pages for each in ids(page)] == whole
    assert pages[0].pages == 3
    beyond = listing.page(actors[0], spec, replace(query, page=99))
    assert beyond.query.page == 3
    assert ids(beyond) == ids(pages[2])


def names_of(spec: ListSpec, page: listing.Page) -> list[str]:
    """What the rows are called."""
    return [cell(spec.columns[0], row.values[spec.columns[0].key], None) for row in page.rows]


def as_in_a_file(spec: ListSpec, key: str, row: listing.Row) -> str:
    """What the screen shows for a value, with what differs in files: dash, unit, blanks between thousands."""
    column = spec.column(key)
    if column.cell in (Cell.CHOICE, Cell.STATUS):
        return text("sv", f"{column.texts}.{row.values[key]}")
    if column.cell is Cell.CODE:
        return catalogue("sv").get(f"{column.texts}.{row.values[key]}", row.values[key])
    shown = cell(column, row.values[key], row.also.get(key))
    if column.cell is Cell.PRICE:
        shown = quantity(row.values[key])
    if column.cell is Cell.MONEY:
        shown = shown.rpartition("\u00a0")[0]
    if column.cell in (Cell.MONEY, Cell.PRICE, Cell.DECIMAL, Cell.COUNT, Cell.IN_GROUP):
        shown = shown.replace("\u00a0", "").replace("\u2212", "-")
    return f"'{shown}" if column.cell is Cell.TEXT and shown.startswith(("=", "+", "-", "@")) else shown


def test_an_export_is_what_the_screen_shows(actors, spec):
    query = replace(everything(spec), sort=[c.key for c in spec.columns if c.sort][-1], descending=True)
    page = listing.page(actors[0], spec, query)
    raw = b"".join(exporting.export(actors[0], spec, query, "csv").pieces)
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == 1 + page.total
    assert len(rows[0]) == len(spec.columns)
    assert [row[0].removeprefix("'") for row in rows[1:]] == names_of(spec, page)
    for key, cells in zip((column.key for column in spec.columns), zip(*rows[1:], strict=True), strict=True):
        assert list(cells) == [as_in_a_file(spec, key, row) for row in page.rows], key
    book = openpyxl.load_workbook(io.BytesIO(b"".join(exporting.export(actors[0], spec, query, "xlsx").pieces)))
    sheet = [[cell.value for cell in row] for row in book.active.rows]
    assert sheet[0] == rows[0]
    assert [str(row[0])[: len(name)] for row, name in zip(sheet[1:], names_of(spec, page), strict=True)] == names_of(
        spec, page
    )


def test_an_export_knows_numbers_and_dates_from_text(actors, spec):
    book = openpyxl.load_workbook(
        io.BytesIO(b"".join(exporting.export(actors[0], spec, everything(spec), "xlsx").pieces))
    )
    numbers, dates = (Cell.COUNT, Cell.IN_GROUP, Cell.PRICE, Cell.DECIMAL, Cell.MONEY), (Cell.DATE, Cell.MOMENT)
    kinds = {key: {"n"} for key in numbers} | {key: {"d"} for key in dates}
    for column, cells in zip(spec.columns, zip(*list(book.active.rows)[1:], strict=True), strict=True):
        assert {cell.data_type for cell in cells if cell.value is not None} <= kinds.get(column.cell, {"s"}), column.key


def test_no_text_becomes_a_formula(database):
    with writing() as db:
        company = make.company(db)
        for at, name in enumerate(("=1+1", "+46", "-x", "@sum", "\tx", "\rx")):
            make.customer_number(db, company, str(10020 + at), name)
        me = make.actor(make.user(db, company, "a@bjorko.example"))
    rows = b"".join(exporting.export(me, CUSTOMER_NUMBERS, everything(CUSTOMER_NUMBERS), "csv").pieces)
    names = [row[1] for row in csv.reader(io.StringIO(rows.decode("utf-8-sig"), newline=""), delimiter=";")][1:]
    assert all(name.startswith("'") for name in names), names
    book = b"".join(exporting.export(me, CUSTOMER_NUMBERS, everything(CUSTOMER_NUMBERS), "xlsx").pieces)
    assert {row[1].data_type for row in list(openpyxl.load_workbook(io.BytesIO(book)).active.rows)[1:]} == {"s"}


def test_the_number_of_statements_does_not_grow_with_rows(actors, spec, database):
    counted: list[str] = []
    event.listen(database, "before_cursor_execute", lambda *args: counted.append(args[2]))
    listing.page(actors[0], spec, replace(everything(spec), size=1))
    few = len(counted)
    listing.page(actors[0], spec, everything(spec))
    assert len(counted) == 2 * few


def test_a_pasted_column_gives_those_rows_and_says_which_are_missing(actors, spec):
    if not spec.lookups:
        assert listing.page(actors[0], spec, replace(everything(spec), search="11111\n22222")).not_found == []
        return
    numbers = [row.number for row in listing.page(actors[0], spec, everything(spec)).rows[:2]]
    theirs = listing.page(actors[1], spec, everything(spec)).rows[0].number
    pasted = replace(everything(spec), search="\n".join([*numbers, theirs, "99999"]))
    page = listing.page(actors[0], spec, pasted)
    assert {row.number for row in page.rows} == set(numbers)
    assert page.not_found == [theirs, "99999"]


def test_swedish_order_whatever_the_database(database):
    with writing() as db:
        company = make.company(db)
        for at, name in enumerate(NAMES):
            make.customer_number(db, company, str(10020 + at), name)
        me = make.actor(make.user(db, company, "a@bjorko.example"))
    page = listing.page(me, CUSTOMER_NUMBERS, replace(everything(CUSTOMER_NUMBERS), sort="name"))
    assert [row.values["name"] for row in page.rows] == [
        "50 % rabatt_a", "bo 9", "Bo 10", "Café Ö", "O'Brien \\ co", "Zeta", "Åsa Lager", "ärla", "Öberg",
    ]  # fmt: skip


def test_partial_access_narrows_rows_counts_choices_and_exports(database):
    with writing() as db:
        company = make.company(db)
        FILL["customer-numbers"](db, company, 10020)
        seen = make.customer_number(db, company, "10100", "Syns")
        secret = make.group(db, company, "Avdelning", "Hemlig")
        make.member(db, secret, make.customer_number(db, company, "10101", "Hemlig"), date(2026, 1, 1))
        make.member(db, make.group(db, company, "Avdelning", "Öppen"), seen, date(2026, 1, 1))
        user = make.user(db, company, "p@bjorko.example", Role.READER, access_all=False)
        make.grant(db, user, seen)
        me = make.actor(user)
    page = listing.page(me, CUSTOMER_NUMBERS, everything(CUSTOMER_NUMBERS))
    assert [row.number for row in page.rows] == ["10100"]
    assert page.tab_counts == {"all": 1, "active": 1, "inactive": 0}
    assert [choice.label for choice in page.choices["group"]] == ["Öppen"]
    file = b"".join(exporting.export(me, CUSTOMER_NUMBERS, everything(CUSTOMER_NUMBERS), "csv").pieces).decode()
    assert "Hemlig" not in file


def test_groups_are_any_within_a_category_and_all_between_them(database):
    with writing() as db:
        company, other = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        rows = [make.customer_number(db, company, str(10020 + n)) for n in range(4)]
        economy, service = (make.group(db, company, "Avdelning", n) for n in ("Ekonomi", "Service"))
        north = make.group(db, company, "Region", "Norr")
        foreign = make.group(db, other, "Avdelning", "Ekonomi")
        for row, group, start, end in (
            (rows[0], economy, date(2026, 1, 1), None),
            (rows[0], north, date(2026, 1, 1), None),
            (rows[1], service, date(2026, 1, 1), None),
            (rows[2], north, date(2026, 1, 1), None),
            (rows[3], economy, date(2026, 1, 1), date(2026, 10, 1)),
        ):
            make.member(db, group, row, start, end)
        me = make.actor(make.user(db, company, "a@bjorko.example"))

    def found(*groups, month=None):
        query = everything(CUSTOMER_NUMBERS).with_filter("group", tuple(str(g.id) for g in groups))
        return [r.number for r in listing.page(me, CUSTOMER_NUMBERS, replace(query, month=month)).rows]

    assert found(economy) == ["10020"]
    assert found(economy, service) == ["10020", "10021"]
    assert found(economy, service, north) == ["10020"]
    assert found(economy, month=date(2026, 10, 1)) == ["10020", "10023"]
    assert found(foreign) == []
    assert found(economy, foreign) == []


def test_groups_are_hidden_from_those_who_may_not_read_them(database):
    with writing() as db:
        company = make.company(db)
        row = make.customer_number(db, company, "10023")
        group = make.group(db, company, "Avdelning", "Ekonomi")
        make.member(db, group, row, date(2026, 1, 1))
        user = make.user(db, company, "c@bjorko.example", Role.CUSTOM, permissions=["customer_numbers.read"])
        me = make.actor(user)
    page = listing.page(me, CUSTOMER_NUMBERS, everything(CUSTOMER_NUMBERS).with_filter("group", ("999",)))
    assert page.total == 1, "a filter one may not use counts for nothing"
    assert "group" not in page.choices
    assert "groups" not in page.rows[0].values
    assert (
        "Ekonomi"
        not in b"".join(exporting.export(me, CUSTOMER_NUMBERS, everything(CUSTOMER_NUMBERS), "csv").pieces).decode()
    )


def test_however_many_words_or_groups_an_address_names_it_is_answered(actors, spec):
    if not spec.searched:
        return
    assert listing.page(actors[0], spec, replace(everything(spec), search="a " * 3000)).total > 0
    different = " ".join(f"x{n}" for n in range(3000))
    assert listing.page(actors[0], spec, replace(everything(spec), search=different)).total == 0
    for each in filter(lambda f: f.kind is FilterKind.GROUPS, spec.filters):
        many = parse(spec, {each.key: ",".join(map(str, range(1, 3000)))})
        assert listing.page(actors[0], spec, many).total == 0


def test_case_counts_for_nothing_in_any_filter_or_search(database):
    with writing() as db:
        company = make.company(db)
        for number in ("K1", "k2", "10023"):
            make.customer_number(db, company, number)
        me = make.actor(make.user(db, company, "a@bjorko.example"))

    def found(**parameters):
        return {row.number for row in listing.page(me, CUSTOMER_NUMBERS, parse(CUSTOMER_NUMBERS, parameters)).rows}

    assert found(number="K") == found(number="k") == {"K1", "k2"}
    assert found(q="K1") == found(q="k1") == {"K1"}
    assert found(q="K1\nk2") == {"K1", "k2"}, "numbers with letters are a column too"
    assert found(q="K1, nothing") == set()


def test_rows_named_by_nonsense_are_no_rows_and_not_all(actors, spec):
    assert listing.page(actors[0], spec, parse(spec, {"id": "0,-1,x"})).total == 0


def test_subscriptions_are_not_counted_for_those_who_may_not_read_them(database):
    with writing() as db:
        company = make.company(db)
        make.subscription(db, make.customer_number(db, company, "10023"), "S1")
        user = make.user(db, company, "c@bjorko.example", Role.CUSTOM, permissions=["customer_numbers.read"])
        me = make.actor(user)
    page = listing.page(me, CUSTOMER_NUMBERS, parse(CUSTOMER_NUMBERS, {"sort": "subscriptions"}))
    assert "subscriptions" not in page.rows[0].values
    assert page.query.sort == CUSTOMER_NUMBERS.default_sort, "what one may not see one may not sort by either"
