"""A department's login session: opened once for all who wait for it, renewed when it has expired.

Only one login is under way at a time: whoever needs a session meanwhile waits for it. A login that
is refused is not repeated by each who waits, nor for some time by anybody else: departments lock
accounts (`docs/quirks.md` 17).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from adapters.contract import DepartmentAuthError, DepartmentError


@dataclass(slots=True)
class Session:
    """What a login gave.

    Attributes:
        token: the token, where there is one.
        cookies: cookies by name.
        used_at: when it was used last, on the keeper's clock.
    """

    token: str | None
    cookies: Mapping[str, str] = field(default_factory=dict)
    used_at: float = 0.0


class SessionExpiredError(DepartmentAuthError):
    """The department says that the session has expired."""


LogIn = Callable[[], Awaitable[Session]]
LogOff = Callable[[Session], Awaitable[None]]


class SessionKeeper:
    """The one session of a department.

    Args:
        log_in: opens a session; raises `DepartmentError`.
        log_off: closes one, where the department wants that.
        idle: seconds after which an unused session is taken for expired; None: never.
        hold: seconds for which a refused login is not tried again.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        log_in: LogIn,
        log_off: LogOff | None,
        *,
        idle: float | None,
        hold: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log_in = log_in
        self._log_off = log_off
        self._idle = idle
        self._hold = hold
        self._clock = clock
        self._session: Session | None = None
        self._login: asyncio.Task[Session] | None = None
        self._refusal: DepartmentAuthError | None = None
        self._refused_until = 0.0

    async def current(self) -> Session:
        """The session to use now; raises what the login raises."""
        session = self._session
        if session is None or self._is_idle(session):
            session = await self._opened()
        session.used_at = self._clock()
        return session

    async def instead_of(self, expired: Session) -> Session:
        """A session that is not this one; the same new one for all whose session it was."""
        if self._session is expired:
            self._session = None
        return await self.current()

    def _is_idle(self, session: Session) -> bool:
        return self._idle is not None and self._clock() - session.used_at >= self._idle

    async def _opened(self) -> Session:
        if self._refusal is not None and self._clock() < self._refused_until:
            raise _again(self._refusal)
        if self._login is None:
            self._login = asyncio.create_task(self._open())
            self._login.add_done_callback(_look_at)
        # Who stops waiting does not stop the login: others wait for it too.
        return await asyncio.shield(self._login)

    async def _open(self) -> Session:
        try:
            session = await self._log_in()
        except SessionExpiredError:
            # A login that speaks of sessions refuses no credentials: it may be tried at once.
            raise
        except DepartmentAuthError as error:
            self._refusal, self._refused_until = error, self._clock() + self._hold
            raise
        finally:
            self._login = None
        session.used_at = self._clock()
        self._session, self._refusal = session, None
        return session

    async def close(self) -> None:
        """Ends a login under way and logs off."""
        if self._login is not None:
            self._login.cancel()
        session, self._session = self._session, None
        if session is not None and self._log_off is not None:
            with suppress(DepartmentError):
                await self._log_off(session)


def _look_at(task: asyncio.Task[Session]) -> None:
    """Takes the outcome, so that asyncio does not report one that nobody waits for any more."""
    if not task.cancelled():
        task.exception()


def _again(error: DepartmentAuthError) -> DepartmentAuthError:
    return DepartmentAuthError(error.department or "", error.message, fault=error.fault)
