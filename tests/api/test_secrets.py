"""SIM and PUK over HTTP: who gets them, and that they stand in that one answer and nowhere else (O1, P4)."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest

from tests.portal import STATE, tab

SUBSCRIPTION, FOREIGN = "710001", "720001"
PAGE = f"{STATE}.selfcare_app___state___subscription____subscription_state"


def address(number: str = SUBSCRIPTION) -> str:
    return f"/api/subscriptions/{number}/secrets"


@pytest.fixture(scope="module")
def values(portal):
    """What the demo's operator fed: asked for once, as whoever may."""
    with portal.client("superuser@bjorko.example") as client:
        answer = client.post(address())
    assert answer.status_code == 200
    return answer.json()


def entries(portal, number: str) -> list[tuple]:
    with sqlite3.connect(f"file:{portal.data_dir / 'selfcare.db'}?mode=ro", uri=True) as db:
        return db.execute(
            "SELECT who, object_label, before, after FROM audit_entry WHERE action = 'subscription.secrets_read'"
            " AND object_label = ? ORDER BY id",
            (number,),
        ).fetchall()


def test_who_may_write_subscriptions_gets_them_and_nobody_keeps_the_answer(portal, values):
    assert set(values) == {"sim", "puk"}
    assert values["sim"].isdigit()
    assert values["puk"].isdigit()
    before = len(entries(portal, SUBSCRIPTION))
    with portal.client("admin@bjorko.example") as client:
        answer = client.post(address())
    assert answer.json() == values
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["content-type"] == "application/json"
    assert entries(portal, SUBSCRIPTION)[before:] == [("Karin Dahl", SUBSCRIPTION, None, None)]


@pytest.mark.parametrize(
    ("email", "number", "status"),
    [
        ("", SUBSCRIPTION, 401),
        ("reader@bjorko.example", SUBSCRIPTION, 403),
        ("partial@bjorko.example", SUBSCRIPTION, 403),
        ("finance@bjorko.example", "nope", 403),
        ("staff@exempelnat.example", SUBSCRIPTION, 403),
        ("superuser@sjovik.example", SUBSCRIPTION, 404),
        ("superuser@bjorko.example", FOREIGN, 404),
        ("superuser@bjorko.example", "nope", 404),
        ("superuser@bjorko.example", "%3Cscript%3E", 404),
    ],
)
def test_everybody_else_gets_a_sentence_and_no_value(portal, values, email, number, status):
    before = len(entries(portal, SUBSCRIPTION))
    with portal.client(email) as client:
        answer = client.post(address(number))
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}
    assert not any(value in answer.text for value in values.values())
    assert len(entries(portal, SUBSCRIPTION)) == before, "a refusal is no reading"


def test_unknown_and_foreign_are_answered_alike(portal):
    with portal.client("superuser@bjorko.example") as client:
        assert client.post(address(FOREIGN)).json() == client.post(address("nope")).json()


def test_the_refusal_is_in_the_users_language_and_says_what_to_do(portal):
    with portal.client("reader@bjorko.example") as client:
        assert "Be er huvudadministratör" in client.post(address()).json()["error"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_only_a_post_reads_them(portal, values, method):
    before = len(entries(portal, SUBSCRIPTION))
    with portal.client("superuser@bjorko.example") as client:
        answer = client.request(method, address())
    assert not any(value in answer.text for value in values.values())
    assert len(entries(portal, SUBSCRIPTION)) == before


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
def test_another_site_reads_nothing_in_a_users_name(portal, values, headers):
    with portal.client("superuser@bjorko.example") as client:
        answer = client.post(address(), headers=headers)
    assert answer.status_code == 403
    assert not any(value in answer.text for value in values.values())


def test_after_thirty_in_an_hour_one_has_to_wait(portal):
    with portal.client("superuser2@bjorko.example") as client:
        answers = [client.post(address()) for _ in range(31)]
    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert "30" in answers[-1].json()["error"]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 3600


def test_no_socket_no_file_no_log_and_no_table_ever_carries_them(portal, values):
    """As whoever may ask for them: the page itself, the lists with every column, and what is kept on disk."""

    async def journey():
        with portal.client("superuser@bjorko.example") as client:
            async with tab(portal, client.cookies["selfcare_session"], token="secrets") as opened:
                await opened.ask(f"{PAGE}.load", address=f"/subscriptions/{SUBSCRIPTION}")
                await opened.until(lambda: opened.deltas("subscription_state").get("found"), "the page")
                assert client.post(address()).json() == values
                await opened.ask(f"{PAGE}.load", address=f"/subscriptions/{SUBSCRIPTION}?tab=groups")
                assert opened.deltas("subscription_state")["facts"]["secrets"] == "1"
                found = opened.text
            return found, client.get("/export/subscriptions.csv").text

    for text in asyncio.run(journey()):
        assert not any(value in text for value in values.values())
    assert not any(value in (portal.data_dir / "server.log").read_text() for value in values.values())
    for mail in portal.mail.glob("*.eml"):
        assert not any(value.encode() in mail.read_bytes() for value in values.values()), mail
    with sqlite3.connect(f"file:{portal.data_dir / 'selfcare.db'}?mode=ro", uri=True) as db:
        assert values["puk"] not in "\n".join(db.iterdump()), "encrypted at rest, and not in the log"
        assert values["sim"] not in str(db.execute("SELECT * FROM audit_entry").fetchall())
        assert values["sim"] not in str(db.execute("SELECT * FROM outgoing_mail").fetchall())
