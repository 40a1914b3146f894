"""Durable work: submissions are stored first, then delivered to departments, once each."""
