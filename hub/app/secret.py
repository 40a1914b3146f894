"""Reads secrets of the settings."""

from pydantic import SecretStr


def secret_of(setting: SecretStr | None) -> str | None:
    """Return the value of a secret; None if it is not set."""
    return setting.get_secret_value() if setting is not None else None
