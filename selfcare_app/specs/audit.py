"""What the log tells (P4): which objects, actions and fields there are, and how an entry reads in each language.

Texts: lists.audit_object.<kind>, audit.actions.<action> or audit.verbs.<verb>, audit.fields.<field>.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from selfcare_app.locales import catalogue, text
from selfcare_app.specs.mail import KINDS
from selfcare_app.specs.permissions import Permission
from selfcare_app.specs.phones import national


@dataclass(frozen=True, kw_only=True)
class ObjectKind:
    """A kind of thing that entries are about."""

    to: str = ""
    """Key of the list whose rows have the page of such a thing; empty: it has none."""
    needs: tuple[Permission, ...] = ()
    """Without these rights one may not read the kind anywhere else, and so not here."""


OBJECTS: dict[str, ObjectKind] = {
    "user": ObjectKind(to="users"),
    "sign_in": ObjectKind(),
    "access_grant": ObjectKind(),
    "company": ObjectKind(),
    "framework_agreement": ObjectKind(),
    "customer_number": ObjectKind(to="customer-numbers", needs=(Permission.CUSTOMER_NUMBERS_READ,)),
    "subscription": ObjectKind(to="subscriptions", needs=(Permission.SUBSCRIPTIONS_READ,)),
    "connection": ObjectKind(to="connections", needs=(Permission.CONNECTIONS_READ,)),
    "connection_contact": ObjectKind(needs=(Permission.CONNECTIONS_READ,)),
    "add_on": ObjectKind(needs=(Permission.SUBSCRIPTIONS_READ, Permission.CONNECTIONS_READ)),
    "invoice": ObjectKind(to="invoices", needs=(Permission.INVOICES_READ,)),
    "payment": ObjectKind(needs=(Permission.INVOICES_READ,)),
    "usage": ObjectKind(needs=(Permission.USAGE_READ,)),
    "group_category": ObjectKind(needs=(Permission.GROUPS_READ,)),
    "group": ObjectKind(to="groups", needs=(Permission.GROUPS_READ,)),
    "group_membership": ObjectKind(needs=(Permission.GROUPS_READ,)),
    "upload": ObjectKind(),
    "deputy": ObjectKind(),
    "list": ObjectKind(),
}
"""By what stands in `AuditEntry.object_kind`, for everything that is about a company."""

OF_THE_PORTAL = frozenset({"portal", "price_plan", "operator_user"})
"""Kinds that are about no company: the operator's to read."""


class ActionKind(StrEnum):
    """What sort of thing was done; the log can be narrowed to it. Texts: lists.audit_kind.<value>."""

    CREATED = "created"
    CHANGED = "changed"
    REMOVED = "removed"
    USERS = "users"
    SIGN_IN = "sign_in"
    SECURITY = "security"
    COMPANY = "company"
    SETTINGS = "settings"
    READ = "read"


VERBS = {"created": ActionKind.CREATED, "changed": ActionKind.CHANGED, "removed": ActionKind.REMOVED}
"""What is done alike to any kind of object: the action is <kind>.<verb>."""

ACTIONS: dict[str, ActionKind] = {
    "signed_in": ActionKind.SIGN_IN,
    "signed_out": ActionKind.SIGN_IN,
    "sign_in_failed": ActionKind.SIGN_IN,
    "second_factor_failed": ActionKind.SIGN_IN,
    "company_chosen": ActionKind.SIGN_IN,
    "session_ended": ActionKind.SIGN_IN,
    "other_sessions_ended": ActionKind.SIGN_IN,
    "user_session_ended": ActionKind.SIGN_IN,
    "user_sessions_ended": ActionKind.SIGN_IN,
    "password_confirmed": ActionKind.SECURITY,
    "password_changed": ActionKind.SECURITY,
    "password_reset": ActionKind.SECURITY,
    "reset_requested": ActionKind.SECURITY,
    "second_factor_on": ActionKind.SECURITY,
    "second_factor_off": ActionKind.SECURITY,
    "recovery_codes_renewed": ActionKind.SECURITY,
    "user_second_factor_reset": ActionKind.SECURITY,
    "address_asked": ActionKind.SECURITY,
    "address_changed": ActionKind.SECURITY,
    "user_invited": ActionKind.USERS,
    "invitation_sent": ActionKind.USERS,
    "invitation_accepted": ActionKind.USERS,
    "user_changed": ActionKind.USERS,
    "user_permissions_changed": ActionKind.USERS,
    "user_access_changed": ActionKind.USERS,
    "user_disabled": ActionKind.USERS,
    "user_enabled": ActionKind.USERS,
    "user_removed": ActionKind.USERS,
    "user_address_corrected": ActionKind.USERS,
    "profile_changed": ActionKind.USERS,
    "company_changed": ActionKind.COMPANY,
    "approvers_changed": ActionKind.COMPANY,
    "language_changed": ActionKind.SETTINGS,
    "columns_chosen": ActionKind.SETTINGS,
    "mail_chosen": ActionKind.SETTINGS,
    "subscription.secrets_read": ActionKind.READ,
    "usage.fed": ActionKind.CREATED,
    "own_data_downloaded": ActionKind.READ,
    "deputy_named": ActionKind.USERS,
    "deputy_ended": ActionKind.USERS,
    "upload_applied": ActionKind.CHANGED,
    "upload_undone": ActionKind.CHANGED,
    "company.generated": ActionKind.CREATED,
    **{f"{kind}.{verb}": sort for kind in OBJECTS for verb, sort in VERBS.items()},
}
"""Every action that is recorded about a company, by what stands in `AuditEntry.action`."""


