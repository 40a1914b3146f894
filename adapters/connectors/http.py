"""One department's HTTP line: a pool of connections of its own, bounded replies, typed errors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from adapters.contract import (
    DepartmentAuthError,
    DepartmentFaultError,
    DepartmentMaintenanceError,
    DepartmentRefusedError,
    DepartmentTimeoutError,
    DepartmentUnreachableError,
    MalformedReplyError,
    ReplyTooLargeError,
)
from schema.errors import DepartmentFault

_HTML = re.compile(rb"\A\s*(<!doctype html|<html)", re.IGNORECASE)
_MAINTENANCE = re.compile("maint[ae]?[ia]?nance|रखरखाव|अनुरक्षण", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A complete reply: HTTP status and body, decompressed."""

    status: int
    body: bytes


class HttpLine:
    """Sends requests to one department.

    Args:
        department: identifier, for errors.
        connections: most connections open at once.
        reply_bytes: most bytes taken of one reply, after decompression.
    """

    def __init__(self, department: str, *, connections: int, reply_bytes: int) -> None:
        self.department = department
        self._reply_bytes = reply_bytes
        # Deadlines are the link's: it cancels the call when its time is up.
        self._client = httpx.AsyncClient(
            timeout=None,  # noqa: S113
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        )

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> HttpReply:
        """The reply, whatever its status; raises DepartmentError when there is no usable one."""
        try:
            async with self._client.stream(
                method, url, headers=dict(headers), params=query, content=content
            ) as response:
                body = await self._bounded_body(response)
        except httpx.TimeoutException:
            raise DepartmentTimeoutError(
                self.department, f"{self.department} did not answer in time."
            ) from None
        except (httpx.ConnectError, httpx.UnsupportedProtocol):
            raise DepartmentUnreachableError(
                self.department, f"{self.department} can't be reached."
            ) from None
        except httpx.DecodingError:
            raise MalformedReplyError(
                self.department, f"{self.department} sent a reply with a broken compression."
            ) from None
        except httpx.HTTPError:
            raise DepartmentUnreachableError(
                self.department, f"The connection to {self.department} broke within its reply."
            ) from None
        if _HTML.match(body[:200]):
            raise self._html_error(response.status_code, body)
        return HttpReply(response.status_code, body)

    async def _bounded_body(self, response: httpx.Response) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > self._reply_bytes:
                raise ReplyTooLargeError(
                    self.department,
                    f"{self.department} sent more than {self._reply_bytes:,} bytes.",
                )
            chunks.append(chunk)
        return b"".join(chunks)

    def _html_error(self, status: int, body: bytes) -> Exception:
        if _MAINTENANCE.search(body[:20_000].decode("utf-8", "replace")):
            return DepartmentMaintenanceError(
                self.department, f"{self.department} is closed for maintenance."
            )
        return MalformedReplyError(
            self.department,
            f"{self.department} sent a web page instead of data.",
            fault=DepartmentFault(f"HTTP {status}"),
        )

    async def close(self) -> None:
        await self._client.aclose()


def raise_for_status(department: str, status: int) -> None:
    """Turns an HTTP status that is no success into the department's error."""
    if status < 300:
        return
    fault = DepartmentFault(f"HTTP {status}")
    if status < 400:
        raise MalformedReplyError(
            department, f"{department} redirects elsewhere; the hub does not follow.", fault=fault
        )
    if status in (401, 403):
        raise DepartmentAuthError(
            department, f"{department} refused the hub's credentials.", fault=fault
        )
    if status < 500:
        raise DepartmentRefusedError(
            department, f"{department} refused the hub's question.", fault=fault
        )
    raise DepartmentFaultError(department, f"{department} reports a failure.", fault=fault)
