"""Prints tasks of operators, and carries out their decisions."""

import getpass
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict

from rich.table import Column, Table

from hub.access.keys import content_cipher
from hub.access.signing import signer_of
from hub.cli.console import CliError, err, out
from hub.cli.settings import read_settings
from hub.cli.stores import Result, with_store
from hub.cli.submissions.listing import json_value, local, member_of, print_submission
from hub.durable.clock import utc_now
from hub.durable.listing import SubmissionListing
from hub.durable.model import TaskKind
from hub.durable.table import SubmissionTable
from hub.durable.tasks import Task, TaskFilter, TaskOutcome, Tasks
from hub.settings import Settings
from hub.store import Store

ADVICE = {
    TaskKind.CANNOT_BE_ASKED: "The reply to an attempt was lost, and the department's system can't "
    "be asked. Call the department: does it have this receipt number?",
    TaskKind.NOT_FOUND_YET: "The reply to an attempt was lost, and the department's system does "
    "not show this receipt number. Call the department.",
    TaskKind.REFUSED: "The department refused it. Find out why; the citizen has been informed.",
    TaskKind.NO_CAPABILITY: "The department takes this by hand only. Forward it, then resolve the "
    "task.",
    TaskKind.EXHAUSTED: "Its delivery ended with an internal error of the hub. See the hub's log, "
    "then retry.",
}


def filter_of(
    task_ids: Sequence[str] | None,
    department: str | None,
    kind: str | None,
    error: str | None,
    *,
    is_open: bool = True,
    all_of_them: bool | None = None,
) -> TaskFilter:
    """Return the filter that the arguments of a command describe.

    Args:
        all_of_them: whether tasks without an id are meant; None if that is the usual case.

    Raises:
        CliError: an argument has a wrong value, or it is not clear which tasks are meant.
    """
    if all_of_them is not None and bool(task_ids) == all_of_them:
        raise CliError("name tasks by their ids, or use --all with options that select them.")
    return TaskFilter(
        task_ids or (), department, member_of(TaskKind, kind, "--kind"), error, is_open=is_open
    )


def show_list(wanted: TaskFilter, limit: int, *, as_json: bool) -> None:
    """Print tasks, at most `limit`; all of them if it is 0.

    Raises:
        CliError: the database can't be used.
    """

    async def read(tasks: Tasks, _store: Store) -> tuple[Sequence[Task], int]:
        total = await tasks.count(wanted)
        return await tasks.list(wanted, limit or max(total, 1)), total

    found, total = _with_tasks(read)
    if as_json:
        print(json.dumps([_as_json(each) for each in found], indent=2))
        return
    if not found:
        out.print("There are no such tasks.")
        return
    # Other commands need the whole id and receipt number.
    whole = [Column(name, no_wrap=True) for name in ("task", "receipt")]
    rest = ("department", "kind", "error", "open since", "outcome", "by")
    table = Table(*whole, *(Column(name, overflow="fold") for name in rest))
    for each in found:
        table.add_row(
            each.task_id,
            each.receipt,
            each.department,
            each.kind,
            each.error or "",
            local(each.opened_at),
            each.outcome or "",
            each.closed_by or "",
        )
    out.print(table)
    if total > len(found):
        err.print(f"The oldest {len(found)} of {total:,}. --limit 0 shows all.", highlight=False)


def show_one(task_id: str, *, as_json: bool) -> None:
    """Print a task, its submission and advice.

    Raises:
        CliError: there is no such task, or the database can't be used.
    """

    async def read(tasks: Tasks, store: Store) -> None:
        task = await tasks.show(task_id)
        if task is None:
            raise CliError(f"there is no task {task_id}. See: hub tasks list")
        if as_json:
            print(json.dumps(_as_json(task), indent=2))
            return
        opened = f"open since {local(task.opened_at)}"
        closed = f"closed {local(task.closed_at)}: {task.outcome}" if task.closed_at else opened
        out.print(f"[bold]{task.task_id}[/] {task.kind} {closed}", highlight=False)
        if task.note:
            out.print(f"{task.closed_by}: {task.note}", highlight=False, markup=False)
        out.print(ADVICE[task.kind], highlight=False)
        found = await SubmissionListing(store).one(task.receipt)
        if found is not None:
            print_submission(*found)

    _with_tasks(read)


def retry(wanted: TaskFilter, reason: str, *, as_json: bool) -> None:
    """Have the submissions of open tasks sent again.

    Raises:
        CliError: the reason is empty, there are no such tasks, or the database can't be used.
    """
    actor, why = getpass.getuser(), _checked(reason)
    receipts = _with_tasks(lambda tasks, _: tasks.retry(wanted, actor, why))
    _report(receipts, "will be sent again within seconds, if a hub process runs", as_json=as_json)


def resolve(
    wanted: TaskFilter, outcome: str, reason: str, reference: str | None, *, as_json: bool
) -> None:
    """Close open tasks.

    Raises:
        CliError: an argument is wrong, there are no such tasks, or the database can't be used.
    """
    ended = member_of(TaskOutcome, outcome, "--outcome")
    if ended not in (TaskOutcome.DELIVERED, TaskOutcome.FAILED):
        raise CliError(f"--outcome {outcome}: use delivered or failed.")
    if reference is not None and (ended is not TaskOutcome.DELIVERED or len(wanted.ids) != 1):
        raise CliError("--reference fits one task only, with --outcome delivered.")
    actor, why = getpass.getuser(), _checked(reason)
    receipts = _with_tasks(lambda tasks, _: tasks.resolve(wanted, ended, actor, why, reference))
    _report(receipts, f"closed: {ended.value.lower()}", as_json=as_json)


def _checked(reason: str) -> str:
    if not reason.strip():
        raise CliError("--reason is empty. Write why, without personal data.")
    return reason.strip()


def _report(receipts: Sequence[str], what: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(list(receipts), indent=2))
    elif receipts:
        for receipt in receipts:
            out.print(f"{receipt} {what}", highlight=False)
    if not receipts:
        raise CliError("there are no such open tasks. See: hub tasks list")


def _with_tasks(act: Callable[[Tasks, Store], Awaitable[Result]]) -> Result:
    settings = read_settings()

    async def run(store: Store) -> Result:
        table = await _table(store, settings)
        return await act(Tasks(store, table, utc_now), store)

    return with_store(run)


async def _table(store: Store, settings: Settings) -> SubmissionTable:
    data, signing = settings.data_key, settings.signing_key
    cipher = await content_cipher(store, data.get_secret_value() if data is not None else None)
    signer = await signer_of(store, signing.get_secret_value() if signing is not None else None)
    return SubmissionTable(store, cipher, signer)


def _as_json(task: Task) -> dict[str, object]:
    return {name: json_value(value) for name, value in asdict(task).items()}
