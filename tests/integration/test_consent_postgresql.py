"""Consents in PostgreSQL, with two hubs on one database."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.access.consent import ConsentAct, ConsentState, GivenBy
from hub.access.consent.counts import HourlyLimits
from hub.access.consent.retention import delete_old
from mocks.certificates.postgresql import SUPERUSER, start_postgresql
from mocks.databases.server import DatabaseServer
from schema.codes import ErrorCode
from tests.support.consents import (
    CITIZEN,
    OPERATOR,
    PURPOSE,
    ConsentBench,
    consent_bench,
    outcome_of,
)

Hubs = tuple[ConsentBench, ConsentBench]


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[DatabaseServer]:
    started = start_postgresql(None)
    await started.wait_until_ready()
    yield started
    started.stop()


@pytest.fixture
async def hubs(server: DatabaseServer, tmp_path: Path) -> AsyncIterator[Hubs]:
    name = f"consents{time.monotonic_ns()}"
    connection = await server.connect("postgres")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
    account = f"{SUPERUSER}:{server.password}"
    url = f"postgresql+asyncpg://{account}@/{name}?host={server.workspace}"
    limits = HourlyLimits(codes_for_citizen=6)
    async with (
        consent_bench(tmp_path, limits, url) as one,
        consent_bench(tmp_path, limits, url) as other,
    ):
        yield one, other


async def test_concurrent_requests_at_two_hubs_are_one_request(hubs: Hubs) -> None:
    ids = await asyncio.gather(
        *(hub.consents.request_for(OPERATOR, CITIZEN, PURPOSE, ["a"]) for hub in hubs * 5)
    )
    assert len(set(ids)) == 1
    assert len(hubs[0].acts + hubs[1].acts) == 1


async def test_a_consent_that_one_hub_ends_is_not_valid_at_the_other(hubs: Hubs) -> None:
    one, other = hubs
    consent_id = await one.consents.request_for(OPERATOR, CITIZEN, PURPOSE, ["a"])
    await other.consents.give(OPERATOR, consent_id, GivenBy.CITIZEN)
    assert await one.consents.active(OPERATOR, CITIZEN, PURPOSE) is not None
    await other.consents.withdraw(OPERATOR, consent_id)
    assert await one.consents.active(OPERATOR, CITIZEN, PURPOSE) is None
    (row,), more = await one.consents.page(CITIZEN, list(ConsentState), 5, None)
    assert (row.state, more) == (ConsentState.WITHDRAWN, False)
    after = (row.requested_at.timestamp() * 1_000_000, row.consent_id)
    assert await one.consents.page(CITIZEN, list(ConsentState), 5, after) == ([], False)


async def test_a_request_is_decided_once(hubs: Hubs) -> None:
    one, other = hubs
    consent_id = await one.consents.request_for(OPERATOR, CITIZEN, PURPOSE, ["a"])
    outcomes = await asyncio.gather(
        *(outcome_of(each.consents.give(OPERATOR, consent_id, GivenBy.CITIZEN)) for each in hubs),
        *(outcome_of(each.consents.refuse(OPERATOR, consent_id)) for each in hubs),
    )
    states = {each.state for each in outcomes if not isinstance(each, ErrorCode)}
    assert len(states) == 1
    is_active = await other.consents.active(OPERATOR, CITIZEN, PURPOSE) is not None
    assert is_active == (states == {ConsentState.ACTIVE})


async def test_tries_at_two_hubs_count_together(hubs: Hubs) -> None:
    one, other = hubs
    outcomes: list[object] = []
    for number in range(3):
        consent_id = await one.consents.request_for(OPERATOR, CITIZEN, f"P{number}", ["a"])
        code = (await other.codes.make(OPERATOR, consent_id)).code
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        outcomes += await asyncio.gather(
            *(outcome_of(hub.codes.confirm(OPERATOR, consent_id, wrong)) for hub in hubs * 2)
        )
    assert outcomes.count(ErrorCode.CODE_REJECTED) == 6
    assert outcomes.count(ErrorCode.RATE_LIMITED) == 6
    rejected = [*one.acts, *other.acts].count(ConsentAct.CODE_REJECTED)
    assert rejected == len(outcomes)


async def test_a_right_code_gives_one_consent(hubs: Hubs) -> None:
    one, other = hubs
    consent_id = await one.consents.request_for(OPERATOR, CITIZEN, PURPOSE, ["a"])
    code = (await other.codes.make(OPERATOR, consent_id)).code
    outcomes = await asyncio.gather(
        *(outcome_of(hub.codes.confirm(OPERATOR, consent_id, code)) for hub in hubs)
    )
    assert sum(not isinstance(each, ErrorCode) for each in outcomes) == 1
    assert ErrorCode.CONSENT_ENDED in outcomes


async def test_nominations_and_retention(hubs: Hubs) -> None:
    one, other = hubs
    made = await one.nominations.nominate(OPERATOR, CITIZEN, "7KNL042102")
    assert await other.nominations.is_nominee("7KNL042102", CITIZEN)
    await other.nominations.withdraw(OPERATOR, CITIZEN, made.nomination_id)
    assert await one.nominations.of_citizen(CITIZEN) == []
    await one.consents.request_for(OPERATOR, CITIZEN, PURPOSE, ["a"])
    one.wait(days=400)
    assert await delete_old(one.consents, 365) == 1
