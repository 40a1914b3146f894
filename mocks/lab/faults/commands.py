"""`python -m mocks faults ...`: shows and sets the faults of running mocks."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from rich.table import Table

from mocks.lab.console import LabError, out
from mocks.lab.faults.control import MockAbsentError, MockControl, find_controls
from mocks.lab.faults.plans import ALL, PLANS, Plan, plan_named
from mocks.lab.faults.settings import FOR, format_setting, parse_amount, parse_settings
from mocks.options import LAB_COMMANDS

ControlOption = Annotated[
    list[str] | None,
    typer.Option(
        "--control",
        help="Control URL of a mock that does not use its default port: "
        "pensions=http://127.0.0.1:9202/_mock. Repeatable.",
    ),
]
NamesArgument = Annotated[list[str] | None, typer.Argument(help="Mocks. Default: all departments.")]

faults_cli = typer.Typer(no_args_is_help=True, invoke_without_command=True)


@faults_cli.callback(help=LAB_COMMANDS["faults"])
def faults(
    context: typer.Context,
    plan: Annotated[
        str | None, typer.Option("--plan", help="The same as `faults plan NAME`.")
    ] = None,
    control: ControlOption = None,
) -> None:
    if context.invoked_subcommand is None:
        if plan is not None:
            set_plan(plan, None, control)
    elif plan is not None or control:
        raise LabError(f"write options after the command: `faults {context.invoked_subcommand} …`.")


@faults_cli.command("set")
def set_faults(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME… FAULT=AMOUNT…",
            help="For example: pensions latency=6s error=30% drip=64B/s for=10s.",
        ),
    ],
    control: ControlOption = None,
) -> None:
    """Switch these faults of a mock on, and all its other faults off."""
    names = [word for word in words if "=" not in word]
    settings = [word for word in words if "=" in word]
    if not names or all(word.startswith(f"{FOR}=") for word in settings):
        raise LabError("give a mock and a fault: `hub faults set pensions latency=6s`.")
    found = find_controls(names, control or [])
    # Parse everything first, so that a mistake changes nothing.
    parsed = {
        each.name: parse_settings(settings, each.faults()["supported"], each.name) for each in found
    }
    for each in found:
        each.set_faults(parsed[each.name])
    _print_faults(found)


@faults_cli.command()
def show(
    names: NamesArgument = None,
    control: ControlOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the active faults and the number of calls of each mock."""
    controls = find_controls(names or [], control or [])
    if as_json:
        print(json.dumps([{"mock": each.name, **(_state_of(each) or {})} for each in controls]))
    else:
        _print_faults(controls)


@faults_cli.command()
def clear(names: NamesArgument = None, control: ControlOption = None) -> None:
    """Switch all faults off."""
    for each in find_controls(names or [], control or []):
        try:
            each.clear_faults()
        except MockAbsentError:
            # Without names, the command means the mocks that run.
            if names:
                raise


@faults_cli.command("plan")
def set_plan(
    name: Annotated[str, typer.Argument(help="Name of a plan; `faults plans` lists them.")],
    duration: Annotated[
        str | None, typer.Option("--for", help="Duration: 10s, 15min. Default: until cleared.")
    ] = None,
    control: ControlOption = None,
) -> None:
    """Set the faults of a named plan at all running departments, and clear their others."""
    plan = plan_named(name)
    seconds = {} if duration is None else {FOR: parse_amount("--for", duration, "seconds")}
    absent: list[MockAbsentError] = []
    settings: dict[MockControl, dict[str, float]] = {}
    for each in find_controls([], control or []):
        try:
            settings[each] = _settings_of(plan, each)
        except MockAbsentError as error:
            absent.append(error)
    if not settings:
        raise absent[0]
    for each, active in settings.items():
        each.set_faults({**active, **seconds} if active else {})
    _print_faults(list(settings))


def _settings_of(plan: Plan, control: MockControl) -> dict[str, float]:
    supported = control.faults()["supported"]
    words = [
        word
        for word in plan.words_for(control.name)
        if word.partition("=")[0].replace("-", "_") in supported
    ]
    return parse_settings(words, supported, control.name)


@faults_cli.command()
def plans() -> None:
    """List the named plans."""
    table = Table("plan", "scenario", show_lines=True)
    table.add_column("faults of each department")
    for name, plan in PLANS.items():
        settings = "\n".join(
            f"[bold]{'all' if each == ALL else each}[/] {words}"
            for each, words in plan.settings.items()
        )
        table.add_row(name, plan.about, settings)
    out.print(table)


@faults_cli.command()
def switches(
    name: Annotated[str, typer.Argument(help="A running mock.")], control: ControlOption = None
) -> None:
    """List every fault of a mock, with the type of its amount."""
    (found,) = find_controls([name], control or [])
    table = Table("fault", "amount", "behaviour of the department")
    for fault, switch in found.faults()["supported"].items():
        table.add_row(fault, switch["takes"], switch["does"])
    out.print(table)


def _print_faults(controls: Sequence[MockControl]) -> None:
    table = Table("mock", "faults", "ends in")
    table.add_column("calls", justify="right")
    table.add_column("in flight", justify="right")
    for each in controls:
        state = _state_of(each)
        if state is None:
            table.add_row(each.name, f"[dim]not running on {each.url}[/]")
            continue
        faults, calls = state["faults"], state["calls"]
        active = " ".join(
            format_setting(name, amount, faults["supported"][name]["takes"])
            for name, amount in faults["active"].items()
        )
        left = faults["seconds_left"]
        table.add_row(
            each.name,
            f"[yellow]{active}[/]" if active else "[green]none[/]",
            "" if left is None else f"{left:g} s",
            f"{calls['total']:,}",
            str(calls["in_flight"]),
        )
    out.print(table)


def _state_of(control: MockControl) -> dict[str, Any] | None:
    """Return `{"control", "faults", "calls"}`; None if the mock does not run."""
    try:
        return {"control": control.url, "faults": control.faults(), "calls": control.calls()}
    except MockAbsentError:
        return None
