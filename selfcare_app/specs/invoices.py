"""What an invoice is and how it stands, as data. Values are stored or worked out; labels are in locales."""

from __future__ import annotations

from enum import StrEnum


class InvoiceKind(StrEnum):
    """What the document is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class InvoiceStatus(StrEnum):
    """How it stands (I1): worked out from payments, credit notes and the day it is."""

    CREDITED = "credited"
    PAID = "paid"
    PART_PAID = "part_paid"
    UNPAID = "unpaid"
    OVERDUE = "overdue"


class CostType(StrEnum):
    """What a line is a cost of. The line's item property `CostType` says it."""

    FEE = "fee"
    TRAFFIC = "traffic"
    ROAMING = "roaming"
    ONE_OFF = "one_off"
    OTHER = "other"


WHOLE_DOCUMENT = "whole_document"
"""In sums of costs: allowances and charges on a whole invoice, a type of their own on the customer number (R7).
No line has it."""
