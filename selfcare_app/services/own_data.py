"""What is kept about somebody, as files for themself (P6): a zip of workbooks, in the language they read."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session as DatabaseSession
from sqlmodel import col, select

from selfcare_app.config import settings
from selfcare_app.locales import text
from selfcare_app.models import (
    AccessGrant,
    Approver,
    AuditEntry,
    Company,
    CustomerNumber,
    Deputy,
    Group,
    GroupCategory,
    KnownSource,
    MailedLink,
    OperatorUser,
    OutgoingMail,
    Preference,
    RecoveryCode,
    Session,
    SignIn,
    Subscription,
    User,
    WaitingLetter,
)
from selfcare_app.services import audit, clock, throttle
from selfcare_app.services.access import Actor, for_sign_in
from selfcare_app.services.database import session, writing
from selfcare_app.services.letters import Facts, compose
from selfcare_app.services.mail import WITH_ONE_TIME_LINK
from selfcare_app.services.spreadsheets import Value, write_xlsx
from selfcare_app.specs.permissions import KINDS, SINGLE, level, permissions_of
from selfcare_app.specs.phones import national
from selfcare_app.specs.text import email_key

ADDRESS = "/profile/own-data.zip"
"""Where it is downloaded."""
WIDTH = 26
Rows = list[list[Value]]
_OF_OTHERS = frozenset({"access"})
"""What an entry of the log says of things that the reader may not see any more."""


@dataclass(frozen=True, slots=True)
class _About:
    """Whose data it is: a sign-in, and its users in every company."""

    sign_in: SignIn
    users: Sequence[User]
    language: str

    @property
    def ids(self) -> list[int]:
        return [user.id or 0 for user in self.users]

    def say(self, key: str) -> str:
        return text(self.language, key)


@dataclass(frozen=True, slots=True)
class File:
    """A file to be saved."""

    file_name: str
    content: bytes


@for_sign_in
def download(actor: Actor) -> File:
    """Everything that is kept about the sign-in and its users in all companies, of nobody else.

    Of what they did, the log's entries say when, from where and what kind of thing; of what was done about them, also
    what was before and after. Secrets (passwords, codes, links) are not in it. Refuses with Throttled after a few in
    an hour. That it was downloaded is logged.
    """
    with writing() as db:
        throttle.spend(db, throttle.own_data_limit(actor.sign_in_id), actor.at)
        audit.record(db, actor, "own_data_downloaded", kind="sign_in", object_id=actor.sign_in_id, label=actor.email)
    with session() as db:
        about = _About(
            db.exec(select(SignIn).where(SignIn.id == actor.sign_in_id)).one(),
            db.exec(select(User).where(User.sign_in_id == actor.sign_in_id).order_by(col(User.id))).all(),
            actor.language,
        )
        parts = {key: (columns, rows(db, about)) for key, (columns, rows) in PARTS.items()}
    title = about.say("own_data.file_name")
    return File(f"{title} {actor.today.isoformat()}.zip", _zipped(about, actor.at, parts))


def _zipped(about: _About, at: datetime, parts: dict[str, tuple[Sequence[str], Rows]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        said = text(
            about.language,
            "own_data.read_me",
            operator=settings().operator_name,
            email=about.sign_in.email,
            at=clock.show(at),
        )
        archive.writestr(f"{about.say('own_data.read_me_name')}.txt", "\ufeff" + said.replace("\n", "\r\n") + "\r\n")
        for key, (columns, rows) in parts.items():
            if rows:
                sheet, book = about.say(f"own_data.parts.{key}"), io.BytesIO()
                headings = [about.say(f"own_data.columns.{column}") for column in columns]
                write_xlsx(book, sheet, headings, [WIDTH] * len(columns), rows)
                archive.writestr(f"{sheet}.xlsx", book.getvalue())
    return packed.getvalue()


def _when(moment: datetime | None) -> Value:
    return clock.local(moment).replace(tzinfo=None) if moment else None


# --- the parts


def _sign_in(db: DatabaseSession, about: _About) -> Rows:
    row = about.sign_in
    codes = db.exec(
        select(RecoveryCode).where(RecoveryCode.sign_in_id == row.id, col(RecoveryCode.used_at).is_(None))
    ).all()
    return [[row.email, row.language, _when(row.created_at), _when(row.totp_since), len(codes) if codes else 0]]


def _users(db: DatabaseSession, about: _About) -> Rows:
    companies = {each.id: each.name for each in db.exec(select(Company)).all()} if about.users else {}
    found: Rows = [
        [
            companies[user.company_id],
            user.name,
            national(user.phone),
            about.say(f"permissions.role.{user.role}"),
            ", ".join(_permissions(about, user)),
            about.say("own_data.all") if user.access_all else ", ".join(_access(db, user)),
            _when(user.created_at),
            _when(user.activated_at),
            _when(user.disabled_at),
            _when(user.last_sign_in_at),
        ]
        for user in about.users
    ]
    staff = db.exec(select(OperatorUser).where(OperatorUser.sign_in_id == about.sign_in.id)).all()
    for each in staff:
        ends = [_when(each.created_at), None, _when(each.disabled_at), None]
        found.append([settings().operator_name, each.name, "", each.role, "", "", *ends])
    return found


def _permissions(about: _About, user: User) -> Iterable[str]:
    held = permissions_of(user.role, user.permissions)
    for kind in KINDS:
        yield f"{about.say(f'permissions.kind.{kind}')}: {about.say(f'permissions.level.{level(kind, held)}').lower()}"
    yield from (about.say(f"permissions.single.{single}") for single in SINGLE if single in held)


def _access(db: DatabaseSession, user: User) -> Iterable[str]:
    grants = db.exec(
        select(CustomerNumber.number, Subscription.label, GroupCategory.name, Group.name)
        .select_from(AccessGrant)
        .outerjoin(CustomerNumber, col(CustomerNumber.id) == AccessGrant.customer_number_id)
        .outerjoin(Subscription, col(Subscription.id) == AccessGrant.subscription_id)
        .outerjoin(Group, col(Group.id) == AccessGrant.group_id)
        .outerjoin(GroupCategory, col(GroupCategory.id) == Group.category_id)
        .where(AccessGrant.company_id == user.company_id, AccessGrant.user_id == user.id)
        .order_by(col(AccessGrant.id))
    ).all()
    for number, label, category, group in grants:
        yield number or label or f"{category}:{group}"


def _sessions(db: DatabaseSession, about: _About) -> Rows:
    rows = db.exec(select(Session).where(Session.sign_in_id == about.sign_in.id).order_by(col(Session.id))).all()
    return [[_when(s.created_at), _when(s.last_used_at), _when(s.ended_at), s.source, s.device] for s in rows]


def _sources(db: DatabaseSession, about: _About) -> Rows:
    """Networks somebody has signed in from are kept as hashes: that there are some, and since when not used."""
    rows = db.exec(select(KnownSource).where(KnownSource.sign_in_id == about.sign_in.id)).all()
    return [[_when(row.last_at)] for row in rows]


def _links(db: DatabaseSession, about: _About) -> Rows:
    rows = db.exec(select(MailedLink).where(MailedLink.sign_in_id == about.sign_in.id).order_by(col(MailedLink.id)))
    return [
        [
            about.say(f"own_data.link.{row.kind}"),
            row.address,
            *map(_when, (row.created_at, row.expires_at, row.used_at)),
        ]
        for row in rows
    ]


def _mails(db: DatabaseSession, about: _About) -> Rows:
    """Those to the present address; the text of one that opens an account is nobody's to read but in its mail."""
    mine = about.sign_in.email_key
    rows = db.exec(
        select(OutgoingMail)
        .where(col(OutgoingMail.recipient).ilike(_literally(mine), escape="\\"))
        .order_by(col(OutgoingMail.id))
    ).all()
    sent: Rows = [
        [_when(row.created_at), _when(row.sent_at), row.subject, "" if row.kind in WITH_ONE_TIME_LINK else row.text]
        for row in rows
        if email_key(row.recipient) == mine
    ]
    waiting = db.exec(
        select(WaitingLetter).where(col(WaitingLetter.user_id).in_(about.ids)).order_by(col(WaitingLetter.id))
    ).all()
    for row in waiting:
        letter = compose(Facts(**row.facts), about.sign_in.language)
        sent = [*sent, [_when(row.created_at), "", letter.subject, letter.text]]
    return sent


