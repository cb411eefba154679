"""VAT on an invoice by category and rate: the rules BR-S, BR-Z, BR-E … of EN 16931, asked as one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from selfcare_app.services.feeds.invoices.codes import ONE, VAT_CATEGORIES
from selfcare_app.services.feeds.invoices.document import Document, Tax, VatSum, broken
from selfcare_app.services.feeds.report import Refusal

Key = tuple[str, Decimal]
"""Category, and its rate where VAT is charged by rate; else 0."""
NOTHING = Decimal(0)
_LINE, _ALLOWANCE, _CHARGE = 0, 1, 2
"""Where a category is used: added to 2 and to 5 it is the number of the rule that asks for VAT numbers and rate."""


def vat_problems(document: Document) -> Iterator[Refusal]:
    """What is wrong with the document's VAT."""
    for where, tax, _ in _uses(document):
        yield from _rate(where, tax)
    yield from _vat_numbers(document)
    yield from _sums(document)
    yield from _outside_alone(document)


def key_of(tax: Tax) -> Key:
    """What is summed together."""
    rated = VAT_CATEGORIES[tax.category].rated and tax.rate is not None
    return tax.category, tax.rate if rated and tax.rate is not None else NOTHING


def _uses(document: Document) -> Iterator[tuple[int, Tax, Decimal | None]]:
    """Each line, allowance and charge: where it stands, its VAT, and what it adds to what is taxed."""
    for line in document.lines:
        if line.tax is not None:
            yield _LINE, line.tax, line.net.value if line.net is not None else None
    for part in document.allowances:
        if part.tax is not None:
            amount = part.amount.value if part.amount is not None else None
            if part.charge:
                yield _CHARGE, part.tax, amount
            else:
                yield _ALLOWANCE, part.tax, -amount if amount is not None else None


def _rate(where: int, tax: Tax) -> Iterator[Refusal]:
    category = VAT_CATEGORIES[tax.category]
    rule = f"BR-{category.rules}-{5 + where:02}"
    values = {"category": tax.category, "rate": tax.rate if tax.rate is not None else "–"}
    if not category.has_rate:
        if tax.rate is not None:
            yield broken(rule, tax.line, "rate_given", **values)
    elif category.rated:
        if tax.rate is None or tax.rate < 0 or (tax.rate == 0 and not category.zero_allowed):
            yield broken(rule, tax.line, "rate_needed", **values)
    elif tax.rate != 0:
        yield broken(rule, tax.line, "rate_zero", **values)


def _vat_numbers(document: Document) -> Iterator[Refusal]:
    """Who charges VAT, or leaves it to the buyer, must be known by a VAT number; outside VAT there is none."""
    seller, buyer = document.seller, document.buyer
    told: set[str] = set()
    for where, tax, _ in _uses(document):
        category = VAT_CATEGORIES[tax.category]
        rule = f"BR-{category.rules}-{2 + where:02}"
        if rule in told:
            continue
        told.add(rule)
        by_vat_number = tax.category in ("K", "G")
        seller_known = bool(seller.vat_id) if by_vat_number else seller.tax_ids
        if tax.category == "O":
            if seller.vat_id or buyer.vat_id or document.representative_vat:
                yield broken(rule, tax.line, "vat_number_given", category=tax.category)
        elif not (seller_known or document.representative_vat):
            yield broken(rule, tax.line, "seller_vat_number", category=tax.category)
        elif (tax.category == "K" and not buyer.vat_id) or (
            tax.category == "AE" and not (buyer.vat_id or buyer.legal_id)
        ):
            yield broken(rule, tax.line, "buyer_vat_number", category=tax.category)


def _sums(document: Document) -> Iterator[Refusal]:
    """The breakdown (BG-23) against what it sums, each category and rate once."""
    expected: dict[Key, Decimal | None] = {}
    used_at: dict[Key, int] = {}
    for _, tax, amount in _uses(document):
        key = key_of(tax)
        before = expected.get(key, NOTHING)
        expected[key] = before + amount if before is not None and amount is not None else None
        used_at.setdefault(key, tax.line)
    used = {category for category, _ in expected}
    found: set[Key] = set()
    for part in document.vat:
        if part.tax is None:
            continue
        key = key_of(part.tax)
        if key in found:
            yield broken(_rule(part.tax.category, {part.tax.category}), part.line, "vat_twice", **_named(key))
            continue
        found.add(key)
        if key not in expected and part.tax.category == "S":
            yield broken(_rule("S", used), part.line, "vat_of_nothing", **_named(key))
        else:
            yield from _taxable(part, part.tax, expected.get(key, NOTHING))
        yield from _charged(part, part.tax)
    summed = {category for category, _ in found}
    for key, line in used_at.items():
        if key not in found and document.vat:
            yield broken(_rule(key[0], summed), line, "vat_missing", **_named(key))


def _rule(category: str, present: set[str]) -> str:
    """The rule on each rate of a category that is present, else the one on the category itself."""
    rules = VAT_CATEGORIES[category]
    return f"BR-{rules.rules}-{8 if rules.rated and category in present else 1:02}"


def _named(key: Key) -> dict[str, object]:
    return {"category": key[0], "rate": key[1].normalize()}


def _taxable(part: VatSum, tax: Tax, expected: Decimal | None) -> Iterator[Refusal]:
    if part.taxable is None or expected is None:
        return
    category = VAT_CATEGORIES[tax.category]
    difference = abs(part.taxable.value - expected)
    if difference >= category.tolerance and difference > 0:
        yield broken(
            f"BR-{category.rules}-08",
            part.taxable.line,
            "taxable",
            **_named(key_of(tax)),
            found=part.taxable.value,
            expected=expected,
        )


def _charged(part: VatSum, tax: Tax) -> Iterator[Refusal]:
    """VAT is its taxable amount times its rate; the official rules let a whole unit less than one pass, for sellers
    that round each line."""
    category = VAT_CATEGORIES[tax.category]
    if category.reason != part.exempted:
        key = "exemption_needed" if category.reason else "exemption_given"
        yield broken(f"BR-{category.rules}-10", part.line, key, category=tax.category)
    if not category.rated:
        if tax.rate is not None:
            yield from _breakdown_rate(part, tax)
        if part.vat is not None and part.vat.value != 0:
            yield broken(
                f"BR-{category.rules}-09", part.vat.line, "vat_not_zero", category=tax.category, found=part.vat.value
            )
        return
    if part.vat is None or part.taxable is None or tax.rate is None:
        return
    expected = (part.taxable.value * tax.rate / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    # A rate that is as good as none charges as good as nothing.
    if abs(part.vat.value - expected) >= (ONE if round(tax.rate) else Decimal("0.5")):
        yield broken(
            f"BR-CO-17, BR-{category.rules}-09",
            part.vat.line,
            "vat_amount",
            **_named(key_of(tax)),
            taxable=part.taxable.value,
            found=part.vat.value,
            expected=expected,
        )


def _breakdown_rate(part: VatSum, tax: Tax) -> Iterator[Refusal]:
    if tax.rate != 0:
        yield broken("BR-CO-17", part.line, "rate_zero", category=tax.category, rate=tax.rate)


def _outside_alone(document: Document) -> Iterator[Refusal]:
    """What lies outside VAT stands in a document of its own."""
    if not any(part.tax is not None and part.tax.category == "O" for part in document.vat):
        return
    for part in document.vat:
        if part.tax is not None and part.tax.category != "O":
            yield broken("BR-O-11", part.line, "outside_alone")
    for where, tax, _ in _uses(document):
        if tax.category != "O":
            yield broken(f"BR-O-{12 + where}", tax.line, "outside_alone")
