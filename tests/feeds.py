"""Small files of the operator's for two companies, and short ways to feed them and see what came of it."""

from __future__ import annotations

import io
from typing import Any

from sqlalchemy import select

from selfcare_app.services.access import Actor
from selfcare_app.services.database import session
from selfcare_app.services.feeds.inventory import feed
from selfcare_app.services.feeds.report import FeedReport
from selfcare_app.services.feeds.usage import feed_usage
from selfcare_app.specs.permissions import OperatorRole
from tests import factories as make

OPERATOR = Actor(name="selfcare feed", at=make.NOW, operator_role=OperatorRole.ADMINISTRATOR)
COMPANIES = (
    "organisation number;name;address;e-mail\n"
    "559998-0017;Björkö Bygg AB;Varvsgatan 4;kontoret@bjorko.example\n"
    "559998-0413;Sjövik Vård AB;;\n"
)
CUSTOMER_NUMBERS = (
    "number;company;name;type;opened;closed\n"
    "10023;559998-0017;Huvudkontor;Blandat;2020-01-01;\n"
    "10024;559998-0017;Mark;mobile;2021-05-01;2025-01-01\n"
    "20023;559998-0413;Kansli;Datanät;2020-01-01;\n"
)
SUBSCRIPTIONS = (
    "id;customer number;type;phone number;person;opened;ended\n"
    "S1;10023;Mobil;070-174 06 05;Åsa Lindström;2020-02-01;\n"
    "S2;10024;m2m;;;2021-06-01;2024-12-31\n"
    "S9;20023;Växelanknytning;;Omar Haddad;2020-02-01;\n"
)


def put(kind: str, text: str, encoding: str = "utf-8") -> FeedReport:
    return feed(OPERATOR, kind, f"{kind}.csv", text.encode(encoding))


def rows(model: Any) -> list[Any]:
    with session() as db:
        return list(db.exec(select(model).order_by(model.id)).scalars())


def counts(report: FeedReport) -> tuple[int, int, int, int]:
    return report.created, report.changed, report.unchanged, report.refused


def reasons(report: FeedReport) -> list[tuple[int, str, str]]:
    return [(refusal.row, refusal.heading, refusal.key.split(".", 1)[1]) for refusal in report.refusals]


def feed_basics() -> None:
    """Two companies with customer numbers and subscriptions."""
    for kind, text in (
        ("companies", COMPANIES),
        ("customer-numbers", CUSTOMER_NUMBERS),
        ("subscriptions", SUBSCRIPTIONS),
    ):
        assert put(kind, text).applied


PRICE_PLANS = (
    "code;product;name;one-off fee;monthly fee;sold from;sold to;binding months;notice months\n"
    "MOB-M;Mobiltelefoni;Företag M;0;229,00;2020-01-01;;24;3\n"
    "FAST;fixed;Fast Bas;495.5;99;2019-01-01;2025-12-31;;\n"
)
FULL_SUBSCRIPTIONS = (
    "id;customer number;type;phone number;person;cost centre;price plan;opened;ended;bound until;SIM;PUK\n"
    "S1;10023;Mobil;070-174 06 05;Åsa Lindström;4711;MOB-M;2020-02-01;;2027-01-31;8946203800000010243;01234567\n"
    "S2;10024;m2m;;;;;2021-06-01;2024-12-31;;;\n"
    "S9;20023;Växelanknytning;;Omar Haddad;;FAST;2020-02-01;;;;\n"
)
CONNECTIONS = (
    "id;customer number;product;service type;capacity;address;city;SLA level;equipment;opened;ended\n"
    "F1;10023;Datanät;Internet;100/100;Kajgatan 4;Gävle;Plus;Router X1;2021-01-01;\n"
    "F2;20023;Fast telefoni;SIP;30;Storgatan 1;Åmål;;;2021-01-01;2026-01-01\n"
)
ADD_ONS = (
    "subscription or connection id;code;name;monthly fee;from;to\n"
    "S1;DATA5;Extra data 5 GB;49,00;2022-01-01;\n"
    "S1;ABROAD;Utomlands;0;2022-01-01;2022-12-31\n"
    "F1;DATA5;Extra IP-adresser;25.50;2022-01-01;\n"
)
CONTACTS = (
    "connection id;e-mail;name;phone\nF1;drift@bjorko.example;Erik Ström;070-174 06 07\nF1;Vakt@bjorko.example;;\n"
)
PAYMENTS = "reference;invoice number;date;amount\nP1;90001;2026-11-20;100,00\nP2;90001;2026-11-21;-25\n"


def feed_everything() -> None:
    """All kinds but payments, which need invoices."""
    feed_basics()
    for kind, text in (
        ("price-plans", PRICE_PLANS),
        ("subscriptions", FULL_SUBSCRIPTIONS),
        ("connections", CONNECTIONS),
        ("add-ons", ADD_ONS),
        ("contacts", CONTACTS),
    ):
        report = put(kind, text)
        assert report.applied, report.sentences("en")


USAGE_HEADINGS = "start time;subscription;type;counterpart;destination;quantity;unit;amount\n"
CALL = "2026-11-03 14:32:07;S1;Samtal;07XXXX123;Sverige;61;s;0,4900\n"


def put_usage(content: str | bytes, file_name: str = "usage.csv") -> FeedReport:
    return feed_usage(OPERATOR, file_name, io.BytesIO(content.encode() if isinstance(content, str) else content))


def stored(model: Any) -> list[dict[str, Any]]:
    """The rows in the order of their key."""
    with session() as db:
        return [row.model_dump() for row in db.exec(select(model).order_by(*model.__table__.primary_key)).scalars()]
