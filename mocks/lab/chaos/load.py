"""Sends queries to the hub, at a steady rate or as fast as it responds, and records the results."""

import asyncio
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import aiohttp
import orjson

from mocks.lab.chaos.queries import LoadQuery, QueryMix
from mocks.lab.chaos.responses import Flaw, ResponseReader, find_flaws

TIMEOUT_SECONDS = 15.0
CONNECTIONS = 1_000
IDLE_SECONDS = 3.0
"""The hub keeps an idle connection open for longer, so a query never meets a closing connection."""
_TASKS = re.compile(r"^hub_event_loop_tasks (\S+)$", re.MULTILINE)
HEADERS = {"content-type": "application/json"}
SEED = 4


@dataclass(frozen=True, slots=True)
class Observation:
    """The result of one query.

    Attributes:
        query: the query.
        started: when it was due, in seconds since the load began.
        seconds: time until the response was complete.
        flaws: parts of the response that are not as expected.
        failure: why there is no response, such as `HTTP 503`; None if there is one.
    """

    query: LoadQuery
    started: float
    seconds: float
    flaws: tuple[Flaw, ...] = ()
    failure: str | None = None

    @property
    def ended(self) -> float:
        return self.started + self.seconds

    def is_complete_for(self, department: str) -> bool:
        """Return whether the response has the complete part of the department."""
        return self.failure is None and all(each.department != department for each in self.flaws)


class LoadClient:
    """Sends queries to one hub.

    Attributes:
        observations: results, in the order of the responses.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._begun = time.perf_counter()
        self._session: aiohttp.ClientSession | None = None
        self._sending: set[asyncio.Task[Observation]] = set()
        self._open: dict[int, tuple[LoadQuery, float]] = {}
        self._numbers = count()
        self.observations: list[Observation] = []

    async def __aenter__(self) -> "LoadClient":
        self._begun = time.perf_counter()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE_SECONDS),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS),
            headers=HEADERS,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        assert self._session is not None
        await self._session.close()

    def now(self) -> float:
        """Return the seconds since the load began."""
        return time.perf_counter() - self._begun

    def has_open_query(self, department: str, since: float) -> bool:
        """Return whether a query that needs the department, sent since then, has no response."""
        return any(
            started >= since and department in query.departments
            for query, started in self._open.values()
        )

    def until(self, moment: float) -> Callable[[], bool]:
        """Return a function that returns whether this time is still to come."""
        return lambda: self.now() < moment

    async def send(self, query: LoadQuery, due: float | None = None) -> Observation:
        """Send a query and record the result.

        Args:
            query: the query.
            due: when it was due, in seconds since the load began; None for now. Its latency is
                counted from here.
        """
        started = self.now() if due is None else due
        number = next(self._numbers)
        self._open[number] = query, started
        assert self._session is not None
        flaws: tuple[Flaw, ...] = ()
        failure: str | None = None
        try:
            async with self._session.post(self._url, data=query.body) as reply:
                content = await reply.read()
            if reply.status != 200:
                failure = f"HTTP {reply.status}"
        except TimeoutError:
            failure = f"no response within {TIMEOUT_SECONDS:.0f} s"
        except aiohttp.ClientError as error:
            failure = type(error).__name__
        finally:
            del self._open[number]
        seconds = self.now() - started
        if failure is None:
            parts = ResponseReader(query.owner).read(orjson.loads(content))
            flaws = find_flaws(query.expected, parts)
        observation = Observation(query, started, seconds, flaws, failure)
        self.observations.append(observation)
        return observation

    async def send_steadily(self, mix: QueryMix, rate: float, wanted: Callable[[], bool]) -> None:
        """Send queries at a steady rate, whether or not earlier ones have a response.

        Each query is sent at a random moment of its interval. At fixed intervals queries would
        never overlap in calm, but every delay would make them overlap: a fault elsewhere would
        seem to slow them down.

        Args:
            mix: the queries.
            rate: queries per second.
            wanted: called before each query; False ends the load.
        """
        dice = random.Random(SEED)
        begun, interval = self.now(), 1 / rate
        for index in count():
            if not wanted():
                return
            due = begun + (index + dice.random()) * interval
            ahead = due - self.now()
            if ahead > 0:
                await asyncio.sleep(ahead)
            self.send_soon(mix.draw(), due)

    def send_soon(self, query: LoadQuery, due: float | None = None) -> None:
        """Send a query without waiting for the response."""
        task = asyncio.create_task(self.send(query, due))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def send_in_turn(self, mix: QueryMix, wanted: Callable[[], bool]) -> None:
        """Send the next query whenever a response has arrived, until `wanted` returns False."""
        while wanted():
            await self.send(mix.draw())

    async def count_tasks(self) -> int:
        """Return the number of asyncio tasks in the hub; 0 if its metrics do not show it."""
        assert self._session is not None
        try:
            async with self._session.get(self._url.removesuffix("graphql") + "metrics") as reply:
                found = _TASKS.search(await reply.text())
        except (TimeoutError, aiohttp.ClientError):
            return 0
        return int(float(found[1])) if found else 0

    async def wait_until_idle(self) -> None:
        """Wait until every query has a response."""
        while self._sending:
            await asyncio.wait(self._sending)
