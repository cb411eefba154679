"""Plain makers of rows and actors for tests. Each takes an open writing session and returns the stored row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlmodel import Session as DatabaseSession

from selfcare_app.models import (
    AccessGrant,
    AddOn,
    AuditEntry,
    Company,
    Connection,
    ConnectionContact,
    CustomerNumber,
    Group,
    GroupCategory,
    GroupMembership,
    Invoice,
    InvoiceLine,
    InvoiceOriginal,
    InvoiceReference,
    InvoiceVat,
    Payment,
    PricePlan,
    SignIn,
    Subscription,
    User,
)
from selfcare_app.services.access import Actor
from selfcare_app.specs.groups import name_fields
from selfcare_app.specs.permissions import Role, permissions_of
from selfcare_app.specs.text import (
    email_key,
    label_sort,
    search_key,
    sort_key,
    subscription_label,
    subscription_search,
    user_search,
)

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def add(db: DatabaseSession, row: Any) -> Any:
    """Store and return the row, with its id."""
    db.add(row)
    db.flush()
    return row


def company(db: DatabaseSession, name: str = "Björkö Bygg AB", number: str = "5560360793") -> Company:
    return add(db, Company(organisation_number=number, name=name, name_sort=sort_key(name), created_at=NOW))


def customer_number(
    db: DatabaseSession, of: Company, number: str, name: str = "Huvudkontor", **values: Any
) -> CustomerNumber:
    values = {"type": "mobile", "opened": date(2020, 1, 1), **values}
    return add(
        db,
        CustomerNumber(
            company_id=of.id,
            number=number,
            number_sort=sort_key(number),
            name=name,
            name_sort=sort_key(name),
            search_key=search_key(number, name, of.name),
            name_search=search_key(name),
            **values,
        ),
    )


def subscription(db: DatabaseSession, of: CustomerNumber, number: str, **values: Any) -> Subscription:
    values = {"type": "mobile", "opened": of.opened, "phone": "", "person": "", **values}
    label = subscription_label(number, values["phone"])
    owner = db.get(Company, of.company_id)
    plan = db.get(PricePlan, values.get("price_plan_id") or 0)
    return add(
        db,
        Subscription(
            company_id=of.company_id,
            customer_number_id=of.id,
            customer_number_sort=of.number_sort,
            number=number,
            label=label,
            label_sort=label_sort(label),
            person_sort=sort_key(values["person"]),
            price_plan_sort=plan.name_sort if plan else "",
            search_key=subscription_search(number, values["phone"], values["person"], owner.name),
            **values,
        ),
    )


def price_plan(db: DatabaseSession, code: str = "MOB-M", name: str = "Företag M", **values: Any) -> PricePlan:
    values = {
        "product": "mobile",
        "one_off_fee": Decimal(0),
        "monthly_fee": Decimal(229),
        "sold_from": date(2020, 1, 1),
        **values,
    }
    return add(db, PricePlan(code=code, name=name, name_sort=sort_key(name), **values))


def connection(db: DatabaseSession, of: CustomerNumber, number: str, **values: Any) -> Connection:
    values = {
        "product": "data",
        "service_type": "internet",
        "capacity": "100/100",
        "address": "Kajgatan 4",
        "city": "Gävle",
        "sla": "basic",
        "opened": of.opened,
        **values,
    }
    owner = db.get(Company, of.company_id)
    return add(
        db,
        Connection(
            company_id=of.company_id,
            customer_number_id=of.id,
            customer_number_sort=of.number_sort,
            number=number,
            number_sort=sort_key(number),
            capacity_sort=sort_key(values["capacity"]),
            address_sort=sort_key(values["address"]),
            city_sort=sort_key(values["city"]),
            search_key=search_key(number, values["address"], values["city"], owner.name),
            **values,
        ),
    )


def add_on(
    db: DatabaseSession, to: Subscription | Connection, code: str, name: str = "Extra data", **values: Any
) -> AddOn:
    values = {"monthly_fee": Decimal(49), "valid_from": to.opened, **values}
    kind = "subscription_id" if isinstance(to, Subscription) else "connection_id"
    return add(
        db,
        AddOn(
            company_id=to.company_id,
            code=code,
            name=name,
            name_sort=sort_key(name),
            search_key=search_key(name, code, to.number),
            **{kind: to.id},
            **values,
        ),
    )


def contact(db: DatabaseSession, at: Connection, email: str, name: str = "Bo Ek", phone: str = "") -> ConnectionContact:
    return add(
        db,
        ConnectionContact(
            company_id=at.company_id,
            connection_id=at.id,
            email=email,
            name=name,
            name_sort=sort_key(name),
            phone=phone,
        ),
    )


VAT_RATE = Decimal(25)
Charge = tuple[str, Subscription | None]
"""Net amount of a line, and the subscription it is of."""


def invoice(
    db: DatabaseSession, of: CustomerNumber, number: str, lines: Sequence[Charge] = (("100.00", None),), **values: Any
) -> Invoice:
    """An invoice of October 2026 with lines at 25 % VAT; its totals follow from them."""
    net = sum((Decimal(charge) for charge, _ in lines), Decimal(0))
    vat = (net * VAT_RATE / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    owner = db.get(Company, of.company_id)
    values = {
        "kind": "invoice",
        "issued": date(2026, 11, 1),
        "due": date(2026, 12, 1),
        "period_start": date(2026, 10, 1),
        "period_end": date(2026, 10, 31),
        "buyer_name": owner.name,
        "line_total": net,
        "allowance_total": Decimal(0),
        "charge_total": Decimal(0),
        "net": net,
        "vat": vat,
        "total": net + vat,
        "prepaid": Decimal(0),
        "rounding": Decimal(0),
        "payable": net + vat,
        **values,
    }
    made = add(
        db,
        Invoice(
            company_id=of.company_id,
            customer_number_id=of.id,
            customer_number_sort=of.number_sort,
            number=number,
            number_sort=sort_key(number),
            month=(values["period_start"] or values["issued"]).replace(day=1),
            buyer_name_sort=sort_key(values["buyer_name"]),
            search_key=search_key(number, values["buyer_name"], owner.name),
            **values,
        ),
    )
    for position, (charge, subscription) in enumerate(lines, 1):
        invoice_line(db, made, charge, subscription, position=position)
    add(
        db,
        InvoiceVat(company_id=of.company_id, invoice_id=made.id, category="S", rate=VAT_RATE, taxable=net, vat=vat),
    )
    return made


def invoice_line(
    db: DatabaseSession, of: Invoice, net: str = "100.00", subscription: Subscription | None = None, **values: Any
) -> InvoiceLine:
    """One line; the invoice's totals are left as they are."""
    position = values.pop("position", 1)
    values = {"name": "Månadsavgift", "cost_type": "fee", "line_id": str(position), "month": of.month, **values}
    return add(
        db,
        InvoiceLine(
            company_id=of.company_id,
            invoice_id=of.id,
            customer_number_id=of.customer_number_id,
            subscription_id=subscription.id if subscription else None,
            position=position,
            quantity=Decimal(1),
            unit="C62",
            price=Decimal(net),
            net=Decimal(net),
            vat_rate=VAT_RATE,
            **values,
        ),
    )


