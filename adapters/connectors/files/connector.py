"""Answers from the rows of a department's files, which are brought in behind the questions."""

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import orjson

from adapters.connectors.connector import Connector, RowsOfReply
from adapters.connectors.files.folders import (
    DeliveryFolder,
    FolderRefusedError,
    FolderUnreachableError,
    LocalFolder,
)
from adapters.connectors.files.intake import FileKind, Intake, kind_of
from adapters.connectors.files.settings import FilesCall, FilesSettings
from adapters.connectors.kept_rows import FileState, MemoryRows, RowStoreError, SeenFile
from adapters.connectors.setup import Setup, SetupError
from adapters.contract import (
    CallContext,
    DepartmentAuthError,
    DepartmentError,
    DepartmentUnreachableError,
    LateFileError,
)
from adapters.mapping.access import Shape
from schema.provenance import SourceState, SourceWarning

log = logging.getLogger(__name__)

FILES_TOLD = 3
"""Problems are told of the newest files: what was wrong last month is in `hub files`."""
PROBLEMS_TOLD = 5


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class _Standing:
    """How a kind of file stands.

    Attributes:
        as_of: up to when its rows tell.
        has_whole: whether any file was read to its end.
        warnings: what is not served of its newest files.
    """

    as_of: dt.datetime
    has_whole: bool
    warnings: Sequence[SourceWarning]


