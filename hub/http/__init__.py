"""HTTP: `/graphql`, `/healthz`, `/readyz`, `/metrics`."""

from hub.http.admission import Admission
from hub.http.concurrency import LoopLag
from hub.http.routes import HubApplication

__all__ = ["Admission", "HubApplication", "LoopLag"]
