"""A hub process reduced to its durable work, for tests that kill processes.

Run it as `python -m tests.durable.worker DATABASE_URL FILE ACTION [NUMBER]`. The file is the
department: each arriving submission is a line in it. The actions are:

accept: accept NUMBER submissions, whose keys are their numbers, 50 times each, and print receipts.
deliver: deliver until the process is killed. Print `ready` first.
"""

import asyncio
import datetime as dt
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from adapters.writes import WriteReply
from hub.durable.model import Submission
from hub.durable.work import DurableWork, WorkOptions
from hub.store import open_store
from tests.support.submissions import CIPHER, LABOUR, SIGNER, new_submission

SEND_SECONDS = 0.02
COPIES = 50


class FileDepartment:
    """A department whose table is a file, so that it survives the processes that send to it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def can_send(self, submission: Submission) -> bool:
        return True

    def can_find(self, submission: Submission) -> bool:
        return True

    def settles_within(self, submission: Submission) -> dt.timedelta:
        return dt.timedelta(seconds=2)

    def may_repeat(self, submission: Submission) -> bool:
        return False

    async def send(self, submission: Submission, on_sent: Callable[[], None]) -> WriteReply:
        on_sent()
        await asyncio.sleep(SEND_SECONDS)
        handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(handle, f"{submission.receipt}\n".encode())
        os.close(handle)
        await asyncio.sleep(SEND_SECONDS)
        return self._reply(submission)

    async def find(
        self, submissions: Sequence[Submission]
    ) -> Mapping[str, WriteReply | Exception | None]:
        arrived = set(self._file.read_text().split()) if self._file.exists() else set()
        return {
            each.receipt: self._reply(each) if each.receipt in arrived else None
            for each in submissions
        }

    async def notify(self, submission: Submission) -> bool:
        return False

    def _reply(self, submission: Submission) -> WriteReply:
        now = dt.datetime.now(dt.UTC)
        return WriteReply(f"REG-{submission.number}", None, True, False, 1, now)


async def main(url: str, file: str, action: str, number: int) -> None:
    store = await open_store(url)
    options = WorkOptions(delivers=action == "deliver", poll_seconds=0.1)
    work = DurableWork(store, CIPHER, SIGNER, {LABOUR: 8}, options)
    await work.open()
    await work.start(FileDepartment(Path(file)))
    print("ready", flush=True)
    if action == "deliver":
        await asyncio.Event().wait()
    requests = [new_submission(str(each)) for each in range(number) for _ in range(COPIES)]
    accepted = await asyncio.gather(*map(work.submissions.accept, requests))
    print(*sorted({each.receipt for each in accepted}))
    await work.close()
    await store.close()


if __name__ == "__main__":
    address, path, what, *rest = sys.argv[1:]
    asyncio.run(main(address, path, what, int(rest[0]) if rest else 0))
