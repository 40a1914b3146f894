"""The static upstream: the departments' replies, written out beforehand, served as fast as can be."""
