"""One-time codes: what they are bound to, and how often one may try."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.access.consent import ConsentAct
from hub.access.consent.codes import MAX_CODES, MAX_TRIES
from hub.access.consent.counts import HourlyLimits
from schema.codes import ErrorCode
from schema.errors import HubError
from tests.support.consents import (
    CITIZEN,
    NOBODY,
    OPERATOR,
    OTHER_OPERATOR,
    PURPOSE,
    ConsentBench,
    consent_bench,
    outcome_of,
)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[ConsentBench]:
    async with consent_bench(tmp_path) as opened:
        yield opened


async def requested(bench: ConsentBench, citizen: str = CITIZEN) -> str:
    return await bench.consents.request_for(OPERATOR, citizen, PURPOSE, ["pensions"])


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


async def code_of(bench: ConsentBench, consent_id: str, code: str) -> ErrorCode | None:
    outcome = await outcome_of(bench.codes.confirm(OPERATOR, consent_id, code))
    return outcome if isinstance(outcome, ErrorCode) else None


async def test_the_right_code_gives_a_consent_for_30_minutes(bench: ConsentBench) -> None:
    consent_id = await requested(bench)
    made = await bench.codes.make(OPERATOR, consent_id)
    assert len(made.code) == 6
    assert made.member_identifier == CITIZEN
    given = await bench.codes.confirm(OPERATOR, consent_id, made.code)
    assert given.expires_at is not None
    assert (given.expires_at - bench.now).total_seconds() == 1800
    assert await bench.consents.active(OPERATOR, CITIZEN, PURPOSE) == given
    assert bench.acts == [ConsentAct.REQUESTED, ConsentAct.CODE_SENT, ConsentAct.GIVEN]


async def test_a_code_is_used_once(bench: ConsentBench) -> None:
    consent_id = await requested(bench)
    code = (await bench.codes.make(OPERATOR, consent_id)).code
    await bench.codes.confirm(OPERATOR, consent_id, code)
    assert await code_of(bench, consent_id, code) is ErrorCode.CONSENT_ENDED
    again = await requested(bench)
    assert await code_of(bench, again, code) is ErrorCode.CODE_REJECTED


async def test_a_code_of_another_request_is_wrong(bench: ConsentBench) -> None:
    mine, other = await requested(bench), await requested(bench, "7KNL042102")
    code = (await bench.codes.make(OPERATOR, other)).code
    await bench.codes.make(OPERATOR, mine)
    assert await code_of(bench, mine, code) is ErrorCode.CODE_REJECTED


async def test_another_operator_finds_no_request(bench: ConsentBench) -> None:
    consent_id = await requested(bench)
    code = (await bench.codes.make(OPERATOR, consent_id)).code
    for act in (
        bench.codes.confirm(OTHER_OPERATOR, consent_id, code),
        bench.codes.make(OTHER_OPERATOR, consent_id),
    ):
        with pytest.raises(HubError) as missing:
            await act
        assert missing.value.code is ErrorCode.NOT_FOUND


async def test_a_code_expires_after_ten_minutes(bench: ConsentBench) -> None:
    consent_id = await requested(bench)
    code = (await bench.codes.make(OPERATOR, consent_id)).code
    bench.wait(minutes=10)
    assert await code_of(bench, consent_id, code) is ErrorCode.CODE_REJECTED


async def test_a_new_code_replaces_the_old_one(bench: ConsentBench) -> None:
    consent_id = await requested(bench)
    old = (await bench.codes.make(OPERATOR, consent_id)).code
    new = (await bench.codes.make(OPERATOR, consent_id)).code
    if old != new:
        assert await code_of(bench, consent_id, old) is ErrorCode.CODE_REJECTED
    assert await code_of(bench, consent_id, new) is None


async def test_a_code_has_five_tries(bench: ConsentBench) -> None:
    consent_id = await requested(bench)
    code = (await bench.codes.make(OPERATOR, consent_id)).code
    for _ in range(MAX_TRIES):
        assert await code_of(bench, consent_id, wrong(code)) is ErrorCode.CODE_REJECTED
    assert await code_of(bench, consent_id, code) is ErrorCode.CODE_REJECTED
    assert bench.acts.count(ConsentAct.CODE_REJECTED) == MAX_TRIES + 1


async def test_a_request_has_three_codes(bench: ConsentBench) -> None:
    consent_id = await requested(bench)
    for _ in range(MAX_CODES):
        await bench.codes.make(OPERATOR, consent_id)
    with pytest.raises(HubError) as refusal:
        await bench.codes.make(OPERATOR, consent_id)
    assert refusal.value.code is ErrorCode.RATE_LIMITED


@pytest.mark.parametrize("citizen", [CITIZEN, NOBODY])
async def test_brute_force_on_one_citizen_ends_after_twelve_tries_in_an_hour(
    bench: ConsentBench, citizen: str
) -> None:
    consent_id = await requested(bench, citizen)
    tried, refusals = 0, []
    for _ in range(30):
        try:
            code = (await bench.codes.make(OPERATOR, consent_id)).code
        except HubError as error:
            refusals.append(error.code)
            # A new request gives new codes, but counts for the same citizen.
            await bench.consents.refuse(OPERATOR, consent_id)
            consent_id = await requested(bench, citizen)
            continue
        for _ in range(MAX_TRIES):
            outcome = await code_of(bench, consent_id, wrong(code))
            tried += outcome is ErrorCode.CODE_REJECTED
    assert tried == HourlyLimits().codes_for_citizen
    assert set(refusals) == {ErrorCode.RATE_LIMITED}
    assert await bench.consents.active(OPERATOR, citizen, PURPOSE) is None


async def test_brute_force_by_one_operator_is_bounded_over_all_citizens(tmp_path: Path) -> None:
    limits = HourlyLimits(codes_tried=8)
    async with consent_bench(tmp_path, limits) as bench:
        outcomes = []
        for number in range(6):
            consent_id = await requested(bench, f"7KNL04210{number}")
            code = (await bench.codes.make(OPERATOR, consent_id)).code
            outcomes += [await code_of(bench, consent_id, wrong(code)) for _ in range(2)]
        assert outcomes == [ErrorCode.CODE_REJECTED] * 8 + [ErrorCode.RATE_LIMITED] * 4
        assert await code_of(bench, consent_id, code) is ErrorCode.RATE_LIMITED
        bench.wait(hours=1)
        new = (await bench.codes.make(OPERATOR, consent_id)).code
        assert await code_of(bench, consent_id, new) is None


async def test_tries_of_other_operators_count_for_the_citizen(bench: ConsentBench) -> None:
    limit = HourlyLimits().codes_to_citizen
    sent = 0
    for number in range(limit + 2):
        operator = OTHER_OPERATOR if number % 2 else OPERATOR
        request = await bench.consents.request_for(
            operator, CITIZEN, f"PURPOSE_{number}", ["pensions"]
        )
        sent += await outcome_of(bench.codes.make(operator, request)) is not (
            ErrorCode.RATE_LIMITED
        )
    assert sent == limit


@pytest.mark.parametrize("code", ["", "1", "000000000", "१२३४५६", "\ud800", "12345 "])
async def test_a_text_that_is_no_code_is_a_wrong_code(bench: ConsentBench, code: str) -> None:
    consent_id = await requested(bench)
    await bench.codes.make(OPERATOR, consent_id)
    assert await code_of(bench, consent_id, code) is ErrorCode.CODE_REJECTED


async def test_without_a_code_every_code_is_wrong(bench: ConsentBench) -> None:
    consent_id = await requested(bench)
    assert await code_of(bench, consent_id, "000000") is ErrorCode.CODE_REJECTED
