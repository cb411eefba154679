"""CSV of columns in chunks: each cell as it is, whatever equals it."""

from datetime import date
from decimal import Decimal

from selfcare_app.services.spreadsheets import csv_chunks


def test_what_is_equal_but_written_otherwise_keeps_its_writing_over_chunks():
    amounts = [[Decimal("1.5"), Decimal("1.50"), None], ["=1", "a;b", "=1"], [date(2026, 1, 2), None, date(2026, 1, 2)]]
    pieces = list(csv_chunks(["Belopp", "Text", "Dag"], [amounts, [[None], ["+46"], [None]], [[-1], [""], [None]]]))
    assert len(pieces) == 3
    assert b"".join(pieces).decode("utf-8-sig").split("\r\n") == [
        "Belopp;Text;Dag",
        "1,5;'=1;2026-01-02",
        '1,50;"a;b";',
        ";'=1;2026-01-02",
        ";'+46;",
        "-1;;",
        "",
    ]
