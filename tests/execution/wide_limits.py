"""Limits that no generated or repeated operation of the tests exceeds."""

from hub.execution.demand import Limits

WIDE = Limits(
    document_bytes=10**7,
    tokens=10**6,
    fields=10**6,
    root_fields=10**6,
    aliases=10**6,
    directives=10**6,
    cost=10**12,
)
