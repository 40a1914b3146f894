"""The static upstream: the departments' replies, written out beforehand."""
