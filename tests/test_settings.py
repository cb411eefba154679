"""Settings: what is refused at start, in one sentence that never repeats a secret, and what follows from what."""

from __future__ import annotations

import pytest

from selfcare_app.config import Settings, SettingsError, read_settings

SECRET = "s" * 40


@pytest.fixture
def environment(monkeypatch):
    """Only these settings; names without their prefix."""
    monkeypatch.delenv("SELFCARE_SECRET", raising=False)

    def put(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"SELFCARE_{name}", value)

    return put


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({}, "SELFCARE_SECRET"),
        ({"SECRET": "too short"}, "SELFCARE_SECRET"),
        ({"SECRET": SECRET, "PORT": "0"}, "SELFCARE_PORT"),
        ({"SECRET": SECRET, "PORT": "70000"}, "SELFCARE_PORT"),
        ({"SECRET": SECRET, "PUBLIC_URL": "*"}, "SELFCARE_PUBLIC_URL"),
        ({"SECRET": SECRET, "PUBLIC_URL": "https://*.example"}, "SELFCARE_PUBLIC_URL"),
        ({"SECRET": SECRET, "PUBLIC_URL": "selfcare.example"}, "SELFCARE_PUBLIC_URL"),
        ({"SECRET": SECRET, "PUBLIC_URL": "https://selfcare.example/portal"}, "SELFCARE_PUBLIC_URL"),
        ({"SECRET": SECRET, "PUBLIC_URL": "http://selfcare.example"}, "SELFCARE_PUBLIC_URL"),
        ({"SECRET": SECRET, "DATABASE_URL": "mysql://db/selfcare"}, "SELFCARE_DATABASE_URL"),
        ({"SECRET": SECRET, "SMTP_URL": "mail.example:25"}, "SELFCARE_SMTP_URL"),
        ({"SECRET": SECRET, "DEMO": "yes"}, "SELFCARE_DEMO"),
        ({"SECRET": SECRET, "OPERATOR_ACCENT": "petrol"}, "SELFCARE_OPERATOR_ACCENT"),
        ({"DEMO": "1", "WORKERS": "0"}, "SELFCARE_WORKERS"),
    ],
)
def test_wrong_settings_are_refused_in_one_sentence_that_names_the_variable(environment, values, names):
    environment(**values)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    said = str(refused.value)
    assert names in said
    assert said.endswith(".")
    assert "\n" not in said


@pytest.mark.parametrize(
    "values",
    [
        {"SECRET": "hunter2"},
        {"SECRET": SECRET, "DATABASE_URL": "mysql://selfcare:hunter2@db/selfcare"},
        {"SECRET": SECRET, "SMTP_URL": "ftp://selfcare:hunter2@mail.example"},
    ],
)
def test_a_refusal_never_repeats_what_may_be_a_secret(environment, values):
    environment(**values)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert "hunter2" not in str(refused.value)


def test_demo_mode_needs_no_secret_and_listens_on_loopback_only(environment):
    environment(DEMO="1", HOST="0.0.0.0")
    settings = read_settings()
    assert settings.demo_mode
    assert settings.listen_host == "127.0.0.1"
    assert len(settings.key) >= 32
    assert settings.key == Settings().key, "made once and kept"


def test_the_public_demo_listens_everywhere(environment):
    environment(DEMO="public")
    assert read_settings().listen_host == "0.0.0.0"


def test_the_address_follows_the_port_unless_it_is_given(environment):
    environment(SECRET=SECRET, PORT="3123")
    settings = read_settings()
    assert settings.origin == "http://localhost:3123"
    assert settings.origins == {f"http://{host}:3123" for host in ("localhost", "127.0.0.1", "[::1]")}
    assert not settings.secure
    environment(PUBLIC_URL="https://selfcare.example/")
    settings = read_settings()
    assert settings.origin == "https://selfcare.example"
    assert settings.origins == {"https://selfcare.example"}
    assert settings.secure


def test_the_database_is_sqlite_in_the_data_folder_unless_it_is_given(environment, tmp_path):
    environment(SECRET=SECRET)
    assert read_settings().database == f"sqlite:///{tmp_path}/var/selfcare.db"
    environment(DATABASE_URL="postgresql+psycopg://selfcare@db/selfcare")
    assert read_settings().database == "postgresql+psycopg://selfcare@db/selfcare"


def test_an_empty_variable_counts_as_none(environment):
    environment(SECRET=SECRET, PORT="", PUBLIC_URL="", OPERATOR_NAME="")
    assert read_settings().port == 3000
    assert read_settings().operator_name == "Exempelnät"
