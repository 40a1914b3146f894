"""Citizens who apply while hubs are killed. Each repeats a request until it has an answer."""

import asyncio
import random
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from mocks.lab.applicant import Applicant, Form, HubUnavailableError, NotAcceptedError
from mocks.lab.sign_in import Tokens

SERVICES: Mapping[str, Sequence[str]] = {
    "labour": ["LAB-BOC"],
    "labour-welfare": ["LAB-WEL"],
    "pensions": ["SJE-OAS", "SJE-WDP"],
    "food": ["FDS-RCN"],
    "certificates": ["REV-RES", "REV-INC"],
    "helpdesk": [],
}
"""Services that citizens apply for, by department. The helpdesk receives grievances."""
GRIEVANCES = "helpdesk"
CATEGORY = "GRV-STF"
PAUSE_SECONDS = 0.3
GIVE_UP_SECONDS = 180.0
"""Time for an answer after the last kill. During the kills a client never gives up."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A submission that the hub has accepted.

    Attributes:
        department: the department that gets it.
        member: Family ID member number of the citizen.
        receipt: the hub's receipt number.
        requests: how often the client sent it until it had the answer.
        seconds: time until the answer.
    """

    department: str
    member: str
    receipt: str
    requests: int
    seconds: float


@dataclass(slots=True)
class CrashLoad:
    """Sends submissions to the hubs.

    Attributes:
        urls: GraphQL URL of each hub; a client changes the hub when one does not answer.
        tokens: access tokens of the citizens.
        members: the citizens.
        accepted: the submissions so far.
        problems: one sentence for each submission that was refused or had no answer.
    """

    urls: Sequence[str]
    tokens: Tokens
    members: Sequence[str]
    seed: int
    accepted: list[Accepted] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    _forms: dict[str, Form] = field(default_factory=dict)

    async def prepare(self) -> None:
        """Fetch all tokens and forms."""
        for member in self.members:
            await asyncio.to_thread(self.tokens.of, f"citizen:{member}")
        async with httpx.AsyncClient(trust_env=False) as client:
            applicant = self._applicant(0, self.members[0])
            for codes in SERVICES.values():
                for code in codes:
                    self._forms[code] = await applicant.form(client, code)

    async def run(self, clients: int, wanted: Callable[[], bool]) -> None:
        """Submit with some clients at once, until `wanted` returns False."""
        async with httpx.AsyncClient(trust_env=False) as client:
            await asyncio.gather(
                *(self._submit_on(client, each, wanted) for each in range(clients))
            )

    async def _submit_on(
        self, client: httpx.AsyncClient, number: int, wanted: Callable[[], bool]
    ) -> None:
        chance = random.Random(f"{self.seed}-{number}")
        while wanted():
            department = chance.choice(list(SERVICES))
            member = chance.choice(self.members)
            await self._submit(client, chance, department, member, wanted)
            await asyncio.sleep(chance.uniform(0, 2 * PAUSE_SECONDS))

    async def _submit(
        self,
        client: httpx.AsyncClient,
        chance: random.Random,
        department: str,
        member: str,
        wanted: Callable[[], bool],
    ) -> None:
        """Submit once. Repeat the request with the same key until the hub answers."""
        key = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        form = (
            None if department == GRIEVANCES else self._forms[chance.choice(SERVICES[department])]
        )
        started, requests, hub = time.monotonic(), 0, chance.randrange(len(self.urls))
        last_kill = started
        while True:
            if wanted():
                last_kill = time.monotonic()
            applicant = self._applicant(hub, member)
            requests += 1
            try:
                if form is None:
                    submission = await applicant.complain(client, member, CATEGORY, key)
                else:
                    submission = await applicant.apply(client, member, form, key)
            except NotAcceptedError as error:
                self.problems.append(f"{department}: the hub refused a submission: {error}")
                return
            except HubUnavailableError as error:
                if time.monotonic() - last_kill > GIVE_UP_SECONDS:
                    self.problems.append(f"{department}: a submission had no answer: {error}")
                    return
                hub = (hub + 1) % len(self.urls)
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            seconds = time.monotonic() - started
            receipt = submission["receiptNumber"]
            self.accepted.append(Accepted(department, member, receipt, requests, seconds))
            return

    def _applicant(self, hub: int, member: str) -> Applicant:
        return Applicant(self.urls[hub], self.tokens.of(f"citizen:{member}"))
