"""The gateway: one GraphQL schema over the departments' adapters."""
