"""The link: every stage alone, and the whole line over a script and over real departments."""
