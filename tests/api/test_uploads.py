"""Files sent in over HTTP (R6; quality.md, Safety 9 and 10): measured while they are read, one's own, told in words."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from selfcare_app.api import public, uploads
from selfcare_app.api.guard import Guard
from selfcare_app.config import settings
from selfcare_app.models import SignIn, Upload
from selfcare_app.services import passwords
from selfcare_app.services.database import session, writing
from selfcare_app.services.uploads.reading import MAX_BYTES
from selfcare_app.specs.permissions import Role
from tests import factories as make
from tests.workbooks import book

PASSWORD = "gröna äpplen i gräset"
FILE = book([("Kategori", "Grupp"), ("Avdelning", "Ekonomi")])
ORIGIN = {"origin": "http://localhost:3000"}


@pytest.fixture
def enter(database, tmp_path):
    with writing() as db:
        bjorko, sjovik = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        for of, email, role in (
            (bjorko, "asa@bjorko.example", Role.SUPERUSER),
            (bjorko, "bo@bjorko.example", Role.SUPERUSER),
            (bjorko, "reader@bjorko.example", Role.READER),
            (sjovik, "eva@sjovik.example", Role.SUPERUSER),
        ):
            made = make.user(db, of, email, role)
            db.get(SignIn, made.sign_in_id).password_hash = passwords.hash_password(PASSWORD)
    guarded = Guard(Starlette(routes=[*public.routes, *uploads.routes]), settings(), tmp_path)

    def signed_in(email=""):
        client = TestClient(guarded, base_url="http://localhost:3000", follow_redirects=False)
        if email:
            assert client.post("/login", data={"email": email, "password": PASSWORD}).status_code == 303
        return client

    return signed_in


def send(client, content=FILE, name="fil.xlsx", kind="groups", headers=ORIGIN):
    return client.post(f"/uploads/{kind}", files={"file": (name, content)}, headers=headers)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_file_leads_to_its_page_and_to_its_senders_alone(enter):
    asa = enter("asa@bjorko.example")
    answer = send(asa, name='å"/../\r\n.xlsx')
    assert answer.status_code == 303
    page, _, upload = answer.headers["location"].partition("?upload=")
    assert page == "/groups/upload"
    files = {which: asa.get(f"/uploads/groups/{upload}/{which}") for which in ("original", "preview", "problems")}
    assert [file.status_code for file in files.values()] == [200] * 3
    assert files["original"].content == FILE
    assert all(file.headers["content-disposition"].startswith("attachment;") for file in files.values())
    assert all("sandbox" in file.headers["content-security-policy"] for file in files.values())
    assert asa.get("/uploads/groups/template.xlsx").headers["cache-control"] == "private, no-store"
    for other in ("bo@bjorko.example", "eva@sjovik.example"):
        foreign = enter(other).get(f"/uploads/groups/{upload}/original")
        missing = asa.get("/uploads/groups/4711/original")
        assert asa.get(f"/uploads/groups/{10**20}/original").content == missing.content
        assert (foreign.status_code, foreign.json()) == (missing.status_code, missing.json()) == (404, missing.json())
    assert asa.get(f"/uploads/groups/{upload}/result").status_code == 404
    assert asa.get(f"/uploads/group-memberships/{upload}/original").status_code == 404
    stranger = enter()
    assert stranger.get(f"/uploads/groups/{upload}/original").status_code == 401
    assert send(stranger).status_code == 401


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_no_such_file_is_refused_in_words_and_nothing_is_kept(enter):
    asa, reader = enter("asa@bjorko.example"), enter("reader@bjorko.example")
    refusals = {
        403: [send(reader), send(asa, headers={"origin": "https://evil.example"})],
        404: [send(asa, kind="orders")],
        413: [send(asa, bytes(MAX_BYTES + 100_000))],
        422: [
            send(asa, b"%PDF-1.7"),
            asa.post("/uploads/groups", data={"file": "text"}, headers=ORIGIN),
            asa.post("/uploads/groups", content=b"x", headers={**ORIGIN, "content-type": "multipart/form-data"}),
        ],
    }
    for status, answers in refusals.items():
        for answer in answers:
            assert answer.status_code == status, answer.text
            assert answer.json()["error"]
    with session() as db:
        assert db.query(Upload).count() == 0


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_reading_ends_where_a_file_gets_too_big_whatever_it_says_of_itself(enter):
    asa = enter("asa@bjorko.example")
    piece, taken = bytes(1_000_000), []

    def endless():
        yield b'--x\r\ncontent-disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
        for _ in range(100):
            taken.append(len(piece))
            yield piece

    answer = asa.post(
        "/uploads/groups",
        content=endless(),
        headers={**ORIGIN, "content-type": "multipart/form-data; boundary=x"},
    )
    assert answer.status_code == 413
    assert "10 MB" in answer.json()["error"]
