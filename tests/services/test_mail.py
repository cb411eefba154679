"""The outbox: what is written, and how it is delivered to servers that refuse, hang and die, on both databases."""

import re
import socketserver
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from sqlmodel import select

from selfcare_app import config
from selfcare_app.locales import LANGUAGES
from selfcare_app.models import OutgoingMail
from selfcare_app.services import clock, letters, mail, mail_delivery
from selfcare_app.services.database import session, writing
from selfcare_app.services.letters import Facts
from selfcare_app.specs.mail import DAILY, KINDS
from tests import factories as make
from tests.factories import NOW

TOKEN = "token-that-nobody-else-may-see"


class Server(socketserver.ThreadingTCPServer):
    """A mail server that answers each command as told, and keeps what it took."""

    allow_reuse_address = daemon_threads = True

    def __init__(self, answers=None, hang_at=None):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.answers = {"EHLO": "250 tiny", **(answers or {})}
        self.hang_at, self.released = hang_at, threading.Event()
        self.taken, self.commands = [], []

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.shutdown()
        self.server_close()


class Conversation(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        server = self.server
        self.say(server.answers.get("hello", "220 tiny"))
        while line := self.rfile.readline().decode("utf-8", "replace").strip():
            verb = line.split(" ")[0].upper()
            server.commands.append(verb)
            if verb == server.hang_at:
                server.released.wait(10)
                return
            answer = server.answers.get(verb, "250 ok")
            if verb == "DATA" and "DATA" not in server.answers:
                self.say("354 go on")
                lines = []
                while (text := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(text)
                answer = server.answers.get("taken", "250 taken")
                if answer.startswith("250"):
                    server.taken.append(b"".join(lines))
            self.say(answer)
            if verb == "QUIT" or answer.startswith("421"):
                return


@pytest.fixture
def smtp(database, monkeypatch):
    """Start a server and point the portal at it; takes what `Server` takes."""
    started = []

    def start(user="", **values):
        server = Server(**values).__enter__()
        started.append(server)
        monkeypatch.setenv("SELFCARE_SMTP_URL", f"smtp://{user}127.0.0.1:{server.server_address[1]}")
        config.settings.cache_clear()
        return server

    yield start
    for server in started:
        server.__exit__()


def write(recipient="ny@bjorko.example", now=NOW, **values):
    given = {"language": "sv", "name": "Nils Ny", "company": "Björkö Bygg AB", "inviter": "Åsa Lindström"}
    with writing() as db:
        mail.invitation(
            db,
            recipient=recipient,
            token=TOKEN,
            expires_at=now + timedelta(days=7),
            now=now,
            **{**given, **values},
        )


def rows():
    with session() as db:
        return db.exec(select(OutgoingMail).order_by(OutgoingMail.id)).all()


def parsed(raw):
    return message_from_bytes(raw, policy=policy.default)


# --- What is written


def test_a_mail_is_written_with_its_fact_or_not_at_all(database):
    def fact_that_fails():
        with writing() as db:
            mail.password_changed(db, recipient="a@b.example", language="sv", now=NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fact_that_fails()
    assert rows() == []
    mail.WRITTEN.clear()
    write()
    assert mail.WRITTEN.is_set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_mail_is_complete_in_both_languages(database, language):
    soon = NOW + timedelta(hours=1)
    with writing() as db:
        to = {"recipient": "ny@bjorko.example", "language": language, "now": NOW}
        mail.invitation(db, name="N", company="C", inviter="I", token=TOKEN, expires_at=soon, **to)
        mail.reset(db, token=TOKEN, expires_at=soon, **to)
        mail.password_changed(db, **to)
        mail.second_factor(db, "on", **to)
        mail.second_factor(db, "off", **to)
        mail.address_confirmation(db, old="gammal@bjorko.example", token=TOKEN, expires_at=soon, **to)
        chain = {"who": "W", "company": "C", "added": "A", "removed": "R", "chain": "A, B"}
        chain["product"] = "pages.product.mobile"
        reader = make.user(db, make.company(db), "ny@bjorko.example")
        for own in (False, True):
            mail.approvers_changed(db, to=reader, own=own, **chain, **to)
        mail.address_changed(db, address="ny@bjorko.example", **to)
        mail.daily(db, [Facts("approvers_changed", "/company", {**chain, "at": "nu"})], company="C", **to)
    kinds = {folder.name for folder in letters.FOLDER.iterdir()}
    assert kinds == {*KINDS, DAILY}
    assert {letter.kind for letter in rows()} == kinds
    for letter in rows():
        assert letter.subject
        assert "{" not in letter.subject + letter.text
        assert "\n" not in letter.subject
        assert f'<html lang="{language}">' in letter.html
        assert "Exempelnät" in letter.text
        assert re.search(r"^http://localhost:3000/\S+$", letter.text, re.MULTILINE)


def test_both_languages_of_a_mail_use_the_same_values():
    for folder in letters.FOLDER.iterdir():
        places = [set(re.findall(r"\{(\w+)\}", (folder / f"{lang}.txt").read_text("utf-8"))) for lang in LANGUAGES]
        assert places[0] == places[1]


def test_names_can_add_neither_lines_markup_nor_values(database):
    write(name="N\r\nBcc: x@y.example", company="<b>C</b> {link}", inviter="<script>")
    letter = rows()[0]
    assert "\n" not in letter.subject
    assert "Hej N Bcc: x@y.example!" in letter.text
    assert "{link}" in letter.subject
    assert "<script>" not in letter.html
    assert "<b>" not in letter.html
    message = mail_delivery.message_of(letter)
    assert message["Bcc"] is None
    assert message["To"] == "ny@bjorko.example"


# --- Files


def test_without_a_mail_server_mail_becomes_files(database):
    write()
    assert mail_delivery.deliver_due(NOW) == 1
    files = list((config.settings().data_dir / "mail").iterdir())
    assert [file.suffix for file in files] == [".eml"]
    assert files[0].stat().st_mode & 0o077 == 0
    message = parsed(files[0].read_bytes())
    assert message["To"] == "ny@bjorko.example"
    assert message["Message-ID"] == rows()[0].message_id
    assert TOKEN in message.get_body(("plain",)).get_content()
    assert TOKEN in message.get_body(("html",)).get_content()
    assert mail_delivery.deliver_due(NOW + timedelta(days=1)) == 0


def test_a_full_disk_is_tried_again(database):
    blocked = config.settings().data_dir / "mail"
    blocked.parent.mkdir(parents=True)
    blocked.write_text("in the way")
    write()
    assert mail_delivery.deliver_due(NOW) == 0
    blocked.unlink()
    assert mail_delivery.deliver_due(NOW + timedelta(seconds=30)) == 1


# --- Servers


def test_a_mail_arrives_once_and_its_link_is_wiped(smtp):
    server = smtp()
    write()
    write("b@bjorko.example")
    assert mail_delivery.deliver_due(NOW) == 2
    assert mail_delivery.deliver_due(NOW) == 0
    assert len(server.taken) == 2
    assert server.commands.count("EHLO") == 1
    message = parsed(server.taken[0])
    assert (message["From"], message["Subject"]) == (
        "Exempelnät Selfcare <selfcare@localhost>",
        "Slutför din registrering i Exempelnät Selfcare för Björkö Bygg AB",
    )
    assert message["Auto-Submitted"] == "auto-generated"
    assert TOKEN in message.get_body(("plain",)).get_content()
    for letter in rows():
        assert letter.sent_at == NOW
        assert (letter.text, letter.html) == ("", "")


@pytest.mark.parametrize(
    "answers",
    [
        {"RCPT": "550 no such person"},
        {"DATA": "554 not this"},
        {"taken": "552 too much"},
    ],
)
def test_a_recipient_refused_for_good_fails_at_once_and_holds_nobody_up(smtp, answers):
    server = smtp(answers=answers)
    write()
    write("b@bjorko.example")
    assert mail_delivery.deliver_due(NOW) == 0
    assert server.commands.count("MAIL") == 2
    for letter in rows():
        assert letter.failed_at == NOW
        assert letter.error.startswith("55")
        assert TOKEN not in letter.text + letter.html
    assert mail_delivery.deliver_due(NOW + timedelta(days=1)) == 0
    assert mail_delivery.queue_state(NOW) == {"waiting": 0, "failed": 2, "oldest_waiting_seconds": 0}


@pytest.mark.parametrize(
    "answers",
    [
        {"RCPT": "451 try later"},
        {"DATA": "451 try later"},
        {"taken": "452 full"},
        {"MAIL": "530 not yet set up"},
        {"MAIL": "421 going down"},
        {"hello": "554 nobody home"},
        {"EHLO": "500 what", "HELO": "500 what"},
    ],
)
def test_what_may_pass_is_tried_again_after_a_while(smtp, answers):
    server = smtp(answers=answers)
    write()
    assert mail_delivery.deliver_due(NOW) == 0
    letter = rows()[0]
    assert (letter.sent_at, letter.failed_at, letter.attempts) == (None, None, 1)
    assert letter.next_attempt_at == NOW + timedelta(seconds=30)
    server.answers = {"EHLO": "250 tiny"}
    assert mail_delivery.deliver_due(NOW + timedelta(seconds=29)) == 0
    assert mail_delivery.deliver_due(NOW + timedelta(seconds=30)) == 1
    assert parsed(server.taken[0])["Message-ID"] == letter.message_id


@pytest.mark.parametrize("verb", ["EHLO", "MAIL", "DATA"])
def test_a_server_that_hangs_is_left_and_tried_again(smtp, monkeypatch, verb):
    monkeypatch.setattr(mail_delivery, "SMTP_TIMEOUT", 0.2)
    smtp(hang_at=verb)
    write()
    assert mail_delivery.deliver_due(NOW) == 0
    assert rows()[0].next_attempt_at == NOW + timedelta(seconds=30)
    smtp()
    assert mail_delivery.deliver_due(NOW + timedelta(seconds=30)) == 1


def test_a_server_that_is_away_costs_one_attempt_of_one_mail_at_a_time(smtp):
    smtp().__exit__()
    write()
    write("b@bjorko.example")
    assert mail_delivery.deliver_due(NOW) == 0
    assert sorted(letter.attempts for letter in rows()) == [0, 1]
    assert mail_delivery.queue_state(NOW + timedelta(seconds=90)) == {
        "waiting": 2,
        "failed": 0,
        "oldest_waiting_seconds": 90,
    }


def test_a_password_is_never_sent_to_a_server_without_tls(smtp):
    server = smtp(user="user:hemligt%40@")
    write()
    assert mail_delivery.deliver_due(NOW) == 0
    assert "AUTH" not in server.commands
    assert "STARTTLS" in rows()[0].error
    assert "hemligt" not in rows()[0].error


def test_delays_grow_to_six_hours_and_after_48_the_mail_is_given_up(smtp):
    smtp(answers={"RCPT": "451 try later"})
    write()
    now, delays = NOW, []
    while rows()[0].failed_at is None:
        mail_delivery.deliver_due(now)
        letter = rows()[0]
        delays.append((letter.next_attempt_at - now).total_seconds())
        now = letter.next_attempt_at
    assert delays[:4] == [30, 60, 120, 240]
    # The last one set no new delay: the mail was given up.
    assert delays[:-1] == sorted(delays[:-1])
    assert delays[-2] == 6 * 3600
    assert timedelta(hours=48) <= rows()[0].failed_at - NOW <= timedelta(hours=54)


def test_a_worker_that_died_while_sending_loses_no_mail(smtp, monkeypatch):
    server = smtp()
    write()
    with monkeypatch.context() as dying:
        dying.setattr(mail_delivery, "message_of", lambda _: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            mail_delivery.deliver_due(NOW)
    assert mail_delivery.deliver_due(NOW) == 0
    assert mail_delivery.deliver_due(NOW + mail_delivery.CLAIM) == 1
    assert len(server.taken) == 1


def test_nobody_is_kept_from_writing_while_there_is_nothing_to_send(database, monkeypatch):
    write(now=NOW + timedelta(seconds=1))
    with monkeypatch.context() as nothing_due:
        nothing_due.setattr(mail_delivery, "writing", lambda: pytest.fail("a transaction that writes"))
        assert mail_delivery.deliver_due(NOW) == 0
    assert mail_delivery.deliver_due(NOW + timedelta(seconds=1)) == 1


def test_several_workers_send_each_mail_once(smtp):
    server = smtp()
    for n in range(12):
        write(f"a{n}@bjorko.example")
    with ThreadPoolExecutor(4) as threads:
        delivered = sum(threads.map(lambda _: mail_delivery.deliver_due(NOW), range(4)))
    assert delivered == 12
    assert sorted(parsed(raw)["To"] for raw in server.taken) == sorted(f"a{n}@bjorko.example" for n in range(12))


def test_no_link_or_address_reaches_the_log(smtp, caplog):
    caplog.set_level("DEBUG")
    smtp(answers={"RCPT": "550 ny@bjorko.example unknown"})
    write()
    mail_delivery.deliver_due(NOW)
    assert "not delivered" in caplog.text
    assert TOKEN not in caplog.text
    assert "ny@bjorko.example" not in caplog.text


def test_the_sender_delivers_what_is_written_and_survives_a_database_that_is_away(smtp, monkeypatch, caplog):
    server, stop, tried = smtp(), threading.Event(), threading.Event()
    deliver = mail_delivery.deliver_due
    monkeypatch.setattr(mail_delivery, "POLL", 0.01)

    def flaky(now):
        if not tried.is_set():
            tried.set()
            raise ConnectionError(TOKEN)
        return deliver(now)

    monkeypatch.setattr(mail_delivery, "deliver_due", flaky)
    sender = threading.Thread(target=mail_delivery.run, args=(stop,), daemon=True)
    sender.start()
    write(now=clock.now())
    for _ in range(500):
        if rows()[0].sent_at:
            break
        stop.wait(0.01)
    stop.set()
    mail.WRITTEN.set()
    sender.join(5)
    assert not sender.is_alive()
    assert len(server.taken) == 1
    assert TOKEN not in caplog.text
