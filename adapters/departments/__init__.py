"""One folder per department: its manifest, code tables, services, and what it needs on the wire."""
