"""What departments behind a database have in common.

A server of their own, the proxy before it, the command that runs both, and the SQLite file for
machines without the server.
"""
