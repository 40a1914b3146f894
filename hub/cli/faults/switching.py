"""What the subcommands of `hub faults` do."""

import json
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from hub.cli.failures import CliError
from hub.cli.faults.control import MockAbsentError, MockControl, find_controls
from hub.cli.faults.plans import PLANS, Plan, plan_named
from hub.cli.faults.words import FOR, read_amount, read_settings, write_setting


def set_faults(words: Sequence[str], controls: Sequence[str], out: Console) -> None:
    """`pensions latency=6s`: words without `=` name mocks, the others set switches."""
    names = [word for word in words if "=" not in word]
    settings = [word for word in words if "=" in word]
    if not names or not any(not word.startswith(f"{FOR}=") for word in settings):
        raise CliError("name a mock and what to switch on: `hub faults set pensions latency=6s`.")
    found = find_controls(names, controls)
    # All are read before any is set: a mistake changes nothing.
    read = {
        each.name: read_settings(settings, each.faults()["supported"], each.name) for each in found
    }
    for each in found:
        each.set_faults(read[each.name])
    show_faults(found, as_json=False, out=out)


def clear_faults(names: Sequence[str], controls: Sequence[str]) -> None:
    """Absent mocks are passed over, unless they were named."""
    for each in find_controls(names, controls):
        try:
            each.clear_faults()
        except MockAbsentError:
            if names:
                raise


def follow_plan(name: str, lasting: str | None, controls: Sequence[str], out: Console) -> None:
    """Sets what the plan says at every department that runs, and clears the others."""
    plan = plan_named(name)
    seconds = {} if lasting is None else {FOR: read_amount("--for", lasting, "seconds")}
    found = find_controls([], controls)
    absent: dict[str, MockAbsentError] = {}
    read: dict[str, dict[str, float]] = {}
    for each in found:
        try:
            read[each.name] = _settings_of(plan, each)
        except MockAbsentError as error:
            absent[each.name] = error
    if not read:
        raise absent[found[0].name]
    found = [each for each in found if each.name in read]
    for each in found:
        settings = read[each.name]
        each.set_faults({**settings, **seconds} if settings else {})
    show_faults(found, as_json=False, out=out)


def _settings_of(plan: Plan, control: MockControl) -> dict[str, float]:
    supported = control.faults()["supported"]
    words = plan.words_for(control.name)
    had = [word for word in words if word.partition("=")[0].replace("-", "_") in supported]
    return read_settings(had, supported, control.name)


def show_faults(controls: Sequence[MockControl], *, as_json: bool, out: Console) -> None:
    """What is switched on, and what the mocks were asked."""
    states = [(each, _state_of(each)) for each in controls]
    if as_json:
        print(json.dumps([{"mock": each.name, **(state or {})} for each, state in states]))
        return
    table = Table("mock", "faults", "ends in")
    table.add_column("calls", justify="right")
    table.add_column("in flight", justify="right")
    for each, state in states:
        if state is None:
            table.add_row(each.name, f"[dim]not running on {each.url}[/]")
            continue
        faults, calls = state["faults"], state["calls"]
        active = " ".join(
            write_setting(name, amount, faults["supported"][name]["takes"])
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
    """`{"control", "faults", "calls"}`; None when the mock does not run."""
    try:
        return {"control": control.url, "faults": control.faults(), "calls": control.calls()}
    except MockAbsentError:
        return None


def describe_plans(out: Console) -> None:
    table = Table("plan", "what the day is like", show_lines=True)
    table.add_column("who does what")
    for name, plan in PLANS.items():
        who = "\n".join(
            f"[bold]{'everybody' if each == '*' else each}[/] {words}"
            for each, words in plan.settings.items()
        )
        table.add_row(name, plan.about, who)
    out.print(table)


def describe_switches(control: MockControl, out: Console) -> None:
    """Every switch of a mock."""
    table = Table("fault", "takes", "what the department does")
    for name, switch in control.faults()["supported"].items():
        table.add_row(name, switch["takes"], switch["does"])
    out.print(table)
