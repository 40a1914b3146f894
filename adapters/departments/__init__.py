"""One folder per department: its manifest, code tables, services, WSDL or schema, and samples."""
