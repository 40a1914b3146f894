"""The limit of concurrent operations follows the event loop's lag."""

from hypothesis import given
from hypothesis import strategies as st

from hub.http.concurrency import FLOOR, TICK_SECONDS, ConcurrencyLimit

VERY_LATE, LATE, IN_TIME = 0.2, 0.07, 0.0


def test_a_single_late_tick_changes_nothing() -> None:
    limit = ConcurrencyLimit(400)
    for lag in (LATE, IN_TIME, LATE):
        limit.update(lag, 100)
    assert limit.limit == 400
    limit.update(LATE, 100)
    assert limit.limit == 90


def test_lag_lowers_the_limit_and_it_recovers_within_seconds() -> None:
    limit = ConcurrencyLimit(400)
    limit.update(VERY_LATE, 100)
    assert limit.limit == 90
    running = 90
    for _ in range(30):
        limit.update(VERY_LATE, running)
        running = limit.limit
    assert limit.limit == FLOOR
    ticks = 0
    while limit.limit < 400:
        limit.update(IN_TIME, 10)
        ticks += 1
    assert ticks * TICK_SECONDS < 8


def test_operations_that_wait_for_a_department_block_others_only_during_lag() -> None:
    limit = ConcurrencyLimit(400)
    for _ in range(50):
        limit.update(VERY_LATE, 200)
    assert limit.limit == 180
    for _ in range(6):
        limit.update(IN_TIME, 200)
    assert limit.limit > 200


@given(
    most=st.integers(1, 1000),
    ticks=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1000)), max_size=50),
)
def test_the_limit_stays_between_floor_and_maximum(
    most: int, ticks: list[tuple[float, int]]
) -> None:
    limit = ConcurrencyLimit(most)
    for lag, running in ticks:
        limit.update(lag, running)
        assert min(FLOOR, most) <= limit.limit <= most
