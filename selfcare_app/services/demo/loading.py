"""Loading the demo: the operator's files through the operator's feeds, then the people, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from io import BytesIO

from sqlalchemy import select
from sqlmodel import Session as DatabaseSession

from selfcare_app.config import settings
from selfcare_app.models import Company, SignIn
from selfcare_app.services.access import Actor, Refused, for_operator
from selfcare_app.services.database import writing
from selfcare_app.services.demo import people
from selfcare_app.services.demo.files import Files
from selfcare_app.services.feeds.inventory import feed_within
from selfcare_app.services.feeds.invoices import feed_invoices_within
from selfcare_app.services.feeds.report import FeedReport
from selfcare_app.services.feeds.runs import one_feed_at_a_time
from selfcare_app.services.feeds.usage import feed_usage_within


class NotEmpty(Refused):
    """The database holds companies or sign-ins already."""


@for_operator
def load_demo(actor: Actor, now: datetime) -> tuple[FeedReport, ...]:
    """Make both demo companies as of `now`, whole or not at all. Raises NotEmpty unless the database is empty."""
    actor = replace(actor, name=settings().operator_name, at=now)
    with writing() as db:
        one_feed_at_a_time(db)
        if db.exec(select(Company.id).limit(1)).first() or db.exec(select(SignIn.id).limit(1)).first():  # type: ignore[call-overload]
            raise NotEmpty("feeds.demo.not_empty")
        reports = tuple(_feed(db, actor, Files(actor.today)))
        people.settle_in(db, actor)
    return reports


def _feed(db: DatabaseSession, actor: Actor, files: Files) -> Iterator[FeedReport]:
    """Feed all files; one report for each."""
    for kind, content in files.inventory().items():
        yield _applied(feed_within(db, actor, kind, f"demo-{kind}.csv", content))
    for name, content in files.invoices().items():
        yield _together(name, feed_invoices_within(db, actor, name, content))
    yield _applied(feed_within(db, actor, "payments", "demo-payments.csv", files.payments()))
    for name, content in files.usage().items():
        yield _applied(feed_usage_within(db, actor, name, BytesIO(content)))


def _applied(report: FeedReport) -> FeedReport:
    if not report.applied:
        raise AssertionError("\n".join([report.summary("en"), *report.sentences("en")]))
    return report


def _together(name: str, reports: Sequence[FeedReport]) -> FeedReport:
    """What came of a zip, in one report instead of one for each invoice in it."""
    return FeedReport(kind=reports[0].kind, file_name=name, created=sum(_applied(report).created for report in reports))
