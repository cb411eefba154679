"""What was wanted is kept when somebody in several companies signs in, on both databases."""

import re
from html import unescape

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from selfcare_app import config
from selfcare_app.api import public
from selfcare_app.api.guard import Guard
from selfcare_app.models import SignIn
from selfcare_app.services.database import writing
from selfcare_app.specs.permissions import Role
from tests import factories as make
from tests.api.test_public import EMAIL, HASH, browser, enter


@pytest.fixture
def client(database):
    return browser()


@pytest.fixture
def asa(database):
    with writing() as db:
        user = make.user(db, make.company(db), EMAIL)
        db.get(SignIn, user.sign_in_id).password_hash = HASH
        return user


def test_what_was_wanted_is_kept_through_the_company_choice(client, asa):
    with writing() as db:
        second = make.user(db, make.company(db, "Sjövik Vård AB", "5560125790"), EMAIL, Role.READER)
    wanted = "/customer-numbers?q=å&status=active"
    choice = enter(client, next=wanted).headers["location"]
    hidden = f'name="next" value="{wanted}"'
    assert hidden in unescape(client.get(choice).text)
    refused = client.post("/choose-company", data={"user_id": "999", "next": wanted})
    assert hidden in unescape(refused.text)
    answer = client.post("/choose-company", data={"user_id": second.id, "next": wanted})
    assert (answer.status_code, answer.headers["location"]) == (303, "/customer-numbers?q=%C3%A5&status=active")


def test_whoever_has_no_company_yet_keeps_what_was_wanted(asa, tmp_path):
    with writing() as db:
        make.user(db, make.company(db, "Sjövik Vård AB", "5560125790"), EMAIL, Role.READER)
    app = Guard(Starlette(routes=list(public.routes)), config.settings(), tmp_path)
    client = TestClient(app, base_url="http://localhost:3000", follow_redirects=False)
    enter(client)
    for path, sent in (
        ("/customer-numbers?q=a&page=2", "/choose-company?next=%2Fcustomer-numbers%3Fq%3Da%26page%3D2"),
        ("/", "/choose-company"),
        ("/export/customer-numbers.csv", "/choose-company"),
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, sent)


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example"])
def test_the_company_choice_leads_nowhere_else(client, asa, elsewhere):
    with writing() as db:
        second = make.user(db, make.company(db, "Sjövik Vård AB", "5560125790"), EMAIL, Role.READER)
    assert enter(client, next=elsewhere).headers["location"] == "/choose-company"
    assert "evil" not in re.search(r'name="next" value="[^"]*"', client.get("/choose-company").text)[0]
    page = client.get("/choose-company", params={"next": elsewhere}).text
    assert 'name="next" value="/"' in page
    answer = client.post("/choose-company", data={"user_id": second.id, "next": elsewhere})
    assert answer.headers["location"] == "/"
