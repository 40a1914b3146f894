"""The state of each department that was called."""

from enum import Enum

import strawberry


@strawberry.enum
class SourceState(Enum):
    LIVE = "LIVE"
    UNAVAILABLE = "UNAVAILABLE"


@strawberry.type
class SourceDepartment:
    identifier: str


@strawberry.type
class SourceStatus:
    department: SourceDepartment
    state: SourceState
