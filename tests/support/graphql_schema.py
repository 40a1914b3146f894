"""The hub's schema, built once for all tests of a process: that takes some time."""

from schema.contract import build_schema

SCHEMA = build_schema()
