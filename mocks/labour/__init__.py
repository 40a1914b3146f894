"""The construction workers' board: REST with OAuth 2, which always replies with HTTP 200."""