def actions_of(sort: ActionKind) -> tuple[str, ...]:
    """The actions of a sort."""
    return tuple(action for action, of in ACTIONS.items() if of is sort)


class Reads(StrEnum):
    """How the value of a field is put into words."""

    PLAIN = "plain"
    CHOICE = "choice"
    """A stored value with a text in locales."""
    FLAG = "flag"
    AMOUNT = "amount"
    MONTH = "month"
    PHONE = "phone"
    PERMISSION = "permission"
    NAMED = "named"
    """The id of another row, called by what people know that by."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field that entries tell of. Text: audit.fields.<name>."""

    reads: Reads = Reads.PLAIN
    texts: tuple[str, ...] = ()
    """For CHOICE: where the texts of its values stand, one place after the other."""
    names: str = ""
    """For NAMED: the table, by its name."""


_PLAIN = Field()
_FLAG = Field(reads=Reads.FLAG)
_AMOUNT = Field(reads=Reads.AMOUNT)


def _choice(*texts: str) -> Field:
    return Field(reads=Reads.CHOICE, texts=texts)


def _named(table: str) -> Field:
    return Field(reads=Reads.NAMED, names=table)


FIELDS: dict[str, Field] = {
    "name": _PLAIN,
    "number": _PLAIN,
    "email": _PLAIN,
    "phone": Field(reads=Reads.PHONE),
    "role": _choice("permissions.role"),
    "permissions": Field(reads=Reads.PERMISSION),
    "access_all": _FLAG,
    "access": _PLAIN,
    "status": _choice("lists.user_status"),
    "language": _choice("audit.languages"),
    "email_notification": _FLAG,
    "delivery_address": _PLAIN,
    "require_second_factor": _FLAG,
    "remind_after": _PLAIN,
    "escalate_after": _PLAIN,
    "approvers_mobile": _PLAIN,
    "approvers_fixed": _PLAIN,
    "approvers_data": _PLAIN,
    "columns": _choice("lists.columns"),
    **{f"mail_{key}": _choice("profile.mail.how") for key, kind in KINDS.items() if kind.always is None},
    "organisation_number": _PLAIN,
    "type": _choice("lists.subscription_type", "lists.customer_number_type"),
    "kind": _choice("audit.invoice_kinds"),
    "product": _choice("pages.product"),
    "products": _choice("pages.product"),
    "customer_number_id": _named("customer_number"),
    "customer_numbers": _PLAIN,
    "subscription_id": _named("subscription"),
    "subscriptions": _PLAIN,
    "connection_id": _named("connection"),
    "invoice_id": _named("invoice"),
    "group_id": _named("group"),
    "groups": _named("group"),
    "user_id": _named("user"),
    "price_plan_id": _named("price_plan"),
    "person": _PLAIN,
    "deputy": _PLAIN,
    "starts": _PLAIN,
    "ends": _PLAIN,
    "cost_centre": _PLAIN,
    "service_type": _choice("lists.service_type"),
    "capacity": _PLAIN,
    "address": _PLAIN,
    "city": _PLAIN,
    "sla": _choice("lists.sla"),
    "equipment": _PLAIN,
    "code": _PLAIN,
    "description": _PLAIN,
    "start_month": Field(reads=Reads.MONTH),
    "end_month": Field(reads=Reads.MONTH),
    "opened": _PLAIN,
    "closed": _PLAIN,
    "ended": _PLAIN,
    "bound_until": _PLAIN,
    "valid_from": _PLAIN,
    "valid_to": _PLAIN,
    "monthly_fee": _AMOUNT,
    "sim": _PLAIN,
    "puk": _PLAIN,
    "buyer_name": _PLAIN,
    "issued": _PLAIN,
    "due": _PLAIN,
    "payable": _AMOUNT,
    "amount": _AMOUNT,
    "currency": _PLAIN,
    "paid_on": _PLAIN,
    "reference": _PLAIN,
    "records": _PLAIN,
    "invoices": _PLAIN,
    "created": _PLAIN,
    "changed": _PLAIN,
    "removed": _PLAIN,
    "unchanged": _PLAIN,
    "first_month": Field(reads=Reads.MONTH),
    "last_month": Field(reads=Reads.MONTH),
    "activated_at": _PLAIN,
    "disabled_at": _PLAIN,
    "removed_at": _PLAIN,
    "last_sign_in_at": _PLAIN,
}
"""Every field an entry tells of, in the order in which it tells them."""

