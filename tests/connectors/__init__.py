"""Connectors against small real servers, each misbehaving in one way."""
