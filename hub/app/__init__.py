"""Creates the hub from its settings: files, databases, departments, and the parts that serve."""

from hub.app.application import open_app
from hub.app.shared_cache import SharedCopiesError, shared_copies

__all__ = ["SharedCopiesError", "open_app", "shared_copies"]
