"""`hub status`: shows the state of a running hub and its departments."""