TECHNICAL = frozenset({"id", "company_id", "sign_in_id", "version", "created_at", "category_id", "seed"})
"""Fields that mean something to the portal only, or that another says too: kept, and told to nobody."""

_ORDER = {name: at for at, name in enumerate(FIELDS)}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_STOCKHOLM = ZoneInfo("Europe/Stockholm")
_NO_BREAK_SPACE, _MINUS = "\u00a0", "\u2212"


@dataclass(frozen=True, slots=True)
class Change:
    """What an entry says of one field. `new`: the thing wasn't there before, so there is nothing to compare with."""

    field: str
    before: Any
    after: Any
    new: bool = False


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Change]:
    """What an entry tells of each field, in order: of something new only what has a value."""
    if not before and not after:
        return []
    old, now, new = before or {}, after or {}, before is None
    names = sorted((old.keys() | now.keys()) - TECHNICAL, key=lambda name: (_ORDER.get(name, len(_ORDER)), name))
    found = [Change(name, old.get(name), now.get(name), new) for name in names]
    return [each for each in found if not (_empty(each.before) and _empty(each.after))]


def _empty(value: Any) -> bool:
    return value is None or value in ("", [])


# --- in words


def action_words(language: str, action: str) -> str:
    """What was done: Skapade abonnemang."""
    texts = catalogue(language)
    if f"audit.actions.{action}" in texts:
        return texts[f"audit.actions.{action}"]
    kind, _, verb = action.partition(".")
    if f"audit.verbs.{verb}" not in texts:
        return action
    return text(language, f"audit.verbs.{verb}", object=_lower(object_words(language, kind)))


def object_words(language: str, kind: str) -> str:
    """What kind of thing it is: Abonnemang."""
    return catalogue(language).get(f"lists.audit_object.{kind}", kind)


LIST = "list "
"""Stands before the key of a list where that is what an entry is about."""


def label_words(language: str, label: str) -> str:
    """What the thing is called; a list by its title."""
    if not label.startswith(LIST):
        return label
    key = label.removeprefix(LIST)
    return catalogue(language).get(f"lists.{key.replace('-', '_')}.title", key)


def source_words(language: str, source: str) -> str:
    """From where: a network address, or in words."""
    return catalogue(language).get(f"audit.sources.{source.replace(' ', '_')}", source)


def field_words(language: str, field: str) -> str:
    """What the field is called."""
    return catalogue(language).get(f"audit.fields.{field}", field)


def values_words(language: str, change: Change) -> tuple[str, str]:
    """What was there before and what is there now. Of lists what is the same on both sides is left out."""
    before, after = change.before, change.after
    if isinstance(before, list) and isinstance(after, list) and set(map(str, before)) != set(map(str, after)):
        before, after = [each for each in before if each not in after], [each for each in after if each not in before]
    return _value(language, change, before), _value(language, change, after)


def change_words(language: str, told: Iterable[Change]) -> str:
    """All that an entry tells, in one line: Namn: Bo → Bosse; Telefon: – → 070-174 06 05."""
    return "; ".join(_line(language, each) for each in told)


def _line(language: str, change: Change) -> str:
    before, after = values_words(language, change)
    said = after if change.new else f"{before or '–'} → {after or '–'}"
    return f"{field_words(language, change.field)}: {said}"


def _value(language: str, change: Change, value: Any) -> str:
    if _empty(value):
        return ""
    if isinstance(value, list):
        return ", ".join(filter(None, (_value(language, change, each) for each in value)))
    field = FIELDS.get(change.field, _PLAIN)
    said = str(value)
    match field.reads:
        case Reads.FLAG:
            return text(language, "audit.yes" if value else "audit.no")
        case Reads.CHOICE:
            texts = catalogue(language)
            return next((texts[key] for where in field.texts if (key := f"{where}.{said}") in texts), said)
        case Reads.PERMISSION:
            return _permission(language, said)
        case Reads.AMOUNT:
            return _amount(said)
        case Reads.MONTH:
            return said[:7]
        case Reads.PHONE:
            return national(said)
        case _:
            return _moment(said) if _MOMENT.match(said) else said


def _permission(language: str, permission: str) -> str:
    texts = catalogue(language)
    kind, dot, level = permission.partition(".")
    if not dot:
        return texts.get(f"permissions.single.{permission}", permission)
    return f"{texts.get(f'permissions.kind.{kind}', kind)} ({_lower(texts.get(f'permissions.level.{level}', level))})"


def _amount(said: str) -> str:
    """The Swedish way in both languages, as on screen."""
    shown = f"{Decimal(said):,.2f}"
    return shown.replace(",", _NO_BREAK_SPACE).replace(".", ",").replace("-", _MINUS)


def _moment(said: str) -> str:
    return datetime.fromisoformat(said).astimezone(_STOCKHOLM).strftime("%Y-%m-%d %H:%M")


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
