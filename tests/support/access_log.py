"""Access logs for tests."""

import time
from pathlib import Path

from adapters.contract import Capability
from hub.access import AccessEntry, AccessLog, Principal, Role
from hub.access.log import LogOptions
from schema.needed_fields import NeededFields

CITIZEN = "9ZZZ000001"
OTHER = "9ZZZ000002"
OFFICER = Principal(
    Role.OFFICER, subject="https://id.example|officer-1", client="saral", department="pensions"
)
NEEDED = NeededFields({"Benefit": ["benefit_number", "enrollment_status"]})


def entry(*citizens: str, microseconds: int | None = None, **changes: object) -> AccessEntry:
    """Return an entry about these citizens."""
    started = microseconds or time.time_ns() // 1000
    values: dict[str, object] = {
        "correlation_id": "m1-operation",
        "started_us": started,
        "ended_us": started + 5,
        "department": "pensions",
        "capability": Capability.BENEFITS_BY_CITIZEN,
        "principal": OFFICER,
        "citizens": citizens,
        "needed": NEEDED,
        "purpose": "APPLICATION_PROCESSING",
        "legal_basis": "STATE_BENEFIT",
    }
    return AccessEntry(**{**values, **changes})  # type: ignore[arg-type]


def log_url(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder}/log.db"


async def open_log(folder: Path, url: str | None = None, **options: object) -> AccessLog:
    """Open an access log in a folder."""
    made = LogOptions(folder / "log.spill", **options)  # type: ignore[arg-type]
    return await AccessLog.open(url or log_url(folder), made)
