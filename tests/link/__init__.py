"""The link to a department: each stage alone, and all of them over a scripted adapter."""
