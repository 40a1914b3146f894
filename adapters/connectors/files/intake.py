"""One look into a department's folder: reads what is new, keeps its rows, lists what is bad."""

import asyncio
import datetime as dt
import hashlib
import logging
import re
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from zoneinfo import ZoneInfo

import orjson

from adapters.connectors.files.decompression import UnreadableFileError, decompress
from adapters.connectors.files.delimited import read_csv
from adapters.connectors.files.fixed import read_fixed
from adapters.connectors.files.folders import DeliveryFolder, ListedFile, OpenFolder
from adapters.connectors.files.rows import MOST_PROBLEMS, FileRow, ReadFile
from adapters.connectors.files.settings import FileRule
from adapters.connectors.kept_rows import FileState, KeptRow, LineProblem, RowStore, SeenFile
from adapters.mapping.date_formats import ParseDateTime
from adapters.mapping.dates import compile_format

log = logging.getLogger(__name__)

UNREAD = b"\0"
"""Stands for the digest of a file that never can be read."""
LINES_FOR_EACH_ROW = 2
"""Of a file's bound of rows: some lines are blank or bad."""
MOST_FILES = 500
"""That one look reads; the rest is read at the next."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file, ready to be read.

    Attributes:
        name: under `files` of the manifest.
        rule: what the manifest says of it.
        pattern: of file names.
        columns: that rows are looked up by.
        layout: digest of all this.
        stamp: reads the moment at which a file was made.
    """

    name: str
    rule: FileRule
    pattern: re.Pattern[str]
    columns: Sequence[str]
    layout: bytes
    stamp: ParseDateTime | None

    @property
    def needed(self) -> Sequence[str]:
        """Columns that a row can't be without."""
        return list(dict.fromkeys([*self.rule.identity, *self.columns]))


def kind_of(name: str, rule: FileRule, columns: Sequence[str], zone: ZoneInfo) -> FileKind:
    told = orjson.dumps([rule.model_dump(mode="json"), list(columns), str(zone)])
    return FileKind(
        name,
        rule,
        re.compile(rule.name),
        columns,
        hashlib.blake2b(told, digest_size=16).digest(),
        compile_format(rule.stamp_format, zone) if rule.stamp_format else None,
    )


