"""Files that anybody may have made: each is refused in one sentence, and the process lives (quality.md, Safety 10)."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
import zlib
from base64 import b64encode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from selfcare_app.locales import LANGUAGES
from selfcare_app.models import Invoice
from selfcare_app.services.access import Actor
from selfcare_app.services.database import session, writing
from selfcare_app.services.feeds.invoices import feed_invoices, files, xml
from selfcare_app.services.feeds.invoices.files import File, unpack
from selfcare_app.services.feeds.invoices.placing import examine
from selfcare_app.specs.permissions import OperatorRole
from tests import factories as make
from tests.ubl import Bill, Line, zipped

OPERATOR = Actor(name="selfcare feed", at=make.NOW, operator_role=OperatorRole.ADMINISTRATOR)
GOOD = Bill().xml()
HEAD, BODY = GOOD.split(b"\n", 1)


def declared(content: bytes, doctype: str, encoding: str = "utf-8") -> bytes:
    """The file with a document type declaration, in another encoding."""
    _, body = content.decode().split("\n", 1)
    return f'<?xml version="1.0" encoding="{encoding}"?>\n{doctype}\n{body}'.encode(encoding)


def laughing() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<!DOCTYPE Invoice [<!ENTITY l0 "ha">{entities}]>'
    return declared(GOOD.replace(b">F1001<", b">&l11;<"), doctype)


def deep(levels: int) -> bytes:
    return GOOD.replace(b"<cbc:Customization", b"<a>" * levels + b"</a>" * levels + b"<cbc:Customization")


def with_pdf(content: bytes) -> bytes:
    good = Bill(pdf=b"%PDF-1").xml()
    return good.replace(b64encode(b"%PDF-1"), content)


def overlong_name() -> bytes:
    return GOOD.replace(b"<cbc:ID>", b"<cbc:" + b"a" * 30_000_000 + b"/><cbc:ID>", 1)


def many_attributes() -> bytes:
    attributes = b"".join(b' a%d=""' % n for n in range(3_000_000))
    return GOOD.replace(b"<Invoice ", b"<Invoice " + attributes)


def bomb(size: int) -> bytes:
    """A zip with one file that says its true size."""
    return zipped({"a.xml": b"<a>" + b" " * size + b"</a>"})


def lying_zip() -> bytes:
    """A zip whose file says that it is small."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = b"".join(packer.compress(bytes(10_000_000)) for _ in range(30)) + packer.flush()
    name, size = b"a.xml", 1000
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 33, 0, len(raw), size, len(name), 0) + name + raw
    central = struct.pack(
        "<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, 0, 8, 0, 33, 0, len(raw), size, len(name), 0, 0, 0, 0, 0, 0
    )
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1, 1, len(central) + len(name), len(local), 0)
    return local + central + name + end


def encrypted_zip() -> bytes:
    content = bytearray(zipped({"a.xml": GOOD}))
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        at = content.index(mark) + offset
        content[at] |= 1
    return bytes(content)


def damaged_zip() -> bytes:
    content = bytearray(zipped({"a.xml": GOOD}, zipfile.ZIP_STORED))
    at = content.index(b"F1001")
    content[at] ^= 1
    return bytes(content)


def workbook() -> bytes:
    return zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": GOOD})


