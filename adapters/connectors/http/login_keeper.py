"""Keeps the hub's login at a department: a token, or a session with cookies.

One login runs at a time; all calls that need it wait for it. If its login is rejected, a call is
sent once more with a new one. A rejected login is not repeated for some time, because departments
lock accounts after a few attempts (`docs/quirks.md` 17).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field
from typing import TypeVar

from adapters.connectors.http.errors import SessionExpiredError
from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentRefusedError,
    DepartmentTimeoutError,
)
from schema.errors import ErrorSource

T = TypeVar("T")

HOLD_SECONDS = 5.0
"""Default time for which a rejected login is not repeated."""
SKEW_SECONDS = 10.0
"""Default time before its end at which a login is renewed."""


@dataclass(frozen=True, slots=True)
class Login:
    """The result of a login.

    Attributes:
        token: the token, if there is one.
        cookies: cookies by name.
        lasts: seconds for which it is valid. None: unknown.
    """

    token: str | None = None
    cookies: Mapping[str, str] = field(default_factory=dict)
    lasts: float | None = None


LogIn = Callable[[], Awaitable[Login]]
LogOff = Callable[[Login], Awaitable[None]]


@dataclass(slots=True, eq=False)
class LoginKeeper:
    """Keeps one login and renews it when it has expired.

    Attributes:
        department: identifier, for errors.
        log_in: logs in; raises `DepartmentError`.
        log_off: ends a login when the keeper is closed, if the department requires it.
        within: time limit of a login in seconds; also of the log-off.
        skew: seconds before its end at which a login is renewed; at most a fifth of its life, so
            that short logins are used at all.
        idle: seconds after which an unused login counts as expired. None: never.
        hold: seconds for which a rejected login is not repeated.
        clock: monotonic clock in seconds.
    """

    department: str
    log_in: LogIn
    _: KW_ONLY
    log_off: LogOff | None = None
    within: float
    skew: float = SKEW_SECONDS
    idle: float | None = None
    hold: float = HOLD_SECONDS
    clock: Callable[[], float] = time.monotonic
    _login: Login | None = field(init=False, default=None)
    _valid_until: float = field(init=False, default=0.0)
    _used_at: float = field(init=False, default=0.0)
    _renewal: asyncio.Task[Login] | None = field(init=False, default=None)
    _rejection: DepartmentAuthError | None = field(init=False, default=None)
    _rejected_until: float = field(init=False, default=0.0)
    _renewal_failed: bool = field(init=False, default=False)
    _renewals_held_until: float = field(init=False, default=0.0)

    async def run(self, attempt: Callable[[Login], Awaitable[T]], *, may_repeat: bool = True) -> T:
        """Return the result of an attempt; make it once more with a new login if it is rejected.

        If the new login is rejected too, rejected attempts cause no login for `hold` seconds.

        Args:
            attempt: makes one attempt with a login; raises `DepartmentAuthError` if the department
                rejects the login.
            may_repeat: False if the attempt must not be made twice. The login is renewed anyway.

        Raises:
            DepartmentError: the login or the attempt failed.
        """
        login = await self.current()
        try:
            return await attempt(login)
        except DepartmentAuthError as error:
            # X-Road rejects the hub itself, not its login at the department.
            is_held = self._login is login and self.clock() < self._renewals_held_until
            if error.source is not ErrorSource.DEPARTMENT or is_held:
                raise
            rejection = error
        login = await self.replacement(login)
        if not may_repeat:
            raise rejection
        try:
            result = await attempt(login)
        except DepartmentAuthError as error:
            # Another client's login may end one new session, but not two in a row.
            if self._renewal_failed or not isinstance(error, SessionExpiredError):
                self._renewals_held_until = self.clock() + self.hold
            self._renewal_failed = True
            raise
        self._renewal_failed = False
        return result

    async def current(self) -> Login:
        """Return a valid login; log in if there is none.

        Raises:
            DepartmentError: the login failed, or was rejected a short time ago.
        """
        login, now = self._login, self.clock()
        is_idle = self.idle is not None and now - self._used_at >= self.idle
        if login is None or is_idle or now >= self._valid_until:
            login = await self._renewed()
        self._used_at = self.clock()
        return login

    async def replacement(self, expired: Login) -> Login:
        """Return a new login in place of an expired one. All callers get the same login.

        Raises:
            DepartmentError: the login failed, or was rejected a short time ago.
        """
        if self._login is expired:
            self._login = None
        return await self.current()

    async def _renewed(self) -> Login:
        if self._rejection is not None and self.clock() < self._rejected_until:
            raise DepartmentAuthError(
                self.department, self._rejection.message, fault=self._rejection.fault
            )
        if self._renewal is None:
            self._renewal = asyncio.create_task(self._renew())
            # Retrieve the exception, because asyncio logs one that no caller retrieved.
            self._renewal.add_done_callback(lambda task: task.cancelled() or task.exception())
        # A caller that stops waiting must not end the login of the others.
        return await asyncio.shield(self._renewal)

    async def _renew(self) -> Login:
        self._login = None
        begun = self.clock()
        try:
            async with asyncio.timeout(self.within):
                login = await self.log_in()
        except TimeoutError:
            message = f"{self.department} did not reply to the hub's login in time."
            late = DepartmentTimeoutError(self.department, message)
            late.not_done = True
            raise late from None
        except SessionExpiredError:
            # The credentials may be right, so the next call may log in at once.
            raise
        except (DepartmentAuthError, DepartmentRefusedError) as error:
            rejection = self._rejection_of(error)
            self._rejection, self._rejected_until = rejection, self.clock() + self.hold
            raise rejection from None
        except DepartmentError as error:
            # The call that needs the login was not sent.
            error.not_done = True
            raise
        finally:
            self._renewal = None
        self._login, self._rejection = login, None
        self._valid_until = float("inf")
        if login.lasts is not None:
            self._valid_until = begun + login.lasts - min(self.skew, login.lasts / 5)
        return login

    def _rejection_of(
        self, error: DepartmentAuthError | DepartmentRefusedError
    ) -> DepartmentAuthError:
        """Return the error of a rejected login.

        A department that refuses the login as invalid has not refused the call that needs it.
        """
        if isinstance(error, DepartmentAuthError):
            return error
        message = f"{self.department} refused the hub's login as invalid."
        return DepartmentAuthError(self.department, message, fault=error.fault)

    async def close(self) -> None:
        """Cancel a login that runs, and log off."""
        if self._renewal is not None:
            self._renewal.cancel()
            await asyncio.wait([self._renewal])
        login, self._login = self._login, None
        if login is not None and self.log_off is not None:
            with suppress(DepartmentError, TimeoutError):
                async with asyncio.timeout(self.within):
                    await self.log_off(login)
