"""The construction workers' board: REST behind OAuth 2, which says 200 whatever happens."""
