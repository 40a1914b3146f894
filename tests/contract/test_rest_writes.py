"""Writes to departments with REST and GraphQL: once, or found again."""

import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

import pytest

from adapters.adapter import ManifestAdapter
from adapters.contract import (
    Capability,
    DepartmentError,
    DepartmentRefusedError,
    Rows,
)
from adapters.writes import WriteCapability, WriteDocument, WriteReply, WriteRequest
from schema.application import Application
from schema.grievance import Grievance
from schema.status import ApplicationStatus
from tests.support.calls import call_context
from tests.support.processes import Mock

SCHEMES = {
    "labour": "BOCW_NO",
    "labour-welfare": "LWB_NO",
    "helpdesk": "HELPDESK_ACCOUNT",
    "registry": "PPP_MEMBER",
    "trade-licences": "SERVICEPLUS_ID",
}
RECEIPT = "CH7K3M9QXT2VDA"
OTHER_RECEIPT = "CH2VDA7K3M9QXT"
SUBMITTED = dt.datetime(2026, 11, 24, 11, 25, tzinfo=dt.UTC)
SLIP = b"%PDF-1.4 work slip"
RETURNED = "LAB-BOC/2026/000021"
"""An application that the board has sent back."""


async def slip() -> bytes:
    return SLIP


DOCUMENT = WriteDocument(
    evidence="WORK_SLIP",
    name="slip.pdf",
    media_type="application/pdf",
    size_bytes=len(SLIP),
    sha256=sha256(SLIP).hexdigest(),
    content=slip,
)
NEW = WriteRequest(RECEIPT, SUBMITTED, facts={"channel": "KIOSK"}, documents=[DOCUMENT])
WRITES: Mapping[str, tuple[WriteCapability, WriteRequest]] = {
    "labour": (
        WriteCapability.SUBMIT_APPLICATION,
        replace(
            NEW,
            service_code="LAB-BOC",
            citizen="BOCW/KNL/000021",
            member="7KNL042102",
            values={
                "applicant_name": "  SURESH   KUMAR ",
                "birth_date": dt.date(1980, 5, 12),
                "trade": "OTHER",
                "other_trade": "Tile layer",
                "days_worked": 120,
            },
        ),
    ),
    "labour-welfare": (
        WriteCapability.SUBMIT_APPLICATION,
        replace(
            NEW,
            service_code="LAB-WEL",
            member="7KNL042102",
            values={
                "scheme": "KANYADAAN",
                "wedding_date": dt.date(2026, 12, 12),
                "employer": "गोयल मिल्स",
            },
        ),
    ),
    "helpdesk": (
        WriteCapability.SUBMIT_GRIEVANCE,
        replace(
            NEW,
            citizen="AC000123",
            member="7KNL042101",
            facts={
                "category": "GRV-PEN",
                "text": "पेंशन दो महीने से नहीं मिली, बैंक ने लौटा दी",
                "applicant_phone": "9812345678",
            },
        ),
    ),
    "trade-licences": (
        WriteCapability.SUBMIT_APPLICATION,
        replace(
            NEW,
            service_code="ULB-TRD",
            citizen="000000205",
            values={
                "trade_name": "राम किराना स्टोर",
                "premises": "Shop 4, Nissing",
                "ownership": "SINGLE",
                "gstin": "06ABCDE1234F1Z5",
            },
        ),
    ),
    "registry": (
        WriteCapability.REQUEST_CORRECTION,
        replace(
            NEW,
            citizen="7KNL042101",
            member="7KNL042101",
            facts={"record_field": "Citizen.phoneNumber", "new_value": "9812345678"},
        ),
    ),
}
FINDERS = {
    "labour": Capability.FIND_SUBMISSION,
    "labour-welfare": Capability.FIND_SUBMISSION,
    "helpdesk": Capability.FIND_GRIEVANCE,
    "trade-licences": Capability.FIND_SUBMISSION,
}


