"""The hub's settings, as commands read them: a wrong one is a sentence."""

from pydantic import ValidationError

from hub.cli.failures import CliError
from hub.settings import Settings


def read_settings() -> Settings:
    """Raises `CliError`, which names each wrong setting but not its value: it may be a secret."""
    try:
        return Settings()
    except ValidationError as error:
        found = [
            f"HUB_{'.'.join(map(str, each['loc'])).upper()}: {each['msg'].lower()}"
            for each in error.errors()
        ]
        raise CliError(f"{'; '.join(found)} (docs/settings.md).") from None
