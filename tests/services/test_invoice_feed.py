"""Feeding invoices: what a file becomes, what it leaves alone, and what is refused though it is valid in itself."""

from __future__ import annotations

import hashlib
import threading
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import event, select

from selfcare_app.models import (
    AuditEntry,
    CostMonth,
    FeedRun,
    Invoice,
    InvoiceAllowance,
    InvoiceLine,
    InvoiceOriginal,
    InvoiceReference,
    InvoiceVat,
    Payment,
)
from selfcare_app.services import settlement
from selfcare_app.services.access import Actor, Forbidden
from selfcare_app.services.database import session, writing
from selfcare_app.services.feeds import invoices
from selfcare_app.services.feeds.feeding import FEEDERS, feed_file
from selfcare_app.services.feeds.invoices import feed_invoices, feed_invoices_within
from selfcare_app.services.feeds.runs import one_feed_at_a_time
from selfcare_app.specs.invoices import status_of
from selfcare_app.specs.permissions import OperatorRole
from selfcare_app.specs.text import search_terms
from tests import factories as make
from tests.feeding import OPERATOR, companies, fed, feed, refused, rows
from tests.ubl import Bill, Line, Part, zipped


@pytest.fixture
def owned(database):
    companies()
    return database


def rows_of_costs():
    with session() as db:
        return db.exec(select(CostMonth)).scalars().all()


def test_an_invoice_becomes_rows_with_everything_it_says(owned):
    bill = Bill(
        number="F1001",
        order="PO-7",
        note="Tack för att du är kund.\nVälkommen åter.",
        terms="30 dagar netto",
        prepaid="20.00",
        rounding="0.30",
        lines=[
            Line(
                name="Företag M",
                description="Månadsavgift",
                note="Förskott",
                quantity="3",
                price="229.333333",
                unit="MON",
                accounting_cost="S1",
                properties={"CostType": "fee"},
                start="2026-09-01",
                end="2026-09-30",
            ),
            Line(
                name="Samtal",
                quantity="1250",
                price="20",
                base="100",
                unit="MIN",
                properties={"subscription": "S2", "CostType": "Trafik"},
                parts=[Part(amount="10.00"), Part(amount="2.50", charge=True)],
            ),
            Line(name="Porto", category="E", rate="0", properties={"CostType": "frakt"}),
        ],
        parts=[
            Part(amount="50.00", reason="Rabatt"),
            Part(amount="19.00", charge=True, reason="Fakturaavgift", rate="12"),
        ],
    )
    invoice = fed(bill)
    assert (invoice.kind, invoice.currency, invoice.issued, invoice.due) == (
        "invoice",
        "SEK",
        date(2026, 11, 1),
        date(2026, 12, 1),
    )
    assert (invoice.period_start, invoice.period_end, invoice.month) == (
        date(2026, 10, 1),
        date(2026, 10, 31),
        date(2026, 10, 1),
    )
    assert (invoice.buyer_name, invoice.buyer_reference, invoice.order_reference) == (
        "Björkö Bygg AB",
        "10023",
        "PO-7",
    )
    assert (invoice.seller_name, invoice.seller_organisation_number, invoice.seller_vat_number) == (
        "Exempelnät AB",
        "5599980405",
        "SE559998040501",
    )
    assert invoice.note == "Tack för att du är kund.\nVälkommen åter."
    assert invoice.payment_terms == "30 dagar netto"
    assert (invoice.payment_means, invoice.payment_account, invoice.payment_branch, invoice.payment_reference) == (
        "30",
        "50501055",
        "SE:BANKGIRO",
        "12351",
    )
    amounts = ("line_total", "allowance_total", "charge_total", "net", "vat", "total", "prepaid", "rounding", "payable")
    assert {name: getattr(invoice, name) for name in amounts} == {
        "line_total": Decimal("1030.50"),
        "allowance_total": Decimal("50.00"),
        "charge_total": Decimal("19.00"),
        "net": Decimal("999.50"),
        "vat": Decimal("222.41"),
        "total": Decimal("1221.91"),
        "prepaid": Decimal("20.00"),
        "rounding": Decimal("0.30"),
        "payable": Decimal("1202.21"),
    }
    first, second, third = rows(InvoiceLine)
    assert (first.quantity, first.price, first.price_base, first.net, first.allowance, first.unit) == (
        Decimal(3),
        Decimal("229.333333"),
        Decimal(1),
        Decimal("688.00"),
        Decimal(0),
        "MON",
    )
    assert (first.name, first.description, first.note, first.cost_type, first.accounting_cost) == (
        "Företag M",
        "Månadsavgift",
        "Förskott",
        "fee",
        "S1",
    )
    assert (first.period_start, first.month, second.month) == (date(2026, 9, 1), date(2026, 9, 1), date(2026, 10, 1))
    assert (second.price_base, second.allowance, second.net, second.cost_type) == (
        Decimal(100),
        Decimal("7.50"),
        Decimal("242.50"),
        "traffic",
    )
    assert (third.cost_type, third.vat_category, third.vat_rate) == ("other", "E", Decimal(0))
    assert [line.subscription_id for line in (first, second, third)] == [1, 2, None]
    assert [(row.category, row.rate, row.taxable, row.vat, row.exemption) for row in rows(InvoiceVat)] == [
        ("S", Decimal(25), Decimal("880.50"), Decimal("220.13"), ""),
        ("E", Decimal(0), Decimal("100.00"), Decimal(0), "Undantag"),
        ("S", Decimal(12), Decimal("19.00"), Decimal("2.28"), ""),
    ]
    assert [(row.charge, row.reason, row.amount, row.vat_rate) for row in rows(InvoiceAllowance)] == [
        (False, "Rabatt", Decimal("50.00"), Decimal(25)),
        (True, "Fakturaavgift", Decimal("19.00"), Decimal(12)),
    ]


