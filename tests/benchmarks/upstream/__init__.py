"""The static upstream: serves the departments' replies, which are made once."""
