"""Durable work: submissions reach their department exactly once, or an operator decides."""
