"""`hub adapter`: commands for integrators."""
