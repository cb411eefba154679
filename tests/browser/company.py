"""Companies of a journey's own, made as an operator makes them: fed, invited by mail, registered through the link."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from stdnum import luhn

from selfcare_app.config import PROJECT
from tests.portal import Portal

PASSWORD = "sju gröna båtar i rad"
NASTY = ("<img src=x onerror=alert(1)>", "=1+1", "'\"><script>alert(2)</script>")
"""Names that are markup to a careless page and a formula to a careless file."""
MAIL_WITHIN = 20
"""Seconds from a mail being written to its file."""
Row = tuple[str, str, str, str]
"""Number, name, type, opened."""


@dataclass(frozen=True)
class OwnCompany:
    """A company with one user, a superuser."""

    name: str
    organisation_number: str
    email: str
    rows: tuple[Row, ...]
    password: str = PASSWORD

    @property
    def numbers(self) -> list[str]:
        """Its customer numbers in order."""
        return sorted(row[0] for row in self.rows)


def selfcare(portal: Portal, *arguments: str) -> str:
    """Run the command on the portal's own server; gives what it said."""
    command = shutil.which("selfcare", path=str(Path(sys.executable).parent)) or "selfcare"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SELFCARE_")}
    done = subprocess.run(
        [command, *arguments],
        cwd=PROJECT,
        env={
            **kept,
            "LC_ALL": "sv_SE.UTF-8",
            "SELFCARE_DEMO": "1",
            "SELFCARE_DATA_DIR": str(portal.data_dir),
            "SELFCARE_PUBLIC_URL": portal.url,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def feed(portal: Portal, kind: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Feed rows as one CSV file."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    writer.writerows([headings, *rows])
    path = portal.data_dir / f"{kind}.csv"
    path.write_text(buffer.getvalue(), encoding="utf-8")
    selfcare(portal, "feed", kind, str(path))


def letter(portal: Portal, recipient: str, about: str) -> str:
    """The link of that kind in the newest mail to an address: waits for the mail, then reads it."""
    until = time.monotonic() + MAIL_WITHIN
    while time.monotonic() < until:
        found = sorted(portal.mail.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in found:
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            plain = mail.get_body(("plain",))
            if recipient in str(mail["To"]) and plain is not None:
                link = re.search(rf"{re.escape(portal.url)}(/{about}/\S+)", plain.get_content())
                if link:
                    return link[1]
        time.sleep(0.05)
    raise AssertionError(f"no mail about {about} came to {recipient}")


def organisation_number(index: int) -> str:
    """One of those that belong to nobody, with its right last digit."""
    base = f"55999820{index}"
    return base + str(luhn.calc_check_digit(base))


COMPANIES = {
    "Lövholmens Rör AB": 130,
    "Glömska AB": 3,
    "Inbjudna AB": 4,
    "Avbrutna AB": 30,
    "Rörliga AB": 3,
    "Folkrika AB": 60,
    "Säkra AB": 2,
}
"""Their names, and how many customer numbers each has."""


def feed_companies(portal: Portal) -> dict[str, OwnCompany]:
    """Feed them all, by name; nobody can sign in yet."""
    made = {}
    for index, (name, many) in enumerate(COMPANIES.items(), start=1):
        names = (*NASTY, "Ärla", "Åsen", "Öland", "Zinken", "Alvik")
        rows = tuple(
            (
                f"{index}{10_000 + n}",
                names[n] if n < len(names) else f"Plats {n:03}",
                ("mobile", "fixed", "data", "mixed")[n % 4],
                f"20{10 + n % 15}-0{1 + n % 9}-01",
            )
            for n in range(many)
        )
        made[name] = OwnCompany(name, organisation_number(index), f"first@company{index}.example", rows)
    headings = ("organisation number", "name", "address", "e-mail")
    feed(portal, "companies", headings, [(own.organisation_number, own.name, "Gata 1", "") for own in made.values()])
    headings = ("number", "company", "name", "type", "opened")
    rows = [(row[0], own.organisation_number, *row[1:]) for own in made.values() for row in own.rows]
    feed(portal, "customer-numbers", headings, rows)
    return made


def invite(portal: Portal, company: OwnCompany) -> str:
    """Invite the company's superuser; gives the link of the mail."""
    selfcare(portal, "invite", company.organisation_number, company.email, "Åke Först")
    return letter(portal, company.email, "invitation")


def register(portal: Portal, company: OwnCompany) -> OwnCompany:
    """Invite the company's superuser, who registers."""
    with portal.client() as browser:
        answer = browser.post(
            invite(portal, company),
            data={"name": "Åke Först", "phone": "", "password": PASSWORD, "again": PASSWORD, "language": "sv"},
        )
        assert answer.status_code == 303, answer.text
    return company
