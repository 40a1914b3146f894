"""A token that is asked for once, kept until shortly before it expires, and renewed by one call at
a time, however many calls want it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from adapters.contract import DepartmentAuthError, DepartmentTimeoutError

REFUSAL_SECONDS = 5.0
"""After the hub's credentials were refused, for so long nobody tries them again: some departments
lock an account that is tried too often."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token; `lasts` is how many seconds from now it may be used, None when nobody knows."""

    text: str
    lasts: float | None


class TokenKeeper:
    """Keeps one token of a department.

    Args:
        department: identifier, for errors.
        fetch: asks for a token; raises `DepartmentError`.
        within: seconds that asking may take.
        skew: seconds before its end at which a token is not used any more; at most a fifth of its
            life, so that a token with a short life is used at all.
    """

    def __init__(
        self,
        department: str,
        fetch: Callable[[], Awaitable[Token]],
        *,
        within: float,
        skew: float,
    ) -> None:
        self._department = department
        self._fetch = fetch
        self._within = within
        self._skew = skew
        self._token: str | None = None
        self._until: float | None = None
        self._fetching: asyncio.Task[str] | None = None
        self._refusal: DepartmentAuthError | None = None
        self._refused_until = 0.0

    async def token(self) -> str:
        """The token, fetched if there is none that may be used; raises `DepartmentError`."""
        now = asyncio.get_running_loop().time()
        if self._token is not None and (self._until is None or now < self._until):
            return self._token
        if self._refusal is not None and now < self._refused_until:
            raise DepartmentAuthError(
                self._department, self._refusal.message, fault=self._refusal.fault
            )
        if self._fetching is None:
            self._fetching = asyncio.create_task(self._renewed())
            self._fetching.add_done_callback(self._forget_task)
        # Whoever gives up waiting leaves the others their token.
        return await asyncio.shield(self._fetching)

    def drop(self, token: str) -> None:
        """The department has refused this token. A newer one is kept."""
        if token == self._token:
            self._token = None

    async def _renewed(self) -> str:
        self._token = None
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            async with asyncio.timeout(self._within):
                token = await self._fetch()
        except TimeoutError:
            raise DepartmentTimeoutError(
                self._department, f"{self._department} did not log the hub in in time."
            ) from None
        except DepartmentAuthError as error:
            self._refusal, self._refused_until = error, loop.time() + REFUSAL_SECONDS
            raise
        self._refusal = None
        self._token = token.text
        self._until = None
        if token.lasts is not None:
            self._until = begun + token.lasts - min(self._skew, token.lasts / 5)
        return token.text

    def _forget_task(self, task: asyncio.Task[str]) -> None:
        self._fetching = None
        if not task.cancelled():
            # Nobody may be left to see it.
            task.exception()

    async def close(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.wait([self._fetching])