class Intake:
    """Brings a folder's files into the store.

    Args:
        department: whose folder it is.
        folder: the folder.
        kinds: of files in it.
        store: keeps the rows.
        look_back, settle: seconds; see `FilesSettings`.
        clock: the time (UTC).
    """

    def __init__(
        self,
        department: str,
        folder: DeliveryFolder,
        kinds: Sequence[FileKind],
        store: RowStore,
        look_back: float,
        settle: float,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._department = department
        self._folder = folder
        self._kinds = kinds
        self._store = store
        self._look_back = look_back
        self._settle = settle
        self._clock = clock

    async def poll(self) -> None:
        """Raises `FolderUnreachableError` or `RowStoreError`; what was kept before stays kept."""
        async with self._folder.open() as folder:
            listed = await folder.list()
            for kind in self._kinds:
                await self._take_in(kind, folder, listed)
        for kind in self._kinds:
            before = self._clock() - dt.timedelta(seconds=kind.rule.keep)
            # Files that are too old to be looked at need not be known; the newest always are.
            seen = await self._store.files(self._department, kind.name)
            newest = max((each.modified for each in seen.values()), default=0)
            unknown = min(newest, int(self._clock().timestamp())) - int(self._look_back)
            await self._store.forget(self._department, kind.name, before, unknown)

    async def _take_in(
        self, kind: FileKind, folder: OpenFolder, listed: Sequence[ListedFile]
    ) -> None:
        seen = dict(await self._store.files(self._department, kind.name))
        now = self._clock().timestamp()
        new = [
            each
            for each in listed
            if kind.pattern.fullmatch(each.name)
            and self._settle <= now - each.modified <= self._look_back
            and not _is_known(each, seen.get(each.name), kind)
        ]
        # The newest first: what it says is what citizens wait for.
        new.sort(key=lambda each: (each.modified, each.name), reverse=True)
        for each in new[:MOST_FILES]:
            found, rows = await self._read(kind, folder, each, seen)
            await self._store.keep(self._department, kind.name, found, rows)
            seen[each.name] = found
            if found.problems:
                log.warning(
                    "%s: %s is %s, %d good rows, %d lines not served",
                    self._department,
                    each.name,
                    found.state,
                    found.rows,
                    len(found.problems),
                )

    async def _read(
        self, kind: FileKind, folder: OpenFolder, listed: ListedFile, seen: Mapping[str, SeenFile]
    ) -> tuple[SeenFile, Sequence[KeptRow]]:
        now = self._clock()
        file = SeenFile(
            name=listed.name,
            size=listed.size,
            modified=listed.modified,
            digest=b"",
            layout=kind.layout,
            as_of=dt.datetime.fromtimestamp(listed.modified, dt.UTC),
            read_at=now,
            state=FileState.UNREADABLE,
            rows=0,
        )
        most = kind.rule.file_bytes
        try:
            packed = await folder.read(listed.name, most)
            content = await asyncio.to_thread(decompress, listed.name, packed, most)
        except UnreadableFileError as error:
            digest = b"" if error.may_pass else UNREAD
            return replace(file, digest=digest, problems=[LineProblem(0, str(error))]), ()
        digest = await asyncio.to_thread(_digest_of, content)
        same = any(
            each.digest == digest and each.layout == kind.layout and name != listed.name
            for name, each in seen.items()
        )
        file = replace(file, digest=digest)
        try:
            found, rows = await asyncio.to_thread(_parsed, kind, file, content)
        except Exception as error:
            # What no check foresaw costs this file only. The message may quote a person's data.
            log.error(
                "unforeseen %s while reading a file of %s:\n%s",
                type(error).__name__,
                self._department,
                "".join(traceback.format_tb(error.__traceback__)),
            )
            problem = LineProblem(0, "it can't be read: the hub's log says where")
            return replace(file, digest=UNREAD, problems=[problem]), ()
        if same and found.state is FileState.WHOLE:
            # Its rows are kept again: they change nothing, but they are told anew.
            found = replace(found, state=FileState.DUPLICATE)
        return found, rows


def _digest_of(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).digest()


def _is_known(listed: ListedFile, seen: SeenFile | None, kind: FileKind) -> bool:
    return (
        seen is not None
        and (seen.size, seen.modified, seen.layout) == (listed.size, listed.modified, kind.layout)
        # Without a digest, why it could not be read may have passed.
        and seen.digest != b""
    )


def _parsed(kind: FileKind, file: SeenFile, content: bytes) -> tuple[SeenFile, Sequence[KeptRow]]:
    most_lines = LINES_FOR_EACH_ROW * kind.rule.rows + MOST_PROBLEMS
    if content.count(b"\n") > most_lines:
        # Before a row is made: a file of separators alone would be gigabytes of them.
        reason = f"it has more than {most_lines:,} lines"
        return replace(file, problems=[LineProblem(0, reason)]), ()
    read_lines = read_fixed if kind.rule.fixed is not None else read_csv
    read = read_lines(content, kind.rule, kind.needed)
    if len(read.rows) > kind.rule.rows:
        reason = f"it has more than {kind.rule.rows:,} rows"
        return replace(file, problems=[LineProblem(0, reason)]), ()
    as_of = _stamp_of(kind, file, read)
    state = FileState.WHOLE
    if not read.consistent:
        state = FileState.WRONG_COUNT
    if not read.complete:
        state = FileState.INCOMPLETE
    file = replace(
        file,
        as_of=as_of,
        state=state,
        rows=len(read.rows),
        problems=sorted(read.problems, key=attrgetter("line")),
    )
    return file, [_kept(kind, as_of, row) for row in read.rows]


def _stamp_of(kind: FileKind, file: SeenFile, read: ReadFile) -> dt.datetime:
    """When the file was made: as its header says, or its name, or the folder."""
    if kind.stamp is None:
        return file.as_of
    told = read.stamp
    if told is None:
        match = kind.pattern.fullmatch(file.name)
        told = match.groupdict().get("stamp") if match is not None else None
    try:
        moment = kind.stamp(told or "").astimezone(dt.UTC)
    except (ValueError, OverflowError):
        # The year 1 of .NET, or none at all.
        read.note(0, "it does not say when it was made")
        return file.as_of
    # A clock that is ahead must not outdo every file to come.
    return min(moment, file.read_at)


def _kept(kind: FileKind, as_of: dt.datetime, row: FileRow) -> KeptRow:
    content = orjson.dumps(row.values)
    digest = hashlib.blake2b(content, digest_size=16).digest()
    identity = "\x1f".join(row.values[column] for column in kind.rule.identity) or digest.hex()
    keys = {column: row.values[column] for column in kind.columns}
    return KeptRow(identity, as_of, row.line, digest, keys, content)
