"""HTTP: `/graphql`, `/healthz`, `/readyz`."""

from hub.http.routes import routes

__all__ = ["routes"]