def _literally(address: str) -> str:
    return "".join("\\" + c if c in "%_\\" else c for c in address)


def _log(db: DatabaseSession, about: _About) -> Rows:
    users = col(AuditEntry.object_id).in_(about.ids)
    theirs = or_(
        and_(col(AuditEntry.object_kind) == "user", users),
        and_(col(AuditEntry.object_kind) == "sign_in", col(AuditEntry.object_id) == about.sign_in.id),
    )
    done = or_(col(AuditEntry.sign_in_id) == about.sign_in.id, col(AuditEntry.user_id).in_(about.ids))
    rows: Any = db.exec(
        select(AuditEntry, theirs.label("about")).where(or_(theirs, done)).order_by(col(AuditEntry.id))
    ).all()
    return [_logged(about, entry, bool(mine)) for entry, mine in rows]


def _logged(about: _About, entry: AuditEntry, mine: bool) -> list[Value]:
    by_self = entry.sign_in_id == about.sign_in.id or entry.user_id in about.ids
    before, after = (_said(entry.before), _said(entry.after)) if mine else ("", "")
    return [
        _when(entry.at),
        entry.who,
        entry.source if by_self else "",
        entry.action,
        entry.object_kind,
        before,
        after,
    ]


def _said(values: dict[str, Any] | None) -> str:
    kept = {key: value for key, value in (values or {}).items() if key not in _OF_OTHERS}
    return "; ".join(f"{key}: {_plain(value)}" for key, value in kept.items())


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _deputies(db: DatabaseSession, about: _About) -> Rows:
    of: Any = aliased(User)
    by: Any = aliased(User)
    rows = db.exec(
        select(of.name, by.name, Deputy.starts, Deputy.ends)  # type: ignore[call-overload]
        .select_from(Deputy)
        .join(of, of.id == Deputy.user_id)
        .join(by, by.id == Deputy.deputy_id)
        .where(or_(col(Deputy.user_id).in_(about.ids), col(Deputy.deputy_id).in_(about.ids)))
        .order_by(col(Deputy.starts))
    ).all()
    return [list(row) for row in rows]


