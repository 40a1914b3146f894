"""Creates the hub from its settings: files, databases, departments, and the parts that serve."""

from hub.app.application import open_app
from hub.app.shared_cache import SharedCopiesError, shared_copies
from hub.app.storage import access_log_options

__all__ = ["SharedCopiesError", "access_log_options", "open_app", "shared_copies"]
