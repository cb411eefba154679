"""Every operation asks for what the matrix file says (quality.md, Safety 2)."""

from __future__ import annotations

import importlib
import pkgutil
import tomllib
from pathlib import Path

import pytest

from selfcare_app import services
from selfcare_app.services import access, listing
from selfcare_app.services.access import OPERATIONS, Actor, Forbidden
from selfcare_app.services.database import writing
from selfcare_app.specs.lists import LISTS
from selfcare_app.specs.permissions import OperatorRole, Permission, Role, permissions_of
from selfcare_app.specs.queries import parse
from tests import factories as make
from tests.factories import NOW

for _module in pkgutil.walk_packages(services.__path__, "selfcare_app.services."):
    importlib.import_module(_module.name)

MATRIX = tomllib.loads((Path(__file__).parents[1] / "matrix.toml").read_text())
ROLES = MATRIX["roles"]["order"]


def actor(role: str) -> Actor:
    """Whoever has the role and nothing else."""
    if role == "nobody":
        return Actor(name="nobody", at=NOW)
    if role == "operator":
        return Actor(name="staff", at=NOW, sign_in_id=1, operator_role=OperatorRole.ADMINISTRATOR)
    if role == "no company":
        return Actor(name="both", at=NOW, sign_in_id=1)
    kind = Role.CUSTOM if role == "nothing" else Role(role)
    return Actor(
        name=role, at=NOW, company_id=1, user_id=1, sign_in_id=1, role=kind, permissions=permissions_of(kind, [])
    )


def call(operation: str, who: Actor) -> None:
    """Call with the actor alone: a refusal comes before anything else, also before missing arguments."""
    name, _, key = operation.partition(":")
    module, _, function = name.rpartition(".")
    found = getattr(importlib.import_module(f"selfcare_app.services.{module}"), function)
    if key in LISTS and module in ("listing", "exporting"):
        found(who, LISTS[key], parse(LISTS[key], {}))
    elif key:
        found(who, key)
    else:
        found(who)


def test_the_matrix_names_exactly_the_operations_there_are():
    assert set(MATRIX["operations"]) == set(OPERATIONS)


def test_every_role_stands_in_the_matrix():
    assert {role.value for role in Role} - {Role.CUSTOM.value} <= set(ROLES)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("operation", MATRIX["operations"])
def test_an_operation_is_allowed_to_whom_the_matrix_says(database, operation):
    with writing() as db:
        make.user(db, make.company(db), "a@bjorko.example")

    def answer(role: str) -> str:
        try:
            call(operation, actor(role))
        except Forbidden:
            return "no"
        except (TypeError, access.Refused):
            return "yes"  # It got past the gate.
        return "yes"

    said = dict(zip(ROLES, MATRIX["operations"][operation].split(), strict=True))
    assert {role: answer(role) for role in ROLES} == said


def test_each_role_has_the_permissions_the_product_says():
    """product.md U3, written out: a role that changes here changes for every user who has it."""
    has = {role: permissions_of(role, []) for role in Role}
    assert has[Role.SUPERUSER] == frozenset(Permission)
    assert frozenset(Permission) - has[Role.ADMINISTRATOR] == {
        Permission.MANAGE_USERS, Permission.APPROVE_ORDER, Permission.COMPANY_WRITE,
    }  # fmt: skip
    assert has[Role.ORDERER] - has[Role.READER] == {
        Permission.CREATE_ORDER, Permission.CREATE_CHANGE, Permission.CREATE_CASE, Permission.CREATE_FAULT,
    }  # fmt: skip
    assert has[Role.APPROVER] - has[Role.READER] == {Permission.APPROVE_ORDER}
    assert not any(p.value.endswith(".write") for p in has[Role.READER])
    assert Permission.COMPANY_READ not in has[Role.FINANCE]
    assert has[Role.CUSTOM] == frozenset()
    assert listing.permitted(actor("reader"), Permission.GROUPS_READ)
