"""Common parts of mocks with a database: server, proxy, start command, and a SQLite replacement."""
