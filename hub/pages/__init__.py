"""Pages that the hub renders for people: they need no script, and can be printed."""
