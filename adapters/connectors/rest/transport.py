"""Opens a REST department's transport with the layers that its manifest requires."""

from adapters.connectors.http.authentication import open_transport
from adapters.connectors.http.transport import CORRELATION_HEADER, Transport
from adapters.connectors.rest.etags import RevalidatingTransport
from adapters.connectors.rest.settings import RestCall, RestSettings
from adapters.connectors.rest.xroad import XRoadTransport
from adapters.connectors.setup import Setup


def open_rest_transport(
    setup: Setup[RestSettings, RestCall],
) -> tuple[Transport, RevalidatingTransport | None]:
    """Return the transport, and its layer that stores replies by their ETag, if there is one.

    Raises:
        SetupError: a certificate can't be used.
    """
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
        transport = XRoadTransport(setup.department, transport, settings.xroad)
    return transport, kept
