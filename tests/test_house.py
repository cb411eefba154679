"""The rules of the house, read from the sources: a rule that nothing checks is no rule (docs/architecture.md)."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import subprocess
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from sqlalchemy import Table as SqlTable
from sqlalchemy import UniqueConstraint

from selfcare_app import locales, services
from selfcare_app.config import PROJECT, Settings
from selfcare_app.models import Table
from selfcare_app.services.access import OPERATIONS, Actor, Forbidden
from selfcare_app.specs.lists import LISTS
from selfcare_app.specs.queries import ListQuery

PACKAGE = PROJECT / "selfcare_app"
LAYERS = {
    "config": set(),
    "locales": set(),
    "logs": set(),
    "models": {"models"},
    "specs": {"models", "specs"},
    "services": {"models", "specs", "services"},
    "api": {"models", "specs", "services", "api"},
    "state": {"models", "specs", "services", "state"},
    "components": {"models", "specs", "services", "state", "components"},
    "pages": {"models", "specs", "services", "state", "components", "pages"},
    "selfcare_app": {"models", "specs", "services", "api", "state", "components", "pages"},
    # Right of everything: what starts it. The build makes assets from components and state.
    "building": {"components", "state"},
    "serve": {"specs", "services", "building", "selfcare_app"},
    "cli": {"specs", "services", "building", "serve"},
}
"""What each layer may import; the leaves any of them."""
LEAVES = {"config", "locales", "logs"}
REFLEX = {"state", "components", "pages", "selfcare_app"}
MOST_LINES = 500


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def modules(*layers: str) -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if not layers or layer_of(path) in layers)


def layer_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(PROJECT)}:{getattr(node, 'lineno', 0)}"


def imports(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Every dotted name that a module imports, wherever in it: `from a.b import c` gives a.b.c."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{place(path, node)}: import by the full name"
            yield from ((f"{node.module}.{alias.name}", node) for alias in node.names)


def repository_files() -> list[Path]:
    """Everything that is or would be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.split("\0") if name and (path := PROJECT / name).is_file()]


# --- The arrow


def test_imports_follow_the_arrow():
    wrong = []
    for path in modules():
        layer = layer_of(path)
        if layer == "__init__":
            continue
        for name, node in imports(path):
            parts = name.split(".")
            if parts[0] == "selfcare_app" and parts[1] not in LAYERS[layer] | LEAVES:
                wrong.append(f"{place(path, node)}: {layer} imports {name}")
    assert not wrong, "\n".join(wrong)


def test_only_the_layers_of_the_screen_import_reflex():
    wrong = [
        f"{place(path, node)}: {name}"
        for path in modules()
        if layer_of(path) not in REFLEX
        for name, node in imports(path)
        if name.split(".")[0].startswith("reflex")
    ]
    assert not wrong, "\n".join(wrong)


def test_only_services_open_a_database_session():
    opens = re.compile(
        r"selfcare_app\.services\.database\.(session|writing|engine|make_engine)$"
        r"|(sqlmodel|sqlalchemy|sqlalchemy\.orm)\.(\w*[sS]ession\w*|create_engine|sessionmaker)$"
    )
    wrong = [
        f"{place(path, node)}: {name}"
        for path in modules()
        if layer_of(path) not in ("models", "services")
        for name, node in imports(path)
        if opens.match(name)
    ]
    assert not wrong, "\n".join(wrong)


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def test_only_the_database_module_commits():
    wrong = [
        place(path, call)
        for path in modules()
        if path != PACKAGE / "services" / "database.py"
        for call in calls(path)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit"
    ]
    assert not wrong, "\n".join(wrong)


def test_only_the_clock_module_reads_the_clock():
    read = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}
    wrong = [
        place(path, call)
        for path in modules()
        if path != PACKAGE / "services" / "clock.py"
        for call in calls(path)
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and (call.func.value.id, call.func.attr) in read
    ]
    assert not wrong, "\n".join(wrong)


def test_whoever_changes_memberships_sums_costs_anew():
    """Costs by group are kept in sums (services/costs.py): a change of membership moves costs between them."""
    wrong = [
        place(path, call)
        for path in modules("services")
        if ".recount(" not in path.read_text(encoding="utf-8")
        for call in calls(path)
        if ast.unparse(call.func) == "GroupMembership"
        or (
            ast.unparse(call.func) in ("insert", "update", "delete")
            and "GroupMembership" in map(ast.unparse, call.args)
        )
    ]
    assert not wrong, "\n".join(wrong)


# --- Size and manner


