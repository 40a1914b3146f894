"""Settings: environment variables `HUB_…`, or a file `.env` in the working directory."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The hub's own settings; what concerns one department is in its manifest.

    Attributes:
        host: address to listen on.
        port: port to listen on.
        request_deadline: seconds after which an operation is answered with what has arrived.
        departments: folder of department folders; the hub's own and installed ones when unset.
        admin_token: makes whoever sends it as a bearer token an administrator; none by default.
        demo_member: Family ID member number of the citizen that the demo's principal is (`me`).
        crosswalk_entries: most citizens whose numbers are remembered.
        crosswalk_hours: how long they are remembered.
        database_url: the hub's own tables: `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://…`.
        access_log_key: hides citizens in the access log; one is made and kept in the database when
            not given.
        access_log_days: how long the access log is kept.
        request_bytes: largest request body accepted.
        log_level: level of the hub's log.
        debug: whether responses tell in `extensions.executor` what ran them.
    """

    model_config = SettingsConfigDict(env_prefix="HUB_", env_file=".env", extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    request_deadline: float = Field(default=10.0, gt=0, le=120)
    departments: Path | None = None
    admin_token: SecretStr | None = Field(default=None, min_length=8)
    demo_member: str | None = "7KNL042101"
    crosswalk_entries: int = Field(default=100_000, gt=0)
    crosswalk_hours: float = Field(default=168.0, gt=0)
    database_url: str = "sqlite+aiosqlite:///citizen-hub.db"
    access_log_key: SecretStr | None = None
    access_log_days: int = Field(default=365, gt=0)
    request_bytes: int = Field(default=256 << 10, gt=0)
    log_level: str = "INFO"
    debug: bool = False
