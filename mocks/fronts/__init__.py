"""What departments put before their services: signatures, sessions, certificates, exchanges.

A front changes how a mock is asked, never what it answers; `docs/fronts.md` shows the manifests.
"""

from mocks.fronts.catalogue import behind, fronts_of, switches_of
from mocks.fronts.certificates import Certificates

__all__ = ["Certificates", "behind", "fronts_of", "switches_of"]
