"""Invoices and credit notes as the operator sent them, and what was paid. Only feeds write here."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field

from selfcare_app.models.base import Exact, Money, SortText, Table

OPEN = text("kind = 'invoice' AND (credited <= 0 OR credited < payable) AND payable - paid - credited > 0")
"""What `specs.invoices.is_open` says: few of many invoices have something left to pay."""


class Invoice(Table, table=True):
    """An invoice or credit note (EN 16931). Its status is worked out, never stored (I1); the sums of payments and
    credit notes are roll-ups kept in the transaction that feeds them."""

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("company_id", "number"),
        # Numbers come from the operator's billing: one of another company is refused as such (data.md).
        UniqueConstraint("number"),
        Index(None, "company_id", "number_sort", "id"),
        Index(None, "company_id", "issued", "id"),
        Index(None, "company_id", "due", "id"),
        Index(None, "company_id", "payable", "id"),
        Index(None, "company_id", "customer_number_id", "issued", "id"),
        Index(None, "company_id", "customer_number_sort", "id"),
        Index(None, "company_id", "buyer_name_sort", "id"),
        Index(None, "company_id", "month", "id"),
        # Sums by month of issue are read from the index alone.
        Index("ix_invoice_sums", "company_id", "issued", "kind", "currency", "payable", "customer_number_id"),
        Index("ix_invoice_open", "company_id", "due", "id", sqlite_where=OPEN, postgresql_where=OPEN),
    )
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    customer_number_id: int = Field(foreign_key="customer_number.id")
    customer_number_sort: str = Field(default="", sa_column=Column(SortText, nullable=False))
    kind: str
    """Value of `specs.invoices.InvoiceKind`: invoice or credit_note. Amounts of both are positive, as they are sent."""
    number: str
    number_sort: str = Field(sa_column=Column(SortText, nullable=False))
    currency: str = "SEK"
    issued: date
    due: date | None = None
    period_start: date | None = None
    period_end: date | None = None
    """Last day of the period."""
    month: date
    """First day of the month that its cost belongs to (R7): of the period's start, else of the invoice date."""
    buyer_name: str = ""
    buyer_name_sort: str = Field(default="", sa_column=Column(SortText, nullable=False))
    seller_name: str = ""
    seller_organisation_number: str = ""
    seller_vat_number: str = ""
    buyer_reference: str = ""
    order_reference: str = ""
    note: str = ""
    payment_terms: str = ""
    payment_reference: str = ""
    """OCR, as the invoice states it."""
    payment_account: str = ""
    """Bankgiro or other account, as the invoice states it."""
    payment_branch: str = ""
    """What kind of account it is, as the invoice states it: SE:BANKGIRO, SE:PLUSGIRO, or a bank's BIC."""
    payment_means: str = ""
    """Code of UNCL4461."""
    line_total: Decimal = Field(sa_column=Column(Money, nullable=False))
    """Sum of line net amounts (BT-106)."""
    allowance_total: Decimal = Field(sa_column=Column(Money, nullable=False))
    charge_total: Decimal = Field(sa_column=Column(Money, nullable=False))
    net: Decimal = Field(sa_column=Column(Money, nullable=False))
    """Total without VAT (BT-109)."""
    vat: Decimal = Field(sa_column=Column(Money, nullable=False))
    """Total VAT in the invoice's currency (BT-110)."""
    total: Decimal = Field(sa_column=Column(Money, nullable=False))
    """Total with VAT (BT-112)."""
    prepaid: Decimal = Field(sa_column=Column(Money, nullable=False))
    rounding: Decimal = Field(sa_column=Column(Money, nullable=False))
    payable: Decimal = Field(sa_column=Column(Money, nullable=False))
    """Amount due for payment (BT-115)."""
    paid: Decimal = Field(default=Decimal(0), sa_column=Column(Money, nullable=False))
    """Sum of the payments fed for it."""
    credited: Decimal = Field(default=Decimal(0), sa_column=Column(Money, nullable=False))
    """Sum of the credit notes that name it."""
    search_key: str = ""
    """Made by `specs.text.search_key` from number, buyer name and company (L8)."""
    version: int = 1


