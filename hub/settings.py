"""Settings: environment variables `HUB_…`, or a file `.env` in the working directory."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


def _names(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(name for each in value.split(",") if (name := each.strip()))


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class Settings(BaseSettings):
    """The hub's own settings; what concerns one department is in its manifest.

    Attributes:
        host: address to listen on.
        port: port to listen on.
        request_deadline: seconds after which an operation is answered with what has arrived.
        departments: folder of department folders; the hub's own and installed ones when unset.
        only_departments: names of the department folders that are served; all when empty.
        admin_token: makes whoever sends it as a bearer token an administrator; none by default.
        demo_member: Family ID member number of the citizen that the demo's principal is (`me`).
        crosswalk_entries: most citizens whose numbers are remembered.
        crosswalk_hours: how long they are remembered.
        database_url: the hub's own tables: `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://…`.
        access_log_key: hides citizens in the access log; one is made and kept in the database when
            not given.
        access_log_days: how long the access log is kept.
        cache_url: where replicas share copies, `valkey://…` or `redis://…`; each keeps its own when
            not given.
        cache_key: secret that names and signs shared copies; the same in all replicas.
        request_bytes: largest request body accepted.
        request_seconds: seconds within which a request must have arrived whole.
        running_operations: most GraphQL operations that run at once.
        waiting_operations: most that wait to run; more are refused.
        longest_wait: seconds after which a waiting operation is refused.
        connections: most connections open at once.
        drain_notice: seconds for which the hub, asked to stop by SIGTERM, still takes requests
            while `/readyz` says that it will not.
        log_level: level of the hub's log.
        debug: whether responses tell in `extensions.executor` what ran them.
    """

    model_config = SettingsConfigDict(env_prefix="HUB_", env_file=".env", extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    request_deadline: float = Field(default=10.0, gt=0, le=120)
    departments: Path | None = None
    only_departments: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)] = ()
    admin_token: SecretStr | None = Field(default=None, min_length=8)
    demo_member: str | None = "7KNL042101"
    crosswalk_entries: int = Field(default=100_000, gt=0)
    crosswalk_hours: float = Field(default=168.0, gt=0)
    database_url: str = "sqlite+aiosqlite:///citizen-hub.db"
    access_log_key: SecretStr | None = None
    access_log_days: int = Field(default=365, gt=0)
    cache_url: str | None = None
    cache_key: SecretStr | None = Field(default=None, min_length=16)
    request_bytes: int = Field(default=256 << 10, gt=0)
    request_seconds: float = Field(default=10.0, gt=0)
    running_operations: int = Field(default=512, ge=2)
    waiting_operations: int = Field(default=512, ge=0)
    longest_wait: float = Field(default=1.0, gt=0)
    connections: int = Field(default=4000, gt=0)
    drain_notice: float = Field(default=0.0, ge=0)
    log_level: Annotated[
        Literal["CRITICAL", "ERROR", "WARNING", "INFO", "DEBUG"], BeforeValidator(_upper)
    ] = "INFO"
    debug: bool = False
