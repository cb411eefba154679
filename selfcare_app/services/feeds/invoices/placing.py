"""Where an invoice belongs: its company and customer number, the subscriptions of its lines, and whether it is new."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlmodel import Session as DatabaseSession
from sqlmodel import col

from selfcare_app.config import settings
from selfcare_app.models import Company, CustomerNumber, Invoice, InvoiceOriginal, Subscription
from selfcare_app.services.database import batches, lock_companies
from selfcare_app.services.feeds.invoices.document import PORTAL, Document, Line, Named, broken
from selfcare_app.services.feeds.invoices.files import File
from selfcare_app.services.feeds.invoices.reading import CUSTOMER_NUMBER_PATHS, read_document
from selfcare_app.services.feeds.invoices.rules import problems
from selfcare_app.services.feeds.invoices.xml import Unfit, read
from selfcare_app.services.feeds.report import Refusal

_SUBSCRIPTION = "subscription"
"""Name of the item property, as it is compared."""


@dataclass(frozen=True, slots=True)
class Account:
    """A customer number and its company."""

    id: int
    number_sort: str
    company_id: int
    company_name: str


@dataclass(frozen=True, slots=True)
class Known:
    """An invoice that is stored under a number."""

    company_id: int
    sha256: str


@dataclass(slots=True)
class Sent:
    """A file with what it says, what is wrong with it, and where it belongs."""

    name: str
    content: bytes
    sha256: str
    document: Document | None = None
    refusals: list[Refusal] = field(default_factory=list)
    account: Account | None = None
    unchanged: bool = False

    @property
    def new(self) -> bool:
        """Whether it is to be stored."""
        return not self.refusals and not self.unchanged


def examine(file: File) -> Sent:
    """Read a file and check it by the rules. Needs no database."""
    sent = Sent(file.name, file.content, hashlib.sha256(file.content).hexdigest())
    try:
        if file.unfit is not None:
            raise file.unfit
        sent.document = read_document(read(file.content))
        sent.refusals = problems(sent.document)
    except Unfit as unfit:
        sent.refusals = [unfit.refusal]
    return sent


def place(db: DatabaseSession, files: Iterable[Sent]) -> None:
    """Find the files' customer numbers, and which were fed before.

    Refuses a customer number that nobody has, a number that is another company's, and one that is stored with other
    content: invoices never change. Holds the companies concerned until the transaction ends (house.md).
    """
    readable = [(sent, sent.document) for sent in files if sent.document is not None]
    known = _known(db, {document.number for _, document in readable})
    accounts = _accounts(db, {named.text for _, document in readable for named in _candidates(document)})
    lock_companies(db, {account.company_id for account in accounts.values()})
    for sent, document in readable:
        stored = known.get(document.number)
        if stored is not None and stored.sha256 == sent.sha256:
            sent.refusals, sent.unchanged = [], True
            continue
        named = _candidates(document)
        sent.account = next((accounts[each.text] for each in named if each.text in accounts), None)
        if sent.account is None:
            sent.refusals.append(_nowhere(document, named))
        elif stored is not None:
            # Whose it is stays unsaid: the report may be read out to the company that sent the file.
            key = "other_content" if stored.company_id == sent.account.company_id else "other_company"
            sent.refusals.append(broken(PORTAL, document.number_line, key, value=document.number))
        elif sent.new:
            known[document.number] = Known(sent.account.company_id, sent.sha256)


def subscriptions_of(db: DatabaseSession, files: Iterable[Sent]) -> dict[tuple[int, str], int]:
    """Ids of the subscriptions that lines name, by company and number."""
    named = {
        text
        for sent in files
        if sent.document is not None
        for line in sent.document.lines
        for text in subscription_names(line)
    }
    found: dict[tuple[int, str], int] = {}
    for numbers in batches(sorted(named)):
        statement = select(col(Subscription.company_id), col(Subscription.number), col(Subscription.id)).where(
            col(Subscription.number).in_(numbers)
        )
        rows: Iterable[Any] = db.connection().execute(statement)
        found.update(((company, number), row_id) for company, number, row_id in rows)
    return found


def subscription_names(line: Line) -> list[str]:
    """What may be the line's subscription (data.md), what counts most first."""
    return [text for text in (line.accounting_cost, line.properties.get(_SUBSCRIPTION, "")) if text]


def _candidates(document: Document) -> list[Named]:
    places = settings().invoice_customer_number_from.split(",")
    return [named for place in places for named in document.customer_numbers[place]]


def _nowhere(document: Document, named: list[Named]) -> Refusal:
    if named:
        numbers = ", ".join(dict.fromkeys(each.text for each in named))
        return broken(PORTAL, named[0].line, "unknown_customer_number", value=numbers)
    places = settings().invoice_customer_number_from.split(",")
    paths = ", ".join("/".join(CUSTOMER_NUMBER_PATHS[place]) for place in places)
    return broken(PORTAL, document.line, "no_customer_number", places=paths)


def _known(db: DatabaseSession, numbers: set[str]) -> dict[str, Known]:
    found: dict[str, Known] = {}
    for batch in batches(sorted(numbers)):
        statement: Any = (
            select(Invoice.number, Invoice.company_id, InvoiceOriginal.sha256)  # type: ignore[call-overload]
            .outerjoin(
                InvoiceOriginal,
                (col(InvoiceOriginal.company_id) == col(Invoice.company_id))
                & (col(InvoiceOriginal.invoice_id) == col(Invoice.id)),
            )
            .where(col(Invoice.number).in_(batch))
        )
        found.update((number, Known(company, sha256 or "")) for number, company, sha256 in db.exec(statement))
    return found


def _accounts(db: DatabaseSession, numbers: set[str]) -> dict[str, Account]:
    found: dict[str, Account] = {}
    for batch in batches(sorted(numbers)):
        statement: Any = (
            select(CustomerNumber.number, CustomerNumber.id, CustomerNumber.number_sort, Company.id, Company.name)  # type: ignore[call-overload]
            .join(Company, col(Company.id) == col(CustomerNumber.company_id))
            .where(col(CustomerNumber.number).in_(batch))
        )
        found.update((number, Account(*rest)) for number, *rest in db.exec(statement))
    return found
