"""Principals, the policy and the access log. `hub.federation.gateway` applies them to each call."""

from hub.access.log import AccessLog
from hub.access.policy import DEMO_POLICY, Policy
from hub.access.principal import Principal, Role, SignIn
from hub.access.records import AccessEntry, AccessRecords

__all__ = [
    "DEMO_POLICY",
    "AccessEntry",
    "AccessLog",
    "AccessRecords",
    "Policy",
    "Principal",
    "Role",
    "SignIn",
]