HOSTILE = {
    "nothing": (b"", "empty"),
    "blanks": (b" \n\t ", "empty"),
    "billion laughs": (laughing(), "dtd"),
    "external entity": (declared(GOOD, '<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/passwd">]>'), "dtd"),
    "external dtd": (declared(GOOD, '<!DOCTYPE Invoice SYSTEM "http://127.0.0.1:9/x.dtd">'), "dtd"),
    "parameter entity": (declared(GOOD, '<!DOCTYPE Invoice [<!ENTITY % x SYSTEM "http://127.0.0.1:9/">%x;]>'), "dtd"),
    "dtd alone": (b'<?xml version="1.0"?><!DOCTYPE Invoice []>', "dtd"),
    "dtd before a root": (declared(GOOD, "<!DOCTYPE Invoice>"), "dtd"),
    "dtd in UTF-16": (declared(GOOD, "<!DOCTYPE Invoice []>", "utf-16"), "dtd"),
    "dtd after a comment": (declared(GOOD, "<!-- <Invoice> --><!DOCTYPE Invoice []>"), "dtd"),
    "undeclared entity": (GOOD.replace(b">F1001<", b">&x;<"), "not_well_formed"),
    "UTF-7": (HEAD.replace(b"UTF-8", b"UTF-7") + b"\n" + BODY, "encoding"),
    "an encoding nobody knows": (HEAD.replace(b"UTF-8", b"klingon") + b"\n" + BODY, "encoding"),
    "EBCDIC": (GOOD.decode().replace("UTF-8", "cp037").encode("cp037", "replace"), "not_well_formed"),
    "half a character": (GOOD.replace("ö".encode(), b"\xc3"), "not_well_formed"),
    "truncated": (GOOD[:2000], "not_well_formed"),
    "two roots": (GOOD + BODY, "not_well_formed"),
    "attribute twice": (GOOD.replace(b"<cbc:ID>", b'<cbc:ID a="1" a="2">'), "not_well_formed"),
    "a namespace nobody declared": (GOOD.replace(b"xmlns:cbc=", b"xmlns:cbd="), "not_well_formed"),
    "NUL": (GOOD.replace(b"F1001", b"F1\x00001"), "not_well_formed"),
    "JSON": (b'{"invoice": 1}', "not_well_formed"),
    "HTML": (b"<html><body>Faktura</body></html>", "no_invoice"),
    "another root": (b'<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2"/>', "no_invoice"),
    "no namespaces": (b"<Invoice><ID>F1</ID></Invoice>", "no_invoice"),
    "the namespace of a credit note": (GOOD.replace(b"Invoice-2", b"CreditNote-2"), "no_invoice"),
    "a PDF": (b"%PDF-1.7 \n", "pdf"),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + bytes(600), "office"),
    "gzip": (b"\x1f\x8b\x08" + bytes(50), "packed"),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(50), "packed"),
    "deep": (deep(100), "too_deep"),
    "deeper than any parser": (deep(100_000), "not_well_formed"),
    "many attributes": (many_attributes(), "too_many_elements"),
    "many elements": (b"<Invoice>" + b"<a/>" * 3_000_000 + b"</Invoice>", "too_many_elements"),
    "a name of 30 MB": (overlong_name(), "not_well_formed"),
    "PDF that is none": (with_pdf(b64encode(b"MZ\x90\x00")), "pdf_is_none"),
    "PDF behind something else": (with_pdf(b64encode(b"<script>\n%PDF-1")), "pdf_is_none"),
    "PDF that is empty": (with_pdf(b""), "pdf_is_none"),
    "PDF that is no base64": (with_pdf(b"%%%"), "pdf_not_base64"),
    "PDF cut off": (with_pdf(b"JVBERi0xL"), "pdf_not_base64"),
    "a workbook": (workbook(), "office"),
    "XML in the clothes of a zip": (b"PK\x03\x04" + GOOD, "zip_broken"),
    "zip truncated": (zipped({"a.xml": GOOD})[:-30], "zip_broken"),
    "zip with nothing": (zipped({}), "zip_empty"),
    "zip with folders only": (zipped({"a/": b"", "__MACOSX/._a.xml": b"x", ".DS_Store": b"x"}), "zip_empty"),
    "zip that leads out": (zipped({"../../etc/cron.d/a.xml": GOOD}), "zip_name"),
    "zip that leads to the root": (zipped({"/etc/a.xml": GOOD}), "zip_name"),
    "zip that leads to a drive": (zipped({"C:\\a.xml": GOOD}), "zip_name"),
    "zip with a name of control characters": (zipped({"a\u202e.xml": GOOD}), "zip_name"),
    "zip with a password": (encrypted_zip(), "zip_encrypted"),
    "zip with a damaged file": (damaged_zip(), "zip_entry_broken"),
    "zip that lies": (lying_zip(), "zip_entry_broken"),
    "zip bomb": (bomb(45_000_000), "zip_bomb"),
    "zip with something huge": (bomb(60_000_000), "too_big"),
    "zip in a zip": (zipped({"a.zip": zipped({"a.xml": GOOD})}), "zip_nested"),
    "zip packed in another way": (zipped({"a.xml": GOOD}, zipfile.ZIP_LZMA), "zip_method"),
}  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_hostile_files_are_refused_with_a_sentence_and_nothing_is_stored(database):
    with writing() as db:
        make.customer_number(db, make.company(db), "10023")
    wrong = []
    for name, (content, expected) in HOSTILE.items():
        reports = list(feed_invoices(OPERATOR, "fil.xml", content))
        keys = [refusal.key.removeprefix("invoice_files.") for report in reports for refusal in report.refusals]
        if expected not in keys or len(reports) != 1:
            wrong.append(f"{name}: {keys}")
        for report in reports:
            for language in LANGUAGES:
                said = [report.summary(language), *report.sentences(language)]
                assert all(
                    sentence.endswith(".") and sentence.isprintable() and "{" not in sentence for sentence in said
                )
                assert all(len(sentence) < 300 for sentence in said), name
    assert not wrong, "\n".join(wrong)
    with session() as db:
        assert db.exec(select(func.count()).select_from(Invoice)).scalar_one() == 0
    # It lives, and takes the next.
    assert next(feed_invoices(OPERATOR, "fil.xml", GOOD)).applied


