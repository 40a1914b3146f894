"""The answer to a request that is refused because the hub has more to do than it can."""

import itertools

from hub.http.exchange import Exchange

# Callers that are refused together must not come back together.
_RETRY_AFTER = itertools.cycle(range(1, 6))


async def answer_overloaded(exchange: Exchange, *headers: tuple[bytes, bytes]) -> None:
    """503, when to ask again, and the error `OVERLOADED`."""
    seconds = next(_RETRY_AFTER)
    error = {
        "message": f"The hub has more to do than it can; ask again in {seconds} s.",
        "extensions": {
            "code": "OVERLOADED",
            "source": "HUB",
            "department": None,
            "retryable": True,
            "departmentFault": None,
            "correlationId": exchange.correlation_id,
        },
    }
    retry_after = (b"retry-after", str(seconds).encode())
    await exchange.respond(503, {"errors": [error]}, (retry_after, *headers))
