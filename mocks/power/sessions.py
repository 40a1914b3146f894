"""Login sessions: one for each user, ended when it has been idle or somebody logs in again."""

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
    """`cookie` is JSESSIONID; both must come with a call."""

    token: str
    cookie: str
    used_at: float


class LoginSessions:
    """Args: clock: seconds, monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._live: LoginSession | None = None

    def log_in(self, user: str, password: str) -> LoginSession:
        """A new session; it ends the older one. Raises RpcFaultError."""
        if (user, password) != (USER, PASSWORD):
            raise RpcFaultError("Server.userException", "Invalid Login")
        token, cookie = secrets.token_hex(8), secrets.token_hex(16).upper()
        self._live = LoginSession(token, cookie, self._clock())
        return self._live

    def check(self, token: str, cookie: str, idle_seconds: float = IDLE_SECONDS) -> None:
        """Raises RpcFaultError, with HTTP 200, unless it is the live session."""
        live, now = self._live, self._clock()
        if live is None or (live.token, live.cookie) != (token, cookie):
            raise RpcFaultError("Server.userException", EXPIRED, 200)
        if now - live.used_at >= idle_seconds:
            self._live = None
            raise RpcFaultError("Server.userException", EXPIRED, 200)
        live.used_at = now

    def log_out(self) -> None:
        """Ends the live session."""
        self._live = None
