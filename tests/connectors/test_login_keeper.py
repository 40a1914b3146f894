"""The login keeper: one login at a time, renewed when it expires, held after a rejection."""

import asyncio

import pytest

from adapters.connectors.http.login_keeper import HOLD_SECONDS, Login, LoginKeeper
from adapters.contract import (
    DepartmentAuthError,
    DepartmentFaultError,
    DepartmentRefusedError,
    DepartmentTimeoutError,
)


class Clock:
    """Seconds, set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class Department:
    """Issues logins T1, T2, …, or raises `error`."""

    def __init__(self, *, lasts: float | None = None) -> None:
        self.logins = 0
        self.logged_off: list[str | None] = []
        self.error: Exception | None = None
        self._lasts = lasts

    async def log_in(self) -> Login:
        self.logins += 1
        if self.error is not None:
            raise self.error
        return Login(f"T{self.logins}", lasts=self._lasts)

    async def log_off(self, login: Login) -> None:
        self.logged_off.append(login.token)


async def test_an_idle_login_is_renewed() -> None:
    clock, department = Clock(), Department()
    keeper = LoginKeeper("forest", department.log_in, within=1, idle=60, clock=clock)
    first = await keeper.current()
    clock.now = 59
    assert await keeper.current() is first
    clock.now = 59 + 60
    assert (await keeper.current()).token == "T2"
    # A call that used the old login and ends late does not end the new one.
    assert (await keeper.replacement(first)).token == "T2"
    await keeper.close()


@pytest.mark.parametrize(("lasts", "renewed_at"), [(200.0, 170.0), (0.5, 0.4)])
async def test_a_login_is_renewed_before_it_ends(lasts: float, renewed_at: float) -> None:
    clock, department = Clock(), Department(lasts=lasts)
    keeper = LoginKeeper("forest", department.log_in, within=1, skew=30, clock=clock)
    assert (await keeper.current()).token == "T1"
    clock.now = renewed_at - 0.01
    assert (await keeper.current()).token == "T1"
    clock.now = renewed_at
    assert (await keeper.current()).token == "T2"


@pytest.mark.parametrize("hold", [HOLD_SECONDS, 30.0])
async def test_a_rejected_login_is_repeated_after_the_hold(hold: float) -> None:
    clock, department = Clock(), Department()
    department.error = DepartmentAuthError("forest", "no")
    keeper = LoginKeeper("forest", department.log_in, within=1, hold=hold, clock=clock)
    for _ in range(3):
        with pytest.raises(DepartmentAuthError, match="no"):
            await keeper.current()
    assert department.logins == 1
    clock.now = hold + 1
    department.error = None
    assert (await keeper.current()).token == "T2"


async def test_a_login_that_is_refused_as_invalid_is_no_refusal_of_the_call() -> None:
    department = Department()
    department.error = DepartmentRefusedError("forest", "HTTP 404")
    keeper = LoginKeeper("forest", department.log_in, within=1)
    for _ in range(2):
        with pytest.raises(DepartmentAuthError, match="refused the hub's login"):
            await keeper.current()
    assert department.logins == 1


async def test_a_failed_login_is_repeated_at_once() -> None:
    department = Department()
    department.error = DepartmentFaultError("forest", "down")
    keeper = LoginKeeper("forest", department.log_in, within=1)
    for _ in range(2):
        with pytest.raises(DepartmentFaultError):
            await keeper.current()
    assert department.logins == 2


async def test_a_login_that_hangs_ends_in_time() -> None:
    async def log_in() -> Login:
        await asyncio.sleep(60)
        return Login()

    keeper = LoginKeeper("forest", log_in, within=0.01)
    with pytest.raises(DepartmentTimeoutError):
        await keeper.current()


async def test_closing_logs_off_once() -> None:
    department = Department()
    keeper = LoginKeeper("forest", department.log_in, log_off=department.log_off, within=1)
    await keeper.close()
    assert department.logged_off == []
    await keeper.current()
    await keeper.close()
    await keeper.close()
    assert department.logged_off == ["T1"]


async def test_closing_cancels_a_login_that_runs() -> None:
    started = asyncio.Event()

    async def log_in() -> Login:
        started.set()
        await asyncio.sleep(60)
        return Login()

    keeper = LoginKeeper("forest", log_in, within=60)
    call = asyncio.create_task(keeper.current())
    await started.wait()
    await keeper.close()
    with pytest.raises(asyncio.CancelledError):
        await call
