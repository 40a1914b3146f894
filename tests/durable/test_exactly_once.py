"""Whatever fails, a department never gets a second copy blindly, and nothing is lost."""

import asyncio
import tempfile
from pathlib import Path

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from adapters.contract import (
    DepartmentAuthError,
    DepartmentFaultError,
    DepartmentMaintenanceError,
    DepartmentOverloadedError,
    MalformedReplyError,
)
from schema.submission_state import SubmissionState
from tests.support.submissions import (
    LABOUR,
    Crash,
    Department,
    delivery_bench,
    new_submission,
    refused,
    unreachable,
)

arrives = st.sampled_from(
    [
        (True, lambda: None),
        (True, Crash),
        (True, lambda: unreachable(not_done=False)),
        (True, lambda: DepartmentFaultError(LABOUR, "fault")),
        (True, lambda: MalformedReplyError(LABOUR, "no XML")),
        (True, ZeroDivisionError),
    ]
)
does_not_arrive = st.sampled_from(
    [
        (False, Crash),
        (False, lambda: unreachable(not_done=True)),
        (False, lambda: unreachable(not_done=False)),
        (False, lambda: DepartmentMaintenanceError(LABOUR, "closed")),
        (False, lambda: DepartmentOverloadedError(LABOUR, "slow down")),
        (False, lambda: DepartmentAuthError(LABOUR, "who are you?")),
        (False, refused),
    ]
)
finds = st.sampled_from([None, unreachable(not_done=True)])


@settings(max_examples=20, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(
    st.lists(st.one_of(arrives, does_not_arrive), max_size=8),
    st.lists(finds, max_size=6),
    st.integers(1, 3),
    st.booleans(),
    st.booleans(),
)
async def test_each_submission_arrives_once_or_is_a_task(
    ends: list[tuple[bool, object]],
    finds: list[Exception | None],
    count: int,
    has_finder: bool,
    is_final: bool,
) -> None:
    department = Department(
        behave=[(does, make()) for does, make in ends],  # type: ignore[operator]
        finds=list(finds),
        has_finder=has_finder,
        is_final=is_final,
    )
    with tempfile.TemporaryDirectory() as folder:
        async with delivery_bench(Path(folder), department) as bench:
            requests = [new_submission(str(number)) for number in range(count)]
            accepted = await asyncio.gather(*map(bench.submissions.accept, requests))
            for _ in range(12):
                await bench.sweep_once()
                await bench.run_enqueued()
                bench.wait(seconds=100)
            department.behave.clear()
            department.is_final = True
            await bench.settle(seconds=60, rounds=30)
            for each in accepted:
                stored = await bench.stored(each.receipt)
                copies = department.copies.get(each.receipt, 0)
                assert copies <= 1
                if stored.state is SubmissionState.ACKNOWLEDGED:
                    assert copies == 1
                elif has_finder or stored.state is not SubmissionState.SENT:
                    assert stored.has_task
