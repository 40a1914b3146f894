"""The hub's settings, with a `CliError` for each wrong one."""

from pydantic import ValidationError

from hub.cli.console import CliError
from hub.settings import Settings


def read_settings() -> Settings:
    """Return the settings from the environment.

    Raises:
        CliError: if a setting is wrong. The message names it but not its value, which may be a
            secret.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = [
            f"HUB_{'.'.join(map(str, each['loc'])).upper()}: {each['msg'].lower()}"
            for each in error.errors()
        ]
        raise CliError(f"{'; '.join(problems)} (docs/settings.md).") from None


def local_hub_url() -> str:
    """Return the GraphQL URL of a hub on this machine. Raise `CliError` for a wrong setting."""
    return f"http://127.0.0.1:{read_settings().port or 8000}/graphql"


def admin_token() -> str | None:
    """Return the value of HUB_ADMIN_TOKEN. Raise `CliError` for a wrong setting."""
    token = read_settings().admin_token
    return token.get_secret_value() if token is not None else None
