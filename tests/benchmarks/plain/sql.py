"""The SQL department, through SQLAlchemy over asyncpg."""

from collections.abc import Sequence

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.benchmarks.plain.moments import ZONE
from tests.benchmarks.plain.types import (
    STATUSES,
    Application,
    ApplicationStatus,
    DepartmentStatus,
    Office,
)

NAME = "bench-sql"
STATEMENT = text("SELECT * FROM application WHERE person_no = ANY(CAST(:keys AS text[]))")


class SqlDepartment:
    """Reads citizens' rows in batches."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def applications(self, numbers: Sequence[str]) -> list[list[Application]]:
        """Return the applications of each citizen, in the same order, with one statement."""
        async with self._engine.connect() as connection:
            result = await connection.execute(STATEMENT, {"keys": list(numbers)})
            found: dict[str, list[Application]] = {number: [] for number in numbers}
            for row in result:
                found[row.person_no].append(_application(row))
        return [found[number] for number in numbers]


def _application(row: Row[tuple[object, ...]]) -> Application:
    return Application(
        department_identifier=NAME,
        applicant_key=f"BENCH_SQL_NO:{row.person_no}",
        application_reference_number=row.appl_no,
        application_status=STATUSES.get(row.st_cd, ApplicationStatus.UNKNOWN),
        department_status=DepartmentStatus(code=row.st_cd, label=row.st_text),
        status_notes=row.remarks,
        requested_datetime=row.appl_ts.replace(tzinfo=ZONE),
        updated_datetime=row.upd_ts.replace(tzinfo=ZONE),
        due_date=row.due_dt.date(),
        pending_with=Office(designation=row.pend_desig, location_name=row.pend_office),
        timeline=[],
        service_code=row.svc_cd,
        applicant_name=row.appl_nm,
    )
