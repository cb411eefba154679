"""The pages one needs before there is a session, over HTTP and on both databases."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import inspect
from sqlmodel import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from selfcare_app import config
from selfcare_app.api import public
from selfcare_app.api.identity import COOKIE, source_of
from selfcare_app.locales import catalogue
from selfcare_app.models import OutgoingMail, Session, SignIn, User
from selfcare_app.services import clock, invitations, passwords, sessions
from selfcare_app.services.database import session, writing
from selfcare_app.specs.demo import DEMO_PASSWORD, DEMO_SIGN_INS
from selfcare_app.specs.permissions import Role
from tests import factories as make

PASSWORD = "gröna äpplen i gräset"
HASH = passwords.hash_password(PASSWORD)
NEW = "sju blå cyklar på rad"
EMAIL = "asa@bjorko.example"


def browser(**values):
    app = Starlette(routes=list(public.routes))
    values = {"base_url": "http://localhost:3000", "follow_redirects": False, **values}
    return TestClient(app, **values)


@pytest.fixture
def client(database):
    return browser()


@pytest.fixture
def asa(database):
    with writing() as db:
        user = make.user(db, make.company(db), EMAIL, name="Åsa Lindström")
        db.get(SignIn, user.sign_in_id).password_hash = HASH
        return user


def enter(client, email=EMAIL, password=PASSWORD, **fields):
    return client.post("/login", data={"email": email, "password": password, **fields})


def living(client):
    return sessions.actor_by_token(client.cookies.get(COOKIE, ""), clock.now(), "")


def rows(model, *where):
    with session() as db:
        return db.exec(select(model).where(*where).order_by(*inspect(model).primary_key)).all()


def mailed_link(kind):
    """The path of the newest link of the kind, as its receiver reads it."""
    text = rows(OutgoingMail, OutgoingMail.kind == kind)[-1].text
    return re.search(r"http://localhost:3000(/\S+)", text)[1]


# --- Signing in


def test_signing_in_answers_303_with_the_cookie(client, asa):
    answer = enter(client, next="/customer-numbers?q=a")
    assert (answer.status_code, answer.headers["location"]) == (303, "/customer-numbers?q=a")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("selfcare_session=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert "Domain" not in cookie
    assert living(client).name == "Åsa Lindström"


def test_the_cookie_is_secure_exactly_behind_https(asa, monkeypatch):
    monkeypatch.setenv("SELFCARE_PUBLIC_URL", "https://selfcare.example")
    config.settings.cache_clear()
    client = browser(base_url="https://selfcare.example")
    assert "Secure" in enter(client).headers["set-cookie"].split("; ")


@pytest.mark.parametrize(
    ("email", "password"), [(EMAIL, "fel lösenord här"), ("nobody@bjorko.example", PASSWORD), ("", ""), (EMAIL, "\0")]
)
def test_every_failure_is_401_with_the_same_page(client, asa, email, password):
    answer = enter(client, email, password, next="/customer-numbers")
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    page = unescape(answer.text)
    assert "Fel e-post eller lösenord." in page
    assert page.count('aria-describedby="login-error"') == 2
    assert page.count('aria-invalid="true"') == 2
    assert 'id="login-error"' in page
    assert f'value="{email}"' in page
    assert 'value="/customer-numbers"' in page
    assert "fel lösenord här" not in page


def test_known_and_unknown_addresses_get_the_same_page(client, asa):
    known, unknown = enter(client, EMAIL, "fel lösenord här"), enter(client, "nobody@x.example", "fel lösenord här")
    assert known.text.replace(EMAIL, "") == unknown.text.replace("nobody@x.example", "")
    assert known.headers.keys() == unknown.headers.keys()


def test_too_many_failures_are_429_and_say_how_long(client, asa):
    for _ in range(6):
        assert enter(client, password="fel lösenord här").status_code == 401
    answer = enter(client)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "1"
    assert "Vänta 1 sekund och försök igen." in answer.text


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "/a\r\nSet-Cookie: x=1",
        "/\t/evil.example",
        " //evil.example",
        "/\u202e",
        "http:/evil.example",
        "/" + "a" * 5000,
    ],
)
def test_after_signing_in_one_stays_on_the_portal(client, asa, target):
    answer = enter(client, next=target)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert client.get("/login", params={"next": target}).headers["location"] == "/"


def test_who_is_signed_in_is_sent_on_from_the_sign_in_page(client, asa):
    enter(client)
    answer = client.get("/login", params={"next": "/customer-numbers"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/customer-numbers")


def test_the_session_is_renewed_at_sign_in(client, asa):
    enter(client)
    first = client.cookies[COOKIE]
    enter(client)
    assert client.cookies[COOKIE] != first
    assert sessions.actor_by_token(first, clock.now(), "") is None


def test_a_session_chosen_by_someone_else_is_not_taken_over(client, asa):
    client.cookies.set(COOKIE, "planted")
    answer = enter(client)
    assert "selfcare_session=planted" not in answer.headers["set-cookie"]


def test_signing_out_needs_a_post(client, asa):
    enter(client)
    assert client.get("/logout").status_code == 303
    assert living(client)
    token = client.cookies[COOKIE]
    answer = client.post("/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert COOKIE not in client.cookies
    assert sessions.actor_by_token(token, clock.now(), "") is None


def test_signing_out_without_a_session_is_no_error(client):
    assert client.post("/logout").status_code == 303


# --- The pages


def test_pages_are_not_kept_and_send_no_address_on(client):
    for path in ("/login", "/forgot-password", "/reset-password/x", "/invitation/x"):
        answer = client.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"


def test_pages_have_no_inline_script(client):
    for path in ("/login", "/forgot-password", "/reset-password/x"):
        page = client.get(path).text
        assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
        assert re.findall(r"\son\w+=", page) == []


def test_the_language_is_kept_for_a_year_and_the_page_stays(client):
    answer = client.get("/login?next=%2Fcustomer-numbers&language=en")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fcustomer-numbers")
    assert {"selfcare_language=en", "Max-Age=31536000", "SameSite=lax"} <= set(answer.headers["set-cookie"].split("; "))
    page = client.get("/login").text
    assert '<html lang="en">' in page
    assert "Sign in" in page
    assert "Logga in" not in page


def test_a_language_we_do_not_speak_changes_nothing(client):
    assert "set-cookie" not in client.get("/login?language=xx").headers
    assert '<html lang="sv">' in client.get("/login").text


@pytest.mark.parametrize("path", ["/login", "/forgot-password", "/reset-password/x", "/invitation/x"])
def test_a_form_is_limited_while_it_is_read(client, path):
    sent = []

    def endless():
        for _ in range(1000):
            sent.append(1)
            yield b"a" * 8192

    answer = client.post(path, content=endless())
    assert answer.status_code == 413


def test_a_form_of_very_many_fields_is_refused(client):
    assert client.post("/login", content="&".join(f"a{n}=1" for n in range(5000))).status_code == 413


def test_what_is_typed_is_shown_as_text(client, asa):
    nasty = '"><script>alert(1)</script>@x.example'
    for answer in (enter(client, nasty), client.post("/forgot-password", data={"email": nasty})):
        assert "<script>alert" not in answer.text


def test_the_demo_panel_stands_in_demo_mode_only(client, monkeypatch):
    address = DEMO_SIGN_INS[0][1]
    assert address not in client.get("/login").text
    assert DEMO_PASSWORD not in client.get("/login", params={"email": address}).text
    monkeypatch.setenv("SELFCARE_DEMO", "1")
    config.settings.cache_clear()
    page = client.get("/login", params={"email": address}).text
    assert all(email in page for _, email in DEMO_SIGN_INS)
    assert f'value="{address}"' in page
    assert "someone@else.example" not in client.get("/login", params={"email": "someone@else.example"}).text


def test_texts_stand_in_both_languages():
    swedish, english = (
        {
            key: set(re.findall(r"\{(\w+)\}", said))
            for key, said in catalogue(language).items()
            if key.startswith("auth.")
        }
        for language in ("sv", "en")
    )
    assert swedish == english


# --- New password


def test_a_forgotten_password_is_chosen_anew(client, asa):
    enter(client)
    other = browser()
    enter(other)
    answer = client.post("/forgot-password", data={"email": EMAIL.upper()})
    assert answer.status_code == 200
    link = mailed_link("reset")
    assert "Välj nytt lösenord" in client.get(link).text
    assert EMAIL in client.get(link).text
    answer = client.post(link, data={"password": NEW, "again": NEW})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?notice=password-changed")
    assert "Lösenordet är ändrat" in client.get(answer.headers["location"]).text
    assert living(other) is None
    assert all(row.ended_at for row in rows(Session))
    assert enter(client).status_code == 401
    assert enter(client, password=NEW).status_code == 303
    assert [m.kind for m in rows(OutgoingMail)] == ["reset", "password_changed"]


def test_asking_for_a_link_answers_alike_for_known_and_unknown(client, asa):
    known = client.post("/forgot-password", data={"email": EMAIL})
    unknown = client.post("/forgot-password", data={"email": "nobody@bjorko.example"})
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace(EMAIL, "") == unknown.text.replace("nobody@bjorko.example", "")
    assert len(rows(OutgoingMail)) == 1


def test_an_incomplete_address_is_pointed_out(client):
    answer = client.post("/forgot-password", data={"email": "asa"})
    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text
    assert 'href="#email"' in answer.text


def test_one_source_may_not_ask_for_links_without_end(client):
    answers = [client.post("/forgot-password", data={"email": f"a{n}@x.example"}) for n in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert "Vänta 60 minuter" in answers[-1].text


@pytest.mark.parametrize(
    ("password", "again", "field", "said"),
    [
        ("kort", "kort", "password", "minst 12 tecken"),
        (NEW, NEW + "x", "again", "inte lika"),
        ("asa@bjorko.example1", "asa@bjorko.example1", "password", "e-postadress"),
        ("aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaa", "password", "för få olika"),
        ("å" * 500 + "bcdefg" * 100, "å" * 500 + "bcdefg" * 100, "password", "högst 1000 tecken"),
    ],
)
def test_a_refused_password_leaves_the_link_usable(client, asa, password, again, field, said):
    client.post("/forgot-password", data={"email": EMAIL})
    link = mailed_link("reset")
    answer = client.post(link, data={"password": password, "again": again})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert said in unescape(answer.text)
    assert password not in answer.text
    assert client.post(link, data={"password": NEW, "again": NEW}).status_code == 303


def test_used_expired_and_unknown_links_give_one_page(client, asa, monkeypatch):
    for _ in range(2):
        client.post("/forgot-password", data={"email": EMAIL})
    first, second = (re.search(r"http://localhost:3000(/\S+)", m.text)[1] for m in rows(OutgoingMail))
    client.post(second, data={"password": NEW, "again": NEW})
    dead = [client.get(path) for path in (first, second, "/reset-password/" + "x" * 43)]
    client.post("/forgot-password", data={"email": EMAIL})
    third, later = mailed_link("reset"), clock.now() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    dead += [client.get(third), client.post(third, data={"password": PASSWORD, "again": PASSWORD})]
    assert {answer.status_code for answer in dead} == {404}
    assert len({re.sub(r"/reset-password/[^\"?]+", "", answer.text) for answer in dead}) == 1
    assert "Skicka en ny länk" in dead[0].text


# --- Invitation


def invite(email="ny@bjorko.example", of=None, **values):
    with session() as db:
        superuser = of or db.exec(select(User)).first()
    values = {"name": "Nils Ny", "role": Role.READER, "access_all": True, **values}
    actor = make.actor(superuser, at=clock.now(), company_name="Björkö Bygg AB")
    return invitations.invite(actor, invitations.Invitee(email=email, **values))


FORM = {"name": "Nils Nyström", "phone": "070-174 06 05", "password": NEW, "again": NEW, "language": "en"}


def test_an_invited_person_finishes_the_registration_and_is_in(client, asa):
    user_id = invite()
    link = mailed_link("invitation")
    page = client.get(link)
    assert "Björkö Bygg AB" in page.text
    assert 'value="Nils Ny"' in page.text
    assert rows(User, User.id == user_id)[0].activated_at is None
    assert enter(client, "ny@bjorko.example", NEW).status_code == 401
    answer = client.post(link, data=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    actor = living(client)
    assert (actor.user_id, actor.name, actor.role, actor.language) == (user_id, "Nils Nyström", Role.READER, "en")
    again = client.post(link, data=FORM)
    assert again.status_code == 404
    assert "går inte längre att använda" in client.get(link).text or "can no longer be used" in client.get(link).text


def test_opening_an_invitation_changes_nothing(client, asa):
    invite()
    link = mailed_link("invitation")
    before = [row.model_dump() for model in (User, SignIn, Session) for row in rows(model)]
    for _ in range(3):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    assert [row.model_dump() for model in (User, SignIn, Session) for row in rows(model)] == before


def test_what_was_typed_stays_when_an_invitation_is_refused(client, asa):
    invite()
    link = mailed_link("invitation")
    answer = client.post(link, data={**FORM, "phone": "ring mig"})
    assert answer.status_code == 422
    assert 'value="Nils Nyström"' in unescape(answer.text)
    assert 'id="phone-error"' in answer.text
    assert client.post(link, data={**FORM, "name": "  "}).status_code == 422
    assert client.post(link, data={**FORM, "again": "annat"}).status_code == 422


def test_an_invitation_used_twice_at_once_lets_one_in(asa):
    invite()
    link = mailed_link("invitation")
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: browser().post(link, data=FORM).status_code, range(4)))
    assert sorted(answers) == [303, 404, 404, 404]


def test_a_known_address_confirms_with_its_password_and_keeps_it(client, asa):
    with writing() as db:
        other = make.user(db, make.company(db, "Sjövik Vård AB", "5560125790"), "chef@sjovik.example")
    invite(EMAIL, of=other)
    link = mailed_link("invitation")
    page = client.get(link).text
    assert 'name="again"' not in page
    assert client.post(link, data={**FORM, "password": NEW}).status_code == 401
    assert rows(SignIn, SignIn.email == EMAIL)[0].password_hash == HASH
    answer = client.post(link, data={**FORM, "password": PASSWORD})
    assert answer.status_code == 303
    actor = living(client)
    assert (actor.company_name, actor.companies, actor.language) == ("Sjövik Vård AB", 2, "sv")
    assert rows(SignIn, SignIn.email == EMAIL)[0].password_hash == HASH


# --- Company


def test_a_person_in_two_companies_chooses_and_switches(client, asa):
    with writing() as db:
        other = make.company(db, "Sjövik Vård AB", "5560125790")
        second = make.user(db, other, EMAIL, Role.READER)
        stranger = make.user(db, other, "x@sjovik.example")
    answer = enter(client, next="/customer-numbers")
    assert (answer.status_code, answer.headers["location"]) == (303, "/choose-company?next=%2Fcustomer-numbers")
    undecided = client.cookies[COOKIE]
    page = client.get("/choose-company").text
    assert "Björkö Bygg AB" in page
    assert "Sjövik Vård AB" in page
    for wrong in (str(stranger.id), "999", "operator", "", "-1", "²", "9" * 5000):
        assert client.post("/choose-company", data={"user_id": wrong}).status_code == 404
    answer = client.post("/choose-company", data={"user_id": second.id})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert sessions.actor_by_token(undecided, clock.now(), "") is None
    assert living(client).company_name == "Sjövik Vård AB"
    client.post("/choose-company", data={"user_id": asa.id})
    assert living(client).company_name == "Björkö Bygg AB"


def test_choosing_a_company_needs_a_session(client, asa):
    for answer in (client.get("/choose-company"), client.post("/choose-company", data={"user_id": asa.id})):
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")


# --- Where a request comes from


def come_from(peer, forwarded, hops, monkeypatch):
    monkeypatch.setenv("SELFCARE_TRUSTED_PROXIES", str(hops))
    config.settings.cache_clear()
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return source_of(Request({"type": "http", "client": (peer, 1), "headers": headers}))


@pytest.mark.parametrize(
    ("forwarded", "hops", "source"),
    [
        (["203.0.113.7"], 0, "10.0.0.1"),
        (["203.0.113.7"], 1, "203.0.113.7"),
        (["6.6.6.6, 203.0.113.7"], 1, "203.0.113.7"),
        (["6.6.6.6", "203.0.113.7"], 1, "203.0.113.7"),
        (["6.6.6.6, 203.0.113.7, 10.0.0.2"], 2, "203.0.113.7"),
        (["203.0.113.7"], 2, "10.0.0.1"),
        ([], 1, "10.0.0.1"),
        (["nonsense"], 1, "10.0.0.1"),
        (["203.0.113.7:4711"], 1, "203.0.113.7"),
        (["[2001:db8::1]:4711"], 1, "2001:db8::1"),
    ],
)
def test_only_our_own_proxies_are_believed(monkeypatch, forwarded, hops, source):
    assert come_from("10.0.0.1", forwarded, hops, monkeypatch) == source


def test_no_token_or_password_reaches_the_log(client, asa, caplog):
    caplog.set_level("DEBUG")
    enter(client)
    token = client.cookies[COOKIE]
    client.post("/forgot-password", data={"email": EMAIL})
    link = mailed_link("reset")
    client.post(link, data={"password": NEW, "again": NEW})
    # The test client's own log names what it asked for; the portal's must not.
    said = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("selfcare"))
    for secret in (token, link.rpartition("/")[2], NEW, PASSWORD):
        assert secret not in said