def test_no_python_file_is_longer_than_500_lines():
    wrong = [
        f"{path.relative_to(PROJECT)}: {lines}"
        for path in repository_files()
        if path.suffix == ".py" and (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    ]
    assert not wrong, "\n".join(wrong)


def test_every_module_says_what_it_owns():
    wrong = [
        str(path.relative_to(PROJECT)) for path in modules() if tree(path).body and not ast.get_docstring(tree(path))
    ]
    assert not wrong, "\n".join(wrong)


COLOURED = {
    "config.py": "shows what a colour looks like to whoever gave none",
    "components/theme.py": "the one place with raw colours",
    "api/account_pages.py": "a QR code is black on white in any theme: cameras read it",
    "services/letters.py": "mail programs read no stylesheet, and services import no components",
}


def test_colours_stand_in_the_theme_only():
    raw = re.compile(r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\b|\b(?:rgb|hsl|oklch)a?\(")
    wrong = [
        f"{path.relative_to(PROJECT)}:{number}: {line.strip()}"
        for path in PACKAGE.rglob("*")
        if path.suffix in (".py", ".css") and path.relative_to(PACKAGE).as_posix() not in COLOURED
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if raw.search(line)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_file_names_this_machine_or_a_package_registry():
    # Put together here, so that this file doesn't name them either.
    hosts = ["pypi" + ".org", "python" + "hosted.org", "registry." + "npmjs", "registry." + "yarnpkg", "npm" + "mirror"]
    machine = [str(PROJECT) + "/", "/" + "root/", "/" + "home/", "/" + "work/"]
    wrong = []
    for path in repository_files():
        try:
            content = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        wrong += [f"{path.relative_to(PROJECT)}: {word}" for word in hosts + machine if word in content]
    assert not wrong, "\n".join(wrong)


# --- Permissions


def service_modules() -> list[str]:
    return [found.name for found in pkgutil.walk_packages(services.__path__, "selfcare_app.services.")]


UNMARKED = {"selfcare_app.services.access", "selfcare_app.services.audit"}
"""Modules that decide and record for the operations; they are none."""
BY_THE_LISTS_OWN_PERMISSION = {
    "listing.page": (),
    "listing.again": (),
    "listing.matching_ids": (),
    "listing.export": (),
    "listing.offer": (),
    "listing.fitting": (),
    "listing.followed": (),
    "exporting.export": ("csv",),
}
"""Operations on any list ask for the permission its ListSpec names; what they take beside actor, spec and query."""
ASK_NOTHING = {
    "narrowing.columns_of",
    "narrowing.opens",
    "narrowing.permitted",
    "showing.actions_of",
    "showing.fits",
    "showing.makes_sense",
    "showing.seen",
    "user_doings.condition",
}
"""They read the spec alone and make conditions of it, and ask for no row."""


def test_every_operation_declares_who_may_do_it():
    wrong = []
    for name in service_modules():
        if name in UNMARKED:
            continue
        for function_name, function in inspect.getmembers(importlib.import_module(name), inspect.isfunction):
            if function.__module__ != name or function_name.startswith("_"):
                continue
            first = next(iter(inspect.signature(function).parameters), "")
            operation = f"{name.removeprefix('selfcare_app.services.')}.{function_name}"
            # An operation on kinds of things says for each of them what it takes.
            declared = {name.partition(":")[0] for name in OPERATIONS if not name.startswith("listing.")}
            if first == "actor" and operation not in {*declared, *BY_THE_LISTS_OWN_PERMISSION, *ASK_NOTHING}:
                wrong.append(operation)
    assert not wrong, "without @allowed or @for_operator:\n" + "\n".join(wrong)


@pytest.mark.parametrize("operation", BY_THE_LISTS_OWN_PERMISSION)
def test_every_operation_on_a_list_asks_for_the_lists_permission(operation):
    module, _, name = operation.rpartition(".")
    function = getattr(importlib.import_module(f"selfcare_app.services.{module}"), name)
    nobody = Actor(name="nobody", at=datetime(2026, 11, 22, tzinfo=UTC), company_id=1, access_all=True)
    for spec in LISTS.values():
        assert spec.permission is not None
        with pytest.raises(Forbidden):
            function(nobody, spec, ListQuery(), *BY_THE_LISTS_OWN_PERMISSION[operation])


def test_every_event_handler_bears_the_mark_of_the_gate():
    from reflex_base.registry import RegistrationContext

    from selfcare_app.selfcare_app import app
    from selfcare_app.state.gate import FRAMEWORK_EVENTS, is_marked

    assert app
    registered = RegistrationContext.get().event_handlers
    ours = {
        name: found.handler
        for name, found in registered.items()
        if found.handler.fn.__module__.startswith("selfcare_app.")
    }
    assert ours, "the registry holds no handler of the portal"
    unmarked = [name for name, handler in ours.items() if not is_marked(handler)]
    assert not unmarked, "without @event of the gate:\n" + "\n".join(unmarked)
    # The list lets pass by name: a name that means nothing any more would say that Reflex has changed.
    assert set(registered) >= FRAMEWORK_EVENTS
    assert not [name for name in FRAMEWORK_EVENTS if "setvar" in name]


# --- Tables


ACROSS_COMPANIES = {
    ("framework_agreement", ("number",)): "keys from the operator's systems are unique in the portal (data.md)",
    ("customer_number", ("number",)): "a key never moves to another company (data.md)",
    ("subscription", ("number",)): "a key never moves to another company (data.md)",
    ("connection", ("number",)): "a key never moves to another company (data.md)",
    ("invoice", ("number",)): "keys from the operator's systems are unique in the portal (data.md)",
    ("payment", ("reference",)): "keys from the operator's systems are unique in the portal (data.md)",
    ("waiting_letter", ("due_at",)): "the sender takes what is due whosever it is",
    ("user", ("sign_in_id",)): "a sign-in's users are looked up across companies (S5)",
}
"""Keys of companies' tables that don't begin with the company, and why."""


def keys_of(table: SqlTable) -> list[tuple[str, ...]]:
    unique = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
    return [tuple(column.name for column in key.columns) for key in (*unique, *table.indexes)]


def company_tables() -> list[SqlTable]:
    return [table for table in Table.metadata.sorted_tables if "company_id" in table.columns]


def test_keys_of_companies_tables_begin_with_the_company():
    wrong = [
        f"{table.name}: {', '.join(key)}"
        for table in company_tables()
        for key in keys_of(table)
        if key[0] != "company_id" and (table.name, key) not in ACROSS_COMPANIES
    ]
    assert not wrong, "\n".join(wrong)
    bare = [
        table.name
        for table in company_tables()
        if not any(key[0] == "company_id" for key in keys_of(table))
        and next(iter(table.primary_key.columns)).name != "company_id"
    ]
    assert not bare, f"no key with the company first: {bare}"
    known = {(table.name, key) for table in company_tables() for key in keys_of(table)}
    assert set(ACROSS_COMPANIES) <= known, "an exception that is none any more"


def test_models_and_migrations_agree(database):
    from alembic.config import Config

    from alembic import command

    settings = Config(str(PROJECT / "alembic.ini"))
    with database.connect() as connection:
        settings.attributes["connection"] = connection
        command.check(settings)


# --- Texts


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def test_both_languages_have_the_same_texts_with_the_same_names_in_them():
    swedish, english = locales.catalogue("sv"), locales.catalogue("en")
    assert not sorted(swedish.keys() ^ english.keys()), "in one language only"
    wrong = [key for key in swedish if placeholders(swedish[key]) != placeholders(english[key])]
    assert not wrong, "other {names} in the other language:\n" + "\n".join(wrong)
    empty = [key for key in swedish if not swedish[key].strip() or not english[key].strip()]
    assert not empty, "\n".join(empty)


LOOKS_LIKE_A_KEY = re.compile(r"[a-z_]+(?:\.[a-z0-9_-]+)+")


def literal_keys(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Strings that name a text: any that begins with a file of locales/, and what T and Refused are given."""
    files = {file.stem for file in (locales.FOLDER / locales.DEFAULT).glob("*.toml")}
    for node in ast.walk(tree(path)):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and LOOKS_LIKE_A_KEY.fullmatch(node.value)
            and node.value.partition(".")[0] in files
        ):
            yield node.value, node
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("T", "Refused")
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield node.args[0].value, node


def test_every_text_that_is_asked_for_exists():
    known = locales.catalogue(locales.DEFAULT)
    wrong = [
        f"{place(path, node)}: {key}"
        for path in modules()
        for key, node in literal_keys(path)
        # A group of texts may be named, its last word chosen at run time.
        if key not in known and not any(other.startswith(f"{key}.") for other in known)
    ]
    assert not wrong, "\n".join(wrong)


def test_every_text_on_screen_is_sent_to_the_browser():
    from selfcare_app.state.texts import SCREEN_FILES

    wrong = [
        f"{place(path, call)}: {call.args[0].value}"
        for path in modules("state", "components", "pages")
        for call in calls(path)
        if isinstance(call.func, ast.Name)
        and call.func.id == "T"
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and call.args[0].value.partition(".")[0] not in SCREEN_FILES
    ]
    assert not wrong, "\n".join(wrong)


# --- Documents and locks


def test_the_settings_table_names_every_setting():
    page = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(SELFCARE_\w+)`", page, re.MULTILINE))
    assert told == {f"SELFCARE_{name.upper()}" for name in Settings.model_fields}


@pytest.mark.parametrize(
    "page", sorted(PROJECT.glob("*.md")) + sorted(PROJECT.glob("docs/**/*.md")), ids=lambda p: p.name
)
def test_links_between_documents_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#]+)", page.read_text(encoding="utf-8"))
    dead = [target for target in targets if not (page.parent / target).exists()]
    assert not dead


def locked(name: str) -> dict[str, str]:
    pins = re.findall(r"^([\w.-]+)==(\S+)", (PROJECT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in pins}


def test_the_locks_hold_what_the_project_asks_for():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    run, test = locked("requirements.lock"), locked("requirements-test.lock")
    peers = (PROJECT / "benchmarks" / "peers" / "peers.in").read_text(encoding="utf-8").splitlines()
    assert run.items() <= test.items(), "the two locks pin different versions: make lock"
    wrong = [
        text
        for lock, texts in (
            (run, project["dependencies"]),
            (test, project["optional-dependencies"]["test"]),
            (locked("benchmarks/peers/peers.lock"), peers),
        )
        for text in texts
        if (wanted := Requirement(text))
        and not wanted.specifier.contains(lock.get(canonicalize_name(wanted.name), "0"), prereleases=True)
    ]
    assert not wrong, f"not in the lock, make lock: {wrong}"