def test_the_file_is_kept_byte_for_byte_and_the_pdf_in_it_as_it_was(owned):
    pdf = b"%PDF-1.7\n" + bytes(range(256)) * 50
    bill = Bill(pdf=pdf)
    fed(bill)
    (original,) = rows(InvoiceOriginal)
    assert original.xml == bill.xml()
    assert original.sha256 == hashlib.sha256(bill.xml()).hexdigest()
    assert (original.pdf, original.pdf_name) == (pdf, "F1001.pdf")
    fed(Bill(number="F1002"))
    assert [row.pdf for row in rows(InvoiceOriginal)] == [pdf, None]


def test_the_first_of_several_attachments_that_is_a_pdf_is_kept(owned):
    attachment = b"<cac:AdditionalDocumentReference>\n<cbc:ID>1</cbc:ID>"
    picture = (
        b"<cac:AdditionalDocumentReference><cbc:ID>0</cbc:ID><cac:Attachment><cbc:EmbeddedDocumentBinaryObject"
        b' mimeCode="image/png" filename="a.png">iVBORw==</cbc:EmbeddedDocumentBinaryObject></cac:Attachment>'
        b"</cac:AdditionalDocumentReference>"
    )
    xml = Bill(pdf=b"%PDF-1").xml()
    assert xml.count(attachment) == 1
    (report,) = feed(xml.replace(attachment, picture + attachment))
    assert report.applied
    assert rows(InvoiceOriginal)[0].pdf == b"%PDF-1"


def test_feeding_twice_changes_nothing(owned):
    files = {f"{n}.xml": Bill(number=f"F{n}").xml() for n in range(3)}
    first = feed(zipped(files), "fakturor.zip")
    assert [(report.file_name, report.created) for report in first] == [(f"fakturor.zip/{n}.xml", 1) for n in range(3)]

    def stored():
        models = (Invoice, InvoiceLine, InvoiceVat, InvoiceOriginal, AuditEntry)
        return {model: [row.model_dump() for row in rows(model)] for model in models}

    before = stored()
    second = feed(zipped(files), "fakturor.zip")
    assert [(report.created, report.unchanged) for report in second] == [(0, 1)] * 3
    assert stored() == before


def test_each_file_is_remembered_and_each_invoice_logged_for_its_company(owned):
    bill = Bill()
    invoice = fed(bill)
    (run,) = rows(FeedRun)
    assert (run.kind, run.file_name, run.who, run.created, run.changed, run.unchanged) == (
        "invoices",
        "fil.xml",
        "selfcare feed",
        1,
        0,
        0,
    )
    assert run.sha256 == hashlib.sha256(bill.xml()).hexdigest()
    (entry,) = rows(AuditEntry)
    assert (entry.action, entry.object_kind, entry.object_id, entry.object_label) == (
        "invoice.created",
        "invoice",
        invoice.id,
        "F1001",
    )
    assert (entry.company_id, entry.before, entry.after["payable"]) == (invoice.company_id, None, "125.00")


def test_an_invoice_never_changes(owned):
    fed(Bill())
    assert refused(Bill(note="Nytt").xml()) == ["other_content"]
    assert len(rows(Invoice)) == 1
    assert rows(Invoice)[0].note == ""


