"""What tests of uploads share: a company to change by files, and how a file is sent in, looked at and applied."""

from __future__ import annotations

import csv
import io
from datetime import date

import openpyxl
from sqlmodel import select

from selfcare_app.models import Group, GroupCategory, GroupMembership
from selfcare_app.services.database import session
from selfcare_app.services.uploads import uploading
from selfcare_app.specs.permissions import Role
from tests import factories as make

GROUPS, MEMBERSHIPS = "groups", "group-memberships"
OF_GROUPS = ("Kategori", "Grupp", "Beskrivning", "Nytt namn", "Åtgärd")
OF_MEMBERSHIPS = ("Gäller", "Nummer", "Kategori", "Grupp", "Startmånad", "Slutmånad", "Åtgärd")
JANUARY, JUNE = date(2026, 1, 1), date(2026, 6, 1)


class Firm:
    """A company with two groups of one category, three numbers and a subscription, and people of several kinds."""

    def __init__(self, db):
        company, other = make.company(db), make.company(db, "Sjövik Vård AB", "5560125790")
        self.company = company
        self.numbers = [make.customer_number(db, company, str(10020 + n)) for n in range(3)]
        make.customer_number(db, other, "20020")
        self.subscription = make.subscription(db, self.numbers[2], "S1")
        self.finance = make.group(db, company, "Avdelning", "Ekonomi")
        self.sales = make.group(db, company, "Avdelning", "Försäljning")
        make.group(db, other, "Hemligt", "KANARIE")
        self.member = make.member(db, self.finance, self.numbers[0], JANUARY)
        make.member(db, self.sales, self.subscription, JANUARY, JUNE)
        people = {
            "boss": (company, "boss@bjorko.example", Role.SUPERUSER, True),
            "second": (company, "second@bjorko.example", Role.SUPERUSER, True),
            "reader": (company, "reader@bjorko.example", Role.READER, True),
            "partial": (company, "partial@bjorko.example", Role.FINANCE, False),
            "foreign": (other, "boss@sjovik.example", Role.SUPERUSER, True),
        }
        for name, (of, email, role, access_all) in people.items():
            setattr(self, name, make.actor(make.user(db, of, email, role, access_all=access_all)))


def send(actor, kind, rows):
    """As CSV, which takes a twentieth of the time that a workbook takes."""
    headings = OF_GROUPS if kind == GROUPS else OF_MEMBERSHIPS
    made = io.StringIO()
    csv.writer(made, delimiter=";").writerows([headings, *rows])
    return uploading.receive(actor, kind, "fil.csv", made.getvalue().encode())


def checked(actor, kind, rows):
    upload = send(actor, kind, rows)
    return upload, uploading.check(actor, kind, upload).plan


def applied(actor, kind, rows):
    upload, plan = checked(actor, kind, rows)
    assert not plan.problems, told(plan)
    uploading.apply(actor, kind, upload, plan.fingerprint)
    return upload


def told(plan, language="sv"):
    return [(problem.row, problem.column, problem.sentence(language)) for problem in plan.problems]


def stored():
    """What there is, by name: what is undone comes back under another id."""
    with session() as db:
        categories = {row.id: row for row in db.exec(select(GroupCategory).order_by(GroupCategory.id)).all()}
        groups = {
            row.id: (categories[row.category_id].name, row.name, row)
            for row in db.exec(select(Group).order_by(Group.id)).all()
        }
        return {
            "categories": sorted((row.company_id, row.name, row.description) for row in categories.values()),
            "groups": sorted((row.company_id, *name, row.description) for *name, row in groups.values()),
            "memberships": sorted(
                str(
                    (
                        groups[row.group_id][:2],
                        row.customer_number_id,
                        row.subscription_id,
                        row.start_month,
                        row.end_month,
                    )
                )
                for row in db.exec(select(GroupMembership).order_by(GroupMembership.id)).all()
            ),
        }


def cells(file):
    sheet = openpyxl.load_workbook(io.BytesIO(file.content)).worksheets[0]
    return [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
