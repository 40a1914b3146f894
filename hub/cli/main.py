"""The `hub` command: its subcommands and what their mistakes print."""

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from hub.cli.adapter.commands import adapter_cli
from hub.cli.failures import CliError
from hub.cli.faults.commands import faults_cli
from hub.cli.manifest_commands import check, introspect, manifest_schema
from hub.cli.terminal import err, out

cli = typer.Typer(
    name="hub",
    help="Citizen Hub: one GraphQL schema of citizens and applications over department systems.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
schema_cli = typer.Typer(help="The schema's contract file.", no_args_is_help=True)
cli.add_typer(schema_cli, name="schema")
cli.add_typer(faults_cli, name="faults")
manifest_cli = typer.Typer(help="The format of departments' manifests.", no_args_is_help=True)
cli.add_typer(manifest_cli, name="manifest")
manifest_cli.command("schema")(manifest_schema)
cli.add_typer(adapter_cli, name="adapter")
department_cli = typer.Typer(
    help="Close and open departments on a running hub (HUB_ADMIN_TOKEN).", no_args_is_help=True
)
cli.add_typer(department_cli, name="department")

UrlOption = Annotated[
    str | None, typer.Option(help="The hub's GraphQL URL; the local hub's when not given.")
]
CitizensOption = Annotated[
    int, typer.Option("--citizens", min=10, help="How many made-up people the mocks hold.")
]


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (HUB_HOST).")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on (HUB_PORT); 0 takes a free one.")
    ] = None,
    departments: Annotated[
        Path | None, typer.Option(help="Folder of department folders (HUB_DEPARTMENTS).")
    ] = None,
) -> None:
    """Serve the hub until it is stopped."""
    from hub.cli.reading_settings import read_settings
    from hub.cli.serving import serve_hub

    given = {"host": host, "port": port, "departments": departments}
    settings = read_settings()
    changes = {name: value for name, value in given.items() if value is not None}
    serve_hub(settings.model_copy(update=changes), err)


@cli.command()
def mocks(
    names: Annotated[
        list[str] | None, typer.Argument(help="Which mocks; all of them when none is named.")
    ] = None,
    citizens: CitizensOption = 2000,
    port: Annotated[
        list[str] | None, typer.Option(help="Port of a mock, as pensions=9202; repeatable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print where they are as JSON.")] = False,
) -> None:
    """Start mock departments, each a process of its own, until stopped with Ctrl+C.

    `python -m mocks --help` says what each is; the address of each shows how to ask it.
    """
    from hub.cli.mock_processes import parse_ports, run_mocks

    run_mocks(names or [], citizens, parse_ports(port or []), as_json, out, err)


@cli.command()
def demo(
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="On free ports: compare the answers with the population, stop, exit 0 or 1.",
        ),
    ] = False,
    citizens: CitizensOption = 2000,
    port: Annotated[
        int, typer.Option(envvar="HUB_PORT", help="Port of the hub; --check takes a free one.")
    ] = 8000,
) -> None:
    """Start the mock departments and the hub, and answer three real queries."""
    from hub.cli.demo import run_demo

    raise typer.Exit(run_demo(check=check, citizens=citizens, port=port, out=out, err=err))


