"""The help desk: Open311 GeoReport v2 in JSON."""
