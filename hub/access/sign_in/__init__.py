"""Sign-in: determines the principal of a request from its bearer token."""

from hub.access.sign_in.issuers import IssuersError, load_issuers
from hub.access.sign_in.sign_in import SignIn

__all__ = ["IssuersError", "SignIn", "load_issuers"]
