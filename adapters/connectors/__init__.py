"""Connectors: the code for one protocol each, without knowledge of any department."""
