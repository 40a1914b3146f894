"""What mocks with a database share.

A database server of their own, a proxy in front of it, the command that runs both, and a SQLite
file for machines without the server.
"""
