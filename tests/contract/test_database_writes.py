"""Writes to the departments with a database: functions of PostgreSQL, a procedure of MariaDB."""

import asyncio
import datetime as dt
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import httpx
import pytest

from adapters.adapter import ManifestAdapter
from adapters.contract import (
    Capability,
    DepartmentError,
    DepartmentRefusedError,
    DepartmentTimeoutError,
    DepartmentUnreachableError,
    Rows,
)
from adapters.writes import WriteCapability, WriteReply, WriteRequest
from mocks.civil_registration.mariadb import find_program
from mocks.databases.server import DatabaseMissingError
from schema.application import Application
from schema.status import ApplicationStatus
from tests.contract.department_set_up import connected
from tests.support.calls import call_context
from tests.support.processes import Mock, stop_all

SUBMIT = WriteCapability.SUBMIT_APPLICATION
WITHDRAW = WriteCapability.WITHDRAW_APPLICATION
SUBMITTED_AT = dt.datetime(2026, 11, 24, 16, 55, tzinfo=dt.UTC)
FACTS = {
    "applicant_name": "Ram Devi",
    "applicant_name_local": "राम देवी",
    "applicant_phone": "9812345678",
    "channel": "KIOSK",
}
FORMS: Mapping[str, tuple[str, str, Mapping[str, object]]] = {
    "certificates": ("REV-INC", "104233", {"applicant_name": "Ram Devi", "income_year": 120000}),
    "civil-registration": (
        "ULB-BDC",
        "UP0000042",
        {"register": "BIRTH", "child_name": "Asha", "event_date": "2026-11-02", "entry_year": "X"},
    ),
}
receipts = (f"CHTEST{number:09d}" for number in range(1, 1000))


@pytest.fixture(scope="module")
def mocks() -> Iterator[dict[str, Mock]]:
    started = {"certificates": Mock("certificates")}
    try:
        find_program()
    except DatabaseMissingError:
        if os.environ.get("HUB_TESTS_NEED_MARIADB"):
            raise
    else:
        started["civil-registration"] = Mock("civil-registration")
    yield started
    stop_all(started.values())


@pytest.fixture
async def adapters(mocks: dict[str, Mock]) -> AsyncIterator[dict[str, ManifestAdapter]]:
    async with connected(mocks) as built:
        yield built
    for mock in mocks.values():
        mock.clear_faults()


@pytest.fixture(scope="module")
def member(population: Mock) -> str:
    """Family ID member number of a citizen."""
    sample = httpx.get(f"{population.url}/population/sample", params={"n": 1}).json()
    found: str = sample["memberIds"][0]
    return found


@pytest.fixture(params=FORMS)
def name(request: pytest.FixtureRequest, mocks: dict[str, Mock]) -> str:
    found: str = request.param
    if found not in mocks:
        pytest.skip("MariaDB is not installed; .ci/run installs it")
    return found


def request_of(name: str, receipt: str | None = None, **changed: Any) -> WriteRequest:
    service, citizen, values = FORMS[name]
    given: dict[str, Any] = {
        "receipt": receipt or next(receipts),
        "submitted_at": SUBMITTED_AT,
        "service_code": service,
        "citizen": citizen,
        "values": values,
        "facts": FACTS,
    }
    return WriteRequest(**given | changed)


async def submit(adapter: ManifestAdapter, request: WriteRequest) -> WriteReply:
    return await adapter.write(SUBMIT, request, call_context())


async def found(adapter: ManifestAdapter, receipt: str) -> list[Application]:
    """Return the applications that the department has made of a receipt number."""
    reply = await adapter.look_up(Capability.FIND_SUBMISSION, [receipt], call_context())
    rows = reply.results[receipt]
    assert isinstance(rows, Rows), rows
    return [record for record in rows.records if isinstance(record, Application)]


def arrived(mock: Mock, receipt: str) -> list[dict[str, Any]]:
    """Return what the mock's own table has for a receipt number."""
    rows: list[dict[str, Any]] = mock.control.get("submissions").json()
    return [row for row in rows if row["hubReference"] == receipt]


async def test_an_application_gets_its_number_at_once_and_is_found(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock], name: str
) -> None:
    request = request_of(name)
    assert await found(adapters[name], request.receipt) == []
    reply = await submit(adapters[name], request)
    assert reply.is_final
    assert not reply.already_there
    (row,) = arrived(mocks[name], request.receipt)
    assert (row["reference"], row["copies"], row["status"]) == (reply.reference, 1, "SUBMITTED")
    (application,) = await found(adapters[name], request.receipt)
    assert application.application_reference_number == reply.reference
    assert application.receipt_number == request.receipt
    assert application.service_code == FORMS[name][0]
    assert application.application_status is ApplicationStatus.SUBMITTED


async def test_an_application_without_a_number_of_the_department_names_the_member(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock], name: str, member: str
) -> None:
    request = request_of(name, citizen=None, member=member)
    reply = await submit(adapters[name], request)
    (row,) = arrived(mocks[name], request.receipt)
    assert row["reference"] == reply.reference


async def test_a_lost_reply_leaves_one_application_that_is_found(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock], name: str
) -> None:
    request = request_of(name)
    mocks[name].set_faults(lost_reply=1)
    with pytest.raises(DepartmentUnreachableError) as caught:
        await submit(adapters[name], request)
    assert not caught.value.not_done
    mocks[name].clear_faults()
    (row,) = arrived(mocks[name], request.receipt)
    assert row["copies"] == 1
    (application,) = await found(adapters[name], request.receipt)
    assert application.application_reference_number == row["reference"]


