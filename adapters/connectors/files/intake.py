"""Polls a department's folder: reads new files, stores their rows, lists problems."""

import asyncio
import datetime as dt
import hashlib
import logging
import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from zoneinfo import ZoneInfo

import orjson

from adapters.connectors.files.decompression import UnreadableFileError, decompress
from adapters.connectors.files.folders import DeliveryFolder, ListedFile, OpenFolder
from adapters.connectors.files.layouts import read_csv, read_fixed
from adapters.connectors.files.rows import MOST_PROBLEMS, FileRow, ReadFile
from adapters.connectors.files.settings import FileRule
from adapters.connectors.kept_rows import FileState, KeptRow, LineProblem, RowStore, SeenFile
from adapters.mapping.date_formats import ParseDateTime
from adapters.mapping.dates import compile_format

log = logging.getLogger(__name__)

UNREAD = b"\0"
"""Digest of a file that will never be readable."""
LINES_FOR_EACH_ROW = 2
"""Maximum number of lines per allowed row: some lines are blank or invalid."""
AHEAD = dt.timedelta(minutes=5)
"""A file that is dated further ahead of the hub's clock is reported."""
MOST_FILES = 500
"""Maximum number of files that one poll reads; the next poll reads the rest."""


@dataclass(frozen=True, slots=True)
class FileType:
    """A file type, compiled.

    Attributes:
        name: its name under `files` in the manifest.
        rule: its settings in the manifest.
        pattern: regular expression of file names.
        columns: columns by which rows are looked up.
        layout: digest of all this; files are read again when it changes.
        stamp: parser of the time at which a file was made; None if there is no stamp.
    """

    name: str
    rule: FileRule
    pattern: re.Pattern[str]
    columns: Sequence[str]
    layout: bytes
    stamp: ParseDateTime | None

    @property
    def needed(self) -> Sequence[str]:
        """Columns that must not be blank."""
        wanted = dict.fromkeys([*self.rule.identity, *self.columns])
        return [column for column in wanted if column not in self.rule.optional]


def compile_file_type(
    name: str, rule: FileRule, columns: Sequence[str], zone: ZoneInfo
) -> FileType:
    """Compile a file type."""
    layout = orjson.dumps([rule.model_dump(mode="json"), list(columns), str(zone)])
    return FileType(
        name,
        rule,
        re.compile(rule.name),
        columns,
        _digest_of(layout),
        compile_format(rule.stamp_format, zone) if rule.stamp_format else None,
    )


@dataclass
class Intake:
    """Reads the files of a folder into the store.

    Attributes:
        look_back, settle: in seconds; see `FilesSettings`.
        clock: returns the current time (UTC).
    """

    department: str
    folder: DeliveryFolder
    file_types: Sequence[FileType]
    store: RowStore
    look_back: float
    settle: float
    clock: Callable[[], dt.datetime]
    # Files dated in the future, and the clock's time when their current version was first seen.
    _ahead: dict[str, tuple[ListedFile, float]] = field(init=False, default_factory=dict)

    async def poll(self) -> None:
        """Read new files, and delete old rows.

        Rows that were stored before an error remain stored.

        Raises:
            FolderUnreachableError: the folder can't be read.
            RowStoreError: the store failed.
        """
        async with self.folder.open() as folder:
            listed = await folder.list()
            present = {each.name for each in listed}
            self._ahead = {name: each for name, each in self._ahead.items() if name in present}
            for file_type in self.file_types:
                await self._read_new_files(file_type, folder, listed)
        for file_type in self.file_types:
            before = self.clock() - dt.timedelta(seconds=file_type.rule.keep)
            # Forget files that are too old to be read again, but never the newest.
            seen = await self.store.files(self.department, file_type.name)
            newest = max((each.modified for each in seen.values()), default=0)
            unknown = min(newest, int(self.clock().timestamp())) - int(self.look_back)
            await self.store.forget(self.department, file_type.name, before, unknown)

    async def _read_new_files(
        self, file_type: FileType, folder: OpenFolder, listed: Sequence[ListedFile]
    ) -> None:
        seen = dict(await self.store.files(self.department, file_type.name))
        now = self.clock().timestamp()
        new = [
            each
            for each in listed
            if file_type.pattern.fullmatch(each.name)
            and now - each.modified <= self.look_back
            and self._has_settled(each, now)
            and not _is_known(each, seen.get(each.name), file_type)
        ]
        # The newest first: citizens wait for its content.
        new.sort(key=lambda each: (each.modified, each.name), reverse=True)
        for each in new[:MOST_FILES]:
            found, rows = await self._read_file(file_type, folder, each, seen)
            await self.store.keep(self.department, file_type.name, found, rows)
            seen[each.name] = found
            if found.problems:
                log.warning(
                    "%s: %s is %s, %d valid rows, %d problems; see hub files",
                    self.department,
                    each.name,
                    found.state,
                    found.rows,
                    len(found.problems),
                )

    def _has_settled(self, listed: ListedFile, now: float) -> bool:
        """Return whether a file has not changed for a while.

        If the clock of its server is ahead of the hub's, its time says nothing: then it must not
        change between two polls.
        """
        if listed.modified <= now:
            return now - listed.modified >= self.settle
        known, since = self._ahead.get(listed.name, (None, now))
        if known != listed:
            known, since = listed, now
        self._ahead[listed.name] = known, since
        return now - since >= self.settle

    async def _read_file(
        self,
        file_type: FileType,
        folder: OpenFolder,
        listed: ListedFile,
        seen: Mapping[str, SeenFile],
    ) -> tuple[SeenFile, Sequence[KeptRow]]:
        now = self.clock()
        file = SeenFile(
            name=listed.name,
            size=listed.size,
            modified=listed.modified,
            digest=b"",
            layout=file_type.layout,
            as_of=min(dt.datetime.fromtimestamp(listed.modified, dt.UTC), now),
            read_at=now,
            state=FileState.UNREADABLE,
            rows=0,
        )
        most = file_type.rule.file_bytes
        as_of = _moment_of(file_type, _stamp_in_name(file_type, listed.name))
        if as_of is not None and as_of <= now:
            file = replace(file, as_of=as_of)
        try:
            packed = await folder.read(listed.name, most)
            content = await asyncio.to_thread(decompress, listed.name, packed, most)
        except UnreadableFileError as error:
            digest = b"" if error.may_pass else UNREAD
            return replace(file, digest=digest, problems=[LineProblem(0, str(error))]), ()
        digest = await asyncio.to_thread(_digest_of, content)
        same = any(
            each.digest == digest and each.layout == file_type.layout and name != listed.name
            for name, each in seen.items()
        )
        file = replace(file, digest=digest)
        try:
            found, rows = await asyncio.to_thread(_parse, file_type, file, content)
        except Exception as error:
            # Log no message: it may quote personal data.
            log.error(
                "unexpected %s while reading a file of %s:\n%s",
                type(error).__name__,
                self.department,
                "".join(traceback.format_tb(error.__traceback__)),
            )
            problem = LineProblem(0, "reading it failed; see the hub's log")
            return replace(file, digest=UNREAD, problems=[problem]), ()
        if same and found.state is FileState.WHOLE:
            # Storing its rows again renews their age.
            found = replace(found, state=FileState.DUPLICATE)
        return found, rows


