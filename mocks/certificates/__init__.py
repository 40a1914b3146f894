"""The revenue department: a PostgreSQL database that the hub reads directly.

`cluster` starts a real PostgreSQL on a unix socket; `session` is the only way in: it counts
statements and plays faults.
"""
