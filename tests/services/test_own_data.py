"""What is kept about somebody, for themself (P6): everything of theirs, nothing of anybody else's, no secret."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import openpyxl
import pytest

from selfcare_app.models import OutgoingMail, Preference, Session
from selfcare_app.services import deputies, invitations, own_data, user_rights
from selfcare_app.services.database import session, writing
from selfcare_app.services.grants import Access
from selfcare_app.services.invitations import Invitee
from selfcare_app.services.throttle import OWN_DATA_AN_HOUR, Throttled
from selfcare_app.specs.permissions import Role
from tests import factories as make
from tests.factories import NOW

MAILS = (
    ("ASA@bjorko.example", "password_changed"),
    ("aSa@bjorko.example", "reset"),
    ("asaXbjorko.example", "reset"),
    ("bo@bjorko.example", "password_changed"),
)


def books(file):
    """Each workbook's rows as texts, by its name; the read-me beside."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith(".xlsx"):
                sheet = openpyxl.load_workbook(io.BytesIO(content)).active
                found[name.removesuffix(".xlsx")] = [[str(c) for c in row] for row in sheet.iter_rows(values_only=True)]
            else:
                found[name] = content.decode()
    return found


@pytest.fixture
def asa(database):
    """Åsa is a user in two companies; Bo has done the same things."""
    with writing() as db:
        first, second = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        number = make.customer_number(db, first, "10023")
        boss = make.user(db, first, "boss@bjorko.example", name="Boss")
        asa = make.user(db, first, "asa@bjorko.example", Role.APPROVER, name="Åsa Alm", phone="+46701740605")
        make.user(db, second, "asa@bjorko.example", Role.READER, name="Åsa i Sjövik")
        bo = make.user(db, first, "bo@bjorko.example", Role.APPROVER, name="Bo Hemlig", phone="+46701740699")
        for user, address in ((asa, "198.51.100.7"), (bo, "203.0.113.9")):
            db.add(
                Session(
                    token_hash=f"hash{user.id}", ref=f"ref{user.id}", sign_in_id=user.sign_in_id, user_id=user.id,
                    created_at=NOW, last_used_at=NOW, password_at=NOW, source=address, device="Firefox", ended_at=NOW,
                )
            )  # fmt: skip
            db.add(Preference(company_id=first.id, user_id=user.id, key="columns.invoices", value=[f"-{user.id}x"]))
        for recipient, kind in MAILS:
            db.add(
                OutgoingMail(
                    message_id=recipient + kind, kind=kind, recipient=recipient, language="sv",
                    subject=f"Till {recipient}", text=f"text-{kind}", created_at=NOW, next_attempt_at=NOW,
                )
            )  # fmt: skip
        db.flush()
    manager = make.actor(boss, password_at=NOW)
    user_rights.change_access(manager, asa.id, 1, Access(customer_numbers=frozenset({number.number})))
    user_rights.change_profile(manager, bo.id, 1, "Bo Hemligare", "")
    invitations.invite(manager, Invitee(name="Cia", email="cia@bjorko.example", role=Role.READER))
    deputies.name_deputy(make.actor(asa), bo.id, NOW.date(), NOW.date())
    with session() as db:
        return db.get(type(asa), asa.id)


def test_everything_of_theirs_is_there_in_words_and_nothing_of_others(asa):
    file = own_data.download(make.actor(asa, language="sv", email="asa@bjorko.example"))
    assert file.file_name == "Om mig 2026-11-22.zip"
    found = books(file)
    assert set(found) == {
        "LÄS MIG.txt", "Inloggning", "Uppgifter", "Inloggningar", "Mejl", "Logg", "Ersättare", "Egna val",
    }  # fmt: skip
    assert "asa@bjorko.example" in found["LÄS MIG.txt"]
    first, second = found["Uppgifter"][1:]
    assert first[:4] == ["Björkö Bygg AB", "Åsa Alm", "070-174 06 05", "Godkännare"]
    assert "Godkänna order" in first[4]
    assert first[5] == "10023"
    assert (second[0], second[5]) == ("Sjövik Vård AB", "alla kundnummer, även kommande")
    assert found["Inloggningar"][1][3:] == ["198.51.100.7", "Firefox"]
    assert found["Ersättare"][1][:2] == ["Åsa Alm", "Bo Hemligare"]
    assert [row[2:] for row in found["Mejl"][1:]] == [
        ["Till ASA@bjorko.example", "text-password_changed"],
        ["Till aSa@bjorko.example", "None"],
    ]
    assert [row[3] for row in found["Logg"][1:]] == ["user_access_changed", "deputy_named", "own_data_downloaded"]
    told = repr(found)
    for foreign in ("203.0.113.9", "Bo Hemlig'", "bo@bjorko", "cia@", "70-174 06 99", "hash", "ref1", "ref2", "ref3"):
        assert foreign not in told, foreign


def test_it_is_rationed_by_the_hour_and_speaks_the_readers_language(asa):
    actor = make.actor(asa, language="en", email="asa@bjorko.example")
    for _ in range(OWN_DATA_AN_HOUR):
        assert "Details" in books(own_data.download(actor))
    with pytest.raises(Throttled):
        own_data.download(actor)
    own_data.download(make.actor(asa, NOW + timedelta(hours=1, seconds=1)))