def test_a_number_of_another_company_is_refused_without_saying_whose_it_is(owned):
    fed(Bill())
    (report,) = feed(Bill(customer_number="20023").xml())
    assert [refusal.key for refusal in report.refusals] == ["invoice_rules.other_company"]
    for language in ("sv", "en"):
        (sentence,) = report.sentences(language)
        assert "F1001" in sentence
        assert not {"Björkö", "10023"} & set(sentence.split())


def test_the_same_number_twice_in_a_zip_goes_in_once(owned):
    same, other = Bill().xml(), Bill(note="Annat").xml()
    reports = feed(zipped({"a.xml": same, "b.xml": same, "c.xml": other}))
    assert [(report.created, report.unchanged, report.applied) for report in reports] == [
        (1, 0, True),
        (0, 1, True),
        (0, 0, False),
    ]


def test_each_file_in_a_zip_stands_alone(owned):
    reports = feed(
        zipped(
            {
                "bra.xml": Bill(number="F1").xml(),
                "okänt.xml": Bill(number="F2", customer_number="99999").xml(),
                "text.xml": b"inget",
                "2026/10/också bra.xml": Bill(number="F3").xml(),
            }
        ),
        "allt.zip",
    )
    assert [(report.file_name, report.applied) for report in reports] == [
        ("allt.zip/bra.xml", True),
        ("allt.zip/okänt.xml", False),
        ("allt.zip/text.xml", False),
        ("allt.zip/2026/10/också bra.xml", True),
    ]
    assert [row.number for row in rows(Invoice)] == ["F1", "F3"]
    assert len(rows(FeedRun)) == 2


def test_lots_of_files_go_in_lot_by_lot(owned, monkeypatch):
    monkeypatch.setattr(invoices, "FILES_AT_ONCE", 2)
    reports = feed_invoices(OPERATOR, "a.zip", zipped({f"{n}.xml": Bill(number=f"F{n}").xml() for n in range(5)}))
    assert rows(Invoice) == []
    assert next(reports).applied
    assert len(rows(Invoice)) == 2
    assert len(list(reports)) == 4
    assert len(rows(Invoice)) == 5


def test_what_breaks_off_leaves_whole_lots_and_is_simply_repeated(owned, monkeypatch):
    monkeypatch.setattr(invoices, "FILES_AT_ONCE", 2)
    content = zipped({f"{n}.xml": Bill(number=f"F{n}").xml() for n in range(5)})
    store, lots = invoices.store, []

    def breaks(db, actor, files):
        store(db, actor, files)
        lots.append(files)
        if len(lots) == 2:
            raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(invoices, "store", breaks)
        with pytest.raises(OSError, match="disk"):
            feed(content)
    assert [row.number for row in rows(Invoice)] == ["F0", "F1"]
    assert len(rows(InvoiceLine)) == len(rows(InvoiceOriginal)) == len(rows(AuditEntry)) == len(rows(FeedRun)) == 2
    assert [(report.created, report.unchanged) for report in feed(content)] == [(0, 1), (0, 1), (1, 0), (1, 0), (1, 0)]
    assert {row.amount for row in rows_of_costs()} == {Decimal("500.00")}


def test_the_command_takes_invoices_and_tells_of_each_file_in_a_zip(owned, tmp_path):
    path = tmp_path / "oktober.zip"
    path.write_bytes(zipped({"a.xml": Bill().xml(), "fel.xml": Bill(customer_number="9").xml()}))
    good, bad = feed_file(OPERATOR, "invoices", path)
    assert good.summary("sv") == "oktober.zip/a.xml: 1 nya, 0 ändrade, 0 oförändrade."
    assert bad.summary("sv") == "oktober.zip/fel.xml lästes inte in: 1 fel. Ingenting har ändrats."
    order = list(FEEDERS)
    assert order.index("subscriptions") < order.index("invoices") < order.index("payments")


def test_a_long_name_is_told_by_its_end(owned):
    (report,) = feed(b"", "a" * 100 + "/F1001.xml")
    assert report.summary("sv").startswith("…aaaa")
    assert "/F1001.xml lästes inte in" in report.summary("sv")


def test_all_may_go_into_one_transaction_that_the_caller_has_open(owned):
    with writing() as db:
        one_feed_at_a_time(db)
        reports = feed_invoices_within(db, OPERATOR, "a.zip", zipped({"a": Bill().xml(), "b": b"x"}))
        assert [report.applied for report in reports] == [True, False]
        db.rollback()
    assert rows(Invoice) == []


# --- What follows from it


