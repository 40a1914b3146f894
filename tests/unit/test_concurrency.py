"""The limit of operations that run at once follows the event loop's lag."""

from hypothesis import given
from hypothesis import strategies as st

from hub.http.concurrency import FLOOR, TICK_SECONDS, ConcurrencyLimit

VERY_LATE, LATE, IN_TIME = 0.2, 0.07, 0.0


def test_a_tick_that_is_a_little_late_changes_nothing_by_itself() -> None:
    limit = ConcurrencyLimit(400)
    for lag in (LATE, IN_TIME, LATE):
        limit.update(lag, 100)
    assert limit.limit == 400
    limit.update(LATE, 100)
    assert limit.limit == 90


def test_a_late_loop_lowers_it_and_it_comes_back_in_seconds() -> None:
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


def test_what_waits_for_a_department_bars_others_only_while_the_loop_is_late() -> None:
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
def test_it_stays_within_its_bounds(most: int, ticks: list[tuple[float, int]]) -> None:
    limit = ConcurrencyLimit(most)
    for lag, running in ticks:
        limit.update(lag, running)
        assert min(FLOOR, most) <= limit.limit <= most
