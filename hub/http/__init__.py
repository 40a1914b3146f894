"""HTTP: `/graphql`, `/healthz`, `/readyz`."""

from hub.http.routes import HubApplication

__all__ = ["HubApplication"]
