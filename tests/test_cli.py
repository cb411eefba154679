"""The `selfcare` command: sentences and exit codes, never a traceback."""

from __future__ import annotations

import io
import re
import socket
import sys
import threading
from collections.abc import Iterator
from importlib.metadata import version

import pytest
from sqlalchemy import Engine, create_engine, inspect, make_url, text

from selfcare_app import cli, serve
from selfcare_app.config import settings
from selfcare_app.models import Company, OperatorUser, OutgoingMail, SignIn, Table
from selfcare_app.services import database as database_module
from selfcare_app.services import migrations
from selfcare_app.services.database import session, writing
from selfcare_app.services.feeds.feeding import FEEDERS
from selfcare_app.services.feeds.kinds import KINDS
from selfcare_app.specs.demo import DEMO_PASSWORD, DEMO_SIGN_INS
from tests import factories as make
from tests.conftest import POSTGRES

COMPANY_FILE = "organisation number,name\n5560360793,Björkö Bygg AB\n"


@pytest.fixture
def selfcare(monkeypatch, capsys):
    """Run the command; gives exit code, standard output and standard error."""

    def run(*words: str, stdin: str = "") -> tuple[int, str, str]:
        settings.cache_clear()
        monkeypatch.setattr(sys, "argv", ["selfcare", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    return run


def commands() -> list[str]:
    return [command.name or command.callback.__name__ for command in cli.app.registered_commands]


@pytest.mark.parametrize("command", commands())
def test_every_command_has_help(selfcare, command):
    code, said, _ = selfcare(command, "--help")
    assert code == 0
    assert len(re.sub(r"Usage:.*|Options:|--help.*", "", said).strip()) > 20


def test_the_version_is_the_installed_one(selfcare):
    assert selfcare("--version") == (0, f"selfcare {version('selfcare')}\n", "")


@pytest.mark.parametrize("command", [["serve"], ["migrate"], ["demo"], ["invite", "5560360793", "a@b.example", "A"]])
def test_wrong_settings_are_one_sentence_and_exit_code_2(selfcare, monkeypatch, command):
    monkeypatch.setenv("SELFCARE_PORT", "http")
    code, said, error = selfcare(*command)
    assert (code, said) == (2, "")
    assert re.fullmatch(r"selfcare: SELFCARE_PORT: .+\.\n", error)


@pytest.mark.parametrize("command", [["migrate"], ["feed", "companies", "x.csv"], ["serve"]])
def test_a_data_folder_that_cannot_be_made_is_one_sentence_and_exit_code_2(selfcare, monkeypatch, tmp_path, command):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "x.csv").write_text(COMPANY_FILE, encoding="utf-8")
    monkeypatch.setenv("SELFCARE_DATA_DIR", str(tmp_path / "file" / "nope"))
    monkeypatch.setenv("SELFCARE_HOST", "127.0.0.1")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setenv("SELFCARE_PORT", str(probe.getsockname()[1]))
    monkeypatch.chdir(tmp_path)
    code, said, error = selfcare(*command)
    assert (code, said) == (2, "")
    assert re.fullmatch(r"selfcare: SELFCARE_DATA_DIR: .+ can't be made: .+\.\n", error)


def test_a_database_that_cannot_be_reached_is_one_sentence(selfcare, monkeypatch, tmp_path):
    engine = database_module.make_engine(f"sqlite:///{tmp_path}/no/such/folder/selfcare.db")
    monkeypatch.setattr(database_module, "engine", lambda: engine)
    code, _, error = selfcare("migrate")
    assert code == 1
    assert error.startswith("selfcare: The database can't be used: ")
    assert error.count("\n") == 1


def test_feeding_prints_the_report_and_stores_the_rows(database, selfcare, tmp_path):
    file = tmp_path / "companies.csv"
    file.write_text(COMPANY_FILE, encoding="utf-8")
    assert selfcare("feed", "companies", str(file)) == (
        0,
        "companies.csv: 1 created, 0 changed, 0 unchanged.\n",
        "",
    )
    assert selfcare("feed", "companies", str(file))[1] == "companies.csv: 0 created, 0 changed, 1 unchanged.\n"
    with session() as db:
        assert [row.name for row in db.query(Company).order_by(Company.id)] == ["Björkö Bygg AB"]


def test_a_refused_file_names_row_and_reason_in_the_language_asked_for_and_ends_with_1(database, selfcare, tmp_path):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(COMPANY_FILE, encoding="utf-8")
    bad.write_text("organisation number,name\n123,Fel AB\n", encoding="utf-8")
    code, said, error = selfcare("feed", "companies", "--language", "sv", str(bad), str(good))
    assert code == 1
    assert "good.csv" in said
    assert "Rad 2" in error
    assert "123" in error
    assert selfcare("feed", "companies", str(bad))[2].count("Row 2") == 1


@pytest.mark.parametrize("wrong", ["nope.csv", ".", "x" * 300])
def test_a_file_that_cannot_be_read_is_one_sentence_and_none_is_fed(database, selfcare, monkeypatch, tmp_path, wrong):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.csv").write_text(COMPANY_FILE, encoding="utf-8")
    code, said, error = selfcare("feed", "companies", "good.csv", wrong)
    assert (code, said) == (1, "")
    assert re.fullmatch(rf"selfcare: .*{re.escape(wrong)}.*\.\n", error)
    with session() as db:
        assert db.query(Company).count() == 0


def test_feed_names_every_kind_in_its_help_and_refuses_others(database, selfcare, tmp_path):
    said = selfcare("feed", "--help")[1].splitlines()
    assert all(f"  {kind}" in said for kind in FEEDERS)
    assert set(KINDS) <= set(FEEDERS)
    file = tmp_path / "x.csv"
    file.write_text(COMPANY_FILE, encoding="utf-8")
    code, _, error = selfcare("feed", "weather", str(file))
    assert code == 1
    assert "weather" in error
    assert all(kind in error for kind in FEEDERS)


def test_a_new_operator_gets_the_password_given_and_a_known_address_keeps_its_own(database, selfcare):
    assert (
        selfcare("create-operator", "ny@exempelnat.example", "Ny Medarbetare", stdin="four quiet grey owls\n")[0] == 0
    )
    with writing() as db:
        make.sign_in(db, "known@exempelnat.example", "a hash")
    assert selfcare("create-operator", "known@exempelnat.example", "Känd", "--role", "handler")[0] == 0
    with session() as db:
        hashes = {row.email: row.password_hash for row in db.query(SignIn).order_by(SignIn.id)}
        assert hashes["ny@exempelnat.example"].startswith("$argon2id$")
        assert hashes["known@exempelnat.example"] == "a hash"
        assert {(row.name, row.role) for row in db.query(OperatorUser).order_by(OperatorUser.id)} == {
            ("Ny Medarbetare", "administrator"),
            ("Känd", "handler"),
        }


@pytest.mark.parametrize(
    ("email", "password", "reason"),
    [
        ("ny@exempelnat.example", "short", "12 characters"),
        ("ny@exempelnat.example", "", "12 characters"),
        ("not an address", "four quiet grey owls", "address"),
        ("staff@exempelnat.example", "", "staff already"),
    ],
)
def test_an_operator_is_refused_with_a_reason_and_nothing_is_stored(database, selfcare, email, password, reason):
    with writing() as db:
        row = make.sign_in(db, "staff@exempelnat.example", "a hash")
        make.add(db, OperatorUser(sign_in_id=row.id, name="Staff", role="handler", created_at=make.NOW))
    code, _, error = selfcare("create-operator", email, "Någon", stdin=f"{password}\n")
    assert code == 1
    assert reason in error
    with session() as db:
        assert db.query(OperatorUser).count() == 1
        assert db.query(SignIn).count() == 1


def test_the_first_superuser_is_invited_by_mail(database, selfcare):
    with writing() as db:
        make.company(db, "Björkö Bygg AB", "5560360793")
    code, said, _ = selfcare("invite", "556036-0793", "vd@bjorko.example", "Vera Dahl")
    assert code == 0
    assert "vd@bjorko.example" in said
    assert "http://localhost:3000" in said
    assert selfcare("invite", "--language", "en", "556036-0793", "cfo@bjorko.example", "Cy Dahl")[0] == 0
    assert selfcare("invite", "--language", "fi", "556036-0793", "cto@bjorko.example", "Ty Dahl")[0] == 2
    with session() as db:
        assert [
            (row.kind, row.recipient, row.language) for row in db.query(OutgoingMail).order_by(OutgoingMail.id)
        ] == [
            ("invitation", "vd@bjorko.example", "sv"),
            ("invitation", "cfo@bjorko.example", "en"),
        ]
    code, _, error = selfcare("reset-second-factor", "vd@bjorko.example")
    assert (code, "second factor" in error) == (1, True), "there is none to take away"
    code, _, error = selfcare("invite", "5562626922", "vd@bjorko.example", "Vera Dahl")
    assert code == 1
    assert error.startswith("selfcare: ")


def test_the_demo_is_loaded_once_and_in_demo_mode_only(database, selfcare, monkeypatch):
    code, _, error = selfcare("demo")
    assert code == 1
    assert "SELFCARE_DEMO" in error
    monkeypatch.setenv("SELFCARE_DEMO", "1")
    assert migrations.is_empty()
    assert selfcare("demo")[0] == 0
    assert not migrations.is_empty()
    code, _, error = selfcare("demo")
    assert code == 1
    assert "empty database" in error


# --- Migrations


def test_companies_for_measuring_are_made_once_and_say_who_signs_in(database, selfcare):
    code, said, _ = selfcare("generate", "--subscriptions", "2", "--password", "measure-measure-9")
    assert code == 0
    assert "1 customer numbers, 2 subscriptions" in said
    address = re.search(r"superuser@\S+\.example", said)
    with session() as db:
        assert address
        assert address.group() in [row.email for row in db.query(SignIn).order_by(SignIn.id)]
    assert said.endswith("The password of every sign-in is measure-measure-9\n")
    code, said, error = selfcare("generate", "--subscriptions", "2")
    assert (code, said) == (1, "")
    assert error == "selfcare: Numbers of seed 1 are already in this database. Choose another seed.\n"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def untouched(request, tmp_path, monkeypatch, worker_id) -> Iterator[Engine]:
    """A database without a single table."""
    name = f"selfcare_new_{worker_id}"
    if request.param == "postgres":
        if not POSTGRES:
            pytest.skip("SELFCARE_TEST_POSTGRES_URL is not set")
        admin = create_engine(make_url(POSTGRES), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            connection.execute(text(f"CREATE DATABASE {name}"))
        address = make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    else:
        address = f"sqlite:///{tmp_path}/new.db"
    engine = database_module.make_engine(address)
    monkeypatch.setattr(database_module, "engine", lambda: engine)
    yield engine
    engine.dispose()
    if request.param == "postgres":
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        admin.dispose()


def test_migrating_makes_every_table_and_then_finds_nothing_to_do(untouched, selfcare):
    assert selfcare("migrate") == (0, "Migrated.\n", "")
    assert {table.name for table in Table.metadata.sorted_tables} <= set(inspect(untouched).get_table_names())
    assert selfcare("migrate") == (0, "The database is current.\n", "")


def all_at_once(count: int) -> list[object]:
    """Migrate from several threads that set off together; gives what each came to."""
    outcomes: list[object] = []
    together = threading.Barrier(count)

    def start() -> None:
        together.wait()
        try:
            outcomes.append(migrations.migrate())
        except Exception as error:  # the test says which
            outcomes.append(error)

    threads = [threading.Thread(target=start) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_of_starters_at_the_same_moment_one_migrates_and_none_fails(untouched):
    assert sorted(all_at_once(4), key=str) == [False, False, False, True]


# --- Serving


def test_a_port_in_use_is_one_sentence_and_nothing_is_made(selfcare, monkeypatch, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("SELFCARE_DEMO", "1")
        monkeypatch.setenv("SELFCARE_PORT", str(port))
        monkeypatch.chdir(tmp_path)
        assert selfcare("serve") == (
            1,
            "",
            f"selfcare: Port {port} is in use; stop what uses it or choose another with SELFCARE_PORT.\n",
        )
    assert not settings().data_dir.exists()


def test_the_greeting_tells_the_address_and_in_demo_mode_every_sign_in(monkeypatch):
    monkeypatch.setenv("SELFCARE_PORT", "3210")
    assert "Selfcare  http://localhost:3210" in serve.greeting()
    assert DEMO_PASSWORD not in "\n".join(serve.greeting())
    settings.cache_clear()
    monkeypatch.setenv("SELFCARE_DEMO", "1")
    said = "\n".join(serve.greeting())
    assert DEMO_PASSWORD in said
    assert all(address in said for _, address in DEMO_SIGN_INS)


def test_relative_paths_in_the_settings_mean_where_the_command_was_given(monkeypatch, tmp_path):
    monkeypatch.setenv("SELFCARE_DATA_DIR", "here")
    monkeypatch.setenv("SELFCARE_DATABASE_URL", "sqlite:///here/own.db")
    monkeypatch.chdir(tmp_path)
    serve._stand_in_project()
    assert settings().data_dir == tmp_path / "here"
    assert settings().database == f"sqlite:///{tmp_path}/here/own.db"