def _digest_of(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


def _is_known(listed: ListedFile, seen: SeenFile | None, file_type: FileType) -> bool:
    return (
        seen is not None
        and (seen.size, seen.modified, seen.layout)
        == (listed.size, listed.modified, file_type.layout)
        # A file without a digest could not be read. It may be readable now.
        and seen.digest != b""
    )


def _parse(
    file_type: FileType, file: SeenFile, content: bytes
) -> tuple[SeenFile, Sequence[KeptRow]]:
    most_lines = LINES_FOR_EACH_ROW * file_type.rule.rows + MOST_PROBLEMS
    if content.count(b"\n") > most_lines:
        # Checked first: a file that consists of separators would become gigabytes of rows.
        reason = f"it has more than {most_lines:,} lines"
        return replace(file, problems=[LineProblem(0, reason)]), ()
    read_lines = read_fixed if file_type.rule.fixed is not None else read_csv
    read = read_lines(content, file_type.rule, file_type.needed)
    if read.unreadable is not None:
        problems = [LineProblem(0, read.unreadable), *read.problems]
        return replace(file, problems=problems), ()
    if len(read.rows) > file_type.rule.rows:
        reason = f"it has more than {file_type.rule.rows:,} rows"
        return replace(file, problems=[LineProblem(0, reason)]), ()
    as_of = _stamp_of(file_type, file, read)
    state = FileState.WHOLE if read.consistent else FileState.WRONG_COUNT
    if not read.complete:
        state = FileState.INCOMPLETE
    problems = sorted(read.problems, key=attrgetter("line"))
    file = replace(file, as_of=as_of, state=state, rows=len(read.rows), problems=problems)
    return file, [_kept_row(file_type, as_of, row) for row in read.rows]


def _stamp_of(file_type: FileType, file: SeenFile, read: ReadFile) -> dt.datetime:
    """Return the time at which a file was made, from its header, its name or the folder."""
    if file_type.stamp is None:
        moment = dt.datetime.fromtimestamp(file.modified, dt.UTC)
    else:
        text = read.stamp if read.stamp is not None else _stamp_in_name(file_type, file.name)
        found = _moment_of(file_type, text)
        if found is None:
            read.note(0, "the time at which it was made is missing or invalid")
            return file.as_of
        moment = found
    if moment <= file.read_at:
        return moment
    # The department's clock is ahead. Later files must still count as newer.
    if moment > file.read_at + AHEAD:
        read.note(0, f"its date, {moment:%Y-%m-%d %H:%M} UTC, is ahead of the hub's clock")
    return file.as_of


def _stamp_in_name(file_type: FileType, name: str) -> str | None:
    match = file_type.pattern.fullmatch(name)
    return match.groupdict().get("stamp") if match is not None else None


def _moment_of(file_type: FileType, stamp: str | None) -> dt.datetime | None:
    """Return the moment of a stamp; None if it is not valid."""
    if file_type.stamp is None or stamp is None:
        return None
    try:
        return file_type.stamp(stamp).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        # For example the year 1, which .NET writes for "no date".
        return None


def _kept_row(file_type: FileType, as_of: dt.datetime, row: FileRow) -> KeptRow:
    content = orjson.dumps(row.values)
    digest = _digest_of(content)
    identity = "\x1f".join(row.values[column] for column in file_type.rule.identity) or digest.hex()
    keys = {column: key for column in file_type.columns if (key := row.values[column])}
    return KeptRow(identity, as_of, row.line, digest, keys, content)
