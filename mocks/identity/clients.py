"""The applications that may sign people in at the provider."""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

GRAPHIQL = "citizen-hub-graphiql"
LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?(/[\w./-]*)?")
"""Addresses to return to. Native and local applications may use any port (RFC 8252)."""


@dataclass(frozen=True, slots=True)
class Client:
    """One application.

    Attributes:
        name: the application's name, for the sign-in page.
        secret: the secret of a client that gets tokens for itself; None for a client that signs
            people in and cannot keep a secret.
    """

    name: str
    secret: str | None = None

    def may_return_to(self, address: str) -> bool:
        """Return whether a code may be sent to this address."""
        return self.secret is None and LOOPBACK.fullmatch(address) is not None

    def has_secret(self, given: str) -> bool:
        return self.secret is not None and hmac.compare_digest(self.secret.encode(), given.encode())


CLIENTS: Mapping[str, Client] = {
    GRAPHIQL: Client("GraphiQL of Citizen Hub"),
    "citizen-hub-cli": Client("The command hub"),
    "state-portal": Client("The state's portal", "demo-portal-secret"),
}