def credit_note(
    db: DatabaseSession, of: Invoice, number: str, lines: Sequence[Charge] = (("100.00", None),), **values: Any
) -> Invoice:
    """A credit note that names the invoice."""
    on = db.get(CustomerNumber, of.customer_number_id)
    made = invoice(db, on, number, lines, kind="credit_note", **{"due": None, "currency": of.currency, **values})
    add(
        db,
        InvoiceReference(company_id=of.company_id, invoice_id=made.id, number=of.number, issued=of.issued),
    )
    of.credited += made.payable
    db.flush()
    return made


def payment(db: DatabaseSession, of: Invoice, amount: str, reference: str = "", **values: Any) -> Payment:
    """Money for the invoice; negative when it was taken back."""
    made = add(
        db,
        Payment(
            company_id=of.company_id,
            invoice_id=of.id,
            reference=reference or f"B-{of.number}-{of.paid}",
            amount=Decimal(amount),
            **{"paid_on": date(2026, 11, 20), **values},
        ),
    )
    of.paid += made.amount
    db.flush()
    return made


def original(db: DatabaseSession, of: Invoice, pdf: bytes | None = b"%PDF-1.7 original", name: str = "") -> Any:
    """What was sent, with a PDF in it or without."""
    return add(
        db,
        InvoiceOriginal(
            company_id=of.company_id, invoice_id=of.id, sha256="0" * 64, xml=b"<Invoice/>", pdf=pdf, pdf_name=name
        ),
    )


