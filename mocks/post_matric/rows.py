"""The nightly file: lines of 180 bytes, with columns counted in bytes of UTF-8."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zlib import crc32

from mocks.faults.pages import rows_sent
from mocks.population import Population
from mocks.population.clock import TODAY
from mocks.population.records import Application
from mocks.population.work_departments import POST_MATRIC
from mocks.submissions import ApplicationDesk

LINE_BYTES = 180
MADE_AT = time(0, 2, 14)
SENT_AFTER = timedelta(minutes=100)
"""Time from the creation of a file until it is on the server."""
NIGHTS = 2
ALREADY_WRITTEN = timedelta(seconds=10)
"""Age of a new file of received applications, so that the hub reads it at once."""


def in_bytes(text: str, width: int) -> bytes:
    """Return exactly `width` bytes: padded with blanks, or cut between two letters."""
    raw = text.encode()[:width].decode(errors="ignore").encode()
    return raw.ljust(width)


def amount_of(application: Application) -> int:
    """Return the amount of the scholarship in paise."""
    return 800_000 + crc32(application.reference.encode()) % 40 * 10_000


def detail(
    population: Population, application: Application, status: str, hub_reference: str = ""
) -> bytes:
    """Return the line of one application, without the line break."""
    citizen = population.by_member_id[application.member_id]
    line = (
        b"D"
        + in_bytes(application.owner, 16)
        + in_bytes(application.reference, 20)
        + in_bytes(citizen.name.devanagari, 40)
        + citizen.born.strftime("%d%m%Y").encode()
        + application.applied_at.strftime("%d%m%Y").encode()
        + application.updated_at.strftime("%Y%m%d%H%M%S").encode()
        + status.encode()
        + f"{amount_of(application):09d}".encode()
        + f"{crc32(application.owner.encode()) % 10_000:04d}".encode()
        + in_bytes(hub_reference, 16)
    )
    return line.ljust(LINE_BYTES)


def nightly_file(
    made: datetime, details: Sequence[tuple[bytes, int]], faults: frozenset[str]
) -> bytes:
    """Return a file with these faults.

    Args:
        made: time of creation, written into the header.
        details: lines with their amounts in paise; the trailer has their count and sum.
    """
    if "empty_file" in faults:
        return b""
    count = len(details) + ("wrong_count" in faults)
    total = sum(amount for _, amount in details)
    lines = [line for line, _ in rows_sent(details, faults)]
    if "bad_row" in faults and len(lines) > 2:
        lines[1] = lines[1][:-3]
        # A letter is cut in the middle, as by a program that mistakes bytes for letters.
        lines[2] = lines[2][:38] + b"\xe0\xa4" + lines[2][40:]
    header = f"H{made:%Y%m%d%H%M%S}".encode().ljust(LINE_BYTES)
    trailer = f"T{count:08d}{total:015d}".encode().ljust(LINE_BYTES)
    content = b"".join(line + b"\n" for line in (header, *lines, trailer))
    return content[: len(content) * 2 // 3 - 40] if "half_written" in faults else content


class NightlyFiles:
    """The files of the last two nights, a `mocks.deliveries.DeliveryFiles`.

    The applications that the hub has sent are in a file of their own, as soon as a simulated night
    has passed since they arrived. It is made anew after each simulated night.

    Args:
        desk: the applications that the hub has sent; None for none.
        today: returns the simulated day.
    """

    def __init__(
        self,
        population: Population,
        desk: ApplicationDesk | None = None,
        today: Callable[[], date] = lambda: TODAY,
    ) -> None:
        self._population = population
        self._applications = population.applications_at(POST_MATRIC)
        self._desk = desk
        self._today = today
        self._received: list[tuple[bytes, int]] = []
        self._received_at = datetime.min
        self._received_files = 0

    def __call__(
        self, now: datetime, faults: frozenset[str]
    ) -> Mapping[str, tuple[bytes, datetime]]:
        newest = datetime.combine(now.date(), MADE_AT)
        if newest + SENT_AFTER > now:
            newest -= timedelta(days=1)
        files: dict[str, tuple[bytes, datetime]] = {}
        for night in range(NIGHTS):
            made = newest - timedelta(days=night)
            # Two nights late, so that the previous file is overdue too.
            if "late" in faults:
                made -= timedelta(days=2)
            last = night == 0
            content = nightly_file(made, self._details(last), faults if last else frozenset())
            name = f"PMS_{made:%Y%m%d}"
            files[f"{name}.txt"] = (content, made + SENT_AFTER)
            if last and "duplicated" in faults:
                files[f"{name}_1.txt"] = (content, made + SENT_AFTER)
        if "late" not in faults:
            files |= self._file_of_received(now)
        return files

    def _file_of_received(self, now: datetime) -> dict[str, tuple[bytes, datetime]]:
        details = self._received_details()
        if details != self._received:
            # A later file needs a later time of creation, also within a second.
            earliest = self._received_at + timedelta(seconds=1)
            self._received_at = max(now.replace(microsecond=0) - ALREADY_WRITTEN, earliest)
            self._received = details
            self._received_files += 1
        if not details:
            return {}
        made = self._received_at
        name = f"PMS_{made:%Y%m%d}_R{self._received_files}.txt"
        return {name: (nightly_file(made, details, frozenset()), made)}

    def _received_details(self) -> list[tuple[bytes, int]]:
        if self._desk is None:
            return []
        return [
            (
                detail(self._population, each, each.status_code, self._desk.hub_reference(each)),
                amount_of(each),
            )
            for each in self._desk.received()
            if each.applied_at.date() < self._today()
        ]

    def _details(self, last: bool) -> list[tuple[bytes, int]]:
        """Return the lines; in the older file, one application in ten has an earlier status."""
        rows = []
        for application in self._applications:
            way = POST_MATRIC.steps[application.status_code].way
            moved = not last and way and crc32(application.reference.encode()) % 10 == 0
            status = way[-1] if moved else application.status_code
            rows.append((detail(self._population, application, status), amount_of(application)))
        return rows
