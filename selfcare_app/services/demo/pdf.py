"""The demo operator's own PDF of an invoice: the original that some invoices carry, on one page."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from selfcare_app.services.demo import bankgiro
from selfcare_app.services.demo.billing import VAT_PERCENT, Bill, Item
from selfcare_app.services.demo.offer import SELLER
from selfcare_app.services.demo.ubl import address_parts
from selfcare_app.specs.invoices import CostType

_PLAIN, _BOLD = "Helvetica", "Helvetica-Bold"
_LEFT, _RIGHT = 20 * mm, A4[0] - 20 * mm
_MIDDLE = 112 * mm
_AMOUNT_AT, _COUNT_AT = _RIGHT, _RIGHT - 32 * mm
_TABLE_TOP = A4[1] - 100 * mm
_TABLE_BOTTOM = 92 * mm
_ROW_HEIGHT = 5.2 * mm
_GREY, _PALE, _BLACK = 0.38, 0.82, 0.1


def original(bill: Bill) -> bytes:
    """The invoice on one page: lines of one kind together, for the specification is in the portal."""
    buffer = io.BytesIO()
    # Invariant: the same bytes for the same invoice, without the moment it was made.
    page = Canvas(buffer, pagesize=A4, invariant=1, lang="sv-SE")
    page.setTitle(f"Faktura {bill.number}")
    page.setAuthor(SELLER.name)
    page.setSubject(f"{bill.company.name}, kundnummer {bill.place.number}")
    _head(page, bill)
    _parties(page, bill)
    bottom = _table(page, bill)
    _sums(page, bill, bottom)
    _payment(page, bill)
    _foot(page)
    page.showPage()
    page.save()
    return buffer.getvalue()


def _write(
    page: Canvas, x: float, y: float, text: str, size: float = 9, font: str = _PLAIN, grey: float = _BLACK
) -> None:
    page.setFillGray(grey)
    page.setFont(font, size)
    page.drawString(x, y, text)


def _write_to(page: Canvas, x: float, y: float, text: str, size: float = 9, font: str = _PLAIN) -> None:
    """Right aligned."""
    page.setFillGray(_BLACK)
    page.setFont(font, size)
    page.drawRightString(x, y, text)


def _rule(page: Canvas, y: float, grey: float = _PALE) -> None:
    page.setStrokeGray(grey)
    page.setLineWidth(0.6)
    page.line(_LEFT, y, _RIGHT, y)


def _facts(page: Canvas, x: float, y: float, facts: tuple[tuple[str, str], ...], to: float = 34 * mm) -> None:
    for label, value in facts:
        _write(page, x, y, label, grey=_GREY)
        _write(page, x + to, y, value)
        y -= 5 * mm


def _head(page: Canvas, bill: Bill) -> None:
    top = A4[1] - 24 * mm
    page.setFillGray(_BLACK)
    page.roundRect(_LEFT, top - 2 * mm, 8 * mm, 8 * mm, 1.6 * mm, stroke=0, fill=1)
    page.setFillGray(1)
    page.setFont(_BOLD, 13)
    page.drawCentredString(_LEFT + 4 * mm, top + 0.3 * mm, SELLER.name[0])
    _write(page, _LEFT + 11 * mm, top, SELLER.name, 14, _BOLD)
    _write(page, _MIDDLE, top, "Faktura", 20, _BOLD)
    facts = (
        ("Fakturanummer", bill.number),
        ("Kundnummer", f"{bill.place.number} {bill.place.name}"),
        ("Fakturadatum", f"{bill.issued}"),
        ("Förfallodatum", f"{bill.due}"),
        ("Period", f"{bill.period.first} – {bill.period.last}"),
        ("Ramavtal", bill.agreement or "–"),
    )
    _facts(page, _MIDDLE, top - 12 * mm, facts)


def _parties(page: Canvas, bill: Bill) -> None:
    company = bill.company
    street, postal_code, city = address_parts(company)
    y = A4[1] - 52 * mm
    _write(page, _LEFT, y, "Köpare", 8, grey=_GREY)
    lines = (
        bill.buyer_name,
        street,
        f"{postal_code} {city}",
        f"Organisationsnummer {company.organisation_number}",
    )
    for index, text in enumerate(lines):
        y -= 5 * mm
        _write(page, _LEFT, y, text, font=_PLAIN if index else _BOLD)
    y -= 11 * mm
    _write(page, _LEFT, y, "Kostnader per abonnemang, samtal och datatrafik finns i Selfcare.", 8, grey=_GREY)


def _together(bill: Bill) -> Iterator[tuple[str, int, Decimal]]:
    """Lines of one name as one: name, how many, sum."""
    found: dict[tuple[str, bool], list[Item]] = {}
    for item in bill.items:
        found.setdefault((item.name, item.base != 1), []).append(item)
    order = list(CostType)
    for (name, partly), items in sorted(found.items(), key=lambda entry: order.index(entry[1][0].cost_type)):
        yield (
            f"{name}, del av månad" if partly else name,
            len(items),
            sum((item.net for item in items), Decimal(0)),
        )


def _table(page: Canvas, bill: Bill) -> float:
    """Draws the lines; gives the height where they end."""
    rows = list(_together(bill))
    height = min(_ROW_HEIGHT, (_TABLE_TOP - _TABLE_BOTTOM) / max(1, len(rows)))
    y = _TABLE_TOP
    _write(page, _LEFT, y, "Benämning", 8, grey=_GREY)
    _write_to(page, _COUNT_AT, y, "Antal", 8)
    _write_to(page, _AMOUNT_AT, y, "Belopp exkl. moms, kr", 8)
    _rule(page, y - 2 * mm, _GREY)
    y -= 2 * mm
    for name, count, net in rows:
        y -= height
        _write(page, _LEFT, y, name)
        _write_to(page, _COUNT_AT, y, str(count))
        _write_to(page, _AMOUNT_AT, y, kronor(net))
    bottom: float = y - 2 * mm
    _rule(page, bottom)
    return bottom


def _sums(page: Canvas, bill: Bill, y: float) -> None:
    sums = [(part.reason, part.amount if part.charge else -part.amount) for part in bill.allowances]
    sums += [("Summa exkl. moms", bill.net), (f"Moms {VAT_PERCENT} % på {kronor(bill.net)} kr", bill.vat)]
    for label, amount in sums:
        y -= 5.2 * mm
        _write_to(page, _COUNT_AT, y, label)
        _write_to(page, _AMOUNT_AT, y, kronor(amount))
    y -= 7 * mm
    _write_to(page, _COUNT_AT, y, "Att betala, kr", 11, _BOLD)
    _write_to(page, _AMOUNT_AT, y, kronor(bill.total), 11, _BOLD)


def _payment(page: Canvas, bill: Bill) -> None:
    y = 50 * mm
    _rule(page, y + 8 * mm, _GREY)
    columns = (
        ("Bankgiro", bankgiro.shown(SELLER.bankgiro)),
        ("OCR", bill.payment_reference),
        ("Att betala", f"{kronor(bill.total)} kr"),
        ("Oss tillhanda senast", f"{bill.due}"),
    )
    width = (_RIGHT - _LEFT) / len(columns)
    for index, (label, value) in enumerate(columns):
        _write(page, _LEFT + index * width, y + 2 * mm, label, 8, grey=_GREY)
        _write(page, _LEFT + index * width, y - 4 * mm, value, 11, _BOLD)
    note = "Ange OCR-numret vid betalning. Efter förfallodagen debiteras dröjsmålsränta enligt räntelagen."
    _write(page, _LEFT, y - 11 * mm, note, 8, grey=_GREY)
    _rule(page, y - 15 * mm)


def _foot(page: Canvas) -> None:
    lines = (
        f"{SELLER.name} · {SELLER.street} · {SELLER.postal_code} {SELLER.city} · Säte {SELLER.city}",
        f"Organisationsnummer {SELLER.organisation_number[:6]}-{SELLER.organisation_number[6:]}"
        f" · Momsregistreringsnummer {SELLER.vat_number} · Godkänd för F-skatt",
        f"Kundservice Företag {SELLER.phone} · {SELLER.email}",
    )
    for index, text in enumerate(lines):
        _write(page, _LEFT, 28 * mm - index * 4.4 * mm, text, 7.5, grey=_GREY)


def kronor(amount: Decimal) -> str:
    """31 109,74; below zero with a dash, which the built-in fonts have, unlike the minus sign."""
    figures = f"{abs(amount):,.2f}".replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
    return f"–{figures}" if amount < 0 else figures
