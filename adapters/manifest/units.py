"""Durations and sizes, where manifests' models look for them."""

from adapters.units import Bytes, Seconds, Share

__all__ = ["Bytes", "Seconds", "Share"]
