"""What tests of feeding invoices share: companies that own something, and feeding in one line."""

from __future__ import annotations

from sqlalchemy import select

from selfcare_app.models import Invoice
from selfcare_app.services.access import Actor
from selfcare_app.services.database import session, writing
from selfcare_app.services.feeds.invoices import feed_invoices
from selfcare_app.specs.permissions import OperatorRole
from tests import factories as make
from tests.ubl import Bill

OPERATOR = Actor(name="selfcare feed", at=make.NOW, operator_role=OperatorRole.ADMINISTRATOR)


def companies() -> None:
    """Björkö with customer numbers 10023 and 10024 and subscriptions S1 and S2, Sjövik with 20023 and S9."""
    with writing() as db:
        bjorko = make.company(db)
        sjovik = make.company(db, "Sjövik Vård AB", "5560125790")
        number = make.customer_number(db, bjorko, "10023")
        make.customer_number(db, bjorko, "10024")
        other = make.customer_number(db, sjovik, "20023")
        make.subscription(db, number, "S1")
        make.subscription(db, number, "S2")
        make.subscription(db, other, "S9")


def feed(content: bytes, name: str = "fil.xml"):
    """The reports."""
    return list(feed_invoices(OPERATOR, name, content))


def fed(bill: Bill) -> Invoice:
    """Feed what must go in; gives the invoice."""
    (report,) = feed(bill.xml())
    assert report.applied, report.sentences("en")
    assert (report.created, report.unchanged) == (1, 0)
    with session() as db:
        return db.exec(select(Invoice).where(Invoice.number == bill.number)).scalar_one()


def refused(content: bytes, name: str = "fil.xml") -> list[str]:
    """Feed what must not; gives the reasons, without the file of their texts."""
    (report,) = feed(content, name)
    assert not report.applied
    return [refusal.key.partition(".")[2] for refusal in report.refusals]


def rows(model):
    """All that is stored, in the order it came."""
    with session() as db:
        return db.exec(select(model).order_by(model.id)).scalars().all()
