"""`limits` and `maintenance` of a manifest: what a department can bear, and when it is closed."""

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
        raise ValueError("write a time of day as 22:30") from None


Clock = Annotated[dt.time, BeforeValidator(_clock)]


class BreakerRule(StrictModel):
    """When the hub stops asking a department that fails, and when it asks again.

    Attributes:
        window: how far back calls are looked at.
        calls: fewest calls in the window before it may open.
        failures: share of failed calls at which it opens.
        consecutive: failed calls one after another, second attempts included, at which it opens.
        slow: a call that takes longer is slow; four fifths of `deadline` when not given.
        slow_calls: share of slow calls at which it opens.
        open_for: from the begin of the call that opened it, or of a failed probe, until the
            department is probed.
        probes: calls let through to probe it; all of them must succeed.
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
    """How long what a department told may be told again.

    Attributes:
        fresh: answered from the copy without asking.
        refresh: for so long after that, answered from the copy while the hub asks anew.
        stale: for so long after a copy was taken, it is shown when the department fails.
        entries: most copies kept (one for each capability and key).
    """

    fresh: Seconds | None = None
    refresh: Seconds | None = None
    stale: Seconds | None = None
    entries: int = Field(default=10_000, gt=0)


class RateRule(StrictModel):
    """What the department allows: so many calls in so long."""

    calls: int = Field(gt=0)
    per: Seconds = 1.0


class RetryRule(StrictModel):
    """Second attempts, of reads only.

    Attributes:
        attempts: attempts in all; 1 means no retry.
        backoff: longest wait before the first retry; it doubles, and a random part of it is waited.
        budget: retries and hedges are at most this share of calls.
    """

    attempts: int = Field(default=2, gt=0, le=5)
    backoff: Seconds = 0.1
    budget: Share = 0.1


class Limits(StrictModel):
    """What the department can bear, and what the hub will bear of it.

    Attributes:
        deadline: longest time for one call, retries included.
        first_byte: longest time until a reply begins, and between parts of it.
        concurrency: most calls at once.
        adaptive: whether fewer are made at once while the department is slow or fails.
        queue: most calls that wait for their turn; four for each of `concurrency` when not given.
        rate: what the department allows.
        reply_bytes: most bytes of one reply, after decompression.
        rows: most rows of one reply.
        coalesce: whether a key that is being asked for is not asked for again meanwhile.
        cache: how long replies may be told again; not at all when not given.
        breaker: when a failing department is left alone.
        retries: second attempts.
        hedge: a read that takes longer is asked a second time, and the first reply counts.
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


class MaintenanceWindow(StrictModel):
    """A time in which the department is closed: every week, or once.

    Attributes:
        days: weekdays on which it begins; every day when not given.
        opens, closes: times of day at the department (`closes` begins the window).
        from_, until: the one time, as ISO 8601; local at the department without a zone.
        note: told to callers.
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
            raise ValueError("give `closes` and `opens` (every week), or `from` and `until` (once)")
        if self.from_ is not None and self.until is not None:
            if (self.from_.tzinfo is None) != (self.until.tzinfo is None):
                raise ValueError("write `from` and `until` both with a zone, or both without")
            if self.until <= self.from_:
                raise ValueError("`until` must be after `from`")
        return self
