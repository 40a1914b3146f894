"""Shows how an application survives the failure of its department."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
from rich.table import Table

from mocks.lab.access_tour import ASSISTANCE, CITIZEN, OPERATOR
from mocks.lab.applicant import Applicant, HubUnavailableError, NotAcceptedError
from mocks.lab.child_processes import ChildProcesses
from mocks.lab.console import LabError, err, out
from mocks.lab.mock_processes import MockAddress, child_name, start_mocks
from mocks.lab.sign_in import Tokens

DOWN, RUNNING = "labour", "labour-welfare"
"""The department that is stopped while the citizen applies, and the operator's department."""
SERVICES = {DOWN: "LAB-BOC", RUNNING: "LAB-WEL"}
SECONDS_TO_DELIVER = 90.0
STATE = """query State($receipt: String!) {
  submission(receiptNumber: $receipt) {
    receiptNumber submissionState stateNote applicationReferenceNumber
  }
}"""
LIST = """query List {
  me { applications(first: 100) { nodes {
    applicationReferenceNumber receiptNumber submissionState applicationStatus serviceCode
  } } }
}"""


class SubmissionTour:
    """The tour through a running demo. The operator needs the consent of `AccessTour`.

    Args:
        hub_url: GraphQL URL of the hub, which has the built-in policy.
        children: the processes of the demo.
        mocks: the running mocks.
        member: member number of the demo's citizen.
        citizens: size of the population.
        received: SQLite file in which the department that is stopped keeps what it received.
    """

    def __init__(
        self,
        hub_url: str,
        children: ChildProcesses,
        mocks: Mapping[str, MockAddress],
        member: str,
        citizens: int,
        received: Path,
    ) -> None:
        self._hub_url = hub_url
        self._children = children
        self._mocks = mocks
        self._member = member
        self._citizens = citizens
        self._received = received
        tokens = Tokens(mocks["identity"].url)
        self._citizen = Applicant(hub_url, tokens.of(CITIZEN))
        self._operator = Applicant(hub_url, tokens.of(OPERATOR), ASSISTANCE)
        self._differences: list[str] = []
        self._table = Table("what", "answer", show_lines=True)

    def run(self) -> list[str]:
        """Apply, stop a department meanwhile, start it again, and print what the citizen sees.

        Returns:
            One sentence for each difference from what the hub promises.

        Raises:
            LabError: the hub or a mock does not respond, or the hub does not accept something.
        """
        try:
            asyncio.run(self._run())
        except (HubUnavailableError, NotAcceptedError) as error:
            raise LabError(f"an application failed: {error}") from None
        out.print(self._table)
        return self._differences

    async def _run(self) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            self._stop_department()
            waiting = await self._apply(client, "the citizen", self._citizen, DOWN)
            self._expect(
                "a receipt although the department is down", waiting["submissionState"] != "FAILED"
            )
            self._expect(
                "no number while the department is down",
                waiting["applicationReferenceNumber"] is None,
            )
            await self._show_receipt(client, waiting)
            assisted = await self._apply(
                client, "an operator, with consent", self._operator, RUNNING
            )
            # The hub waits two seconds for the number. A busy machine may need longer.
            assisted = await self._numbered(client, assisted)
            await self._check_list(client, "meanwhile", (waiting, assisted))
            self._start_department()
            begun = time.monotonic()
            delivered = await self._numbered(client, waiting)
            self._table.add_row(
                f"the department is back\n(after {time.monotonic() - begun:.0f} s)",
                _summary(delivered),
            )
            await self._check_list(client, "afterwards", (delivered, assisted))
            for name, submission in ((DOWN, delivered), (RUNNING, assisted)):
                self._check_copies(name, submission)

    async def _apply(
        self, client: httpx.AsyncClient, who: str, applicant: Applicant, department: str
    ) -> Mapping[str, Any]:
        code = SERVICES[department]
        form = await applicant.form(client, code)
        key = f"demo-{department}-{time.time_ns()}"
        begun = time.monotonic()
        submission = await applicant.apply(client, self._member, form, key)
        self._table.add_row(
            f"{who} applies for {code}\n({time.monotonic() - begun:.1f} s)", _summary(submission)
        )
        return submission

    async def _show_receipt(self, client: httpx.AsyncClient, submission: Mapping[str, Any]) -> None:
        address = urljoin(self._hub_url, submission["receiptUrl"])
        page = await client.get(address)
        number = str(submission["receiptNumber"])
        shown = page.text.replace(" ", "").replace("-", "").replace("\N{NO-BREAK SPACE}", "")
        self._expect("a receipt to print", page.status_code == 200 and number in shown)
        self._table.add_row("the receipt, a page to print", f"{address[:60]}…")

    async def _check_list(
        self,
        client: httpx.AsyncClient,
        when: str,
        submissions: tuple[Mapping[str, Any], ...],
    ) -> None:
        """Check that the citizen's list has exactly one row for each submission."""
        data = await self._citizen.query(client, LIST, {})
        rows = data["me"]["applications"]["nodes"]
        for submission in submissions:
            receipt, number = submission["receiptNumber"], submission["applicationReferenceNumber"]
            found = [
                row
                for row in rows
                if row["receiptNumber"] == receipt
                or (number is not None and row["applicationReferenceNumber"] == number)
            ]
            self._expect(f"exactly one row of {receipt} in the list {when}", len(found) == 1)
        mine = {each["receiptNumber"] for each in submissions}
        self._table.add_row(
            f"the citizen's list {when}",
            "\n".join(
                f"{row['serviceCode']}: {row['applicationReferenceNumber'] or row['receiptNumber']}"
                f" ({row['applicationStatus']}, {row['submissionState']})"
                for row in rows
                if row["receiptNumber"] in mine
            ),
        )

    async def _numbered(
        self, client: httpx.AsyncClient, submission: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Wait until the department has assigned a number; return the submission."""
        until = time.monotonic() + SECONDS_TO_DELIVER
        receipt = submission["receiptNumber"]
        while not submission["applicationReferenceNumber"] and time.monotonic() < until:
            await asyncio.sleep(0.5)
            data = await self._citizen.query(client, STATE, {"receipt": receipt})
            submission = data["submission"]
        self._expect(
            f"a number for {receipt} while its department answers",
            submission["submissionState"] == "ACKNOWLEDGED"
            and submission["applicationReferenceNumber"] is not None,
        )
        return submission

    def _check_copies(self, name: str, submission: Mapping[str, Any]) -> None:
        url = f"{self._mocks[name].control}/submissions"
        try:
            received = httpx.get(url, trust_env=False).json()
        except (httpx.HTTPError, ValueError) as error:
            raise LabError(f"{url} did not respond: {error}") from None
        copies = [
            each["copies"]
            for each in received
            if each["hubReference"] == submission["receiptNumber"]
        ]
        self._expect(f"exactly one copy at {name}", copies == [1])

    def _stop_department(self) -> None:
        name = child_name(DOWN)
        child = next(each for each in self._children.children if each.name == name)
        child.kill()
        self._children.children.remove(child)
        self._table.add_row(f"{name} is stopped", "its port refuses connections")

    def _start_department(self) -> None:
        port = int(self._mocks[DOWN].url.rpartition(":")[2])
        start_mocks(
            self._children,
            [DOWN],
            self._citizens,
            {DOWN: port},
            err,
            submissions={DOWN: self._received},
        )

    def _expect(self, promise: str, is_kept: bool) -> None:
        if not is_kept:
            self._differences.append(f"not so: {promise}")


def _summary(submission: Mapping[str, Any]) -> str:
    """Return a submission in two lines."""
    number = submission["applicationReferenceNumber"]
    return (
        f"receipt {submission['receiptNumber']}, {submission['submissionState']}"
        f"{f', number {number}' if number else ''}\n{submission['stateNote']}"
    )
