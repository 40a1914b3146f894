"""Serves recorded replies (samples) to a manifest's real connector, on this machine only."""
