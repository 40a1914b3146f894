"""The lab's command line: `python -m mocks start|demo|faults|chaos`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from mocks.lab.console import LabError, err, out
from mocks.lab.faults.commands import faults_cli
from mocks.options import LAB_COMMANDS

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.add_typer(faults_cli, name="faults")

CitizensOption = Annotated[
    int, typer.Option("--citizens", min=10, help="Number of invented people in the mocks.")
]


@cli.command(help=LAB_COMMANDS["start"])
def start(
    names: Annotated[
        list[str] | None, typer.Argument(help="Mocks to start. Default: all of them.")
    ] = None,
    citizens: CitizensOption = 2000,
    port: Annotated[
        list[str] | None, typer.Option(help="Port of a mock: pensions=9202. Repeatable.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address that the mocks bind.")] = "127.0.0.1",
    data_dir: Annotated[
        list[str] | None,
        typer.Option(help="Folder for a mock's data: employment=FOLDER. Repeatable."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the addresses as JSON.")] = False,
) -> None:
    from mocks.lab.mock_processes import parse_data_dirs, parse_ports, run_mocks

    ports, data_dirs = parse_ports(port or []), parse_data_dirs(data_dir or [])
    run_mocks(names or [], citizens, ports, host, data_dirs, as_json=as_json)


@cli.command(help=LAB_COMMANDS["demo"])
def demo(
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="Use free ports, compare the responses with the population, and stop. "
            "Exit 1 if they differ.",
        ),
    ] = False,
    citizens: CitizensOption = 2000,
    port: Annotated[
        int, typer.Option(envvar="HUB_PORT", help="Port of the hub. --check uses a free port.")
    ] = 8000,
) -> None:
    from mocks.lab.demo import run_demo

    raise typer.Exit(run_demo(check=check, citizens=citizens, port=port))


@cli.command(help=LAB_COMMANDS["chaos"])
def chaos(
    department: Annotated[
        list[str] | None, typer.Option(help="Test this department only. Repeatable.")
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option(help="Test this fault only. Repeatable.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Run five typical experiments in under a minute.")
    ] = False,
    spike: Annotated[
        bool, typer.Option("--spike", help="Instead: ten times the sustainable load for 30 s.")
    ] = False,
    soak: Annotated[
        float | None,
        typer.Option(min=0.5, help="Instead: faults in random order for this many minutes."),
    ] = None,
    plan: Annotated[
        str | None,
        typer.Option(help="Instead: `crash` kills the hub while it delivers submissions."),
    ] = None,
    kills: Annotated[int, typer.Option(min=1, help="Kills of `--plan crash`.")] = 200,
    hubs: Annotated[
        int, typer.Option(min=1, max=4, help="Hubs of `--plan crash`; two or more use PostgreSQL.")
    ] = 1,
    seed: Annotated[int, typer.Option(help="Decides when `--plan crash` kills the hub.")] = 19,
    rate: Annotated[float, typer.Option(min=1, help="Queries per second.")] = 40,
    to: Annotated[
        Path, typer.Option(help="Folder for chaos.json, chaos.svg and the hub's log.")
    ] = Path("build"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    from mocks.lab.chaos.crash.plan import CrashOptions, run_crash
    from mocks.lab.chaos.experiments import check_named
    from mocks.lab.chaos.report import widen
    from mocks.lab.chaos.session import ChaosOptions, run_chaos
    from mocks.lab.chaos.soak import run_soak
    from mocks.lab.chaos.spike import run_spike

    if sum((spike, soak is not None, plan is not None)) > 1:
        raise LabError("--spike, --soak and --plan exclude each other.")
    if plan not in (None, "crash"):
        raise LabError(f"there is no plan {plan!r}; use --plan crash.")
    options = ChaosOptions(tuple(department or ()), tuple(fault or ()), quick, rate, to)
    check_named(options.departments, options.faults)
    widen(out)
    shown = Console(quiet=True) if as_json else out
    if plan is not None:
        code, name = run_crash(CrashOptions(kills, hubs, to, seed), shown, err), "chaos-crash"
    elif spike:
        code, name = run_spike(options, shown, err), "chaos-spike"
    elif soak is not None:
        code, name = run_soak(soak, options, shown, err), "chaos-soak"
    else:
        code, name = run_chaos(options, shown, err), "chaos"
    if as_json:
        print((to / f"{name}.json").read_text(encoding="utf-8"), end="")
    raise typer.Exit(code)


def main(arguments: Sequence[str]) -> None:
    """Run one lab command. Exit with 2 after a `LabError`."""
    try:
        cli(list(arguments), prog_name="python -m mocks")
    except LabError as error:
        err.print(f"[red]mocks:[/] {escape(str(error))}", soft_wrap=True, highlight=False)
        sys.exit(2)
    except BrokenPipeError:
        # The reader of the output has ended (`hub faults show | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
