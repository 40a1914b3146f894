"""The settings of the access log."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from hub.access.log.database import default_spill, default_url
from hub.settings import Settings

MAX_WAITING = 20_000


@dataclass(frozen=True, slots=True)
class LogOptions:
    """Settings of the access log.

    Attributes:
        spill: file for entries that cannot be written.
        days: days after which the content of entries is deleted.
        required: refuse responses while entries cannot be written.
        keys: value of `HUB_ACCESS_LOG_KEYS`.
        signing_key: value of `HUB_ACCESS_LOG_SIGNING_KEY`.
        max_waiting: how many entries may wait in memory.
    """

    spill: Path
    days: int = 365
    required: bool = True
    keys: str | None = None
    signing_key: str | None = None
    max_waiting: int = MAX_WAITING


def options_of(settings: Settings) -> tuple[str, LogOptions]:
    """Return the URL of the access log's database, and the log's options."""
    url = settings.access_log_url or default_url(settings.database_url)
    options = LogOptions(
        settings.access_log_spill or default_spill(url),
        settings.access_log_days,
        settings.access_log_required,
        _secret(settings.access_log_keys),
        _secret(settings.access_log_signing_key),
    )
    return url, options


def _secret(setting: SecretStr | None) -> str | None:
    return setting.get_secret_value() if setting is not None else None
