"""`hub adapter`: the integrator's commands."""
