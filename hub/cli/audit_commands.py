"""`hub audit` and `hub breach`: what auditors do with the access log."""

import asyncio
import csv
import datetime as dt
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from hub.cli.console import CliError, err, out

if TYPE_CHECKING:
    from hub.access.log.audit import Touched
    from hub.access.log.database import Database

T = TypeVar("T")

MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M"]
COLUMNS = ("person", "accesses", "first", "last", "departments", "fields")

audit_cli = typer.Typer(
    help="Verify and export the access log (HUB_ACCESS_LOG_URL).", no_args_is_help=True
)
KeyOption = Annotated[
    Path | None,
    typer.Option("--key", help="File with the log's public keys. Default: those in the database."),
]
CheckpointOption = Annotated[
    list[Path] | None,
    typer.Option("--checkpoint", help="A checkpoint that you kept. May be repeated."),
]


@audit_cli.command("verify")
def verify(key: KeyOption = None, checkpoint: CheckpointOption = None) -> None:
    """Verify the access log in its database, also while a hub runs. Exit 1 if it was changed."""
    from hub.access.log import audit
    from hub.access.log.verifier import NoteError, key_in

    try:
        lines = key.read_text().splitlines() if key is not None else []
        keys = [key_in(line) for line in lines if line.strip()]
        kept = [each.read_bytes() for each in checkpoint or ()]
    except (OSError, NoteError) as error:
        raise CliError(f"the key or checkpoint can't be used: {error}") from None
    found = _with_log(lambda database: audit.verify(database, keys, kept))
    out.print(
        f"{found.records:,} records, of which {found.without_content:,} without content "
        "(deleted after the retention time).",
        highlight=False,
        soft_wrap=True,
    )
    for problem in found.problems:
        out.print(f"BAD: {problem}", highlight=False, markup=False, soft_wrap=True)
    if found.problems:
        raise typer.Exit(1)
    out.print("The log is complete and unchanged.")


@audit_cli.command("export")
def export(
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist or is empty.")],
) -> None:
    """Write the access log and a verifier to a folder: python FOLDER/verify.py FOLDER"""
    from hub.access.log.export import export as run

    count = _with_log(lambda database: run(database, folder))
    print(f"{count:,} records are in {folder}.")
    print(f"Verify them: python {folder}/verify.py {folder}")


@audit_cli.command("key")
def key() -> None:
    """Print the public keys of the access log, for auditors."""
    from hub.access.log.audit import verifier_keys

    for line in _with_log(verifier_keys):
        print(line)


@audit_cli.command("accept-clock")
def accept_clock() -> None:
    """Confirm the time of the database's clock after a jump, so that old entries are deleted."""
    from hub.access.log.retention import accept_clock as accept

    async def run(database: "Database") -> int:
        now_us = await database.now_us()
        await accept(database, now_us)
        return now_us

    now_us = _with_log(run, read_only=False)
    moment = dt.datetime.fromtimestamp(now_us / 1_000_000, dt.UTC)
    out.print(f"Confirmed: {moment:%Y-%m-%d %H:%M} UTC", highlight=False)


@audit_cli.command("erase")
def erase(
    member: Annotated[str, typer.Argument(help="Family ID member number of the person.")],
    reason: Annotated[str, typer.Option(help="Why; it is written to the access log.")],
    number: Annotated[
        list[str] | None,
        typer.Option(help="A number of the person at departments, SCHEME|NUMBER. May be repeated."),
    ] = None,
) -> None:
    """Destroy a person's secret: nobody can find the person's entries in the access log any more.

    Rule 8(3) of the DPDP Rules wants logs for a year after the processing. With SQLite, stop the
    hub first.
    """
    from hub.access.log import AccessLog, Act, options_of
    from hub.access.principal import Principal, Role
    from hub.cli.settings import read_settings

    numbers = [tuple(each.split("|", 1)) for each in number or ()]
    if any(len(each) != 2 for each in numbers):
        raise CliError("--number must have the form SCHEME|NUMBER.")

    async def run() -> int:
        log = await AccessLog.open(*options_of(read_settings()))
        try:
            await log.administrative(Principal(Role.ADMIN), Act.ERASE_PERSON, reason=reason)
            return await log.erase(member, [(each[0], each[1]) for each in numbers])
        finally:
            await log.close()

    count = _run(run)
    out.print(f"{count} secrets were destroyed.", highlight=False)