def category(db: DatabaseSession, of: Company, name: str) -> GroupCategory:
    """The category; it is made when it doesn't exist."""
    found = db.query(GroupCategory).filter_by(company_id=of.id, name=name).first()
    return found or add(db, GroupCategory(company_id=of.id, **name_fields(name)))


def group(db: DatabaseSession, of: Company, in_category: str, name: str) -> Group:
    """The group in its category; the category is made when it doesn't exist."""
    found = category(db, of, in_category)
    return add(db, Group(company_id=of.id, category_id=found.id, **name_fields(name)))


def member(
    db: DatabaseSession, of: Group, what: CustomerNumber | Subscription, start: date, end: date | None = None
) -> GroupMembership:
    kind = "customer_number_id" if isinstance(what, CustomerNumber) else "subscription_id"
    return add(
        db,
        GroupMembership(
            company_id=of.company_id,
            category_id=of.category_id,
            group_id=of.id,
            start_month=start,
            end_month=end,
            **{kind: what.id},
        ),
    )


def sign_in(db: DatabaseSession, email: str, password_hash: str = "") -> SignIn:
    return add(db, SignIn(email=email, email_key=email_key(email), password_hash=password_hash, created_at=NOW))


def user(
    db: DatabaseSession,
    of: Company,
    email: str,
    role: Role = Role.SUPERUSER,
    access_all: bool = True,
    **values: Any,
) -> User:
    """An active user with a sign-in of its own (or the one with that address)."""
    found = db.query(SignIn).filter_by(email_key=email_key(email)).first() or sign_in(db, email)
    values = {"name": email.split("@")[0], "activated_at": NOW, **values}
    return add(
        db,
        User(
            company_id=of.id,
            sign_in_id=found.id,
            name_sort=sort_key(values["name"]),
            role=role,
            access_all=access_all,
            created_at=NOW,
            search_key=user_search(values["name"], email, values.get("phone", "")),
            **values,
        ),
    )


def grant(db: DatabaseSession, to: User, what: CustomerNumber | Subscription | Group) -> AccessGrant:
    kind = {
        CustomerNumber: "customer_number_id",
        Subscription: "subscription_id",
        Group: "group_id",
    }[type(what)]
    return add(db, AccessGrant(company_id=to.company_id, user_id=to.id, **{kind: what.id}))


def actor(of: User, at: datetime = NOW, **values: Any) -> Actor:
    """The user as services see whoever calls."""
    return Actor(
        name=of.name,
        at=at,
        company_id=of.company_id,
        user_id=of.id,
        sign_in_id=of.sign_in_id,
        permissions=permissions_of(of.role, of.permissions),
        access_all=of.access_all,
        role=of.role,
        source="127.0.0.1",
        **{"password_at": at, **values},
    )


def entry(db: DatabaseSession, of: Company, by: User | None, action: str, **values: Any) -> AuditEntry:
    """An entry of the log, as the recorder writes it; `by` None: somebody outside the company."""
    values = {"at": NOW, "who": by.name if by else "Exempelnät", "source": "127.0.0.1", "object_label": "", **values}
    return add(
        db,
        AuditEntry(
            company_id=of.id,
            action=action,
            user_id=by.id if by else None,
            sign_in_id=by.sign_in_id if by else None,
            search_key=search_key(values["who"], values["object_label"]),
            **values,
        ),
    )
