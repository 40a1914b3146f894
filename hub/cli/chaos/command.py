"""`hub chaos`: which of its runs is wanted, and whether it is printed or told as JSON."""

from rich.console import Console

from hub.cli.chaos.cases import check_named
from hub.cli.chaos.report import widen
from hub.cli.chaos.running import Options, run_chaos
from hub.cli.chaos.soak import run_soak
from hub.cli.chaos.spike import run_spike
from hub.cli.failures import CliError

__all__ = ["Options", "run"]


def run(
    options: Options,
    *,
    spike: bool,
    soak: float | None,
    as_json: bool,
    out: Console,
    err: Console,
) -> int:
    """The exit code; with `as_json` the figures go to standard output and nothing else does."""
    if spike and soak is not None:
        raise CliError("give --spike or --soak, not both.")
    check_named(options.departments, options.faults)
    widen(out)
    shown = Console(quiet=True) if as_json else out
    if spike:
        code, name = run_spike(options, shown, err), "chaos-spike"
    elif soak is not None:
        code, name = run_soak(soak, options, shown, err), "chaos-soak"
    else:
        code, name = run_chaos(options, shown, err), "chaos"
    if as_json:
        print((options.folder / f"{name}.json").read_text(encoding="utf-8"), end="")
    return code
