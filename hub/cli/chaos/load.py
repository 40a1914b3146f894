"""Asks the hub, steadily or as fast as it answers, and notes how each question went."""

import asyncio
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import aiohttp
import orjson

from hub.cli.chaos.answers import AnswerReader, Flaw, flaws_in
from hub.cli.chaos.questions import Question, QuestionMix

PATIENCE = 15.0
"""Seconds after which a client gives up."""
CONNECTIONS = 1_000
IDLE_SECONDS = 3.0
"""Less than the hub keeps an idle connection open, or a question could meet its end."""
_TASKS = re.compile(r"^hub_event_loop_tasks (\S+)$", re.MULTILINE)
HEADERS = {"content-type": "application/json"}
SEED = 4


@dataclass(frozen=True, slots=True)
class Observation:
    """How one question went.

    Attributes:
        question: what was asked.
        started: when it was due, in seconds since the load began.
        seconds: until its answer was there.
        flaws: the departments whose part is not whole.
        failure: why there is no answer at all, as `HTTP 503`; None when there is one.
    """

    question: Question
    started: float
    seconds: float
    flaws: tuple[Flaw, ...] = ()
    failure: str | None = None

    @property
    def ended(self) -> float:
        return self.started + self.seconds


class Asker:
    """Asks one hub; `observations` grows in the order in which answers arrive."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._begun = time.perf_counter()
        self._session: aiohttp.ClientSession | None = None
        self._asking: set[asyncio.Task[Observation]] = set()
        self._unanswered: dict[int, tuple[Question, float]] = {}
        self._numbers = count()
        self.observations: list[Observation] = []

    async def __aenter__(self) -> "Asker":
        self._begun = time.perf_counter()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE_SECONDS),
            timeout=aiohttp.ClientTimeout(total=PATIENCE),
            headers=HEADERS,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        assert self._session is not None
        await self._session.close()

    def now(self) -> float:
        """Seconds since the load began."""
        return time.perf_counter() - self._begun

    def waits_for(self, department: str, since: float) -> bool:
        """Whether a question that needs it, asked since then, has no answer yet."""
        return any(
            started >= since and department in question.departments
            for question, started in self._unanswered.values()
        )

    def until(self, moment: float) -> Callable[[], bool]:
        """Whether that moment is still to come."""
        return lambda: self.now() < moment

    async def ask(self, question: Question, due: float | None = None) -> Observation:
        """Asks and notes; `due` is when it should have been asked, if that was earlier."""
        started = self.now() if due is None else due
        number = next(self._numbers)
        self._unanswered[number] = question, started
        assert self._session is not None
        flaws: tuple[Flaw, ...] = ()
        failure: str | None = None
        try:
            async with self._session.post(self._url, data=question.body) as reply:
                content = await reply.read()
            if reply.status != 200:
                failure = f"HTTP {reply.status}"
        except TimeoutError:
            failure = f"no answer within {PATIENCE:.0f} s"
        except aiohttp.ClientError as error:
            failure = type(error).__name__
        finally:
            del self._unanswered[number]
        seconds = self.now() - started
        if failure is None:
            answer = AnswerReader(question.owner).read(orjson.loads(content))
            flaws = flaws_in(question.expected, answer)
        observation = Observation(question, started, seconds, flaws, failure)
        self.observations.append(observation)
        return observation

    async def ask_steadily(self, mix: QuestionMix, rate: float, wanted: Callable[[], bool]) -> None:
        """`rate` questions a second, whether or not earlier ones have been answered.

        Each comes at any moment of its share of the second. At even distances they would never
        meet while all is calm, and any delay would bring them together: a fault would seem to slow
        what it only moves.
        """
        dice = random.Random(SEED)  # noqa: S311 (the moments are to be the same each time)
        begun, share = self.now(), 1 / rate
        for place in count():
            if not wanted():
                return
            due = begun + (place + dice.random()) * share
            ahead = due - self.now()
            if ahead > 0:
                await asyncio.sleep(ahead)
            self.ask_now(mix.draw(), due)

    def ask_now(self, question: Question, due: float | None = None) -> None:
        """Asks without waiting for the answer."""
        task = asyncio.create_task(self.ask(question, due))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def ask_in_turn(self, mix: QuestionMix, wanted: Callable[[], bool]) -> None:
        """One client that asks again as soon as it has been answered."""
        while wanted():
            await self.ask(mix.draw())

    async def count_tasks(self) -> int:
        """The hub's tasks, as its metrics tell; 0 where they do not."""
        assert self._session is not None
        try:
            async with self._session.get(self._url.removesuffix("graphql") + "metrics") as reply:
                told = _TASKS.search(await reply.text())
        except (TimeoutError, aiohttp.ClientError):
            return 0
        return int(float(told[1])) if told else 0

    async def all_answered(self) -> None:
        """Returns when nothing is in flight any more."""
        while self._asking:
            await asyncio.wait(self._asking)
