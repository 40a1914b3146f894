"""Creates the context of each operation."""

import asyncio

from adapters.contract import CallContext
from hub.access import AccessEntry, AccessLog, Caller
from hub.access.caller_tokens import CallerTokens
from hub.access.consent.events import CORRELATION_ID
from hub.execution.demand import Budgets
from hub.federation import Federation
from hub.federation.gateway import PrincipalRequest
from hub.http.graphql import NewContext
from hub.settings import Settings
from schema.context import RequestContext
from schema.needed_fields import NeededFields
from schema.sources import Sources


def new_contexts(
    settings: Settings,
    federation: Federation,
    log: AccessLog,
    budgets: Budgets,
    tokens: CallerTokens,
) -> NewContext:
    """Return the function that creates the context of an operation for its caller."""
    is_logged = settings.access == "on"

    def new_context(correlation_id: str, caller: Caller) -> RequestContext:
        deadline = asyncio.get_running_loop().time() + settings.request_deadline
        principal = caller.principal
        CORRELATION_ID.set(correlation_id)
        accesses: list[AccessEntry] = []

        def bind(needed: NeededFields) -> Sources:
            call = CallContext(
                correlation_id,
                deadline,
                needed,
                principal.scope,
                principal.caller,
                caller_token=tokens.of(principal, caller.purpose),
            )
            request = PrincipalRequest(
                principal,
                call,
                purpose=caller.purpose,
                address=caller.address,
                accesses=accesses,
            )
            return federation.bind(request)

        async def commit() -> None:
            if is_logged:
                await log.commit(federation.attributed(accesses))

        return RequestContext(correlation_id, bind, commit, budgets.of(caller))

    return new_context