async def test_a_connection_that_is_lost_before_commit_leaves_nothing(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    request = request_of("certificates")
    # The function has run, but the hub has not sent COMMIT.
    mocks["certificates"].set_faults(reset_after_write=1)
    with pytest.raises(DepartmentUnreachableError) as caught:
        await submit(adapters["certificates"], request)
    assert caught.value.not_done
    mocks["certificates"].clear_faults()
    assert arrived(mocks["certificates"], request.receipt) == []
    assert await found(adapters["certificates"], request.receipt) == []


async def test_a_refused_connection_and_an_error_have_no_effect(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock], name: str
) -> None:
    for fault, error in (
        ("refuse", DepartmentUnreachableError),
        ("refuse_write", DepartmentRefusedError),
    ):
        mocks[name].set_faults(**{fault: 1})
        request = request_of(name)
        with pytest.raises(error) as caught:
            await submit(adapters[name], request)
        mocks[name].clear_faults()
        # MariaDB's session may be in use already, so the procedure may have run.
        assert caught.value.not_done or (name, fault) == ("civil-registration", "refuse")
        assert arrived(mocks[name], request.receipt) == []


async def test_a_write_is_ended_at_the_deadline(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock], name: str
) -> None:
    mocks[name].set_faults(hang=1)
    request = request_of(name)
    started = asyncio.get_running_loop().time()
    with pytest.raises(DepartmentTimeoutError) as caught:
        await adapters[name].write(SUBMIT, request, call_context(0.5))
    assert asyncio.get_running_loop().time() - started < 2
    # Only the hub's own COMMIT makes an application, and it was not sent.
    assert caught.value.not_done is (name == "certificates")


@pytest.mark.parametrize(
    "changed",
    [
        {"citizen": "999999999"},
        {"facts": FACTS | {"applicant_name_local": "K" * 61}},
        {"values": {"applicant_name": "Ram Devi"}},
        {"citizen": "no number"},
    ],
)
async def test_an_error_of_the_function_is_a_refusal_without_its_text(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock], changed: dict[str, Any]
) -> None:
    request = request_of("certificates", **changed)
    with pytest.raises(DepartmentRefusedError) as caught:
        await submit(adapters["certificates"], request)
    assert caught.value.not_done
    assert "Person" not in str(caught.value.message)
    assert arrived(mocks["certificates"], request.receipt) == []


async def test_a_number_that_the_register_has_already_is_a_success(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    if "civil-registration" not in mocks:
        pytest.skip("MariaDB is not installed; .ci/run installs it")
    request = request_of("civil-registration")
    first = await submit(adapters["civil-registration"], request)
    second = await submit(adapters["civil-registration"], request)
    assert second.already_there
    assert second.reference == first.reference
    (row,) = arrived(mocks["civil-registration"], request.receipt)
    assert row["copies"] == 1


async def test_the_revenue_department_stores_a_copy_as_a_second_application(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    request = request_of("certificates")
    first = await submit(adapters["certificates"], request)
    second = await submit(adapters["certificates"], request)
    assert first.reference != second.reference
    (row,) = arrived(mocks["certificates"], request.receipt)
    assert row["copies"] == 2


async def test_a_withdrawal_is_recognised_and_changes_the_application(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    adapter = adapters["certificates"]
    made = await submit(adapter, request_of("certificates"))
    withdrawal = WriteRequest(
        receipt=next(receipts),
        submitted_at=SUBMITTED_AT,
        reference=made.reference,
        facts={"reason": "Not needed any more"},
    )
    for is_second in (False, True):
        reply = await adapter.write(WITHDRAW, withdrawal, call_context())
        assert (reply.is_final, reply.already_there) == (True, is_second)
    assert made.reference is not None
    results = await adapter.look_up(
        Capability.APPLICATIONS_BY_REFERENCE, [made.reference], call_context()
    )
    rows = results.results[made.reference]
    assert isinstance(rows, Rows)
    (application,) = rows.records
    assert isinstance(application, Application)
    assert application.application_status is ApplicationStatus.WITHDRAWN
    with pytest.raises(DepartmentRefusedError):
        await adapter.write(
            WITHDRAW,
            WriteRequest(
                receipt=next(receipts), submitted_at=SUBMITTED_AT, reference=made.reference
            ),
            call_context(),
        )


async def test_a_delivered_application_has_a_certificate_with_its_file(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    adapter, mock = adapters["certificates"], mocks["certificates"]
    mock.control.delete("submissions")
    made = {(await submit(adapter, request_of("certificates"))).reference for _ in range(8)}
    mock.control.post("clock", json={"advance": "30d"})
    rows = mock.control.get("submissions").json()
    delivered = {row["reference"] for row in rows if row["status"] == "DELIVERED"}
    assert delivered
    assert delivered <= made
    results = await adapter.look_up(Capability.CERTIFICATES_BY_CITIZEN, ["104233"], call_context())
    certificates = results.results["104233"]
    assert isinstance(certificates, Rows)
    issued = {getattr(each, "application_reference", None): each for each in certificates.records}
    assert delivered <= issued.keys()
    number = str(getattr(issued[delivered.pop()], "certificate_number", ""))
    files = await adapter.look_up(Capability.DOCUMENTS_BY_CERTIFICATE, [number], call_context())
    file = files.results[number]
    assert not isinstance(file, DepartmentError)
    assert len(file.records) == 1
    mock.control.delete("submissions")
