"""How a department is spoken to: manifests, mapping, connectors, and the departments themselves."""
