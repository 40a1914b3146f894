"""Applications through the hub to departments with SOAP: pensions, water, food and power.

Each reaches its department once, also if a reply is lost. Power can't be asked for an application,
so an operator gets a task.
"""

import asyncio
import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from hub.cli.main import cli
from mocks.lab.applicant import Applicant
from tests.support.processes import Hub, Mock, wait_until
from tests.support.sign_in import CITIZEN, token

STATE = """query ($receipt: String!) { submission(receiptNumber: $receipt) {
  state: submissionState applicationReferenceNumber } }"""
LIST = "{ me { applications(first: 100) { nodes { receiptNumber applicationReferenceNumber } } } }"
SERVICES = {
    "SJE-OAS": "pensions",
    "SJE-WDP": "pensions",
    "SJE-DIS": "pensions",
    "ULB-WSC": "water",
    "FDS-RCN": "food",
    "PWR-NEW": "power",
}

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def mocks() -> Iterator[dict[str, Mock]]:
    started = {name: Mock(name) for name in ("registry", *dict.fromkeys(SERVICES.values()))}
    yield started
    for mock in started.values():
        mock.stop()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('hub')}/hub.db"


@pytest.fixture(scope="module")
def hub(mocks: dict[str, Mock], database: str) -> Iterator[Hub]:
    running = Hub(mocks, HUB_DELIVERY_POLL_SECONDS="0.1", HUB_DATABASE_URL=database)
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def healthy(mocks: dict[str, Mock], hub: Hub) -> None:
    for mock in mocks.values():
        mock.clear_faults()
    hub.reopen()


def apply(hub: Hub, service: str) -> Mapping[str, Any]:
    """Apply for a service as a portal does; return the submission."""

    async def run() -> Mapping[str, Any]:
        applicant = Applicant(hub.url, token())
        async with httpx.AsyncClient(trust_env=False) as client:
            form = await applicant.form(client, service)
            return await applicant.apply(client, CITIZEN, form, str(uuid.uuid4()))

    return asyncio.run(run())


def state_of(hub: Hub, receipt: str) -> tuple[str, str | None]:
    found = hub.data(STATE, receipt=receipt)["submission"]
    return found["state"], found["applicationReferenceNumber"]


def arrived(mock: Mock, receipt: str) -> tuple[str, int]:
    """Return the number and the number of copies of the application with this receipt number."""
    (row,) = [each for each in mock.submissions() if each["hubReference"] == receipt]
    return row["reference"], row["copies"]


@pytest.mark.parametrize("service", SERVICES)
def test_an_application_gets_the_departments_number(
    service: str, hub: Hub, mocks: dict[str, Mock]
) -> None:
    receipt = apply(hub, service)["receiptNumber"]
    wait_until(lambda: state_of(hub, receipt)[0] == "ACKNOWLEDGED", 60)
    number = state_of(hub, receipt)[1]
    assert arrived(mocks[SERVICES[service]], receipt) == (number, 1)
    rows = hub.data(LIST)["me"]["applications"]["nodes"]
    assert [
        row["receiptNumber"] for row in rows if row["applicationReferenceNumber"] == number
    ] == [receipt]


@pytest.mark.parametrize(
    ("service", "fault"),
    [
        ("SJE-OAS", "lost_reply"),
        ("SJE-WDP", "print_failure"),
        ("ULB-WSC", "lost_reply"),
        ("FDS-RCN", "lost_reply"),
    ],
)
def test_an_unclear_reply_is_reconciled_by_the_receipt_number(
    service: str, fault: str, hub: Hub, mocks: dict[str, Mock]
) -> None:
    mock = mocks[SERVICES[service]]
    mock.set_faults(**{fault: 1})
    receipt = apply(hub, service)["receiptNumber"]
    wait_until(lambda: state_of(hub, receipt)[0] == "MAYBE_SENT", 60)
    mock.clear_faults()
    wait_until(lambda: state_of(hub, receipt)[0] == "ACKNOWLEDGED", 60)
    assert arrived(mock, receipt) == (state_of(hub, receipt)[1], 1)


def test_a_failed_message_after_the_application_changes_nothing(
    hub: Hub, mocks: dict[str, Mock]
) -> None:
    mocks["pensions"].set_faults(sms_failure=1)
    receipt = apply(hub, "SJE-OAS")["receiptNumber"]
    wait_until(lambda: state_of(hub, receipt)[0] != "NOT_SENT", 60)
    state, number = state_of(hub, receipt)
    assert state == "ACKNOWLEDGED"
    assert arrived(mocks["pensions"], receipt) == (number, 1)


def test_an_operator_decides_about_a_department_that_cannot_be_asked(
    hub: Hub, mocks: dict[str, Mock], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mocks["power"].set_faults(lost_reply=1)
    receipt = apply(hub, "PWR-NEW")["receiptNumber"]
    wait_until(lambda: state_of(hub, receipt)[0] == "MAYBE_SENT", 60)
    mocks["power"].clear_faults()
    monkeypatch.setenv("HUB_DATABASE_URL", database)
    listed = CliRunner().invoke(cli, ["tasks", "list", "--json"])
    assert listed.exit_code == 0, listed.output
    kinds = {each["receipt"]: each["kind"] for each in json.loads(listed.stdout)}
    assert kinds == {receipt: "CANNOT_BE_ASKED"}
    assert state_of(hub, receipt) == ("MAYBE_SENT", None)
    assert arrived(mocks["power"], receipt)[1] == 1
