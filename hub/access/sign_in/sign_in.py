"""`SignIn`: from the header `Authorization` to the principal."""

import hmac

from hub.access.principal import Principal, Role
from schema.codes import ErrorCode
from schema.errors import HubError


class SignIn:
    """Determines the principal from the header `Authorization`.

    Args:
        admin_token: callers who send it are administrators. If None, there are none.
        demo_member: callers without a token act as this citizen of the demo. If None, they are
            anonymous.
    """

    def __init__(self, admin_token: str | None, demo_member: str | None) -> None:
        self._without_token = (
            Principal(Role.ANONYMOUS) if demo_member is None else Principal(Role.DEMO, demo_member)
        )
        self._admin = Principal(Role.ADMIN, demo_member)
        self._admin_token = admin_token.encode() if admin_token else None

    async def principal_of(self, authorization: bytes) -> Principal:
        """Return the principal for the value of a request's header `Authorization`.

        Raises:
            HubError: `UNAUTHENTICATED`, the token is invalid, expired or revoked.
                `ISSUER_UNAVAILABLE`, the keys of the token's issuer can't be fetched.
        """
        if not authorization:
            return self._without_token
        scheme, _, token = authorization.partition(b" ")
        token = token.strip()
        if scheme.lower() != b"bearer" or not token:
            raise unauthenticated("Send `Authorization: Bearer` and an access token.")
        if self._admin_token is not None and hmac.compare_digest(token, self._admin_token):
            return self._admin
        raise unauthenticated("The hub does not know the token's issuer.")


def unauthenticated(message: str) -> HubError:
    return HubError(ErrorCode.UNAUTHENTICATED, message)
