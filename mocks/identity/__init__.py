"""The state's identity provider: OpenID Connect with a made-up person for each role."""
