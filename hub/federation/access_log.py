"""The access log as one request may read it."""

import asyncio

from hub.access import AccessLog, Policy
from hub.access.log import log_unavailable
from hub.federation.door import Request
from schema.connections import SortKey
from schema.sources import AccessLogPage


class BoundAccessLog:
    """`schema.sources.AccessLogSource` for one request."""

    def __init__(self, log: AccessLog, policy: Policy, request: Request) -> None:
        self._log = log
        self._policy = policy
        self._request = request

    async def page(
        self, member_identifier: str, first: int, after: SortKey | None
    ) -> AccessLogPage:
        self._policy.check_log(self._request.principal, member_identifier)
        try:
            async with asyncio.timeout_at(self._request.call.deadline):
                return await self._log.page(member_identifier, first, after)
        except TimeoutError:
            raise log_unavailable() from None