class InvoiceReference(Table, table=True):
    """An earlier invoice that a credit note (or a correcting invoice) names (BG-3); it may come in later than this."""

    __tablename__ = "invoice_reference"
    __table_args__ = (
        Index(None, "company_id", "number"),
        Index(None, "company_id", "invoice_id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    invoice_id: int = Field(foreign_key="invoice.id")
    """The document that names it."""
    number: str
    """The number that is named."""
    issued: date | None = None


class InvoiceLine(Table, table=True):
    """One line; of a subscription when the line says so (data.md)."""

    __tablename__ = "invoice_line"
    __table_args__ = (
        UniqueConstraint("company_id", "invoice_id", "position"),
        Index(None, "company_id", "subscription_id", "month", "id"),
        Index(None, "company_id", "customer_number_id", "month", "id"),
    )
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    invoice_id: int = Field(foreign_key="invoice.id")
    customer_number_id: int = Field(foreign_key="customer_number.id")
    subscription_id: int | None = Field(default=None, foreign_key="subscription.id")
    position: int
    """1 is the first of the document."""
    line_id: str
    """BT-126."""
    name: str
    description: str = ""
    note: str = ""
    cost_type: str
    """Value of `specs.invoices.CostType`."""
    accounting_cost: str = ""
    """BT-133 as sent."""
    quantity: Decimal = Field(sa_column=Column(Exact(6), nullable=False))
    unit: str = ""
    """UN/ECE rec 20 code."""
    price: Decimal = Field(sa_column=Column(Exact(6), nullable=False))
    price_base: Decimal = Field(default=Decimal(1), sa_column=Column(Exact(6), nullable=False))
    """How many units the price is for."""
    allowance: Decimal = Field(default=Decimal(0), sa_column=Column(Money, nullable=False))
    """Sum of the line's allowances, charges taken away: what the net amount is less than quantity times price."""
    net: Decimal = Field(sa_column=Column(Money, nullable=False))
    """Line net amount (BT-131)."""
    vat_category: str = "S"
    vat_rate: Decimal = Field(sa_column=Column(Exact(2), nullable=False))
    """Percent."""
    period_start: date | None = None
    period_end: date | None = None
    month: date
    """First day of the month its cost belongs to (R7): of the line's period, else of the invoice's."""


class InvoiceVat(Table, table=True):
    """VAT by category and rate (BG-23)."""

    __tablename__ = "invoice_vat"
    __table_args__ = (UniqueConstraint("company_id", "invoice_id", "category", "rate"),)
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    invoice_id: int = Field(foreign_key="invoice.id")
    category: str
    rate: Decimal = Field(sa_column=Column(Exact(2), nullable=False))
    taxable: Decimal = Field(sa_column=Column(Money, nullable=False))
    vat: Decimal = Field(sa_column=Column(Money, nullable=False))
    exemption: str = ""
    """Why no VAT is charged."""


class InvoiceAllowance(Table, table=True):
    """An allowance or charge on the whole document (BG-20, BG-21)."""

    __tablename__ = "invoice_allowance"
    __table_args__ = (UniqueConstraint("company_id", "invoice_id", "position"),)
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    invoice_id: int = Field(foreign_key="invoice.id")
    position: int
    charge: bool
    """False: an allowance, taken away."""
    reason: str = ""
    amount: Decimal = Field(sa_column=Column(Money, nullable=False))
    vat_category: str = "S"
    vat_rate: Decimal = Field(sa_column=Column(Exact(2), nullable=False))


class InvoiceOriginal(Table, table=True):
    """What was sent, byte for byte: the XML, and the PDF that it carried (P2, I4, I5)."""

    __tablename__ = "invoice_original"
    __table_args__ = (UniqueConstraint("company_id", "invoice_id"),)
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    invoice_id: int = Field(foreign_key="invoice.id")
    sha256: str
    """Of the XML: the same number with other content is refused."""
    xml: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    pdf: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    pdf_name: str = ""


class Payment(Table, table=True):
    """Money that came in for an invoice, as the operator's billing says; negative when it was taken back."""

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("company_id", "reference"),
        UniqueConstraint("reference"),
        Index(None, "company_id", "invoice_id", "paid_on"),
    )
    id: int | None = Field(default=None, primary_key=True)
    company_id: int = Field(foreign_key="company.id")
    reference: str
    invoice_id: int = Field(foreign_key="invoice.id")
    paid_on: date
    amount: Decimal = Field(sa_column=Column(Money, nullable=False))
    version: int = 1
