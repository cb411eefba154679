"""The lists of the portal, as data. From a `ListSpec` come the query, scope, count, page, address, export, menu entry,
table, filter bar and the tests every list inherits."""

from selfcare_app.specs.lists.add_ons import ADD_ONS
from selfcare_app.specs.lists.audit import AUDIT
from selfcare_app.specs.lists.connections import CONNECTIONS, CONTACTS
from selfcare_app.specs.lists.customer_numbers import CUSTOMER_NUMBERS
from selfcare_app.specs.lists.groups import GROUP_CATEGORIES, GROUP_MEMBERS, GROUPS
from selfcare_app.specs.lists.invoices import INVOICE_LINES, INVOICES
from selfcare_app.specs.lists.shape import (
    SIZES,
    SPANS,
    Action,
    Cell,
    Column,
    Filter,
    FilterKind,
    Grouped,
    Leads,
    ListSpec,
    Lookup,
    Offered,
    Reference,
    Tab,
    Within,
)
from selfcare_app.specs.lists.subscriptions import SUBSCRIPTIONS
from selfcare_app.specs.lists.users import USERS

LISTS: dict[str, ListSpec] = {
    spec.key: spec
    for spec in (
        CUSTOMER_NUMBERS,
        SUBSCRIPTIONS,
        CONNECTIONS,
        ADD_ONS,
        INVOICES,
        INVOICE_LINES,
        CONTACTS,
        GROUP_CATEGORIES,
        GROUPS,
        GROUP_MEMBERS,
        USERS,
        AUDIT,
    )
}
"""Every list of the portal by its key, in the order in which they stand as parts of others (O1)."""


def related_to(kind: str) -> tuple[ListSpec, ...]:
    """The lists that stand on the page of something of that kind (key of the list that names it), in order."""
    return tuple(spec for spec in LISTS.values() if spec.within_a(kind))


__all__ = [
    "ADD_ONS",
    "AUDIT",
    "CONNECTIONS",
    "CONTACTS",
    "CUSTOMER_NUMBERS",
    "GROUPS",
    "GROUP_CATEGORIES",
    "GROUP_MEMBERS",
    "INVOICES",
    "INVOICE_LINES",
    "LISTS",
    "SIZES",
    "SPANS",
    "SUBSCRIPTIONS",
    "USERS",
    "Action",
    "Cell",
    "Column",
    "Filter",
    "FilterKind",
    "Grouped",
    "Leads",
    "ListSpec",
    "Lookup",
    "Offered",
    "Reference",
    "Tab",
    "Within",
    "related_to",
]
