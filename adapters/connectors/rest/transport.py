"""Opens a REST department's transport with the layers that its manifest asks for, and no others."""

from dataclasses import dataclass

from adapters.connectors.http.authentication import open_transport
from adapters.connectors.http.transport import Transport
from adapters.connectors.rest.etags import RevalidatingTransport
from adapters.connectors.rest.settings import RestCall, RestSettings
from adapters.connectors.rest.xroad import XRoadTransport
from adapters.connectors.setup import Setup

CORRELATION_HEADER = "X-Correlation-Id"


@dataclass(frozen=True, slots=True)
class RestTransport:
    """How a REST department is reached.

    Attributes:
        transport: sends requests.
        kept: the layer of it that keeps replies by their ETag, if there is one.
    """

    transport: Transport
    kept: RevalidatingTransport | None


def open_rest_transport(setup: Setup[RestSettings, RestCall]) -> RestTransport:
    """Raises `SetupError`."""
    settings = setup.settings
    transport = open_transport(setup, settings)
    kept = None
    if settings.etags is not None:
        transport = kept = RevalidatingTransport(
            transport,
            most_bytes=settings.etags.bytes,
            keep=settings.etags.keep,
            varying=frozenset({CORRELATION_HEADER, "X-Road-Id"}),
        )
    if settings.xroad is not None:
        transport = XRoadTransport(setup.department, transport, settings.xroad, CORRELATION_HEADER)
    return RestTransport(transport, kept)
