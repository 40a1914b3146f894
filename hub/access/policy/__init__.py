"""The policy on personal data, read from `hub/access/policy.yaml` or the file `HUB_POLICY`."""

from hub.access.policy.file import PolicyError, load_policy
from hub.access.policy.policy import Policy
from hub.access.policy.terms import Action, Decision, LegalBasis, Level, Purpose, Relation
from hub.access.policy.view import View

__all__ = [
    "Action",
    "Decision",
    "LegalBasis",
    "Level",
    "Policy",
    "PolicyError",
    "Purpose",
    "Relation",
    "View",
    "load_policy",
]