def test_no_hostile_file_takes_much_memory():
    for name in ("billion laughs", "zip that lies", "zip bomb", "many elements", "many attributes", "deep"):
        content, _ = HOSTILE[name]
        tracemalloc.start()
        for file in unpack("fil.xml", content):
            examine(file)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 20_000_000, f"{name}: {most}"


def test_a_file_that_is_too_big_is_refused_unread(monkeypatch):
    monkeypatch.setattr(xml, "MAX_BYTES", 1000)
    assert [refusal.key for refusal in examine(File("a", GOOD)).refusals] == ["invoice_files.too_big"]
    for limit, value, key in (
        ("MAX_ZIP_BYTES", 10, "zip_too_big"),
        ("MAX_ENTRIES", 1, "zip_too_many"),
        ("MAX_UNPACKED", 5000, "zip_unpacks_too_big"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(files, limit, value)
            (file,) = unpack("a.zip", zipped({"a.xml": GOOD, "b.xml": GOOD}))
            assert file.unfit is not None
            assert file.unfit.refusal.key == f"invoice_files.{key}"


def test_where_a_file_is_not_well_formed_is_told():
    (refusal,) = examine(File("a", GOOD.replace(b"</cbc:DueDate>", b"</cbc:DueDat>"))).refusals
    assert (refusal.rule, b"DueDate" in GOOD.splitlines()[refusal.row - 1]) == ("XML", True)
    assert refusal.sentence("sv").startswith(f"Rad {refusal.row}, regel XML: filen är inte välformad XML vid tecken ")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_the_parser_takes_the_encoding_that_the_file_names(encoding):
    named = "utf-8" if encoding == "utf-8-sig" else encoding
    content = GOOD.decode().replace("UTF-8", named).encode(encoding)
    examined = examine(File("a", content))
    assert examined.refusals == []
    assert examined.document is not None
    assert examined.document.buyer.name == "Björkö Bygg AB"


def test_line_numbers_go_on_where_two_bytes_end():
    lines = [Line() for _ in range(4000)]
    content = Bill(lines=lines).xml()
    content = (
        content[: content.rindex(b"100.00</cbc:PriceAmount>")]
        + b"-1</cbc:PriceAmount></cac:Price></cac:InvoiceLine></Invoice>"
    )
    found = next(refusal for refusal in examine(File("a", content)).refusals if refusal.rule == "BR-27")
    assert found.row == content.count(b"\n") + 1 > 65_535


def test_names_of_systems_own_files_are_passed_over():
    content = zipped({"a.xml": GOOD, "__MACOSX/._a.xml": b"x", "b/.DS_Store": b"x", "Thumbs.db": b"x"})
    assert [file.name for file in unpack("z.zip", content)] == ["z.zip/a.xml"]


@given(st.binary(max_size=400))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_bytes_are_more_than_read_or_refused(content):
    for prefix in (b"", b"PK\x03\x04", HEAD + b"\n", GOOD[:1500]):
        for file in unpack("fil", prefix + content):
            for refusal in examine(file).refusals:
                assert refusal.sentence("sv")


@given(st.data())
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_no_change_of_a_few_bytes_does_more_than_break_a_rule(data):
    content = bytearray(Bill(parts=[], lines=[Line(base="10")], credits=["F1"], pdf=b"%PDF-1").xml())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 6))] = data.draw(st.binary(max_size=4))
    for refusal in examine(File("fil.xml", bytes(content))).refusals:
        for language in LANGUAGES:
            assert refusal.sentence(language)


@given(st.data())
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_no_change_of_a_zip_does_more_than_refuse_it(data):
    content = bytearray(zipped({"a.xml": GOOD, "b.xml": GOOD}))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    for file in unpack("fil.zip", bytes(content)):
        assert all(refusal.sentence("en") for refusal in examine(file).refusals)
