"""Security profiles: how a mock department is protected (signatures, sessions, certificates ...).

A profile changes how a mock must be called, not the data that it returns.
`docs/security-profiles.md` shows the matching manifests.
"""

from mocks.security_profiles.catalogue import profiles_of, protect, switches_of
from mocks.security_profiles.certificates import Certificates

__all__ = ["Certificates", "profiles_of", "protect", "switches_of"]
