"""Requests for consent, and consents: their states, artefacts, seals and pages."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from joserfc import jws
from joserfc.jwk import KeySet
from sqlalchemy import text

from hub.access.consent import ConsentAct, ConsentState, GivenBy
from hub.access.consent.artefact import MEDIA_TYPE
from hub.access.consent.counts import HourlyLimits
from hub.access.consent.retention import delete_old
from hub.access.signing import Signer
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.node import to_global_id
from tests.support.consents import (
    CITIZEN,
    NOBODY,
    OFFICER,
    OPERATOR,
    OTHER_OPERATOR,
    PURPOSE,
    ConsentBench,
    consent_bench,
    outcome_of,
)

DEPARTMENTS = ["pensions", "registry"]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[ConsentBench]:
    async with consent_bench(tmp_path) as opened:
        yield opened


async def requested(bench: ConsentBench, citizen: str = CITIZEN) -> str:
    return await bench.consents.request_for(OPERATOR, citizen, PURPOSE, DEPARTMENTS)


async def test_a_request_gives_no_consent(bench: ConsentBench) -> None:
    await requested(bench)
    assert await bench.consents.active(OPERATOR, CITIZEN, PURPOSE) is None
    assert bench.acts == [ConsentAct.REQUESTED]


async def test_a_consent_is_for_one_requester_citizen_and_purpose(bench: ConsentBench) -> None:
    await bench.consents.give(OPERATOR, await requested(bench), GivenBy.CITIZEN)
    consents = bench.consents
    found = await consents.active(OPERATOR, CITIZEN, PURPOSE)
    assert found is not None
    assert found.covers("pensions")
    assert not found.covers("power")
    assert await consents.active(OTHER_OPERATOR, CITIZEN, PURPOSE) is None
    assert await consents.active(OPERATOR, NOBODY, PURPOSE) is None
    assert await consents.active(OPERATOR, CITIZEN, "HELPDESK_SUPPORT") is None


async def test_the_consents_of_many_citizens_are_read_together(bench: ConsentBench) -> None:
    citizens = [f"7KNL{number:06}" for number in range(1_200)]
    for citizen in (citizens[0], citizens[700], citizens[1_199]):
        await bench.consents.give(OPERATOR, await requested(bench, citizen), GivenBy.CITIZEN)
    found = await bench.consents.active_among(OPERATOR, citizens, PURPOSE)
    assert sorted(found) == [citizens[0], citizens[700], citizens[1_199]]
    assert await bench.consents.active_among(OPERATOR, [], PURPOSE) == {}


async def test_a_withdrawn_consent_stops_at_once(bench: ConsentBench) -> None:
    consent_id = await requested(bench)
    await bench.consents.give(OPERATOR, consent_id, GivenBy.CITIZEN)
    assert (await bench.consents.withdraw(OPERATOR, consent_id)).state is ConsentState.WITHDRAWN
    assert await bench.consents.active(OPERATOR, CITIZEN, PURPOSE) is None
    assert bench.acts == [ConsentAct.REQUESTED, ConsentAct.GIVEN, ConsentAct.WITHDRAWN]


async def test_an_operators_consent_ends_after_30_minutes(bench: ConsentBench) -> None:
    consent_id = await bench.consents.request_for(
        OPERATOR, CITIZEN, PURPOSE, DEPARTMENTS, seconds=86_400
    )
    await bench.consents.give(OPERATOR, consent_id, GivenBy.CITIZEN)
    bench.wait(minutes=29, seconds=59)
    assert await bench.consents.active(OPERATOR, CITIZEN, PURPOSE) is not None
    bench.wait(seconds=1)
    assert await bench.consents.active(OPERATOR, CITIZEN, PURPOSE) is None
    (shown,), _ = await bench.consents.page(CITIZEN, list(ConsentState), 10, None)
    assert shown.state_at(bench.now) is ConsentState.EXPIRED


async def test_there_is_one_open_request_per_requester_citizen_and_purpose(
    bench: ConsentBench,
) -> None:
    first = await requested(bench)
    same = [requested(bench) for _ in range(5)]
    assert set(await asyncio.gather(*same)) == {first}
    narrower = await bench.consents.request_for(OPERATOR, CITIZEN, PURPOSE, ["pensions"])
    assert narrower == first
    other = await bench.consents.request_for(OTHER_OPERATOR, CITIZEN, PURPOSE, DEPARTMENTS)
    assert other != first


async def test_concurrent_first_requests_make_one_request(bench: ConsentBench) -> None:
    ids = await asyncio.gather(*(requested(bench) for _ in range(8)))
    assert len(set(ids)) == 1
    assert bench.acts == [ConsentAct.REQUESTED]


async def test_a_request_for_more_departments_replaces_the_one_that_the_citizen_read(
    bench: ConsentBench,
) -> None:
    first = await requested(bench)
    second = await bench.consents.request_for(OPERATOR, CITIZEN, PURPOSE, ["power"])
    assert second != first
    with pytest.raises(HubError) as refusal:
        await bench.consents.give(OPERATOR, first, GivenBy.CITIZEN)
    assert refusal.value.code is ErrorCode.CONSENT_ENDED
    given = await bench.consents.give(OPERATOR, second, GivenBy.CITIZEN)
    assert given.departments == {"pensions", "registry", "power"}


async def test_a_request_lapses_after_seven_days(bench: ConsentBench) -> None:
    first = await requested(bench)
    bench.wait(days=7)
    with pytest.raises(HubError) as refusal:
        await bench.consents.give(OPERATOR, first, GivenBy.CITIZEN)
    assert refusal.value.code is ErrorCode.CONSENT_ENDED
    assert await requested(bench) != first


async def test_a_refused_request_stays_refused(bench: ConsentBench) -> None:
    consent_id = await requested(bench)
    await bench.consents.refuse(OPERATOR, consent_id)
    assert (await bench.consents.refuse(OPERATOR, consent_id)).state is ConsentState.REFUSED
    for act in (
        bench.consents.give(OPERATOR, consent_id, GivenBy.CITIZEN),
        bench.consents.withdraw(OPERATOR, consent_id),
    ):
        assert await outcome_of(act) is ErrorCode.CONSENT_ENDED


async def test_the_artefact_verifies_with_the_published_keys(bench: ConsentBench) -> None:
    given = await bench.consents.give(OPERATOR, await requested(bench), GivenBy.CITIZEN)
    assert given.artefact is not None
    keys = KeySet.import_key_set(bench.signer.jwks)  # type: ignore[arg-type]
    with pytest.warns(UserWarning, match="EdDSA"):
        verified = jws.deserialize_compact(given.artefact, keys, algorithms=["EdDSA"])
    assert verified.headers()["typ"] == MEDIA_TYPE
    artefact = bench.signer.verified(given.artefact, MEDIA_TYPE)
    assert artefact is not None
    assert artefact["consentId"] == given.consent_id
    assert artefact["purpose"]["code"] == PURPOSE
    assert artefact["dataProviders"] == [{"id": "pensions"}, {"id": "registry"}]
    assert artefact["data"] == [{"id": "NAME"}, {"id": "ADDRESS"}]
    assert artefact["dataConsumer"]["centre"] == "CSC-1"
    assert artefact["user"]["idNumber"] == bench.signer.pseudonym(CITIZEN).hex()
    assert artefact["permission"]["dateRange"]["to"] == artefact["expiry"]
    assert artefact["expiry"] == "2026-11-28T16:00:00+05:30"
    assert artefact["revoker"]["operation"] == "withdrawConsent"
    assert CITIZEN not in str(artefact)


def test_a_changed_document_does_not_verify() -> None:
    signer = Signer([b"a" * 32])
    token = signer.sign({"consentId": "1"}, MEDIA_TYPE)
    header, content, signature = token.split(".")
    assert signer.verified(token, MEDIA_TYPE) == {"consentId": "1"}
    assert signer.verified(token, "other") is None
    assert Signer([b"b" * 32]).verified(token, MEDIA_TYPE) is None
    assert Signer([b"b" * 32, b"a" * 32]).verified(token, MEDIA_TYPE) is not None
    swapped = content[:-2] + ("AA" if content[-2:] != "AA" else "BB")
    none_header = "eyJhbGciOiJub25lIn0"
    for changed in (
        f"{header}.{swapped}.{signature}",
        f"{header}.{content}.{signature[::-1]}",
        f"{none_header}.{content}.",
        f"{header}.{content}",
        "",
        "..",
        "é.é.é",
    ):
        assert signer.verified(changed, MEDIA_TYPE) is None


@pytest.mark.parametrize(
    "change",
    [
        "expires_us = expires_us + 86400000000",
        "departments = 'pensions power registry'",
        "purpose = 'AUDIT'",
        "artefact = 'x.y.z'",
        "given_by = 'GUARDIAN'",
    ],
)
async def test_a_row_that_was_altered_is_not_valid(bench: ConsentBench, change: str) -> None:
    await bench.consents.give(OPERATOR, await requested(bench), GivenBy.CITIZEN)
    await execute(bench, f"UPDATE consent SET {change}")
    purpose = "AUDIT" if "AUDIT" in change else PURPOSE
    assert await bench.consents.active(OPERATOR, CITIZEN, purpose) is None
    assert bench.altered == 1
    assert await bench.consents.page(CITIZEN, list(ConsentState), 10, None) == ([], False)


@pytest.mark.parametrize("state", ["REFUSED", "WITHDRAWN"])
async def test_a_decision_cannot_be_undone_in_the_database(bench: ConsentBench, state: str) -> None:
    consent_id = await requested(bench)
    if state == "REFUSED":
        await bench.consents.refuse(OPERATOR, consent_id)
    else:
        await bench.consents.give(OPERATOR, consent_id, GivenBy.CITIZEN)
        await bench.consents.withdraw(OPERATOR, consent_id)
    later = (bench.now + dt.timedelta(days=1)).timestamp() * 1_000_000
    await execute(bench, f"UPDATE consent SET state = 'ACTIVE', expires_us = {int(later)}")
    assert await bench.consents.active(OPERATOR, CITIZEN, PURPOSE) is None


async def test_an_altered_open_request_does_not_block_a_new_one(bench: ConsentBench) -> None:
    first = await requested(bench)
    await execute(bench, "UPDATE consent SET departments = 'pensions'")
    second = await requested(bench)
    assert second != first
    given = await bench.consents.give(OPERATOR, second, GivenBy.CITIZEN)
    assert given.departments == frozenset(DEPARTMENTS)


async def test_consents_of_a_rotated_key_stay_valid_while_the_key_is_configured(
    bench: ConsentBench,
) -> None:
    await bench.consents.give(OPERATOR, await requested(bench), GivenBy.CITIZEN)
    await bench.nominations.nominate(OPERATOR, CITIZEN, NOBODY)
    rotated = ConsentBench(bench.store, Signer([b"n" * 32, b"s" * 32]))
    assert await rotated.consents.active(OPERATOR, CITIZEN, PURPOSE) is not None
    assert await rotated.nominations.is_nominee(NOBODY, CITIZEN)
    dropped = ConsentBench(bench.store, Signer([b"n" * 32]))
    assert await dropped.consents.active(OPERATOR, CITIZEN, PURPOSE) is None
    assert not await dropped.nominations.is_nominee(NOBODY, CITIZEN)


async def test_the_table_holds_no_number_of_a_citizen(bench: ConsentBench, tmp_path: Path) -> None:
    consent_id = await requested(bench)
    await bench.codes.make(OPERATOR, consent_id)
    await bench.consents.give(OPERATOR, consent_id, GivenBy.CITIZEN)
    await bench.nominations.nominate(OPERATOR, CITIZEN, "7KNL042102")
    content = content_of(tmp_path)
    assert b"7KNL0421" not in content
    assert OPERATOR.subject.encode() not in content
    assert CITIZEN not in consent_id


async def test_an_id_of_another_citizen_or_type_finds_nothing(bench: ConsentBench) -> None:
    consent_id = await requested(bench)
    local_id, _ = bench.consents.parts_of(consent_id)
    ids = bench.consents._ids
    other = to_global_id(ids, "Consent", f"{local_id}|{NOBODY}")
    with pytest.raises(HubError) as missing:
        await bench.consents.give(OPERATOR, other, GivenBy.CITIZEN)
    assert missing.value.code is ErrorCode.NOT_FOUND
    for wrong in (to_global_id(ids, "Citizen", CITIZEN), "x", CITIZEN):
        with pytest.raises(HubError) as refused:
            await bench.consents.give(OPERATOR, wrong, GivenBy.CITIZEN)
        assert refused.value.code is ErrorCode.BAD_USER_INPUT


async def test_pages_are_newest_first_and_complete(bench: ConsentBench) -> None:
    ids = []
    for number in range(5):
        bench.wait(seconds=1)
        ids.append(await bench.consents.request_for(OFFICER, CITIZEN, f"P{number}", ["pensions"]))
    await bench.consents.give(OFFICER, ids[0], GivenBy.CITIZEN)
    after, seen = None, []
    while True:
        rows, more = await bench.consents.page(CITIZEN, list(ConsentState), 2, after)
        seen += [each.purpose for each in rows]
        if not more:
            break
        last = rows[-1]
        after = (last.requested_at.timestamp() * 1_000_000, last.consent_id)
    assert seen == ["P4", "P3", "P2", "P1", "P0"]
    active, _ = await bench.consents.page(CITIZEN, [ConsentState.ACTIVE], 10, None)
    assert [each.purpose for each in active] == ["P0"]


async def test_requests_are_bounded_by_hour(tmp_path: Path) -> None:
    async with consent_bench(tmp_path, HourlyLimits(requests=3)) as bench:
        for number in range(3):
            await requested(bench, f"7KNL04210{number}")
        with pytest.raises(HubError) as refusal:
            await requested(bench, NOBODY)
        assert refusal.value.code is ErrorCode.RATE_LIMITED
        await requested(bench, "7KNL042101")
        bench.wait(hours=1)
        await requested(bench, NOBODY)


async def test_old_consents_are_deleted_a_year_after_their_end(bench: ConsentBench) -> None:
    given = await requested(bench)
    await bench.consents.give(OPERATOR, given, GivenBy.CITIZEN)
    await bench.consents.request_for(OFFICER, CITIZEN, PURPOSE, ["pensions"])
    bench.wait(days=365)
    assert await delete_old(bench.consents, 365) == 0
    bench.wait(hours=1)
    assert await delete_old(bench.consents, 365) == 1
    bench.wait(days=8)
    assert await delete_old(bench.consents, 365) == 1


async def test_nothing_changes_if_the_access_log_fails(bench: ConsentBench) -> None:
    consent_id = await requested(bench)

    async def fail(_event: object) -> None:
        raise HubError(ErrorCode.STORE_UNAVAILABLE, "The access log can't be written.")

    bench.consents._record = fail
    with pytest.raises(HubError):
        await bench.consents.give(OPERATOR, consent_id, GivenBy.CITIZEN)
    assert await bench.consents.active(OPERATOR, CITIZEN, PURPOSE) is None


async def test_a_nomination_is_valid_until_it_is_withdrawn(bench: ConsentBench) -> None:
    nominations = bench.nominations
    made = await nominations.nominate(OPERATOR, CITIZEN, "7KNL042102")
    assert await nominations.nominate(OPERATOR, CITIZEN, "7KNL042102") == made
    assert await nominations.is_nominee("7KNL042102", CITIZEN)
    assert not await nominations.is_nominee(CITIZEN, "7KNL042102")
    assert await nominations.of_citizen(CITIZEN) == [made]
    with pytest.raises(HubError) as missing:
        await nominations.withdraw(OPERATOR, NOBODY, made.nomination_id)
    assert missing.value.code is ErrorCode.NOT_FOUND
    await nominations.withdraw(OPERATOR, CITIZEN, made.nomination_id)
    assert not await nominations.is_nominee("7KNL042102", CITIZEN)
    assert bench.acts == [ConsentAct.NOMINATED, ConsentAct.NOMINATION_WITHDRAWN]


async def test_an_altered_nomination_is_not_valid(bench: ConsentBench) -> None:
    made = await bench.nominations.nominate(OPERATOR, CITIZEN, "7KNL042102")
    await bench.nominations.withdraw(OPERATOR, CITIZEN, made.nomination_id)
    await execute(bench, "UPDATE nomination SET withdrawn_us = NULL")
    assert not await bench.nominations.is_nominee("7KNL042102", CITIZEN)
    assert bench.altered == 1


async def test_a_citizen_has_at_most_five_nominees(bench: ConsentBench) -> None:
    for number in range(2, 7):
        await bench.nominations.nominate(OPERATOR, CITIZEN, f"7KNL04210{number}")
    for nominee in ("7KNL042108", CITIZEN):
        with pytest.raises(HubError) as refusal:
            await bench.nominations.nominate(OPERATOR, CITIZEN, nominee)
        assert refusal.value.code is ErrorCode.BAD_USER_INPUT


def content_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir())


async def execute(bench: ConsentBench, statement: str) -> None:
    async with bench.store.engine.begin() as connection:
        await connection.execute(text(statement))
