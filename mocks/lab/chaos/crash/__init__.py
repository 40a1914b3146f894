"""The crash plan: kills the hub while it delivers submissions, and counts what arrived."""
