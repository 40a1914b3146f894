"""The commands of `hub submissions` and `hub tasks`. Other modules do the work, when needed."""

from pathlib import Path
from typing import Annotated

import typer

submissions_cli = typer.Typer(
    help="Show what citizens have submitted and how far it has got, without personal data "
    "(reads HUB_DATABASE_URL).",
    no_args_is_help=True,
)
tasks_cli = typer.Typer(
    help="Decide about submissions that the hub must not decide about by itself "
    "(docs/submissions.md). Who did what and why is logged.",
    no_args_is_help=True,
)

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DepartmentOption = Annotated[
    str | None, typer.Option(help="Only this department (its identifier).")
]
KindOption = Annotated[str | None, typer.Option(help="Only this kind, for example GRIEVANCE.")]
StateOption = Annotated[str | None, typer.Option(help="Only this state, for example MAYBE_SENT.")]
StuckOption = Annotated[
    bool, typer.Option("--stuck", help="Only those that failed before, or that have a task.")
]
SinceOption = Annotated[
    str | None,
    typer.Option(help="Accepted at or after this local time, for example 2026-11-25T06:00."),
]
LimitOption = Annotated[int, typer.Option(min=0, help="At most so many; 0 for all.")]
ReceiptArgument = Annotated[str, typer.Argument(help="The receipt number, as a person wrote it.")]
ReasonOption = Annotated[str, typer.Option(help="Why, for the access log. Write no personal data.")]
TaskIds = Annotated[list[str] | None, typer.Argument(help="Ids of tasks.")]
AllOption = Annotated[
    bool, typer.Option("--all", help="All open tasks that the other options select.")
]
TaskKindOption = Annotated[
    str | None, typer.Option(help="Only tasks of this kind, for example REFUSED.")
]
ErrorOption = Annotated[
    str | None, typer.Option(help="Only tasks with this error, for example DEPARTMENT_TIMEOUT.")
]


@submissions_cli.command("list")
def list_submissions(
    department: DepartmentOption = None,
    kind: KindOption = None,
    state: StateOption = None,
    stuck: StuckOption = False,
    since: SinceOption = None,
    limit: LimitOption = 50,
    as_json: JsonOption = False,
) -> None:
    """List submissions, the newest last."""
    from hub.cli.submissions.listing import filter_of, show_list

    show_list(filter_of(department, kind, state, since, is_stuck=stuck), limit, as_json=as_json)


@submissions_cli.command("show")
def show_submission(receipt: ReceiptArgument, as_json: JsonOption = False) -> None:
    """Show a submission and everything that happened to it."""
    from hub.cli.submissions.listing import show_one

    show_one(receipt, as_json=as_json)


@submissions_cli.command("export")
def export_submissions(
    to: Annotated[Path, typer.Argument(help="CSV file to write; it must not exist.")],
    department: DepartmentOption = None,
    kind: KindOption = None,
    state: StateOption = None,
    stuck: StuckOption = False,
    since: SinceOption = None,
) -> None:
    """Write submissions to a CSV file, the oldest first. It has no personal data."""
    from hub.cli.submissions.listing import export, filter_of

    export(filter_of(department, kind, state, since, is_stuck=stuck), to)


@tasks_cli.command("list")
def list_tasks(
    department: DepartmentOption = None,
    kind: TaskKindOption = None,
    error: ErrorOption = None,
    closed: Annotated[bool, typer.Option("--closed", help="Closed tasks too.")] = False,
    limit: LimitOption = 50,
    as_json: JsonOption = False,
) -> None:
    """List tasks, the oldest first."""
    from hub.cli.submissions.tasks import filter_of, show_list

    show_list(filter_of(None, department, kind, error, is_open=not closed), limit, as_json=as_json)


@tasks_cli.command("show")
def show_task(
    task_id: Annotated[str, typer.Argument(help="Id of the task.")], as_json: JsonOption = False
) -> None:
    """Show a task, its submission and what an operator can do."""
    from hub.cli.submissions.tasks import show_one

    show_one(task_id, as_json=as_json)


@tasks_cli.command("retry")
def retry_tasks(
    reason: ReasonOption,
    task_ids: TaskIds = None,
    department: DepartmentOption = None,
    kind: TaskKindOption = None,
    error: ErrorOption = None,
    all_of_them: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """Send submissions again. Do this only if the department does not have them."""
    from hub.cli.submissions.tasks import filter_of, retry

    wanted = filter_of(task_ids, department, kind, error, all_of_them=all_of_them)
    retry(wanted, reason, as_json=as_json)


@tasks_cli.command("resolve")
def resolve_tasks(
    outcome: Annotated[
        str,
        typer.Option(
            help="delivered: the department has it. failed: it will not be delivered, and the "
            "citizen is informed."
        ),
    ],
    reason: ReasonOption,
    task_ids: TaskIds = None,
    reference: Annotated[
        str | None, typer.Option(help="The department's number, for one task that is delivered.")
    ] = None,
    department: DepartmentOption = None,
    kind: TaskKindOption = None,
    error: ErrorOption = None,
    all_of_them: AllOption = False,
    as_json: JsonOption = False,
) -> None:
    """Close tasks, because it is known what became of the submissions."""
    from hub.cli.submissions.tasks import filter_of, resolve

    wanted = filter_of(task_ids, department, kind, error, all_of_them=all_of_them)
    resolve(wanted, outcome, reason, reference, as_json=as_json)
