"""Principals, the policy and the access log. `hub.federation.gateway` applies them to each call."""

from hub.access.log import AccessEntry, AccessLog
from hub.access.principal import Caller, Principal, Role
from hub.access.sign_in import SignIn

__all__ = [
    "AccessEntry",
    "AccessLog",
    "Caller",
    "Principal",
    "Role",
    "SignIn",
]
