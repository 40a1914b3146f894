"""A department's line: bounds the time of each call and remembers how the last one went."""

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from adapters.contract import (
    Adapter,
    CallContext,
    Capability,
    DepartmentError,
    DepartmentTimeoutError,
    LookUpReply,
    MalformedReplyError,
    SearchReply,
)
from schema.errors import HubError
from schema.provenance import SourceState, SourceStatus

log = logging.getLogger(__name__)

ReplyT = TypeVar("ReplyT", LookUpReply, SearchReply)


class Line:
    """Calls one department's adapter.

    Args:
        adapter: the department's adapter.
        deadline: seconds that one call may take at most; the client's own time may leave less.
    """

    def __init__(self, adapter: Adapter, deadline: float) -> None:
        self._adapter = adapter
        self._deadline = deadline
        self.last_status: SourceStatus | None = None

    async def look_up(
        self, capability: Capability, keys: Sequence[str], context: CallContext
    ) -> LookUpReply:
        context = self._bounded(context)
        return await self._in_time(self._adapter.look_up(capability, keys, context), context)

    async def search(
        self, capability: Capability, criteria: Mapping[str, object], context: CallContext
    ) -> SearchReply:
        context = self._bounded(context)
        return await self._in_time(self._adapter.search(capability, criteria, context), context)

    def _bounded(self, context: CallContext) -> CallContext:
        latest = asyncio.get_running_loop().time() + self._deadline
        return replace(context, deadline=min(context.deadline, latest))

    async def _in_time(self, call: Awaitable[ReplyT], context: CallContext) -> ReplyT:
        department = self._adapter.department
        try:
            async with asyncio.timeout_at(context.deadline):
                reply = await call
        except TimeoutError:
            raise self._failed(
                DepartmentTimeoutError(department, f"{department} did not answer in time.")
            ) from None
        except DepartmentError as error:
            raise self._failed(error) from None
        except HubError:
            raise
        except Exception as error:
            # A reply that no check foresaw must cost its own department's rows only.
            log.exception("unforeseen failure while reading a reply of %s", department)
            raise self._failed(
                MalformedReplyError(department, f"{department} sent a reply that can't be read.")
            ) from error
        self.last_status = SourceStatus(
            department=department,
            state=SourceState.LIVE,
            as_of=reply.retrieved_at,
            latency_ms=reply.latency_ms,
        )
        return reply

    def _failed(self, error: DepartmentError) -> DepartmentError:
        self.last_status = failed_status(error)
        return error

    async def close(self) -> None:
        await self._adapter.close()


def failed_status(error: DepartmentError, as_of: dt.datetime | None = None) -> SourceStatus:
    """What `sources` says of a department that failed."""
    return SourceStatus(
        department=error.department or "", state=error.state, as_of=as_of, message=error.message
    )
