"""What mocks with a database share. Each has a database server and a proxy in front of it; a
command runs both. Machines without the server get a SQLite file.
"""
