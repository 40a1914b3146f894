"""Login sessions of the power company: one at a time, ended when idle or by another login."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from mocks.soap.calls import RpcFaultError

USER = "hub"
PASSWORD = "made-up-power-password"
IDLE_SECONDS = 20 * 60
EXPIRED = "Session Expired. Please Login Again"


@dataclass(slots=True)
class LoginSession:
    """A session. Each call must send its token and its cookie `JSESSIONID`."""

    token: str
    cookie: str
    used_at: float


class LoginSessions:
    """Keeps the only session.

    Args:
        clock: monotonic clock in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._live: LoginSession | None = None

    def log_in(self, user: str, password: str) -> LoginSession:
        """Start a new session and end the older one.

        Raises:
            RpcFaultError: user or password are wrong.
        """
        if (user, password) != (USER, PASSWORD):
            raise RpcFaultError("Server.userException", "Invalid Login")
        token, cookie = secrets.token_hex(8), secrets.token_hex(16).upper()
        self._live = LoginSession(token, cookie, self._clock())
        return self._live

    def check(self, token: str, cookie: str, idle_seconds: float = IDLE_SECONDS) -> None:
        """Check that a call belongs to the session, and note that it is not idle.

        Raises:
            RpcFaultError: there is no such session, or it was idle for too long (HTTP 200).
        """
        live, now = self._live, self._clock()
        if live is None or (live.token, live.cookie) != (token, cookie):
            raise RpcFaultError("Server.userException", EXPIRED, 200)
        if now - live.used_at >= idle_seconds:
            self._live = None
            raise RpcFaultError("Server.userException", EXPIRED, 200)
        live.used_at = now

    def log_out(self) -> None:
        """End the session."""
        self._live = None
