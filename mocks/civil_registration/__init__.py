"""Urban Local Bodies: births, deaths and marriages in an old database that the hub reads directly.

It is a real MariaDB if one is installed, behind a proxy that counts statements and plays faults;
otherwise the same tables in a SQLite file.
"""
