"""Benchmarks that compare the hub with a plain strawberry server, with the same upstream."""
