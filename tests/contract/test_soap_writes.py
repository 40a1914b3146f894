"""Pensions, water, food and power: what they receive, exactly once, and how a lost reply ends."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from adapters.adapter import ManifestAdapter
from adapters.contract import (
    Capability,
    DepartmentError,
    DepartmentFaultError,
    DepartmentRefusedError,
    DepartmentUnreachableError,
    MalformedReplyError,
)
from adapters.writes import (
    Misfit,
    MisfitReason,
    WriteCapability,
    WriteDocument,
    WriteReply,
    WriteRequest,
)
from schema.application import Application
from tests.contract.department_set_up import connected, rows_of
from tests.support.calls import call_context
from tests.support.processes import Mock

TOO_LONG = MisfitReason.TOO_LONG

SCHEMES = {
    "pensions": "PENSION_PPO",
    "water": "WATER_CONSUMER_NO",
    "food": "RATION_CARD",
    "power": "CONSUMER_NO",
}
SUBMIT = WriteCapability.SUBMIT_APPLICATION
FIND = Capability.FIND_SUBMISSION
RECEIPT = "CH7K3M9QXT2VDA"
FACTS = {"channel": "KIOSK", "applicant_name_local": "राम देवी"}
PENSION = {
    "applicant_name": "RAM  DEVI",
    "birth_date": "1961-08-15",
    "mobile": "9812345678",
    "bank_account": "123456789012",
    "ifsc": "ABCD0123456",
    "income_year": 60000,
}
WIDOW = {
    "applicant_name": "RAM DEVI",
    "birth_date": dt.date(1961, 8, 15),
    "circumstance": "WIDOW",
    "husband_death_date": "2020-01-31",
    "bank_account": "123456789012",
    "income_year": 60000.5,
}
DISABLED = {
    "applicant_name": "राम देवी",
    "birth_date": "1961-08-15",
    "disability_kind": "VISION",
    "disability_percent": 75,
    "bank_account": "123456789012",
}
CARD = {"category": "BPL", "members": 6, "address": "112, निसिंग,\nKarnal | 132024"}
CONNECTION = {
    "applicant_name": "RAM DEVI",
    "address": "112, Nissing, Karnal",
    "load_kw": 2.5,
    "area": "RURAL",
    "purpose": "DOMESTIC",
}
WATER = {"property_id": "NIS/112", "connection": "BOTH", "road_cut": "YES", "pipe_mm": 20}
FORMS = {
    "SJE-OAS": ("pensions", "0613/04/002381", PENSION),
    "SJE-WDP": ("pensions", "0613/04/002381", WIDOW),
    "SJE-DIS": ("pensions", "0613/04/002381", DISABLED),
    "ULB-WSC": ("water", "WS-KNL-00042", WATER),
    "FDS-RCN": ("food", "0699000001", CARD),
    "PWR-NEW": ("power", "50600000421", CONNECTION),
}
ONE_EACH = ["SJE-OAS", "ULB-WSC", "FDS-RCN", "PWR-NEW"]


async def content() -> bytes:
    return b"%PDF-1.4"


def request(service: str, receipt: str = RECEIPT, **changes: Any) -> WriteRequest:
    """Return a complete application for a service; `changes` are values of its form."""
    _, citizen, values = FORMS[service]
    document = WriteDocument(
        evidence="FAMILY_ID",
        name="id.pdf",
        media_type="application/pdf",
        size_bytes=8,
        sha256="0" * 64,
        content=content,
    )
    return WriteRequest(
        receipt=receipt,
        submitted_at=dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC),
        service_code=service,
        citizen=citizen,
        member="7KNL042101",
        values={**values, **changes},
        facts=FACTS,
        documents=[document],
    )


async def submit(
    adapters: dict[str, ManifestAdapter], service: str, receipt: str = RECEIPT, **changes: Any
) -> WriteReply:
    adapter = adapters[FORMS[service][0]]
    return await adapter.write(SUBMIT, request(service, receipt, **changes), call_context())


async def found(adapter: ManifestAdapter, receipt: str = RECEIPT) -> list[Application]:
    """Return the applications that the department made of a receipt number."""
    reply = await adapter.look_up(FIND, [receipt], call_context())
    records = rows_of(reply, receipt).records
    return [each for each in records if isinstance(each, Application)]


@pytest.fixture(autouse=True)
def nothing_received(mocks: dict[str, Mock]) -> None:
    for mock in mocks.values():
        mock.clear()


@pytest.mark.parametrize("service", FORMS)
async def test_an_application_gets_a_number_and_appears_in_the_citizens_list(
    service: str, adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    name, citizen, _ = FORMS[service]
    reply = await submit(adapters, service)
    assert (reply.is_final, reply.already_there) == (True, False)
    (received,) = mocks[name].submissions()
    assert received == {
        "hubReference": RECEIPT,
        "reference": reply.reference,
        "copies": 1,
        "status": "SUBMITTED",
        "kind": "APPLICATION",
    }
    adapter = adapters[name]
    listed = await adapter.look_up(Capability.APPLICATIONS_BY_CITIZEN, [citizen], call_context())
    rows = {
        each.application_reference_number: each
        for each in rows_of(listed, citizen).records
        if isinstance(each, Application)
    }
    assert reply.reference in rows
    row = rows[reply.reference]
    assert row.receipt_number == (None if name == "power" else RECEIPT)
    assert row.application_status.name == "SUBMITTED"


@pytest.mark.parametrize("service", FORMS)
async def test_somebody_without_a_number_of_the_department_can_apply(
    service: str, adapters: dict[str, ManifestAdapter]
) -> None:
    adapter = adapters[FORMS[service][0]]
    new = replace(request(service), citizen=None, member="7KNL042102")
    number = (await adapter.write(SUBMIT, new, call_context())).reference
    assert number is not None
    by_reference = Capability.APPLICATIONS_BY_REFERENCE
    rows = rows_of(await adapter.look_up(by_reference, [number], call_context()), number)
    (application,) = rows.records
    assert isinstance(application, Application)
    assert application.applicant_key is None
    assert list(rows.warnings) == []


@pytest.mark.parametrize("service", ["SJE-OAS", "ULB-WSC", "FDS-RCN"])
async def test_a_lost_reply_is_found_by_the_receipt_number(
    service: str, adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    name = FORMS[service][0]
    mocks[name].set_faults(lost_reply=1)
    with pytest.raises(DepartmentUnreachableError) as caught:
        await submit(adapters, service)
    assert not caught.value.not_done
    (application,) = await found(adapters[name])
    assert application.receipt_number == RECEIPT
    (received,) = mocks[name].submissions()
    assert (received["reference"], received["copies"]) == (
        application.application_reference_number,
        1,
    )
    assert await found(adapters[name], "CH0000000000000") == []


async def test_a_lost_reply_of_power_stays_unclear(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    mocks["power"].set_faults(lost_reply=1)
    with pytest.raises(DepartmentUnreachableError) as caught:
        await submit(adapters, "PWR-NEW")
    assert not caught.value.not_done
    assert FIND not in adapters["power"].capabilities
    assert [each["copies"] for each in mocks["power"].submissions()] == [1]


@pytest.mark.parametrize("service", ONE_EACH)
async def test_a_reply_that_comes_twice_is_read_once(
    service: str, adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    name = FORMS[service][0]
    mocks[name].set_faults(double_reply=1)
    first = await submit(adapters, service)
    second = await submit(adapters, service, "CHOTHER")
    assert first.reference != second.reference
    received = {each["hubReference"]: each["reference"] for each in mocks[name].submissions()}
    assert received == {RECEIPT: first.reference, "CHOTHER": second.reference}


@pytest.mark.parametrize("service", ONE_EACH)
async def test_a_refusal_is_final(
    service: str, adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    name = FORMS[service][0]
    mocks[name].set_faults(refuse_write=1)
    with pytest.raises(DepartmentRefusedError) as caught:
        await submit(adapters, service)
    assert caught.value.not_done
    assert mocks[name].submissions() == []


@pytest.mark.parametrize(
    ("service", "changes"),
    [
        ("SJE-OAS", {"birth_date": "1990-01-01"}),
        ("SJE-OAS", {"income_year": 300001}),
        ("SJE-WDP", {"husband_death_date": None}),
        ("SJE-DIS", {"disability_kind": "UNKNOWN"}),
        ("ULB-WSC", {"pipe_mm": 60}),
        ("ULB-WSC", {"connection": "GAS"}),
        ("FDS-RCN", {"members": 31}),
        ("PWR-NEW", {"load_kw": 51}),
    ],
)
async def test_a_form_that_the_department_does_not_accept_is_refused(
    service: str,
    changes: dict[str, Any],
    adapters: dict[str, ManifestAdapter],
    mocks: dict[str, Mock],
) -> None:
    with pytest.raises(DepartmentRefusedError):
        await submit(adapters, service, **changes)
    assert mocks[FORMS[service][0]].submissions() == []


async def test_an_error_code_with_a_number_means_that_the_application_is_stored(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    mocks["pensions"].set_faults(sms_failure=1)
    reply = await submit(adapters, "SJE-OAS")
    assert [each["reference"] for each in mocks["pensions"].submissions()] == [reply.reference]


async def test_an_error_code_without_a_number_is_unclear_until_the_department_is_asked(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    mocks["pensions"].set_faults(print_failure=1)
    with pytest.raises(DepartmentFaultError) as caught:
        await submit(adapters, "SJE-OAS")
    assert not caught.value.not_done
    assert len(await found(adapters["pensions"])) == 1


async def test_an_existing_reference_is_the_citizens_own_application(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    first = await submit(adapters, "FDS-RCN")
    second = await submit(adapters, "FDS-RCN")
    assert (second.reference, second.already_there) == (first.reference, True)
    assert [each["copies"] for each in mocks["food"].submissions()] == [1]


@pytest.mark.parametrize("fault", ["fault200", "error", "garbage"])
@pytest.mark.parametrize("service", ONE_EACH)
async def test_an_internal_error_of_a_department_is_unclear(
    fault: str, service: str, adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    # The login, which comes first, must not fail.
    await submit(adapters, service, "CHFIRST")
    mocks[FORMS[service][0]].set_faults(**{fault: 1})
    with pytest.raises((DepartmentFaultError, MalformedReplyError)) as caught:
        await submit(adapters, service)
    assert not caught.value.not_done


async def test_a_session_that_ends_before_a_write_is_renewed(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    await submit(adapters, "PWR-NEW", "CHFIRST")
    async with connected(mocks) as others:
        # The login of another hub ends the session of the first.
        await submit(others, "PWR-NEW", "CHSECOND")
        await submit(adapters, "PWR-NEW")
    assert [each["copies"] for each in mocks["power"].submissions()] == [1, 1, 1]
    assert mocks["power"].calls()["doLogin"] == 3


async def test_a_session_that_always_expires_leaves_the_write_undone(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    await submit(adapters, "PWR-NEW", "CHFIRST")
    mocks["power"].set_faults(expired_session=1)
    with pytest.raises(DepartmentError) as caught:
        await submit(adapters, "PWR-NEW")
    assert caught.value.not_done
    assert len(mocks["power"].submissions()) == 1


async def test_an_appeal_gets_a_number(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    appeal = WriteRequest(
        receipt="CHAPPEAL",
        submitted_at=dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC),
        citizen="50600000421",
        member="7KNL042101",
        reference="PWR-NEW/2026/000777",
        facts={"level": "FIRST", "grounds": "The estimate is wrong."},
        documents=request("PWR-NEW").documents,
    )
    capability = WriteCapability.FILE_APPEAL
    reply = await adapters["power"].write(capability, appeal, call_context())
    assert str(reply.reference).startswith("APL/2026/")
    assert [each["kind"] for each in mocks["power"].submissions()] == ["APPEAL"]


async def test_an_answer_continues_a_returned_application(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    adapter, mock = adapters["pensions"], mocks["pensions"]
    numbers = [str((await submit(adapters, "SJE-OAS", f"CH{n}")).reference) for n in range(30)]
    mock.advance("20d")
    by_reference = Capability.APPLICATIONS_BY_REFERENCE
    rows = await adapter.look_up(by_reference, numbers, call_context())
    statuses = {
        number: record.application_status.name
        for number in numbers
        for record in rows_of(rows, number).records
        if isinstance(record, Application)
    }
    returned = next(number for number, status in statuses.items() if status == "SENT_BACK")
    other = next(number for number, status in statuses.items() if status != "SENT_BACK")

    async def answer(receipt: str, reference: str) -> WriteReply:
        written = WriteRequest(
            receipt=receipt,
            submitted_at=dt.datetime(2026, 12, 14, 9, tzinfo=dt.UTC),
            citizen="0613/04/002381",
            reference=reference,
            facts={"answer": "पासबुक संलग्न है"},
            documents=request("SJE-OAS").documents,
        )
        return await adapter.write(WriteCapability.RESPOND_TO_QUERY, written, call_context())

    mock.set_faults(lost_reply=1)
    with pytest.raises(DepartmentUnreachableError):
        await answer("CHANSWER", returned)
    mock.clear_faults()
    # The department recognises the answer, so it may be sent again.
    assert (await answer("CHANSWER", returned)).is_final
    answers = [each for each in mock.submissions() if each["kind"] == "QUERY_RESPONSE"]
    assert [each["copies"] for each in answers] == [1]
    with pytest.raises(DepartmentRefusedError):
        await answer("CHOTHER", other)


def test_values_that_are_too_long_are_known_before_they_are_sent(
    adapters: dict[str, ManifestAdapter],
) -> None:
    long_name = {**PENSION, "applicant_name": "राम" * 7}
    facts = {**FACTS, "applicant_name_local": "रा" * 50}
    assert sorted(adapters["pensions"].misfits("SJE-OAS", long_name, facts), key=str) == [
        Misfit("applicant_name", TOO_LONG, 60),
        Misfit("applicant_name_local", TOO_LONG, 80),
    ]
    assert adapters["food"].misfits("FDS-RCN", {**CARD, "address": "क" * 84}, {}) == [
        Misfit("address", TOO_LONG, 250)
    ]
    for service, (name, _, values) in FORMS.items():
        assert adapters[name].misfits(service, values, FACTS) == []
