"""Urban Local Bodies: births, deaths and marriages in an old database that the hub reads directly.

A real MariaDB where the machine has one, behind a proxy that counts statements and plays faults;
else the same tables in a SQLite file.
"""
