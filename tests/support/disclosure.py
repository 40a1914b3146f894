"""Ports of the hub for tests that do not start one: everybody may read everything."""

from functools import cache
from pathlib import Path
from typing import Any

from hub.access.policy import Policy, load_policy
from hub.federation import Directory
from hub.federation.crosswalk import Crosswalk
from hub.federation.disclosure import AccessRules, Disclosure
from hub.federation.gateway import PrincipalRequest
from hub.federation.standing import Standings

OPEN_POLICY = Path(__file__).parents[2] / "mocks" / "lab" / "open_policy.yaml"
NOBODY: Any = None


@cache
def open_policy() -> Policy:
    """Return the policy with which everybody may read everything."""
    return load_policy(OPEN_POLICY)


def open_disclosure(request: PrincipalRequest, directory: Directory) -> Disclosure:
    """Return the disclosure of an operation, which shows everything."""
    crosswalk = Crosswalk(1, 1)
    policy = open_policy()
    rules = AccessRules(policy, NOBODY, NOBODY, directory, crosswalk, NOBODY, Standings(policy))
    return Disclosure(rules, request)
