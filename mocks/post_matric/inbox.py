"""The files of the hub: applications for scholarships, in lines of 240 bytes.

A file whose count or control sum is wrong is refused as a whole. A row that was received before is
stored again, as the department's program does, so that copies can be counted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from mocks.population.work_departments import POST_MATRIC
from mocks.submissions import ApplicationDesk

LINE_BYTES = 240
SERVICE = POST_MATRIC.services[0]
CHANNELS = ("PORTAL", "CSC", "KIOSK")
_FIELDS = {
    "hub_ref": (1, 17),
    "student_id": (17, 33),
    "member": (33, 45),
    "name": (45, 105),
    "born": (105, 113),
    "institute": (113, 193),
    "course": (193, 195),
    "hostel": (195, 196),
    "fees": (196, 205),
    "mobile": (205, 217),
    "channel": (217, 224),
}


class RefusedFileError(ValueError):
    """A file is refused as a whole; the message says why."""


@dataclass(frozen=True, slots=True)
class InboxFolders:
    """Folders for the hub's files.

    Attributes:
        inbox: where the hub puts its files. Names that end in `.tmp` are not complete.
        accepted: where the department moves the files that it has read.
        refused: where it moves the files that it refuses.
    """

    inbox: Path
    accepted: Path
    refused: Path

    def create(self) -> None:
        """Create the folders that are missing."""
        for folder in (self.inbox, self.accepted, self.refused):
            folder.mkdir(parents=True, exist_ok=True)


def read_file(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a file.

    Raises:
        RefusedFileError: its header, trailer, count or control sum is wrong, or a line is damaged.
    """
    lines = content.split(b"\n")
    if lines.pop() != b"" or len(lines) < 2:
        raise RefusedFileError("the file is cut off")
    if any(len(line) != LINE_BYTES for line in lines):
        raise RefusedFileError(f"a line does not have {LINE_BYTES} bytes")
    header, *details, trailer = lines
    if not header.startswith(b"H") or not trailer.startswith(b"T"):
        raise RefusedFileError("the header or the trailer is missing")
    try:
        rows = [_row(line) for line in details]
        count, total = int(trailer[1:9]), int(trailer[9:24])
        fees = sum(int(row["fees"]) for row in rows)
    except ValueError:
        raise RefusedFileError("a line is damaged") from None
    if count != len(rows):
        raise RefusedFileError(f"the trailer counts {count} rows, but there are {len(rows)}")
    if total != fees:
        raise RefusedFileError("the control sum is wrong")
    return rows


def _row(line: bytes) -> dict[str, str]:
    if not line.startswith(b"D"):
        raise ValueError("not a row")
    return {name: line[start:end].decode().strip() for name, (start, end) in _FIELDS.items()}


class Inbox:
    """Reads the hub's files.

    Args:
        folders: where the files are.
        desk: receives the applications.
        noted: called with a text about each refused file.

    Attributes:
        refused_files: reason for each refused file, by name.
        refused_rows: numbers of the hub whose rows name no known student.
    """

    def __init__(
        self, folders: InboxFolders, desk: ApplicationDesk, noted: Callable[[str], None]
    ) -> None:
        self._folders = folders
        self._desk = desk
        self._noted = noted
        self.refused_files: dict[str, str] = {}
        self.refused_rows: list[str] = []

    def read(self) -> None:
        """Read all complete files, and move them away."""
        for path in sorted(self._folders.inbox.glob("*.txt")):
            try:
                rows = read_file(path.read_bytes())
            except RefusedFileError as refused:
                self.refused_files[path.name] = str(refused)
                self._noted(f"{path.name} is refused: {refused}")
                path.rename(self._folders.refused / path.name)
                continue
            # Moved first: a file must not be read twice.
            path.rename(self._folders.accepted / path.name)
            for row in rows:
                self._receive(row)

    def _receive(self, row: dict[str, str]) -> None:
        student = self._desk.citizen(row["student_id"], row["member"])
        if student is None or not row["hub_ref"]:
            self.refused_rows.append(row["hub_ref"])
            return
        numbers = student.links.get(POST_MATRIC.scheme) or self._new_number(student.member_id)
        owner = row["student_id"] or numbers[0]
        channel = row["channel"] if row["channel"] in CHANNELS else "PORTAL"
        fields = {**row, "channel": channel}
        self._desk.receive(row["hub_ref"], SERVICE.code, owner, student.member_id, fields)

    def _new_number(self, member_id: str) -> tuple[str, ...]:
        """Return the number that the department gives to a student who has none yet."""
        return (f"STU2026{9_000_000 + crc32(member_id.encode()) % 1_000_000}",)
