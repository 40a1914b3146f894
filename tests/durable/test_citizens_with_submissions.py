"""Citizens without submissions cost no query, and those of other processes are not missed."""

from pathlib import Path

from hub.durable.processes import Processes
from hub.durable.submissions import Submissions
from schema.submission_state import SubmissionKind
from tests.support.submissions import MEMBER, DeliveryBench, delivery_bench, new_submission

NEIGHBOUR = "1ABC000101"
KINDS = [SubmissionKind.APPLICATION]


class TwoProcesses:
    """A process and its view of the database that it shares with the bench's process."""

    def __init__(self, bench: DeliveryBench) -> None:
        self.bench = bench
        self.processes = Processes(bench.store, bench.clock, bench.monotonic)
        self.peer = Processes(bench.store, bench.clock, bench.monotonic)
        self.submissions = Submissions(
            bench.store,
            bench.table,
            bench.queue,
            bench.waiting,
            lambda: not self.processes.has_peers,
            lambda: self.processes.meetings,
        )

    async def open(self) -> None:
        await self.processes.renew()
        await self.submissions.open()


async def test_a_process_alone_knows_who_has_submissions(tmp_path: Path) -> None:
    async with delivery_bench(tmp_path) as bench:
        both = TwoProcesses(bench)
        await both.open()
        assert not both.submissions.may_have([MEMBER, NEIGHBOUR])
        stored = await both.submissions.accept(new_submission())
        assert both.submissions.may_have([NEIGHBOUR, MEMBER])
        assert not both.submissions.may_have([NEIGHBOUR])
        found = await both.submissions.of_citizens([MEMBER, NEIGHBOUR], KINDS)
        assert found == {MEMBER: [stored]}
        await both.submissions.close()


async def test_what_a_peer_accepts_is_found_while_it_lives_and_after_its_end(
    tmp_path: Path,
) -> None:
    async with delivery_bench(tmp_path) as bench:
        both = TwoProcesses(bench)
        await both.open()
        await both.peer.renew()
        await both.processes.renew()
        assert both.submissions.may_have([NEIGHBOUR])
        stored = await bench.submissions.accept(new_submission())
        assert await both.submissions.of_citizens([MEMBER], KINDS) == {MEMBER: [stored]}
        second = await bench.submissions.accept(new_submission("key-2", member=NEIGHBOUR))
        await both.peer.end()
        await both.processes.renew()
        await both.processes.remove(both.peer.own_id)
        await both.processes.renew()
        assert not both.processes.has_peers
        assert both.submissions.may_have(["anybody"]), "it has not read the table again"
        assert await both.submissions.of_citizens([NEIGHBOUR], KINDS) == {NEIGHBOUR: [second]}
        assert not both.submissions.may_have(["anybody"])
        assert both.submissions.may_have([MEMBER])