def _chains(db: DatabaseSession, about: _About) -> Rows:
    rows = db.exec(
        select(Company.name, Approver.product, Approver.position)
        .join(Company, col(Company.id) == Approver.company_id)
        .where(col(Approver.user_id).in_(about.ids))
        .order_by(Company.name, Approver.product)
    ).all()
    return [[company, about.say(f"pages.product.{product}"), position] for company, product, position in rows]


def _choices(db: DatabaseSession, about: _About) -> Rows:
    rows = db.exec(select(Preference).where(col(Preference.user_id).in_(about.ids)).order_by(col(Preference.id))).all()
    return [[row.key, ", ".join(row.value)] for row in rows]


PARTS: dict[str, tuple[Sequence[str], Callable[[DatabaseSession, _About], Rows]]] = {
    "sign_in": (("email", "language", "created", "factor_since", "recovery_codes"), _sign_in),
    "users": (
        (
            "company",
            "name",
            "phone",
            "role",
            "permissions",
            "access",
            "created",
            "activated",
            "disabled",
            "last_sign_in",
        ),
        _users,
    ),
    "sessions": (("signed_in", "last_used", "ended", "source", "device"), _sessions),
    "sources": (("last_used",), _sources),
    "links": (("kind", "address", "created", "expires", "used"), _links),
    "mails": (("created", "sent", "subject", "text"), _mails),
    "log": (("at", "who", "source", "action", "object_kind", "before", "after"), _log),
    "deputies": (("deputy_of", "deputy", "starts", "ends"), _deputies),
    "chains": (("company", "product", "position"), _chains),
    "choices": (("choice", "chosen"), _choices),
}
"""Each file of the zip: its columns, and what fills it. One that is empty is left out."""
