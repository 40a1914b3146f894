"""After a fault, the runner tests the department until it is back, but not forever."""

from dataclasses import replace

from mocks.lab.chaos.experiments import Experiment
from mocks.lab.chaos.load import LoadClient, Observation
from mocks.lab.chaos.queries import LoadQuery
from mocks.lab.chaos.responses import Flaw
from mocks.lab.chaos.runner import QUICK, wait_until_back

BOTH = LoadQuery("dashboard", "registry", b"", {}, frozenset({"pensions", "helpdesk"}))
HELPDESK = LoadQuery("grievance", "helpdesk", b"", {}, frozenset({"helpdesk"}))
PENSIONS = LoadQuery("worklist", "pensions", b"", {}, frozenset({"pensions"}))
MISSING = Flaw("helpdesk", frozenset({"CIRCUIT_OPEN"}))
TIMING = replace(QUICK, back_at_least=0.0, back_at_most=4.0)


class RecoveringClient(LoadClient):
    """Sends nothing. The helpdesk's part of each response is missing until `back`."""

    def __init__(self, back: float) -> None:
        super().__init__("")
        self.back = back

    async def send(self, query: LoadQuery, due: float | None = None) -> Observation:
        now = self.now()
        observation = Observation(query, now, 0.0, (MISSING,) if now < self.back else ())
        self.observations.append(observation)
        return observation


async def wait_for_helpdesk(back: float) -> tuple[RecoveringClient, float]:
    """Return the client and the end of the wait. The fault ends at 0."""
    client = RecoveringClient(back)
    experiment, queries = Experiment("helpdesk", "hang"), (BOTH, HELPDESK, PENSIONS)
    await wait_until_back(experiment, -1.0, 0.0, TIMING, client, queries)
    return client, client.now()


async def test_queries_that_need_only_that_department_are_sent_until_it_is_back() -> None:
    client, end = await wait_for_helpdesk(back=1.0)
    sent = [each.started for each in client.observations]
    assert {each.query.kind for each in client.observations} == {HELPDESK.kind}
    # The runner waits for one second without a flaw.
    assert 2.0 < end < TIMING.back_at_most
    assert 5 <= sum(moment > 1.0 for moment in sent) < 10


async def test_the_wait_for_a_department_ends() -> None:
    client, end = await wait_for_helpdesk(back=100.0)
    assert TIMING.back_at_most < end < TIMING.back_at_most + 1
    assert len(client.observations) > 10
