"""`hub faults`: switches the faults of mock departments on and off."""
