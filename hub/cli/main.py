"""The `hub` command: its subcommands and how their errors are printed."""

import contextlib
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.markup import escape

from hub.cli.adapter.commands import adapter_cli
from hub.cli.audit_commands import audit_cli, breach
from hub.cli.console import CliError, err, out
from hub.cli.documents.commands import documents_cli
from hub.cli.manifest_commands import check, introspect, manifest_schema
from hub.cli.policy_commands import policy_cli
from hub.cli.query_commands import DocumentArgument, UrlOption, VariablesOption, query, token
from hub.cli.revocation_commands import revoke_cli
from hub.cli.schema_commands import schema_cli
from hub.cli.submissions.commands import submissions_cli, tasks_cli

cli = typer.Typer(
    name="hub",
    help="Citizen Hub: one GraphQL schema of citizens and applications over department systems.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.add_typer(schema_cli, name="schema")
cli.add_typer(policy_cli, name="policy")
cli.add_typer(documents_cli, name="documents")
cli.add_typer(revoke_cli, name="revoke")
cli.add_typer(audit_cli, name="audit")
cli.add_typer(submissions_cli, name="submissions")
cli.add_typer(tasks_cli, name="tasks")
cli.command("breach")(breach)
manifest_cli = typer.Typer(help="Print the format of department manifests.", no_args_is_help=True)
cli.add_typer(manifest_cli, name="manifest")
manifest_cli.command("schema")(manifest_schema)
cli.add_typer(adapter_cli, name="adapter")
department_cli = typer.Typer(
    help="Pause and resume departments on a running hub (needs HUB_ADMIN_TOKEN).",
    no_args_is_help=True,
)
cli.add_typer(department_cli, name="department")

NameArgument = Annotated[str, typer.Argument(help="Identifier of the department.")]


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (HUB_HOST).")] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on (HUB_PORT); 0 for any free port.")
    ] = None,
    departments: Annotated[
        Path | None,
        typer.Option(help="Folder that contains the department folders (HUB_DEPARTMENTS)."),
    ] = None,
) -> None:
    """Run the hub until it is stopped."""
    from hub.cli.server import serve_hub
    from hub.cli.settings import read_settings

    options = {"host": host, "port": port, "departments": departments}
    changes = {name: value for name, value in options.items() if value is not None}
    serve_hub(read_settings().model_copy(update=changes))


cli.command()(query)
cli.command()(token)


@cli.command()
def explain(
    document: DocumentArgument,
    variables: VariablesOption = None,
    keys: Annotated[int, typer.Option(min=1, help="Assumed number of rows in each list.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Print the plan of a query: steps, departments, calls and cost. No department is called."""
    from hub.cli.explain import explain as run
    from hub.cli.explain.ids import IdReader
    from hub.cli.hub_client import read_document, read_variables
    from hub.cli.settings import read_settings

    given = (read_document(document), read_variables(variables))
    settings = read_settings()
    run(*given, keys, settings.departments, IdReader(settings), as_json=as_json, out=out)


@department_cli.command("pause")
def department_pause(
    name: NameArgument,
    until: Annotated[
        str | None,
        typer.Option(
            help="When to resume it: after a time (2h), or at a local time (22:30, "
            "2026-11-25T06:00). Default: when `hub department resume` is called."
        ),
    ] = None,
    note: Annotated[str | None, typer.Option(help="Message for clients.")] = None,
    url: UrlOption = None,
) -> None:
    """Pause a department: the hub does not call it. The error is DEPARTMENT_MAINTENANCE."""
    from hub.cli.departments import pause_department
    from hub.cli.settings import admin_token, local_hub_url

    pause_department(url or local_hub_url(), admin_token(), name, until, note)


@department_cli.command("resume")
def department_resume(name: NameArgument, url: UrlOption = None) -> None:
    """Resume calls to a paused department."""
    from hub.cli.departments import resume_department
    from hub.cli.settings import admin_token, local_hub_url

    resume_department(url or local_hub_url(), admin_token(), name)


@cli.command()
def files(
    department: Annotated[
        str | None, typer.Argument(help="Identifier of a department. Default: all.")
    ] = None,
    newest: Annotated[
        int, typer.Option(min=1, help="Number of files to list for each department.")
    ] = 10,
    database: Annotated[
        str | None, typer.Option(help="URL of the hub's database (HUB_DATABASE_URL).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the files as JSON.")] = False,
    outgoing: Annotated[
        bool, typer.Option("--outgoing", help="List the files to departments instead.")
    ] = False,
) -> None:
    """List the files that departments delivered, and each rejected line: file:line: reason."""
    from hub.cli.files import show_files, show_outgoing
    from hub.cli.settings import read_settings

    url = database or read_settings().database_url
    show = show_outgoing if outgoing else show_files
    show(url, department, as_json=as_json, newest=newest)


@cli.command()
def status(
    url: UrlOption = None,
    once: Annotated[bool, typer.Option("--once", help="Print the status once.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the status once, as JSON.")
    ] = False,
    every: Annotated[str, typer.Option(help="Time between two updates: 500ms, 2s.")] = "2s",
) -> None:
    """Show the status of a running hub and its departments until Ctrl+C."""
    from hub.cli.settings import local_hub_url
    from hub.cli.status.display import parse_interval, show_once, watch

    seconds = parse_interval(every)
    if once or as_json or not out.is_terminal:
        show_once(url or local_hub_url(), as_json=as_json)
        return
    with contextlib.suppress(KeyboardInterrupt):
        watch(url or local_hub_url(), seconds)


cli.command()(check)
cli.command()(introspect)


def _run_lab(command: str, context: typer.Context) -> NoReturn:
    """Replace this process with the lab's command. The lab defines the options."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "mocks", command, *context.args])  # noqa: S606


lab_command = cli.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)


@lab_command
def mocks(context: typer.Context) -> None:
    """Start mock departments, each in its own process, until Ctrl+C."""
    _run_lab("start", context)


@lab_command
def demo(context: typer.Context) -> None:
    """Start the mock departments and the hub, and run example queries."""
    from hub.cli.settings import read_settings

    # Report a wrong setting now, not after the mocks have started.
    read_settings()
    _run_lab("demo", context)


@lab_command
def faults(context: typer.Context) -> None:
    """Switch faults of running mock departments on and off."""
    _run_lab("faults", context)


@lab_command
def chaos(context: typer.Context) -> None:
    """Make departments fail one after another, and check that each failure stays contained."""
    _run_lab("chaos", context)


def main() -> None:
    """Run the command. Print a `CliError` as one sentence and exit with 2."""
    try:
        cli()
    except CliError as error:
        err.print(f"[red]hub:[/] {escape(str(error))}", soft_wrap=True, highlight=False)
        sys.exit(2)
    except BrokenPipeError:
        # The reader of the output has ended (`hub … | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
