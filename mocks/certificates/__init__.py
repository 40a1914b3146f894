"""The revenue department: a PostgreSQL database that the hub reads directly.

`postgresql` starts a real PostgreSQL on a Unix socket. `session` forwards clients to it, counts
statements and plays faults.
"""
