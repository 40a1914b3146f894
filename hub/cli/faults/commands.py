"""`hub faults …` as typer reads it."""

from typing import Annotated

import typer

from hub.cli.failures import CliError
from hub.cli.terminal import out

ControlOption = Annotated[
    list[str] | None,
    typer.Option(
        "--control",
        help="Control URL of a mock that is not on its usual port, as "
        "pensions=http://127.0.0.1:9202/_mock; repeatable.",
    ),
]
NamesArgument = Annotated[
    list[str] | None, typer.Argument(help="Which mocks; all departments when none is named.")
]
ForOption = Annotated[
    str | None, typer.Option("--for", help="How long, as 10s or 15min; until cleared if not given.")
]

faults_cli = typer.Typer(
    help="Make mock departments misbehave, and behave again.",
    no_args_is_help=True,
    invoke_without_command=True,
)


@faults_cli.callback()
def faults(
    context: typer.Context,
    plan: Annotated[
        str | None, typer.Option("--plan", help="The same as `hub faults plan NAME`.")
    ] = None,
    control: ControlOption = None,
) -> None:
    """Make mock departments misbehave, and behave again."""
    if context.invoked_subcommand is None:
        if plan is not None:
            follow(plan, None, control)
    elif plan is not None or control:
        raise CliError(
            f"write options behind the command: `hub faults {context.invoked_subcommand} …`."
        )


@faults_cli.command("set")
def set_(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME… FAULT=AMOUNT…",
            help="As: pensions latency=6s error=30% drip=64B/s for=10s.",
        ),
    ],
    control: ControlOption = None,
) -> None:
    """Switch these faults on and all others of the mock off."""
    from hub.cli.faults.switching import set_faults

    set_faults(words, control or [], out)


@faults_cli.command()
def show(
    names: NamesArgument = None,
    control: ControlOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """What is switched on, and how often each mock was called."""
    from hub.cli.faults.control import find_controls
    from hub.cli.faults.switching import show_faults

    show_faults(find_controls(names or [], control or []), as_json=as_json, out=out)


@faults_cli.command()
def clear(names: NamesArgument = None, control: ControlOption = None) -> None:
    """Switch all faults off."""
    from hub.cli.faults.switching import clear_faults

    clear_faults(names or [], control or [])


@faults_cli.command("plan")
def follow(
    name: Annotated[str, typer.Argument(help="As `hub faults plans` lists them.")],
    lasting: ForOption = None,
    control: ControlOption = None,
) -> None:
    """Set the faults of a named plan at all departments at once."""
    from hub.cli.faults.switching import follow_plan

    follow_plan(name, lasting, control or [], out)


@faults_cli.command()
def plans() -> None:
    """The named plans, and what each does."""
    from hub.cli.faults.switching import describe_plans

    describe_plans(out)


@faults_cli.command()
def switches(
    name: Annotated[str, typer.Argument(help="Which mock; it must be running.")],
    control: ControlOption = None,
) -> None:
    """Every fault that a mock can play, and what it takes."""
    from hub.cli.faults.control import find_controls
    from hub.cli.faults.switching import describe_switches

    describe_switches(find_controls([name], control or [])[0], out)