class FilesConnector(Connector):
    """The `files` connector of one department; raises `SetupError`.

    It begins to look for files when it is opened, or when it is first asked.

    Args:
        clock: the time (UTC).
    """

    def __init__(
        self,
        setup: Setup[FilesSettings, FilesCall],
        clock: Callable[[], dt.datetime] = now,
    ) -> None:
        settings = setup.settings
        self._department = setup.department
        self._most_rows = setup.rows
        self._clock = clock
        self._poll_seconds = settings.poll
        self._store = setup.row_store or MemoryRows()
        self._calls = {
            name: _checked(name, plan.call, settings) for name, plan in setup.plans.items()
        }
        self._kinds = {
            name: kind_of(
                name,
                rule,
                sorted({c.by for c in self._calls.values() if c.file == name}),
                setup.timezone,
            )
            for name, rule in settings.files.items()
        }
        self._intake = Intake(
            setup.department,
            _folder(settings, setup.deadline),
            list(self._kinds.values()),
            self._store,
            settings.look_back,
            settings.settle,
            clock,
        )
        self._standings: dict[str, _Standing] = {}
        self._failure: DepartmentError | None = None
        self._first_poll = asyncio.Event()
        self._polling: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begins to look for files, at once and then again and again."""
        if self._polling is None:
            self._polling = asyncio.create_task(self._poll_forever())

    async def poll(self) -> None:
        """Brings in what is new; a failure is remembered, not raised."""
        try:
            await self._intake.poll()
        except FolderRefusedError as error:
            self._failure = DepartmentAuthError(
                self._department, f"{self._department}'s files can't be fetched: {error}."
            )
        except (FolderUnreachableError, RowStoreError) as error:
            self._failure = DepartmentUnreachableError(
                self._department, f"{self._department}'s files can't be fetched: {error}."
            )
        except Exception as error:
            # Nobody waits for it: what is not said here is never said.
            log.error("%s: looking for files failed: %s", self._department, type(error).__name__)
            self._failure = DepartmentUnreachableError(
                self._department, f"{self._department}'s files can't be fetched."
            )
        else:
            self._failure = None
        if self._failure is not None:
            log.warning("%s", self._failure.message)
        with contextlib.suppress(RowStoreError):
            for name in self._kinds:
                standing = _standing(await self._store.files(self._department, name))
                if standing is not None:
                    self._standings[name] = standing
        self._first_poll.set()

    async def _poll_forever(self) -> None:
        while True:
            await self.poll()
            await asyncio.sleep(self._poll_seconds)

    async def call(
        self,
        capability: str,
        bindings: Mapping[str, object],
        context: CallContext,
        shape: Shape | None,
    ) -> RowsOfReply:
        call = self._calls[capability]
        if not self._first_poll.is_set():
            await self.open()
            await self._first_poll.wait()
        kind = self._kinds[call.file]
        standing = self._standings.get(call.file)
        if standing is None:
            raise self._failure or DepartmentUnreachableError(
                self._department, f"{self._department} has left no file yet."
            )
        given = bindings.get("keys") or [bindings["key"]]
        assert isinstance(given, list)
        keys = [str(key) for key in given]
        try:
            contents = await self._store.find(
                self._department, call.file, call.by, keys, self._most_rows + 1
            )
        except RowStoreError as error:
            raise DepartmentUnreachableError(
                self._department, f"{self._department}'s rows can't be read: {error}."
            ) from None
        wanted = frozenset(keys)
        rows = [row for row in map(orjson.loads, contents) if row.get(call.by) in wanted]
        late = self._late(kind, standing)
        stale = late is not None or not standing.has_whole
        return RowsOfReply(
            rows,
            state=SourceState.STALE if stale else SourceState.CACHED,
            as_of=standing.as_of,
            warnings=[*([_late_warning(kind)] if late else []), *standing.warnings],
            failure=late,
        )

    def _late(self, kind: FileKind, standing: _Standing) -> DepartmentError | None:
        """What is to be said when the next file should have come."""
        rule = kind.rule
        if rule.every is None:
            return None
        promised = standing.as_of + dt.timedelta(seconds=rule.every + rule.grace)
        if self._clock() <= promised:
            return None
        return LateFileError(
            self._department,
            f"{self._department}'s next file was promised by "
            f"{promised.isoformat(timespec='minutes')} and has not come.",
        )

    async def erase(self, numbers: Collection[str]) -> int:
        """Drops kept rows of citizens with one of these numbers; how many."""
        try:
            return await self._store.erase(self._department, numbers)
        except RowStoreError as error:
            raise DepartmentUnreachableError(
                self._department, f"{self._department}'s rows can't be erased: {error}."
            ) from None

    async def close(self) -> None:
        if self._polling is not None:
            self._polling.cancel()
            await asyncio.gather(self._polling, return_exceptions=True)


def _standing(files: Mapping[str, SeenFile]) -> _Standing | None:
    """How a kind of file stands; None when nothing of it was read."""
    read = [each for each in files.values() if each.state is not FileState.UNREADABLE]
    whole = [each for each in read if each.state is not FileState.INCOMPLETE]
    if not read:
        return None
    newest = sorted(files.values(), key=lambda each: (each.as_of, each.name), reverse=True)
    problems = [
        SourceWarning(code="BAD_LINE", raw=f"{each.name}:{problem.line}: {problem.reason}")
        for each in newest[:FILES_TOLD]
        for problem in each.problems
    ]
    more = len(problems) - PROBLEMS_TOLD
    warnings = problems[:PROBLEMS_TOLD]
    if more > 0:
        warnings.append(SourceWarning(code="BAD_LINE", raw=f"and {more} more; see hub files"))
    return _Standing(max(each.as_of for each in whole or read), bool(whole), warnings)


def _late_warning(kind: FileKind) -> SourceWarning:
    return SourceWarning(code="LATE_FILE", raw=kind.name)


def _checked(capability: str, call: FilesCall, settings: FilesSettings) -> FilesCall:
    here = ("capabilities", capability, "call")
    rule = settings.files.get(call.file)
    if rule is None:
        known = ", ".join(settings.files)
        raise SetupError((*here, "file"), f"there is no file {call.file!r}", f"use one of: {known}")
    if call.by not in rule.columns:
        known = ", ".join(rule.columns)
        raise SetupError((*here, "by"), f"{call.file} has no {call.by!r}", f"use one of: {known}")
    return call


def _folder(settings: FilesSettings, seconds: float) -> DeliveryFolder:
    if settings.url.startswith("file:"):
        return LocalFolder(Path(unquote(urlsplit(settings.url).path)))
    try:
        from adapters.connectors.files.sftp import SftpFolder, UnusableKeyError
    except ImportError:
        raise SetupError(
            ("connector", "url"),
            "the SFTP client is not installed",
            "install the extra `sftp`: pip install 'citizen-hub[sftp]'",
        ) from None
    try:
        return SftpFolder(settings, seconds)
    except UnusableKeyError as error:
        raise SetupError(
            ("connector", error.setting), f"{error.setting} is no key", _KEY_REMEDIES[error.setting]
        ) from None


_KEY_REMEDIES = {
    "host_key": "write the server's public key as `ssh-ed25519 AAAA…`, as ssh-keyscan prints it",
    "client_key": "give the private key as in its file, with ${file:PATH}",
}
