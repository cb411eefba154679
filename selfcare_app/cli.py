"""The `selfcare` command: what the operator does on the server."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand

from selfcare_app.config import SettingsError, settings
from selfcare_app.specs.permissions import OperatorRole

# Services are imported by the commands that need them: `selfcare --help` and a second start stay quick.

app = typer.Typer(
    name="selfcare",
    help="Selfcare, the portal where a company manages what it buys from its telecom operator.\n\n"
    "Settings come from the environment, SELFCARE_*: docs/operations.md lists them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

FAILED = 1
WRONG_SETTINGS = 2
PROGRESS_EVERY = 100_000
"""Rows."""


def main() -> None:
    """Run the command; every expected failure is a sentence on stderr and an exit code, never a traceback."""
    try:
        app()
    except SettingsError as error:
        _stop(str(error), WRONG_SETTINGS)
    except Exception as error:
        _stop(_sentence(error))


def _sentence(error: Exception) -> str:
    """What to tell; raises what nobody expected."""
    from sqlalchemy.exc import OperationalError

    from selfcare_app.building import BuildError
    from selfcare_app.locales import text
    from selfcare_app.serve import CannotServe
    from selfcare_app.services.access import Refused

    if isinstance(error, BuildError | CannotServe):
        return str(error)
    if isinstance(error, Refused):
        return text(_language(), error.key, **error.values)
    if isinstance(error, OperationalError):
        # What went wrong first: on a full disk SQLite ends the transaction, and then misses what would be taken back.
        before: BaseException | None = error
        while before := before.__context__:
            error = before if isinstance(before, OperationalError) else error
        # The driver's own words; they name host and database, never the password.
        return f"The database can't be used: {str(error.orig).strip().splitlines()[0]}"
    raise error


def _stop(sentence: str, code: int = FAILED) -> NoReturn:
    print(f"selfcare: {sentence}", file=sys.stderr)  # noqa: T201
    sys.exit(code)


def _language() -> str:
    """Swedish for whoever's environment is Swedish, else English."""
    chosen = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "sv" if chosen.startswith("sv") else "en"


def _known(language: str) -> str:
    """The language given as an option, when the portal speaks it."""
    from selfcare_app.locales import LANGUAGES

    if language not in LANGUAGES:
        raise typer.BadParameter(f"{language} is not one of {', '.join(LANGUAGES)}.", param_hint="--language")
    return language


def _readable(path: Path, language: str) -> None:
    """End with a sentence when there is no such file: before the first of several is fed."""
    from selfcare_app.locales import text

    if not os.path.exists(path):
        _stop(text(language, "feeds.file.missing", file=path))
    if path.is_dir() or not os.access(path, os.R_OK):
        _stop(text(language, "feeds.file.unreadable", file=path))


def _database_ready() -> None:
    """Check the settings, and bring the database to this version's shape."""
    settings().make_data_dir()
    from selfcare_app.services import migrations

    migrations.migrate()


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"selfcare {version('selfcare')}")
        raise typer.Exit


@app.callback()
def _selfcare(
    _version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say the version and exit.")
    ] = False,
) -> None:
    pass


@app.command()
def serve() -> None:
    """Serve the portal: migrate, build the front end when its sources changed, listen on SELFCARE_PORT.

    In demo mode (SELFCARE_DEMO=1) an empty database is filled with the demo companies first.
    """
    from selfcare_app.serve import serve as start

    settings()
    start(typer.echo)


@app.command()
def build(
    force: Annotated[bool, typer.Option("--force", help="Also when no source has changed.")] = False,
) -> None:
    """Make the front end without serving it, for instance when an image is made. Needs no settings."""
    from selfcare_app.building import build as make

    typer.echo("Built." if make(typer.echo, force) else "The front end is current.")


@app.command()
def migrate() -> None:
    """Bring the database to this version's shape. Safe to repeat, and for several to do at once."""
    settings().make_data_dir()
    from selfcare_app.services import migrations

    typer.echo("Migrated." if migrations.migrate() else "The database is current.")


@app.command()
def demo() -> None:
    """Load the demo companies into an empty database; only in demo mode (SELFCARE_DEMO=1)."""
    if not settings().demo_mode:
        _stop("The demo's sign-ins are known to everyone: it is loaded in demo mode only (SELFCARE_DEMO=1).")
    _database_ready()
    from selfcare_app.services import clock, staff
    from selfcare_app.services.demo import load_demo

    for report in load_demo(staff.command_line(_language()), clock.now()):
        typer.echo(report.summary(_language()))


