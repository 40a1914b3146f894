"""Accepting submissions: once for each idempotency key, and together with their delivery."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from hub.access import Principal, Role
from hub.access.signing import Signer
from hub.durable.model import Content, EventKind, KeyConflictError
from hub.durable.receipts import new_receipt, parse_receipt
from hub.durable.submissions import Submissions
from hub.durable.table import SubmissionTable
from hub.store.submission_tables import draft, submission
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.submission_state import SubmissionKind, SubmissionState
from tests.support.submissions import (
    CIPHER,
    CITIZEN,
    MEMBER,
    DeliveryBench,
    delivery_bench,
    new_submission,
)

OTHER = Principal(Role.CITIZEN, member_identifier="9ZZZ999999", subject="https://id.example|c-2")


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[DeliveryBench]:
    async with delivery_bench(tmp_path) as made:
        yield made


async def test_a_submission_is_stored_with_its_delivery(bench: DeliveryBench) -> None:
    accepted = await bench.submissions.accept(new_submission())
    assert parse_receipt(accepted.receipt) == accepted.receipt
    assert (accepted.number, accepted.state) == (1, SubmissionState.NOT_SENT)
    assert await bench.stored(accepted.receipt) == accepted
    assert accepted.content.values == {"trade": "MASON", "name": "रमेश"}
    assert await bench.enqueued() == [(accepted.receipt, 1)]
    assert await bench.events(accepted.receipt) == [EventKind.ACCEPTED]


async def test_fifty_identical_requests_make_one_submission(bench: DeliveryBench) -> None:
    accepted = await asyncio.gather(
        *(bench.submissions.accept(new_submission()) for _ in range(50))
    )
    assert len({each.receipt for each in accepted}) == 1
    assert len(await bench.enqueued()) == 1


async def test_the_same_key_with_another_input_is_a_conflict(bench: DeliveryBench) -> None:
    accepted = await bench.submissions.accept(new_submission())
    changed = new_submission(digest=b"e" * 32)
    with pytest.raises(KeyConflictError):
        await bench.submissions.accept(changed)
    with pytest.raises(KeyConflictError):
        await bench.submissions.known(CITIZEN, "key", changed.digest)
    assert await bench.submissions.known(CITIZEN, "key", b"d" * 32) == accepted
    assert await bench.submissions.known(CITIZEN, "other", b"d" * 32) is None
    assert await bench.submissions.known(OTHER, "key", b"d" * 32) is None


async def test_keys_of_different_people_do_not_conflict(bench: DeliveryBench) -> None:
    mine = new_submission()
    theirs = replace(mine, sender=replace(mine.sender, principal=OTHER), receipt=new_receipt())
    first, second = await asyncio.gather(
        bench.submissions.accept(mine), bench.submissions.accept(theirs)
    )
    assert first.receipt != second.receipt


async def test_one_that_fails_does_not_fail_the_others(bench: DeliveryBench) -> None:
    lost = new_submission("lost", content=Content(documents=["no-such-document"]))
    requests = [new_submission(f"k{number}") for number in range(5)]
    outcomes = await asyncio.gather(
        *(bench.submissions.accept(each) for each in (*requests[:2], lost, *requests[2:])),
        return_exceptions=True,
    )
    failure = outcomes.pop(2)
    assert isinstance(failure, HubError) and failure.code is ErrorCode.BAD_USER_INPUT
    assert len({each.receipt for each in outcomes if not isinstance(each, BaseException)}) == 5
    assert len(await bench.enqueued()) == 5
    assert await bench.submissions.known(CITIZEN, "lost", lost.digest) is None


async def test_the_key_is_known_after_the_signing_key_was_rotated(bench: DeliveryBench) -> None:
    accepted = await bench.submissions.accept(new_submission())
    rotated = Signer([b"t" * 32, b"s" * 32])
    table = SubmissionTable(bench.store, CIPHER, rotated)
    submissions = Submissions(bench.store, table, bench.queue, bench.waiting)
    assert (await submissions.accept(new_submission())).receipt == accepted.receipt
    found = await submissions.of_citizens([MEMBER], [SubmissionKind.APPLICATION])
    assert [each.receipt for each in found[MEMBER]] == [accepted.receipt]


async def test_the_draft_is_deleted_in_the_same_transaction(bench: DeliveryBench) -> None:
    row = {
        "draft_id": "d-1",
        "citizen": b"c",
        "actor": b"a",
        "service": "LAB-BOC",
        "content": b"x",
        "created_us": 1,
        "updated_us": 1,
        "expires_us": 1,
    }
    async with bench.store.engine.begin() as connection:
        await connection.execute(insert(draft), row)
    await bench.submissions.accept(replace(new_submission(), draft="d-1"))
    async with bench.store.engine.connect() as connection:
        assert (await connection.execute(select(draft))).first() is None


async def test_the_table_shows_neither_persons_nor_contents(bench: DeliveryBench) -> None:
    await bench.submissions.accept(new_submission("my-key"))
    async with bench.store.engine.connect() as connection:
        row = repr((await connection.execute(select(submission))).one())
    for text in (MEMBER, "my-key", "c-1", "MASON", "रमेश"):
        assert text not in row
        assert text.encode().hex() not in row


async def test_submissions_of_citizens(bench: DeliveryBench) -> None:
    first = await bench.submissions.accept(new_submission("1"))
    grievance = new_submission("2", kind=SubmissionKind.GRIEVANCE)
    second = await bench.submissions.accept(grievance)
    third = await bench.submissions.accept(new_submission("3", member="9ZZZ999999"))
    kinds = [SubmissionKind.APPLICATION, SubmissionKind.GRIEVANCE]
    found = await bench.submissions.of_citizens([MEMBER, "9ZZZ999999", "1AAA111111"], kinds)
    assert {member: [each.receipt for each in stored] for member, stored in found.items()} == {
        MEMBER: [second.receipt, first.receipt],
        "9ZZZ999999": [third.receipt],
    }
    assert await bench.submissions.of_citizens([MEMBER], []) == {}


async def test_a_submission_that_was_not_sent_can_be_cancelled(bench: DeliveryBench) -> None:
    accepted = await bench.submissions.accept(new_submission())
    cancelled = await bench.submissions.cancel(accepted.receipt)
    assert cancelled is not None and cancelled.state is SubmissionState.CANCELLED
    assert await bench.submissions.cancel(accepted.receipt) is None
    await bench.settle()
    assert bench.department.copies == {}
    assert bench.department.notified == []


async def test_waiting_ends_when_the_department_has_answered(bench: DeliveryBench) -> None:
    accepted = await bench.submissions.accept(new_submission())
    waiting = asyncio.create_task(bench.submissions.wait(accepted.receipt, 30))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await bench.run_enqueued()
    answered = await asyncio.wait_for(waiting, 5)
    assert answered is not None and answered.reference == "REG-1"


async def test_waiting_ends_after_its_time(bench: DeliveryBench) -> None:
    accepted = await bench.submissions.accept(new_submission())
    waited = await bench.submissions.wait(accepted.receipt, 0.05)
    assert waited == accepted
    assert await bench.submissions.wait("CH0000000000000", 1) is None
