"""Applications through the hub to departments without an HTTP interface: databases and files.

Each reaches its department once, also if a reply is lost or if the hub is killed.
"""

import asyncio
import os
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from mocks.civil_registration.mariadb import find_program
from mocks.databases.server import DatabaseMissingError
from mocks.lab.applicant import Applicant
from tests.support.processes import PROJECT, Hub, Mock, wait_until
from tests.support.sign_in import token

MEMBER = "7KNL042102"
STATE = """query ($receipt: String!) { submission(receiptNumber: $receipt) {
  state: submissionState applicationReferenceNumber } }"""
LIST = """query ($citizen: CitizenKey!) { citizen(by: $citizen) {
  applications { nodes { receiptNumber applicationReferenceNumber } } } }"""
FAST = {
    "HUB_POLICY": str(PROJECT / "hub/access/policy.yaml"),
    "HUB_DELIVERY_POLL_SECONDS": "0.1",
    "HUB_POST_MATRIC_POLL": "1s",
    "HUB_POST_MATRIC_OUTBOX_EVERY": "1s",
}
SERVICES = {"certificates": "REV-INC", "civil-registration": "ULB-BDC", "post-matric": "WEL-PMS"}

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def mocks() -> Iterator[dict[str, Mock]]:
    names = ["registry", "certificates", "post-matric"]
    try:
        find_program()
    except DatabaseMissingError:
        if os.environ.get("HUB_TESTS_NEED_MARIADB"):
            raise
    else:
        names.append("civil-registration")
    started = {name: Mock(name) for name in names}
    yield started
    for mock in started.values():
        mock.stop()


@pytest.fixture(scope="module")
def hub(mocks: dict[str, Mock]) -> Iterator[Hub]:
    running = Hub(mocks, **FAST)
    yield running
    running.stop()


def apply(hub: Hub, service: str) -> Mapping[str, Any]:
    """Apply for a service as its portal does; return the submission."""

    async def run() -> Mapping[str, Any]:
        applicant = Applicant(hub.url, token(member_id=MEMBER))
        async with httpx.AsyncClient(trust_env=False) as client:
            form = await applicant.form(client, service)
            return await applicant.apply(client, MEMBER, form, str(uuid.uuid4()))

    return asyncio.run(run())


def state_of(hub: Hub, receipt: str) -> tuple[str, str | None]:
    response = hub.query(STATE, token=token(member_id=MEMBER), receipt=receipt)
    assert "errors" not in response, response
    found = response["data"]["submission"]
    return found["state"], found["applicationReferenceNumber"]


def arrived(mock: Mock, receipt: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = mock.control.get("submissions").json()
    return [row for row in rows if row["hubReference"] == receipt]


def of_databases(mocks: Mapping[str, Mock]) -> list[str]:
    return [name for name in ("certificates", "civil-registration") if name in mocks]


def test_an_application_to_a_database_has_its_number_at_once(
    hub: Hub, mocks: dict[str, Mock]
) -> None:
    for name in of_databases(mocks):
        submission = apply(hub, SERVICES[name])
        assert submission["submissionState"] == "ACKNOWLEDGED", name
        (row,) = arrived(mocks[name], submission["receiptNumber"])
        assert row["reference"] == submission["applicationReferenceNumber"]
        assert row["copies"] == 1


def wait_for(hub: Hub, receipt: str, state: str, seconds: float) -> None:
    wait_until(lambda: state_of(hub, receipt)[0] == state, seconds)


def test_a_lost_reply_is_reconciled_by_the_receipt_number(hub: Hub, mocks: dict[str, Mock]) -> None:
    for name in of_databases(mocks):
        mocks[name].set_faults(lost_reply=1)
        submission = apply(hub, SERVICES[name])
        receipt = submission["receiptNumber"]
        wait_for(hub, receipt, "MAYBE_SENT", 20)
        mocks[name].clear_faults()
        wait_for(hub, receipt, "ACKNOWLEDGED", 60)
        (row,) = arrived(mocks[name], receipt)
        assert (row["copies"], row["reference"]) == (1, state_of(hub, receipt)[1])


def test_a_row_for_the_nightly_file_gets_its_number_with_the_departments_next_file(
    hub: Hub, mocks: dict[str, Mock]
) -> None:
    submission = apply(hub, "WEL-PMS")
    receipt = submission["receiptNumber"]
    assert submission["submissionState"] == "SENT"
    wait_until(lambda: bool(arrived(mocks["post-matric"], receipt)), 20)
    mocks["post-matric"].control.post("clock", json={"advance": "1d"})
    wait_until(lambda: state_of(hub, receipt)[0] == "ACKNOWLEDGED", 120)
    (row,) = arrived(mocks["post-matric"], receipt)
    assert (row["copies"], row["reference"]) == (1, state_of(hub, receipt)[1])