@pytest.fixture(autouse=True)
def nothing_received(mocks: dict[str, Mock]) -> None:
    for mock in mocks.values():
        mock.clear()


async def write(
    adapters: dict[str, ManifestAdapter], name: str, receipt: str = RECEIPT
) -> WriteReply:
    capability, request = WRITES[name]
    request = replace(request, receipt=receipt)
    return await adapters[name].write(capability, request, call_context(20))


async def found(
    adapters: dict[str, ManifestAdapter], name: str, receipt: str = RECEIPT
) -> list[Application | Grievance]:
    reply = await adapters[name].look_up(FINDERS[name], [receipt], call_context(20))
    rows = reply.results[receipt]
    assert isinstance(rows, Rows)
    assert list(rows.warnings) == []
    return [row for row in rows.records if isinstance(row, Application | Grievance)]


def number_of(record: Application | Grievance) -> str | None:
    if isinstance(record, Application):
        return record.application_reference_number
    return record.registration_number


def copies(mock: Mock) -> list[tuple[str, int]]:
    return [(entry["hubReference"], entry["copies"]) for entry in mock.submissions()]


@pytest.mark.parametrize("name", WRITES)
async def test_a_write_returns_the_departments_number(
    name: str, adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    reply = await write(adapters, name)
    (entry,) = mocks[name].submissions()
    assert (reply.reference, reply.is_final, reply.already_there) == (
        entry["reference"],
        True,
        False,
    )
    assert (entry["hubReference"], entry["copies"]) == (RECEIPT, 1)


@pytest.mark.parametrize("name", FINDERS)
async def test_what_was_written_is_found_by_the_hubs_number(
    name: str, adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    assert await found(adapters, name) == []
    reply = await write(adapters, name)
    await write(adapters, name, OTHER_RECEIPT)
    (record,) = await found(adapters, name)
    assert (number_of(record), record.receipt_number) == (reply.reference, RECEIPT)


@pytest.mark.parametrize("name", WRITES)
async def test_a_lost_reply_leaves_exactly_one_copy(
    name: str, adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    mocks[name].set_faults(lost_reply=1)
    with pytest.raises(DepartmentError) as raised:
        await write(adapters, name)
    assert not raised.value.not_done
    assert copies(mocks[name]) == [(RECEIPT, 1)]
    if name in FINDERS:
        assert len(await found(adapters, name)) == 1
        return
    # The register recognizes the hub's number, so the write may be sent again.
    mocks[name].clear_faults()
    assert (await write(adapters, name)).already_there
    assert copies(mocks[name]) == [(RECEIPT, 1)]


@pytest.mark.parametrize("name", WRITES)
async def test_a_late_reply_leaves_exactly_one_copy(
    name: str, adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    mocks[name].set_faults(late_reply=2)
    with pytest.raises(TimeoutError):
        # The link cancels a call at its deadline.
        await asyncio.wait_for(write(adapters, name), 0.3)
    assert copies(mocks[name]) == [(RECEIPT, 1)]


@pytest.mark.parametrize("name", WRITES)
async def test_a_reply_that_comes_twice_is_not_taken_for_another(
    name: str, adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    mocks[name].set_faults(double_reply=1)
    numbers = {}
    for nth in range(5):
        receipt = f"CH{nth:012}"
        numbers[receipt] = (await write(adapters, name, receipt)).reference
        if name in FINDERS:
            (record,) = await found(adapters, name, receipt)
            assert number_of(record) == numbers[receipt]
    received = {entry["hubReference"]: entry["reference"] for entry in mocks[name].submissions()}
    assert numbers == received
    assert set(copies(mocks[name])) == {(receipt, 1) for receipt in received}


@pytest.mark.parametrize("name", WRITES)
async def test_a_refusal_is_a_typed_error(
    name: str, adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    mocks[name].set_faults(refuse_write=1)
    with pytest.raises(DepartmentRefusedError):
        await write(adapters, name)
    assert mocks[name].submissions() == []


async def test_an_option_without_a_code_is_refused_before_the_call(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    capability, request = WRITES["registry"]
    facts = {**request.facts, "record_field": "Citizen.caste"}
    with pytest.raises(DepartmentRefusedError, match=r"no code for 'Citizen\.caste'"):
        await adapters["registry"].write(
            capability, replace(request, facts=facts), call_context(20)
        )
    assert mocks["registry"].calls() == {}


def test_a_value_that_is_too_long_for_a_field_is_reported(
    adapters: dict[str, ManifestAdapter],
) -> None:
    _, request = WRITES["labour"]
    values = {**request.values, "applicant_name": "सुरेश कुमार " * 3}
    (misfit,) = adapters["labour"].misfits(
        "LAB-BOC", values, request.facts, WriteCapability.SUBMIT_APPLICATION
    )
    assert (misfit.name, misfit.limit) == ("applicant_name", 60)


@pytest.mark.parametrize(
    ("capability", "facts", "documents", "status"),
    [
        (WriteCapability.ATTACH_DOCUMENT, {}, [DOCUMENT], ApplicationStatus.SENT_BACK),
        (
            WriteCapability.RESPOND_TO_QUERY,
            {"answer": "The slip is signed now"},
            [DOCUMENT],
            ApplicationStatus.UNDER_PROCESS,
        ),
        (WriteCapability.WITHDRAW_APPLICATION, {}, [], ApplicationStatus.WITHDRAWN),
    ],
)
async def test_acts_on_an_application_happen_once(
    capability: WriteCapability,
    facts: dict[str, object],
    documents: list[WriteDocument],
    status: ApplicationStatus,
    adapters: dict[str, ManifestAdapter],
    mocks: dict[str, Mock],
) -> None:
    labour = adapters["labour"]
    request = WriteRequest(
        RECEIPT,
        SUBMITTED,
        citizen="BOCW/KNL/000021",
        reference=RETURNED,
        facts=facts,
        documents=documents,
    )
    first = await labour.write(capability, request, call_context(20))
    again = await labour.write(capability, request, call_context(20))
    assert (first.already_there, again.already_there) == (False, True)
    assert copies(mocks["labour"]) == [(RECEIPT, 1)]
    reply = await labour.look_up(Capability.APPLICATIONS_BY_REFERENCE, [RETURNED], call_context(20))
    rows = reply.results[RETURNED]
    assert isinstance(rows, Rows)
    (application,) = rows.records
    assert isinstance(application, Application)
    assert application.application_status is status
    assert list(rows.warnings) == []


async def test_the_text_of_a_reply_says_whether_feedback_was_stored(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    grievance = await write(adapters, "helpdesk")
    feedback = WriteRequest(
        OTHER_RECEIPT, SUBMITTED, reference=grievance.reference, facts={"rating": 4}
    )

    async def rate() -> WriteReply:
        capability = WriteCapability.GIVE_FEEDBACK
        return await adapters["helpdesk"].write(capability, feedback, call_context(20))

    with pytest.raises(DepartmentRefusedError):
        await rate()
    mocks["helpdesk"].advance("4d")
    assert not (await rate()).already_there
    assert (await rate()).already_there
    (record,) = await found(adapters, "helpdesk")
    assert isinstance(record, Grievance)
    assert record.rating == 4
    assert copies(mocks["helpdesk"]) == [(RECEIPT, 1), (OTHER_RECEIPT, 1)]


async def test_an_application_of_somebody_without_a_number_is_received(
    adapters: dict[str, ManifestAdapter],
) -> None:
    await write(adapters, "labour-welfare")
    (application,) = await found(adapters, "labour-welfare")
    assert isinstance(application, Application)
    assert application.applicant_key is None
    assert application.application_status is ApplicationStatus.SUBMITTED
