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
        ({"SECRET": SECRET, "PUBLIC_URL": "https://u:p@selfcare.example"}, "SELFCARE_PUBLIC_URL"),
        ({"SECRET": SECRET, "PUBLIC_URL": "https://selfcare.example#f"}, "SELFCARE_PUBLIC_URL"),
        ({"SECRET": SECRET, "PUBLIC_URL": "https://selfcare.example:99999"}, "SELFCARE_PUBLIC_URL"),
        ({"DEMO": "1", "PUBLIC_URL": "http://localhost:99999"}, "SELFCARE_PUBLIC_URL"),
        ({"DEMO": "1", "PUBLIC_URL": "http://localhost:0"}, "SELFCARE_PUBLIC_URL"),
        ({"SECRET": SECRET, "PUBLIC_URL": "https://self care.example"}, "SELFCARE_PUBLIC_URL"),
        ({"SECRET": SECRET, "PUBLIC_URL": "https://[::1"}, "SELFCARE_PUBLIC_URL"),
        ({"SECRET": SECRET, "PUBLIC_URL": "https://10.0.0.999"}, "SELFCARE_PUBLIC_URL"),
        ({"SECRET": " " * 40}, "SELFCARE_SECRET"),
        ({"SECRET": SECRET, "DATABASE_URL": "mysql://db/selfcare"}, "SELFCARE_DATABASE_URL"),
        ({"SECRET": SECRET, "DATABASE_URL": "postgresql+psycopg://u@db:99999/d"}, "SELFCARE_DATABASE_URL"),
        ({"SECRET": SECRET, "SMTP_URL": "smtp://mail.example:abc"}, "SELFCARE_SMTP_URL"),
        ({"SECRET": SECRET, "SMTP_URL": "smtp://mail.example/inbox"}, "SELFCARE_SMTP_URL"),
        ({"SECRET": SECRET, "MAIL_FROM": "garbage"}, "SELFCARE_MAIL_FROM"),
        ({"SECRET": SECRET, "MAIL_FROM": "a@b.example, c@d.example"}, "SELFCARE_MAIL_FROM"),
        ({"SECRET": SECRET, "MAIL_FROM": "Us <a@b.example>\nBcc: c@d.example"}, "SELFCARE_MAIL_FROM"),
        ({"SECRET": SECRET, "MAIL_FROM": "Us\n <a@b.example>"}, "SELFCARE_MAIL_FROM"),
        ({"SECRET": SECRET, "SERVICE_EMAIL": "ring us"}, "SELFCARE_SERVICE_EMAIL"),
        ({"SECRET": SECRET, "REDIS_URL": "http://cache.example"}, "SELFCARE_REDIS_URL"),
        ({"SECRET": SECRET, "REDIS_URL": "redis://cache.example:abc"}, "SELFCARE_REDIS_URL"),
        ({"SECRET": SECRET, "HOST": "everywhere"}, "SELFCARE_HOST"),
        ({"SECRET": SECRET, "OPERATOR_ACCENT_DARK": "#12345"}, "SELFCARE_OPERATOR_ACCENT_DARK"),
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
        {"SECRET": SECRET, "DATABASE_URL": "postgresql+psycopg://selfcare:hunter2@127.0.0.1:abc/d"},
        {"SECRET": SECRET, "SMTP_URL": "ftp://selfcare:hunter2@mail.example"},
        {"SECRET": SECRET, "SMTP_URL": "smtp://selfcare:hunter2@mail.example:hunter2"},
        {"SECRET": SECRET, "PUBLIC_URL": "https://u:hunter2@selfcare.example"},
        {"SECRET": SECRET, "PUBLIC_URL": "https://u:hunter2@selfcare\u2100.example"},
    ],
)
def test_a_refusal_never_repeats_what_may_be_a_secret(environment, values):
    environment(**values)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("https://Self.Example:443", "https://self.example"),
        ("https://self.example:8443/", "https://self.example:8443"),
        ("https://Exempelnät.Example", "https://xn--exempelnt-22a.example"),
        ("HTTPS://[2001:DB8:0::1]:443", "https://[2001:db8::1]"),
        ("https://10.0.0.7", "https://10.0.0.7"),
        ("https://self_care.example", "https://self_care.example"),
    ],
)
def test_the_public_address_is_kept_as_browsers_send_it(environment, given, sent):
    environment(SECRET=SECRET, PUBLIC_URL=given)
    assert read_settings().origins == {sent}


def test_the_default_port_is_no_part_of_a_loopback_origin(environment):
    environment(SECRET=SECRET, PORT="80")
    assert read_settings().origins == {f"http://{host}" for host in ("localhost", "127.0.0.1", "[::1]")}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MAIL_FROM", "selfcare@operator.example"),
        ("MAIL_FROM", "Exempelnät Selfcare <selfcare@operator.example>"),
        ("MAIL_FROM", '"Exempelnät, AB" <selfcare@operator.example>'),
        ("MAIL_FROM", "selfcare@mailhost"),
        ("SERVICE_EMAIL", "support@operator.example"),
        ("SMTP_URL", "smtps://user:p%40ss@mail.example:465"),
        ("REDIS_URL", "rediss://:word@cache.example:6379/0"),
        ("HOST", "::1"),
        ("OPERATOR_ACCENT", "#025D6B"),
        ("DATABASE_URL", "postgresql+psycopg:///selfcare?host=/run/postgresql"),
    ],
)
def test_right_settings_are_taken_as_they_are(environment, name, value):
    environment(SECRET=SECRET, **{name: value})
    assert getattr(read_settings(), name.lower()) == value


def test_a_wrong_colour_is_told_in_plain_words(environment):
    environment(SECRET=SECRET, OPERATOR_ACCENT="petrol")
    with pytest.raises(SettingsError, match=r"^SELFCARE_OPERATOR_ACCENT: must be a colour such as #025D6B\.$"):
        read_settings()


def test_the_data_folder_is_made_only_where_something_lies_in_it(environment, tmp_path):
    elsewhere = {"DATABASE_URL": "postgresql+psycopg://db/selfcare", "SMTP_URL": "smtp://mail.example"}
    environment(SECRET=SECRET, **elsewhere)
    read_settings().make_data_dir()
    assert not (tmp_path / "var").exists()
    environment(SMTP_URL="")
    read_settings().make_data_dir()
    assert (tmp_path / "var").is_dir()


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
