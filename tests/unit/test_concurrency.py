"""The limit of operations that run at once follows the event loop's lag."""

from hypothesis import given
from hypothesis import strategies as st

from hub.http.concurrency import FLOOR, LAG_SECONDS, ConcurrencyLimit

LATE, IN_TIME = LAG_SECONDS * 2, 0.0


def test_one_late_tick_changes_nothing() -> None:
    limit = ConcurrencyLimit(400)
    limit.learn(LATE, 100)
    assert limit.limit == 400


def test_a_late_loop_lowers_it_below_what_runs_and_it_comes_back_in_seconds() -> None:
    limit = ConcurrencyLimit(400)
    for _ in range(2):
        limit.learn(LATE, 100)
    assert limit.limit == 90
    running = 90
    for _ in range(30):
        limit.learn(LATE, running)
        running = limit.limit
    assert limit.limit == FLOOR
    ticks = 0
    while limit.limit < 400:
        limit.learn(IN_TIME, 10)
        ticks += 1
    assert ticks * 0.05 < 3


def test_operations_that_wait_for_a_department_keep_others_from_running_only_while_it_is_late() -> (
    None
):
    limit = ConcurrencyLimit(400)
    for _ in range(50):
        limit.learn(LATE, 200)
    assert limit.limit == 180
    for _ in range(3):
        limit.learn(IN_TIME, 200)
    assert limit.limit > 200


@given(
    most=st.integers(1, 1000),
    ticks=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 1000)), max_size=50),
)
def test_it_stays_within_its_bounds(most: int, ticks: list[tuple[float, int]]) -> None:
    limit = ConcurrencyLimit(most)
    for lag, running in ticks:
        limit.learn(lag, running)
        assert min(FLOOR, most) <= limit.limit <= most