@cli.command()
def chaos(
    department: Annotated[
        list[str] | None, typer.Option(help="Only at this department; repeatable.")
    ] = None,
    fault: Annotated[list[str] | None, typer.Option(help="Only this fault; repeatable.")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="A few typical cases, in less than a minute.")
    ] = False,
    spike: Annotated[
        bool, typer.Option("--spike", help="Ten times the sustainable load for 30 s instead.")
    ] = False,
    soak: Annotated[
        float | None, typer.Option(min=0.5, help="So many minutes of faults in any order instead.")
    ] = None,
    rate: Annotated[float, typer.Option(min=1, help="Questions a second.")] = 40,
    to: Annotated[
        Path, typer.Option(help="Folder for chaos.json, chaos.svg and the hub's log.")
    ] = Path("build"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Let departments fail one after another; exits 1 when a row was wrong or others were hurt."""
    from hub.cli.chaos.command import Options, run

    options = Options(tuple(department or ()), tuple(fault or ()), quick, rate, to)
    raise typer.Exit(run(options, spike=spike, soak=soak, as_json=as_json, out=out, err=err))


@cli.command()
def query(
    document: Annotated[str, typer.Argument(help="A file with a GraphQL document, or '{...}'.")],
    variables: Annotated[
        str | None, typer.Option(help="Values of the document's variables, as JSON.")
    ] = None,
    url: UrlOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the response as JSON.")] = False,
) -> None:
    """Ask a running hub. Exits 1 when there is no data in the answer."""
    from hub.cli.asking import ask, read_document, read_variables
    from hub.cli.rendering import print_response

    response = ask(url or _local_hub(), read_document(document), read_variables(variables))
    if as_json:
        print(json.dumps(response, ensure_ascii=False, indent=2))
    else:
        print_response(response, out, err)
    if response.get("data") is None:
        raise typer.Exit(1)


@cli.command()
def explain(
    document: Annotated[str, typer.Argument(help="A file with a GraphQL document, or '{...}'.")],
    variables: Annotated[
        str | None, typer.Option(help="Values of the document's variables, as JSON.")
    ] = None,
    keys: Annotated[int, typer.Option(min=1, help="How many rows a list is taken to have.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Print the plan of a query: waves, departments, calls, cost. No department is asked."""
    from hub.cli.asking import read_document, read_variables
    from hub.cli.explain import explain as run
    from hub.cli.reading_settings import read_settings

    given = (read_document(document), read_variables(variables))
    run(*given, keys, read_settings().departments, as_json=as_json, out=out)


@department_cli.command("pause")
def department_pause(
    name: Annotated[str, typer.Argument(help="Identifier of the department.")],
    until: Annotated[
        str | None,
        typer.Option(
            help="2h, or by this machine's clock 22:30 or 2026-11-25T06:00; "
            "until resumed if not given."
        ),
    ] = None,
    note: Annotated[str | None, typer.Option(help="What callers are told.")] = None,
    url: UrlOption = None,
) -> None:
    """Close a department: nobody asks it, callers are told MAINTENANCE and until when."""
    from hub.cli.departments import pause_department

    pause_department(url or _local_hub(), _admin_token(), name, until, note, out)


@department_cli.command("resume")
def department_resume(
    name: Annotated[str, typer.Argument(help="Identifier of the department.")],
    url: UrlOption = None,
) -> None:
    """Open a paused department again."""
    from hub.cli.departments import resume_department

    resume_department(url or _local_hub(), _admin_token(), name, out)


@cli.command()
def files(
    department: Annotated[
        str | None, typer.Argument(help="Identifier of a department; all when not given.")
    ] = None,
    newest: Annotated[int, typer.Option(min=1, help="So many files of each department.")] = 10,
    database: Annotated[
        str | None, typer.Option(help="The hub's database (HUB_DATABASE_URL).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List files that departments left, and each line that is not served: file:line: reason."""
    from hub.cli.files import show_files
    from hub.cli.reading_settings import read_settings

    url = database or read_settings().database_url
    show_files(url, department, out, as_json=as_json, newest=newest)


@cli.command()
def status(
    url: UrlOption = None,
    once: Annotated[bool, typer.Option("--once", help="Print it once, as into a pipe.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it once, as JSON.")] = False,
    every: Annotated[str, typer.Option(help="Time between two looks, as 500ms or 2s.")] = "2s",
) -> None:
    """Show how a running hub and its departments do, until stopped with Ctrl+C."""
    from hub.cli.status import parse_interval, show_once, watch

    seconds = parse_interval(every)
    if once or as_json or not out.is_terminal:
        show_once(url or _local_hub(), out, as_json=as_json)
        return
    with contextlib.suppress(KeyboardInterrupt):
        watch(url or _local_hub(), seconds, out)


def _local_hub() -> str:
    from hub.cli.reading_settings import read_settings

    return f"http://127.0.0.1:{read_settings().port or 8000}/graphql"


def _admin_token() -> str | None:
    from hub.cli.reading_settings import read_settings

    token = read_settings().admin_token
    return token.get_secret_value() if token is not None else None


@schema_cli.command("export")
def schema_export(
    to: Annotated[
        Path | None, typer.Option(help="File to write; the terminal when not given.")
    ] = None,
) -> None:
    """Print the schema in GraphQL SDL."""
    from schema.contract import export

    if to is None:
        print(export(), end="")
        return
    to.write_text(export(), encoding="utf-8")
    err.print(f"Wrote {to}.")


@schema_cli.command("check")
def schema_check() -> None:
    """Compare the schema with its checked-in contract; exits 1 with the changes if it drifted."""
    from hub.cli.contract_check import describe_drift

    drift = describe_drift()
    if not drift:
        out.print("The schema is what schema/schema.graphql says.")
        return
    for line in drift:
        err.print(line, markup=False, highlight=False)
    err.print("If this is meant: hub schema export --to schema/schema.graphql", markup=False)
    raise typer.Exit(1)


cli.command()(check)
cli.command()(introspect)


def main() -> None:
    """Runs the command; a foreseen mistake is one clear sentence and exit 2."""
    try:
        cli()
    except CliError as error:
        err.print(f"[red]hub:[/] {escape(str(error))}", soft_wrap=True, highlight=False)
        sys.exit(2)
    except BrokenPipeError:
        # The reader of our output has gone (`hub … | head`): not a mistake.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
