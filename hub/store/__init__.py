"""The hub's own tables: SQLite by default, PostgreSQL when the URL says so."""

from hub.store.store import STORE_FAILURES, Store, StoreError, open_store

__all__ = ["STORE_FAILURES", "Store", "StoreError", "open_store"]
