"""The operator's staff (P1): who they are, and the command line as one of them."""

from __future__ import annotations

import getpass

from email_validator import EmailNotValidError, validate_email
from sqlmodel import select

from selfcare_app.models import OperatorUser, SignIn
from selfcare_app.services import audit, clock, passwords
from selfcare_app.services.access import Actor, Refused, for_operator
from selfcare_app.services.database import session, writing
from selfcare_app.services.invitations import checked_name
from selfcare_app.specs.permissions import OperatorRole
from selfcare_app.specs.text import email_key

SOURCE = "command line"


def command_line(language: str = "en") -> Actor:
    """Whoever runs `selfcare` on the server: an administrator, known by their account there."""
    try:
        account = getpass.getuser()
    except (OSError, KeyError):  # an account without a name, as in some containers
        account = "selfcare"
    return Actor(
        name=account, at=clock.now(), operator_role=OperatorRole.ADMINISTRATOR, language=language, source=SOURCE
    )


@for_operator
def needs_password(actor: Actor, email: str) -> bool:
    """Whether the address has no password yet, so that one must be given to make it staff."""
    with session() as db:
        row = db.exec(select(SignIn).where(SignIn.email_key == email_key(email))).first()
    return row is None or not row.password_hash


@for_operator
def create_operator(actor: Actor, email: str, name: str, role: OperatorRole, password: str = "") -> int:
    """Make an address a member of staff; gives the OperatorUser's id.

    A new address gets the password; one that has a password already keeps it. Refuses a weak password
    (WeakPassword), a malformed address and one that is staff already.
    """
    name = checked_name(name)
    try:
        address = validate_email(email.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise Refused("auth.invite.bad_email") from None
    if needs_password(actor, address):
        passwords.refuse_weak(password, address)
    password_hash = passwords.hash_password(password) if password else ""
    with writing() as db:
        row = db.exec(select(SignIn).where(SignIn.email_key == email_key(address))).first()
        if row is None:
            row = SignIn(email=address, email_key=email_key(address), language=actor.language, created_at=actor.at)
        if not row.password_hash:
            row.password_hash = password_hash
        db.add(row)
        db.flush()
        assert row.id is not None
        if db.exec(select(OperatorUser).where(OperatorUser.sign_in_id == row.id)).first() is not None:
            raise Refused("staff.already_here")
        member = OperatorUser(sign_in_id=row.id, name=name, role=role, created_at=actor.at)
        db.add(member)
        db.flush()
        assert member.id is not None
        audit.record(
            db,
            actor,
            "operator_created",
            kind="operator_user",
            object_id=member.id,
            label=name,
            after={"email": address, "name": name, "role": role.value},
        )
        return member.id
