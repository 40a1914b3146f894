"""Who asks, and what they may: asked at one door, in federation."""

from hub.access.policy import DEMO_POLICY, Policy
from hub.access.principal import Principal, Role, SignIn

__all__ = ["DEMO_POLICY", "Policy", "Principal", "Role", "SignIn"]
