"""Half-hourly files, each with the rows of ninety minutes, so that a row comes three times."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zlib import crc32

from mocks.dirty_text import text_or_blank
from mocks.faults.pages import rows_sent
from mocks.population import Population
from mocks.population.records import Application
from mocks.population.work_departments import EMPLOYMENT

EVERY = timedelta(minutes=30)
WINDOW = timedelta(minutes=90)
FILES = 4
COLUMNS = ("reg_no", "appl_no", "name", "status", "remarks", "applied", "updated", "due")
NO_DATE = "00/00/0000"


def _row(population: Population, application: Application, status: str) -> tuple[str, ...]:
    due = application.due_on
    return (
        application.owner,
        application.reference,
        population.by_member_id[application.member_id].name.latin,
        status,
        text_or_blank(application.remarks, f"{application.reference} remarks"),
        application.applied_at.strftime("%d/%m/%Y"),
        application.updated_at.strftime("%d-%m-%Y %H:%M:%S"),
        due.strftime("%d/%m/%Y") if due else NO_DATE,
    )


def csv_file(rows: Iterable[tuple[str, ...]], faults: frozenset[str]) -> bytes:
    """Return a file: column names, rows, and a last line with their count; with these faults."""
    if "empty_file" in faults:
        return b""
    lines = []
    for row in (COLUMNS, *rows):
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerow(row)
        lines.append(text.getvalue().encode())
    count = len(lines) - 1 + ("wrong_count" in faults)
    if "bad_row" in faults and len(lines) > 2:
        lines[1] = b",".join(lines[1].split(b",")[:-2]) + b"\r\n"
        lines[2] = b'"' + lines[2]
    lines = [lines[0], *rows_sent(lines[1:], faults)]
    content = b"".join(lines) + f"#END,{count}\r\n".encode()
    return content[: len(content) * 2 // 3] if "half_written" in faults else content


class HalfHourlyFiles:
    """The files of the last two hours, a `mocks.deliveries.DeliveryFiles`.

    The oldest file holds the whole register, as the exchange delivered it once at the beginning.
    For one application in five, the newer files have a later status.
    """

    def __init__(self, population: Population) -> None:
        self._population = population
        self._applications = population.applications_at(EMPLOYMENT)

    def __call__(
        self, now: datetime, faults: frozenset[str]
    ) -> Mapping[str, tuple[bytes, datetime]]:
        newest = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
        if "late" in faults:
            newest -= WINDOW
        files: dict[str, tuple[bytes, datetime]] = {}
        for back in reversed(range(FILES)):
            made = newest - back * EVERY
            rows = self._register() if back == FILES - 1 else self._window(made)
            content = csv_file(rows, faults if back == 0 else frozenset())
            name = f"EMP_{made:%Y%m%d%H%M}"
            files[f"{name}.csv"] = (content, made)
            if back == 0 and "duplicated" in faults:
                files[f"{name}_1.csv"] = (content, made)
        return files

    def _register(self) -> list[tuple[str, ...]]:
        rows = []
        for application in self._applications:
            way = EMPLOYMENT.steps[application.status_code].way
            status = way[-1] if way and _is_moving(application) else application.status_code
            rows.append(_row(self._population, application, status))
        return rows

    def _window(self, made: datetime) -> list[tuple[str, ...]]:
        return [
            _row(self._population, application, application.status_code)
            for application in self._applications
            if _is_moving(application)
        ]


def _is_moving(application: Application) -> bool:
    return crc32(application.reference.encode()) % 5 == 0