def test_a_credit_note_credits_the_invoice_it_names_whichever_comes_first(owned):
    note = Bill(number="K1", credit_note=True, credits=["F1"])
    kept = fed(note)
    assert (kept.kind, kept.payable, kept.due) == ("credit_note", Decimal("125.00"), date(2026, 12, 1))
    assert [row.number for row in rows(InvoiceReference)] == ["F1"]
    invoice = fed(Bill(number="F1"))
    assert (invoice.credited, status_of(invoice, date(2026, 12, 2))) == (Decimal("125.00"), "credited")
    fed(Bill(number="F2"))
    feed(Bill(number="K2", credit_note=True, credits=["F2"], lines=[Line(price="40.00")]).xml())
    assert [row.credited for row in rows(Invoice) if row.number == "F2"] == [Decimal("50.00")]


def test_an_invoice_below_zero_goes_in_as_it_is(owned):
    fed(Bill(number="F1"))
    invoice = fed(Bill(number="F2", lines=[Line(quantity="-1")], credits=["F1"]))
    assert (invoice.kind, invoice.payable, invoice.vat) == ("invoice", Decimal("-125.00"), Decimal("-25.00"))
    assert rows(Invoice)[0].credited == Decimal("125.00")


def test_paid_part_paid_overdue_and_credited_follow_from_what_is_fed(owned):
    for number in ("F1", "F2", "F3", "F4"):
        fed(Bill(number=number))
    feed(Bill(number="K1", credit_note=True, credits=["F4"]).xml())
    with writing() as db:
        found = {row.number: row for row in db.exec(select(Invoice).order_by(Invoice.id)).scalars()}
        for number, amount in (("F1", "125.00"), ("F2", "60.00")):
            invoice = found[number]
            payment = Payment(
                company_id=invoice.company_id,
                invoice_id=invoice.id,
                reference=f"B{number}",
                amount=Decimal(amount),
                paid_on=date(2026, 11, 20),
            )
            make.add(db, payment)
        settlement.settle(db, [row.id for row in found.values()])
    for day, expected in (
        (date(2026, 12, 1), ["paid", "part_paid", "unpaid", "credited", "credited"]),
        (date(2026, 12, 2), ["paid", "overdue", "overdue", "credited", "credited"]),
    ):
        assert [status_of(row, day) for row in rows(Invoice)] == expected


def test_costs_by_month_are_kept_up(owned):
    fed(Bill(number="F1", lines=[Line(properties={"CostType": "fee"})], parts=[Part(amount="10.00")]))
    feed(Bill(number="K1", credit_note=True, lines=[Line(price="30.00", properties={"CostType": "fee"})]).xml())
    kept = {row.cost_type: row.amount for row in rows_of_costs()}
    assert kept == {"fee": Decimal("70.00"), "whole_document": Decimal("-10.00")}


def test_an_invoice_is_found_by_number_buyer_and_company(owned):
    invoice = fed(Bill(buyer="Åsa Öberg Bygg"))
    for query in ("f1001", "asa oberg", "bjorko"):
        assert all(term in invoice.search_key for term in search_terms(query))


# --- Who, and how many at once


def test_only_the_operators_administrators_feed(owned):
    for actor in (
        Actor(name="H", at=make.NOW, operator_role=OperatorRole.HANDLER),
        Actor(name="U", at=make.NOW, company_id=1, access_all=True),
    ):
        with pytest.raises(Forbidden):
            feed_invoices(actor, "fil.xml", Bill().xml())
    with pytest.raises(Forbidden), writing() as db:
        feed_invoices_within(
            db, Actor(name="H", at=make.NOW, operator_role=OperatorRole.HANDLER), "fil.xml", Bill().xml()
        )
    assert rows(Invoice) == []


def test_two_feeds_of_the_same_invoice_at_once_make_it_once(owned):
    reports, start = [], threading.Barrier(2)

    def run():
        start.wait()
        reports.extend(feed(Bill().xml()))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((report.created, report.unchanged) for report in reports) == [(0, 1), (1, 0)]


def test_many_invoices_cost_few_statements(owned):
    files = zipped({f"{n}.xml": Bill(number=f"F{n}", lines=[Line()] * 5).xml() for n in range(60)})
    statements = []

    def count(_connection, _cursor, statement, *_):
        statements.append(statement)

    event.listen(owned, "before_cursor_execute", count)
    try:
        reports = feed(files)
    finally:
        event.remove(owned, "before_cursor_execute", count)
    assert all(report.applied for report in reports)
    assert len(statements) < 40
    assert len(rows(InvoiceLine)) == 300
