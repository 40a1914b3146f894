"""HTTP: `/graphql`, `/healthz`, `/readyz`, `/metrics`."""

from hub.http.routes import HubApplication

__all__ = ["HubApplication"]
