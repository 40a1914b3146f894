"""The keys `limits` and `maintenance` of a manifest."""

import datetime as dt
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from adapters.mapping.rules import StrictModel
from adapters.units import Bytes, Seconds, Share

Weekday = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
WEEKDAYS: tuple[Weekday, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _clock(value: object) -> object:
    try:
        return dt.datetime.strptime(str(value), "%H:%M").time()  # noqa: DTZ007
    except ValueError:
        raise ValueError("write a time of day, for example 22:30") from None


Clock = Annotated[dt.time, BeforeValidator(_clock)]


class BreakerRule(StrictModel):
    """Circuit breaker: when the hub stops calling a failing department, and when it tries again.

    Attributes:
        window: the breaker counts the calls of this period.
        calls: minimum number of calls in the window before it may open.
        failures: share of failed calls that opens it.
        consecutive: number of consecutive failed attempts that opens it; retries count.
        slow: a call that takes longer counts as slow; by default four fifths of `deadline`.
        slow_calls: share of slow calls that opens it.
        open_for: time until the hub probes the department, counted from the start of the call that
            opened it or of the last failed probe.
        probes: number of probes; it closes only if all of them succeed.
    """

    window: Seconds = 10.0
    calls: int = Field(default=8, gt=0)
    failures: Share = 0.5
    consecutive: int = Field(default=8, gt=0)
    slow: Seconds | None = None
    slow_calls: Share = 0.8
    open_for: Seconds = 5.0
    probes: int = Field(default=3, gt=0)


class CacheRule(StrictModel):
    """How long copies of replies are used.

    Attributes:
        fresh: age up to which a copy is returned without a call.
        refresh: for this time after `fresh`, a copy is returned while one call refreshes it in the
            background.
        stale: age up to which a copy is returned if the department fails.
        entries: maximum number of copies; one per capability, key and scope.
    """

    fresh: Seconds | None = None
    refresh: Seconds | None = None
    stale: Seconds | None = None
    entries: int = Field(default=10_000, gt=0)


class RateRule(StrictModel):
    """Rate limit of the department.

    Attributes:
        calls: maximum number of calls in the period.
        per: the period.
    """

    calls: int = Field(gt=0)
    per: Seconds = 1.0


class RetryRule(StrictModel):
    """Retries; reads only.

    Attributes:
        attempts: maximum number of attempts; 1 means no retry.
        backoff: upper limit of the wait before the first retry; it doubles with each retry, and the
            actual wait is random.
        budget: retries and hedges are at most this share of all calls.
    """

    attempts: int = Field(default=2, gt=0, le=5)
    backoff: Seconds = 0.1
    budget: Share = 0.1


class Limits(StrictModel):
    """Limits of time, concurrency and size, and what the hub does when a department fails.

    Attributes:
        deadline: time limit of one call, retries included.
        first_byte: time limit until a reply begins, and between two parts of it.
        concurrency: maximum number of concurrent calls.
        adaptive: `true` lowers the concurrency while the department is slow or fails.
        queue: maximum number of calls that wait for a slot; by default four times `concurrency`.
        rate: rate limit of the department.
        reply_bytes: maximum size of one reply after decompression.
        rows: maximum number of rows in one reply.
        coalesce: calls for the same key at the same time share one call to the department.
        cache: how long copies of replies are used; without it there are no copies.
        breaker: when the hub stops calling a failing department.
        retries: retries of failed reads.
        hedge: a read that takes longer is sent a second time; the first reply is used.
    """

    deadline: Seconds = 3.0
    first_byte: Seconds | None = None
    concurrency: int = Field(default=8, gt=0, le=256)
    adaptive: bool = False
    queue: int | None = Field(default=None, ge=0)
    rate: RateRule | None = None
    reply_bytes: Bytes = 8 << 20
    rows: int = Field(default=20_000, gt=0)
    coalesce: bool = True
    cache: CacheRule | None = None
    breaker: BreakerRule = BreakerRule()
    retries: RetryRule = RetryRule()
    hedge: Seconds | None = None


def share_of(slots: int) -> int:
    """Return how many of a department's slots one operation may use: half, but at least one."""
    return max(1, slots // 2)


class MaintenanceWindow(StrictModel):
    """A period in which the department is closed: every week, or once.

    Attributes:
        days: weekdays on which a weekly window begins; all days by default.
        opens, closes: local times of day; the window begins at `closes`.
        from_, until: start and end of a single window, ISO 8601; local time if there is no zone.
        note: text shown to callers.
    """

    days: list[Weekday] = list(WEEKDAYS)
    closes: Clock | None = None
    opens: Clock | None = None
    from_: dt.datetime | None = Field(default=None, alias="from")
    until: dt.datetime | None = None
    note: str | None = None

    @model_validator(mode="after")
    def _is_one_kind(self) -> Self:
        weekly = (self.closes is not None, self.opens is not None)
        once = (self.from_ is not None, self.until is not None)
        if not (all(weekly) and not any(once)) and not (all(once) and not any(weekly)):
            raise ValueError("write `closes` and `opens` (weekly), or `from` and `until` (once)")
        if self.from_ is not None and self.until is not None:
            if (self.from_.tzinfo is None) != (self.until.tzinfo is None):
                raise ValueError("write both `from` and `until` with a zone, or both without")
            if self.until <= self.from_:
                raise ValueError("write a time in `until` that is after `from`")
        return self
