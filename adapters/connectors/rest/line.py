"""Opens a REST department's line with the layers that its manifest asks for, and no others."""

from dataclasses import dataclass

from adapters.connectors.auth import open_line
from adapters.connectors.line import Line
from adapters.connectors.rest.etags import RevalidatingLine
from adapters.connectors.rest.settings import RestCall, RestSettings
from adapters.connectors.setup import Setup
from adapters.connectors.xroad import XRoadLine

CORRELATION_HEADER = "X-Correlation-Id"


@dataclass(frozen=True, slots=True)
class RestLine:
    """How a REST department is reached.

    Attributes:
        line: sends requests.
        kept: the layer of it that keeps replies by their ETag, if there is one.
    """

    line: Line
    kept: RevalidatingLine | None


def open_rest_line(setup: Setup[RestSettings, RestCall]) -> RestLine:
    """Raises `SetupError`."""
    settings = setup.settings
    line = open_line(setup, settings)
    kept = None
    if settings.etags is not None:
        line = kept = RevalidatingLine(
            line,
            most_bytes=settings.etags.bytes,
            keep=settings.etags.keep,
            varying=frozenset({CORRELATION_HEADER, "X-Road-Id"}),
        )
    if settings.xroad is not None:
        line = XRoadLine(setup.department, line, settings.xroad, CORRELATION_HEADER)
    return RestLine(line, kept)
