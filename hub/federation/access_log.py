"""The access log as one request may read it."""

from hub.access import AccessLog, Policy
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
        return await self._log.page(member_identifier, first, after)
