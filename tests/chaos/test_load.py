"""The load: the same queries in every hundred, at random moments."""

from collections import Counter
from itertools import pairwise

from mocks.lab.chaos.load import LoadClient, Observation
from mocks.lab.chaos.queries import MIX, LoadQuery, QueryMix

QUERIES = [
    LoadQuery(kind, owner, f"{kind} {owner} {number}".encode(), {}, frozenset())
    for kind in MIX
    for owner in ("pensions", "water")
    for number in range(5)
]
RATE = 200


class RecordingClient(LoadClient):
    """Sends nothing, and records when each query was due."""

    def __init__(self) -> None:
        super().__init__("")
        self.due: list[float] = []

    async def send(self, query: LoadQuery, due: float | None = None) -> Observation:
        assert due is not None
        self.due.append(due)
        return Observation(query, due, 0.0)


def test_every_hundred_queries_have_the_same_kinds_departments_and_citizens() -> None:
    mix = QueryMix(QUERIES, seed=4)
    hundreds = [[mix.draw() for _ in range(100)] for _ in range(3)]
    for hundred in hundreds:
        assert Counter(query.kind for query in hundred) == MIX
        drawn = Counter((query.kind, query.owner) for query in hundred)
        assert all(drawn[kind, "pensions"] == drawn[kind, "water"] for kind in MIX)
        dashboards = Counter(query.body for query in hundred if query.kind == "dashboard")
        assert set(dashboards.values()) == {3}
    assert hundreds[0] != hundreds[1]


def test_a_kind_without_queries_is_left_out() -> None:
    mix = QueryMix([each for each in QUERIES if each.kind == "track"], seed=4)
    assert {mix.draw().kind for _ in range(50)} == {"track"}


async def test_each_query_is_sent_at_a_random_moment_of_its_interval() -> None:
    client = RecordingClient()
    begun = client.now()
    await client.send_steadily(QueryMix(QUERIES, seed=4), RATE, client.until(begun + 0.5))
    await client.wait_until_idle()
    moments = [(due - begun) * RATE for due in client.due]
    assert len(moments) > 50
    distances = [later - sooner for sooner, later in pairwise(moments)]
    assert all(0 < distance < 2 for distance in distances)
    assert min(distances) < 0.5
    assert max(distances) > 1.5
