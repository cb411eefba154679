"""The original of an invoice over HTTP (I4; quality.md, Safety 9): unchanged, and for whoever sees the invoice only."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from selfcare_app.api import invoices, public
from selfcare_app.api.guard import Guard
from selfcare_app.config import settings
from selfcare_app.models import SignIn
from selfcare_app.services import passwords
from selfcare_app.services.database import writing
from selfcare_app.specs.permissions import Role
from tests import factories as make

PASSWORD = "gröna äpplen i gräset"
HASH = passwords.hash_password(PASSWORD)
CONTENT = b"%PDF-1.7\n<script>alert(1)</script>\x00\xff"
PATH = "/invoices/80001/original.pdf"


@pytest.fixture
def enter(database, tmp_path):
    """A browser signed in with the address; without one a stranger's."""
    guarded = Guard(Starlette(routes=[*public.routes, *invoices.routes]), settings(), tmp_path)

    def signed_in(email=""):
        client = TestClient(guarded, base_url="http://localhost:3000", follow_redirects=False)
        if email:
            assert client.post("/login", data={"email": email, "password": PASSWORD}).status_code == 303
        return client

    return signed_in


def user(db, company, email, *args, **values):
    made = make.user(db, company, email, *args, **values)
    db.get(SignIn, made.sign_in_id).password_hash = HASH
    return made


@pytest.fixture
def company(database):
    with writing() as db:
        made = make.company(db)
        on = make.customer_number(db, made, "10023")
        single = make.subscription(db, on, "S1")
        make.original(db, make.invoice(db, on, "80001", [("10.00", single)]), CONTENT, 'x"\n.html')
        make.original(db, make.invoice(db, on, 'å"/\\7'), CONTENT)
        make.original(db, make.invoice(db, on, "80002"), None)
        user(db, made, "asa@bjorko.example")
        user(db, made, "custom@bjorko.example", Role.CUSTOM, permissions=["customer_numbers.read"])
        make.grant(db, user(db, made, "single@bjorko.example", Role.READER, access_all=False), single)
        make.grant(db, user(db, made, "number@bjorko.example", Role.READER, access_all=False), on)
        other = make.company(db, "Sjövik Vård AB", "5560125790")
        user(db, other, "superuser@sjovik.example")
        return made


@pytest.mark.parametrize("email", ["asa@bjorko.example", "number@bjorko.example"])
def test_the_original_comes_unchanged_as_a_file_that_nothing_can_run(enter, company, email):
    answer = enter(email).get(PATH)
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith('attachment; filename="Faktura 80001.pdf"')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy


@pytest.mark.parametrize(
    ("email", "status"),
    [
        ("superuser@sjovik.example", 404),
        ("single@bjorko.example", 404),
        ("custom@bjorko.example", 403),
        ("", 401),
    ],
)
def test_the_address_is_worth_nothing_to_whoever_does_not_see_the_invoice(enter, company, email, status):
    client = enter(email)
    answer = client.get(PATH)
    assert answer.status_code == status
    assert b"PDF" not in answer.content
    # Unknown, foreign and without an original can't be told apart.
    for number in ("80002", "nope", "..%2f80001", "%00"):
        assert client.get(f"/invoices/{number}/original.pdf").status_code == status


def test_a_missing_original_is_not_found(enter, company):
    client = enter("asa@bjorko.example")
    for number in ("80002", "nope", "%00", "x" * 5000, "' OR 1=1 --"):
        assert client.get(f"/invoices/{number}/original.pdf").status_code == 404


def test_a_number_with_any_characters_has_its_file_under_a_plain_name(enter, company):
    answer = enter("asa@bjorko.example").get("/invoices/%C3%A5%22%2F%5C7/original.pdf")
    assert answer.content == CONTENT
    said = answer.headers["content-disposition"]
    assert said == "attachment; filename=\"Faktura __-_7.pdf\"; filename*=UTF-8''Faktura%20%C3%A5%22-%5C7.pdf"


def test_a_write_to_the_address_does_nothing(enter, company):
    client = enter("asa@bjorko.example")
    for method in ("POST", "PUT", "DELETE"):
        assert client.request(method, PATH, headers={"origin": "http://localhost:3000"}).status_code == 405
