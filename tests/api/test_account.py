"""The pages between password and portal, and those that ask for something secret, behind the outer guard."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from sqlmodel import select
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from selfcare_app.api import account, public
from selfcare_app.api.guard import Guard
from selfcare_app.api.identity import COOKIE
from selfcare_app.config import settings
from selfcare_app.models import CompanyProfile, OutgoingMail, Session, SignIn
from selfcare_app.services import clock, passwords
from selfcare_app.services.database import session, writing
from tests import factories as make

PASSWORD, NEW = "gröna äpplen i gräset", "sju blå cyklar på rad"
HASH = passwords.hash_password(PASSWORD)
EMAIL = "asa@bjorko.example"


async def inside(_request):
    return PlainTextResponse("inside")


@pytest.fixture
def browser(database, tmp_path):
    """Browsers without scripts, all before one server."""
    app = Starlette(routes=[*public.routes, *account.routes, Route("/{rest:path}", inside)])
    guarded = Guard(app, settings(), tmp_path)
    return lambda: TestClient(guarded, base_url="http://localhost:3000", follow_redirects=False)


@pytest.fixture
def asa(database):
    with writing() as db:
        user = make.user(db, make.company(db), EMAIL)
        db.get(SignIn, user.sign_in_id).password_hash = HASH
        return user


def enter(client, password=PASSWORD, **fields):
    return client.post("/login", data={"email": EMAIL, "password": password, **fields})


def where(answer):
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def secret_on(page):
    return re.search(r"secret=([A-Z2-7]+)|<code[^>]*>([A-Z2-7 ]+)</code>", page.text)[2].replace(" ", "")


def switch_on(client):
    """Set it up; gives the secret and the recovery codes."""
    secret = secret_on(client.get("/second-factor/set-up"))
    page = client.post("/second-factor/set-up", data={"code": pyotp.TOTP(secret).now()})
    codes = re.findall(r"<code>([a-z2-9]{5}-[a-z2-9]{5})</code>", page.text)
    assert len(codes) == 10
    return secret, codes


def test_from_password_to_code_to_where_one_was_going(browser, asa):
    first = browser()
    enter(first)
    codes = switch_on(first)[1]
    second = browser()
    assert where(enter(second, next="/invoices?q=a")) == "/second-factor?next=%2Finvoices%3Fq%3Da"
    assert where(second.get("/invoices")) == "/login?next=%2Finvoices", "half a session leads nowhere"
    page = second.get("/second-factor?next=/invoices")
    assert 'autocomplete="one-time-code"' in page.text
    wrong = second.post("/second-factor", data={"code": "000000", "next": "/invoices"})
    assert wrong.status_code == 401
    assert "stämmer inte" in wrong.text
    half = second.cookies[COOKIE]
    assert where(second.post("/second-factor", data={"code": codes[0], "next": "//evil.example"})) == "/"
    assert second.cookies[COOKIE] != half
    assert second.get("/invoices").text == "inside"


def test_the_page_of_the_code_is_nothing_to_strangers_and_to_those_inside(browser, asa):
    stranger = browser()
    assert where(stranger.get("/second-factor")) == "/login"
    assert where(stranger.post("/second-factor", data={"code": "000000"})) == "/login"
    assert where(stranger.get("/second-factor/set-up")).startswith("/login")
    enter(stranger)
    assert where(stranger.get("/second-factor")) == "/login"


def test_where_it_is_required_every_page_leads_to_setting_it_up(browser, asa):
    client = browser()
    enter(client)
    with writing() as db:
        db.add(CompanyProfile(company_id=asa.company_id, require_second_factor=True))
    for path in ("/", "/invoices", "/export/invoices.csv", "/profile/password", "/choose-company"):
        assert where(client.get(path)).startswith("/second-factor/set-up"), path
    assert client.post("/profile/password", data={}).status_code == 303
    with writing() as db:
        # Begun under another SELFCARE_SECRET: the page leads on, not round in a circle.
        db.get(SignIn, asa.sign_in_id).totp_secret = "v1.unreadable"
    page = client.get("/second-factor/set-up?next=/invoices")
    assert "krävs" in page.text
    secret = secret_on(page)
    done = client.post("/second-factor/set-up", data={"code": pyotp.TOTP(secret).now(), "next": "/invoices"})
    assert 'href="/invoices"' in done.text
    assert client.get("/invoices").text == "inside"


def test_what_s4_names_asks_for_the_password_again_and_leads_back(browser, asa):
    client = browser()
    enter(client)
    with writing() as db:
        db.exec(select(Session)).one().password_at = clock.now() - timedelta(minutes=16)
    assert where(client.get("/profile/address")) == "/confirm-password?next=%2Fprofile%2Faddress"
    assert where(client.get("/second-factor/set-up")).startswith("/confirm-password")
    assert client.post("/confirm-password", data={"password": "fel"}).status_code == 401
    answer = client.post("/confirm-password", data={"password": PASSWORD, "next": "/profile/address"})
    assert where(answer) == "/profile/address"
    assert client.get("/profile/address").status_code == 200


def test_the_password_changes_and_others_are_out(browser, asa):
    here, there = browser(), browser()
    enter(here)
    enter(there)
    page = here.get("/profile/password")
    assert 'autocomplete="current-password"' in page.text
    for data, status in (
        ({"current": PASSWORD, "password": NEW, "again": "annat"}, 422),
        ({"current": "fel", "password": NEW, "again": NEW}, 401),
        ({"current": PASSWORD, "password": "kort", "again": "kort"}, 422),
    ):
        answer = here.post("/profile/password", data=data)
        assert answer.status_code == status
        assert 'role="alert"' in answer.text
        assert NEW not in answer.text
    assert where(here.post("/profile/password", data={"current": PASSWORD, "password": NEW, "again": NEW}))
    assert here.get("/").text == "inside"
    assert where(there.get("/")).startswith("/login")


def test_the_strength_is_told_to_those_signed_in_only(browser, asa):
    client = browser()
    assert client.post("/profile/password-strength", data={"password": NEW}).status_code == 401
    enter(client)
    answers = [
        client.post("/profile/password-strength", data={"password": each}).json()["strength"]
        for each in ("aaaa", "bjorko-asa", NEW)
    ]
    assert answers[0] < 2
    assert answers[1] < 3
    assert answers[2] == 4


def test_a_new_address_is_confirmed_by_a_button_and_not_by_opening(browser, asa):
    client = browser()
    enter(client)
    assert "ny@bjorko.example" in client.post("/profile/address", data={"email": "ny@bjorko.example"}).text
    with session() as db:
        letter = db.exec(select(OutgoingMail).where(OutgoingMail.kind == "address_confirmation")).one()
    path = re.search(r"http://localhost:3000(/confirm-address/\S+)", letter.text)[1]
    stranger = browser()
    assert stranger.get(path).status_code == 200
    assert enter(browser()).status_code == 303, "nothing has changed yet"
    assert "ny@bjorko.example" in stranger.post(path).text
    assert stranger.get(path).status_code == 404
    assert enter(browser()).status_code == 401


def test_it_is_switched_off_with_password_and_code(browser, asa):
    client = browser()
    enter(client)
    codes = switch_on(client)[1]
    assert client.post("/second-factor/off", data={"current": PASSWORD, "code": "1"}).status_code == 422
    assert where(client.post("/second-factor/off", data={"current": PASSWORD, "code": codes[1]}))
    assert where(enter(browser())) == "/"


def test_a_write_from_another_origin_changes_nothing(browser, asa):
    client = browser()
    enter(client)
    for path in ("/second-factor/set-up", "/second-factor/off", "/profile/password", "/profile/address"):
        answer = client.post(path, data={}, headers={"origin": "https://evil.example"})
        assert answer.status_code == 403, path


@pytest.mark.parametrize(
    "path",
    ["/second-factor/set-up", "/second-factor/off", "/profile/password", "/profile/address", "/confirm-password"],
)
def test_the_pages_are_kept_nowhere_and_speak_both_languages(browser, asa, path):
    client = browser()
    enter(client)
    swedish = client.get(path)
    assert swedish.headers["cache-control"] == "no-store"
    assert '<html lang="sv">' in swedish.text
    assert where(client.get(f"{path}?language=en")) == path
    assert '<html lang="en">' in client.get(path).text
