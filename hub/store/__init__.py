"""The hub's own tables: in SQLite by default, or in PostgreSQL."""

from hub.store.store import STORE_FAILURES, Store, StoreError, open_store

__all__ = ["STORE_FAILURES", "Store", "StoreError", "open_store"]
