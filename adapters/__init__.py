"""All code that calls departments, and their manifests."""