def breach(
    start: Annotated[
        dt.datetime, typer.Option("--from", help="First moment, in UTC.", formats=MOMENTS)
    ],
    end: Annotated[
        dt.datetime,
        typer.Option("--to", help="First moment after the breach, in UTC.", formats=MOMENTS),
    ],
    department: Annotated[
        str | None, typer.Option(help="Department that the records came from.")
    ] = None,
    principal: Annotated[
        str | None, typer.Option(help="Who read them: ISSUER|SUBJECT of the token.")
    ] = None,
    centre: Annotated[str | None, typer.Option(help="Service centre of the operators.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
) -> None:
    """List the people in a breach, for the report (DPDP Rules, rule 7)."""
    from hub.access.log.audit import BreachFilter, touched
    from hub.access.log.keys import log_keys
    from hub.cli.settings import read_settings

    if department is None and principal is None and centre is None:
        raise CliError("give --department, --principal or --centre.")
    chosen = BreachFilter(
        start.replace(tzinfo=dt.UTC), end.replace(tzinfo=dt.UTC), department, principal, centre
    )
    setting = read_settings().access_log_keys

    async def run(database: "Database") -> "list[Touched]":
        secret = setting.get_secret_value() if setting is not None else None
        keys = await log_keys(database, secret, register=False)
        return await touched(database, keys, chosen)

    rows = [_row(each) for each in _with_log(run)]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    elif as_csv:
        writer = csv.DictWriter(sys.stdout, COLUMNS)
        writer.writeheader()
        writer.writerows({name: _cell(row[name]) for name in COLUMNS} for row in rows)
    else:
        for row in rows:
            person = row["person"] or "(erased)"
            departments = _cell(row["departments"])
            text = f"{row['accesses']} accesses  {row['first']} to {row['last']}  {departments}"
            print(f"{person}  {text}")
    err.print(f"{len(rows)} people.", highlight=False)


def _row(person: "Touched") -> dict[str, object]:
    return {
        "person": person.person,
        "accesses": person.accesses,
        "first": person.first.isoformat() if person.first else None,
        "last": person.last.isoformat() if person.last else None,
        "departments": sorted(person.departments),
        "fields": sorted(person.fields),
    }


def _cell(value: object) -> object:
    return " ".join(value) if isinstance(value, list) else value


def _with_log(use: "Callable[[Database], Awaitable[T]]", *, read_only: bool = True) -> T:
    """Open the access log's database, use it and close it.

    Raises:
        CliError: it cannot be used.
    """
    from hub.access.log import options_of
    from hub.access.log.database import open_database
    from hub.cli.settings import read_settings

    url, _options = options_of(read_settings())

    async def run() -> T:
        database = await open_database(url, read_only=read_only)
        try:
            return await use(database)
        finally:
            await database.close()

    return _run(run)


def _run(use: "Callable[[], Coroutine[Any, Any, T]]") -> T:
    """Run a coroutine.

    Raises:
        CliError: the access log cannot be used.
    """
    from hub.access.keys import WeakKeyError
    from hub.access.log.database import LOG_FAILURES, reason_of
    from hub.store import StoreError

    try:
        return asyncio.run(use())
    except (StoreError, WeakKeyError) as error:
        raise CliError(str(error)) from None
    except LOG_FAILURES as error:
        raise CliError(f"the access log can't be used: {reason_of(error)}") from None