class _NamesKinds(TyperCommand):
    """Its help ends with every kind there is; only then are they imported."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        from selfcare_app.services.feeds.feeding import FEEDERS

        with formatter.section("Kinds, in the order a new company's files go in"):
            formatter.write("".join(f"  {kind}\n" for kind in FEEDERS))


def _progress(language: str) -> Callable[[int], None]:
    """Tells how far a long file has been read, to someone who sits there and waits."""
    from selfcare_app.locales import text

    def tell(rows: int) -> None:
        if sys.stderr.isatty() and rows % PROGRESS_EVERY == 0:
            typer.echo(f"  {text(language, 'feeds.report.read', rows=rows)}", err=True)

    return tell


@app.command(cls=_NamesKinds)
def feed(
    kind: Annotated[str, typer.Argument(help="One of the kinds below.")],
    files: Annotated[list[Path], typer.Argument(help="CSV, xlsx, XML, zip; docs/operations.md describes each.")],
    language: Annotated[str, typer.Option(help="Language of the report: sv or en. Default: the environment's.")] = "",
) -> None:
    """Feed files of one kind, in the order given; each goes in whole or not at all.

    Exit code 1 when a file was refused; the report names each row and reason. Feeding a file again changes nothing.
    """
    spoken = _known(language) if language else _language()
    settings()
    for path in files:
        _readable(path, spoken)
    _database_ready()
    from selfcare_app.services import staff
    from selfcare_app.services.feeds.feeding import feed_file

    refused = False
    for path in files:
        for report in feed_file(staff.command_line(spoken), kind, path, _progress(spoken)):
            typer.echo(report.summary(spoken), err=not report.applied)
            for sentence in report.sentences(spoken):
                typer.echo(f"  {sentence}", err=True)
            refused = refused or not report.applied
    if refused:
        raise typer.Exit(FAILED)


@app.command()
def generate(
    subscriptions: Annotated[int, typer.Option(help="Subscriptions in all; the companies share them evenly.")],
    companies: Annotated[int, typer.Option(help="Companies.")] = 1,
    customer_numbers: Annotated[
        int, typer.Option(help="Customer numbers in all. Default: one for every hundred subscriptions.")
    ] = 0,
    usage: Annotated[int, typer.Option(help="Usage records in all, of the latest 14 months.")] = 0,
    invoices: Annotated[
        int, typer.Option("--invoices-per-customer-number", help="One for each of the latest billed months.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="The same seed makes the same companies, another one others.")] = 1,
    password: Annotated[str, typer.Option(help="Of all sign-ins. Default: one is made up.")] = "",
    among_real_companies: Annotated[
        bool, typer.Option("--among-real-companies", help="Even where there are companies that aren't made up.")
    ] = False,
) -> None:
    """Make companies of any size for measuring, beside what the database holds; whole or not at all. Sends no mail.

    Each has customer numbers, subscriptions, connections, add-ons, price plans, users and groups; invoices with
    payments and usage records are made when asked for. Prints who can sign in. On SQLite nobody else can write
    meanwhile. Refused where there are real companies.
    """
    _database_ready()
    from selfcare_app.services import staff
    from selfcare_app.services.generating import Wanted
    from selfcare_app.services.generating import generate as make

    def tell(what: str, count: int) -> None:
        if sys.stderr.isatty():
            typer.echo(f"  {count} {what}", err=True)

    wanted = Wanted(
        subscriptions, companies, customer_numbers, usage, invoices, seed, password, among_real=among_real_companies
    )
    done = make(staff.command_line(_language()), wanted, tell)
    for made in done.companies:
        typer.echo(
            f"{made.name} ({made.organisation_number}): {made.customer_numbers} customer numbers, {made.subscriptions}"
            f" subscriptions, {made.connections} connections, {made.invoices} invoices.\n"
            f"  Sign in as {made.superuser}, or as {made.partial} who sees a part."
        )
    if done.usage:
        typer.echo(f"{done.usage} usage records.")
    typer.echo(f"The password of every sign-in is {done.password}")


@app.command()
def purge() -> None:
    """Delete what is kept no longer (SELFCARE_KEEP_*). Run it every day."""
    _database_ready()
    from selfcare_app.services import staff
    from selfcare_app.services.purging import purge as purge_now

    done = purge_now(staff.command_line(_language()))
    typer.echo(
        f"{done.usage_records} usage records, {done.log_entries} log entries, {done.sessions} sessions and"
        f" {done.invoices} invoices and {done.mail_rows} mails deleted; {done.mails} mails and {done.uploads} uploaded"
        " files wiped;"
        f" {done.people} removed users forgotten."
    )


@app.command("create-operator")
def create_operator(
    email: Annotated[str, typer.Argument(help="The address to sign in with.")],
    name: Annotated[str, typer.Argument(help="The person's name, as colleagues see it.")],
    role: Annotated[OperatorRole, typer.Option(help="What they may do.")] = OperatorRole.ADMINISTRATOR,
) -> None:
    """Make someone a member of the operator's staff.

    A new address needs a password: asked for twice, or read from standard input when that is no terminal. An address
    that signs in already keeps its own.
    """
    _database_ready()
    from selfcare_app.services import staff

    actor = staff.command_line(_language())
    password = ""
    if staff.needs_password(actor, email):
        if sys.stdin.isatty():
            password = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        else:
            password = sys.stdin.readline().rstrip("\r\n")
    staff.create_operator(actor, email, name, role, password)
    typer.echo(f"{email} is staff.")


@app.command("reset-second-factor")
def reset_second_factor(email: Annotated[str, typer.Argument(help="Whose: the address they sign in with.")]) -> None:
    """Take away the second factor of somebody whom nobody in their company can help; they are told by mail."""
    _database_ready()
    from selfcare_app.services import second_factor, staff

    second_factor.take_away(staff.command_line(_language()), email)
    typer.echo(f"{email} signs in without a second factor now, and may set one up again.")


@app.command()
def invite(
    organisation_number: Annotated[str, typer.Argument(help="The company's: ten digits.")],
    email: Annotated[str, typer.Argument(help="Where the invitation goes.")],
    name: Annotated[str, typer.Argument(help="The person's name.")],
    language: Annotated[str, typer.Option(help="Language of the mail and of a new sign-in: sv or en.")] = "sv",
) -> None:
    """Appoint a superuser in a company where none can sign in yet; they get a link by mail, valid for seven days."""
    spoken = _known(language)
    _database_ready()
    from selfcare_app.services import staff
    from selfcare_app.services.invitations import invite_by_operator

    # People write 556677-8899.
    invite_by_operator(staff.command_line(spoken), organisation_number.replace("-", "").strip(), name, email)
    typer.echo(f"The portal will mail an invitation to {email}, with a link to {settings().origin}.")


if __name__ == "__main__":
    main()
