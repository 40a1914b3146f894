"""Tokens that prove to a department for which person the hub calls it."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from hub.access.policy import Policy
from hub.access.principal import Principal
from hub.access.signing import Signer

MEDIA_TYPE = "JWT"
VALID_SECONDS = 60


@dataclass(frozen=True, slots=True)
class CallerTokens:
    """Makes the tokens (JWT, RFC 7519, signed with EdDSA).

    Attributes:
        signer: signs with the hub's key.
        issuer: claim `iss`: the hub's public URL, or its name.
        policy: has the purpose of a request that states none.
        clock: returns the current time in seconds since 1970.
    """

    signer: Signer
    issuer: str
    policy: Policy
    clock: Callable[[], float] = time.time

    def of(self, principal: Principal, purpose: str) -> Callable[[str], str] | None:
        """Return the function that makes a token for a department; None if no person is known.

        Args:
            purpose: code of the purpose that the request states; empty if it states none.
        """
        caller = principal.caller
        if not caller:
            return None
        if not purpose and (default := self.policy.default_purpose(principal.role)):
            purpose = default.code

        def token_for(department: str) -> str:
            issued = int(self.clock())
            claims = {
                "iss": self.issuer,
                "aud": department,
                "sub": caller,
                "role": principal.role.value,
                "purpose": purpose,
                "iat": issued,
                "exp": issued + VALID_SECONDS,
                "jti": secrets.token_hex(16),
            }
            return self.signer.sign(claims, MEDIA_TYPE)

        return token_for
