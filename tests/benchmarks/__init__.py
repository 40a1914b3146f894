"""Benchmarks: the hub beside a plain strawberry server, in one run, over the same upstream."""
