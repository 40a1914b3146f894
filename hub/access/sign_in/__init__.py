"""Sign-in: determines the principal of a request from its bearer token."""

from hub.access.sign_in.issuers import Issuer, IssuersError, load_issuers
from hub.access.sign_in.revocations import RevocationKind, Revocations, stored_persons
from hub.access.sign_in.sign_in import SignIn

__all__ = [
    "Issuer",
    "IssuersError",
    "RevocationKind",
    "Revocations",
    "SignIn",
    "load_issuers",
    "stored_persons",
]
