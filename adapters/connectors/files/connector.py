"""Answers calls from the rows of a department's files, which are read in the background."""

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import orjson

from adapters.connectors.connector import Bindings, Connector, RowsOfReply
from adapters.connectors.files.folder_urls import delivery_folder
from adapters.connectors.files.folders import FolderRefusedError, FolderUnreachableError
from adapters.connectors.files.intake import Intake, compile_file_type
from adapters.connectors.files.outboxes import Outboxes
from adapters.connectors.files.settings import FileRule, FilesCall, FilesSettings
from adapters.connectors.kept_rows import FileState, MemoryRows, RowStoreError, SeenFile
from adapters.connectors.setup import Setup, SetupError
from adapters.connectors.write_replies import WriteResponse
from adapters.contract import (
    CallContext,
    DepartmentAuthError,
    DepartmentError,
    DepartmentUnreachableError,
    LateFileError,
    MalformedReplyError,
)
from adapters.mapping.access import Shape
from schema.codes import WarningCode
from schema.provenance import SourceState, SourceWarning

log = logging.getLogger(__name__)

FILES_SHOWN = 3
"""Number of newest files with problems in warnings; `hub files` lists the others."""
PROBLEMS_SHOWN = 5
"""Maximum number of problems in warnings."""
COMPLETE = frozenset({FileState.WHOLE, FileState.DUPLICATE})


def now() -> dt.datetime:
    """Return the current time (UTC)."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True, slots=True)
class _DeliveryState:
    """State of a file type's deliveries.

    Attributes:
        as_of: when the newest complete file was made, or the newest readable one if none is
            complete; None if no file is readable.
        unusable: newest file, if it is not complete; otherwise None.
        warnings: problems of the newest files.
    """

    as_of: dt.datetime | None
    unusable: SeenFile | None
    warnings: Sequence[SourceWarning]


class FilesConnector(Connector):
    """The `files` connector of one department.

    Polling starts when the connector is opened or called for the first time. `clock` returns the
    current time (UTC).

    Raises:
        SetupError: a call or a setting is not usable.
    """

    def __init__(
        self, setup: Setup[FilesSettings, FilesCall], clock: Callable[[], dt.datetime] = now
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
        self._file_types = {
            name: compile_file_type(
                name,
                rule,
                sorted({c.by for c in self._calls.values() if c.file == name}),
                setup.timezone,
            )
            for name, rule in settings.files.items()
        }
        self._intake = Intake(
            setup.department,
            delivery_folder(settings, setup.deadline),
            list(self._file_types.values()),
            self._store,
            settings.look_back,
            settings.settle,
            clock,
        )
        self._outboxes = Outboxes(setup, self._store.outgoing, clock)
        self._states: dict[str, _DeliveryState] = {}
        self._failure: DepartmentError | None = None
        self._first_poll = asyncio.Event()
        self._polling: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Start to poll the folder."""
        if self._polling is None:
            self._polling = asyncio.create_task(self._poll_forever())

    async def poll(self) -> None:
        """Read new files. An error is not raised, but logged and reported by the next call."""
        unfetched = f"{self._department}'s files can't be fetched"
        try:
            await self._intake.poll()
        except (FolderUnreachableError, RowStoreError) as error:
            is_refused = isinstance(error, FolderRefusedError)
            kind = DepartmentAuthError if is_refused else DepartmentUnreachableError
            self._failure = kind(self._department, f"{unfetched}: {error}.")
        except Exception as error:
            # No caller waits for this task, so nobody else would report the error.
            log.error("%s: polling the folder failed: %s", self._department, type(error).__name__)
            self._failure = DepartmentUnreachableError(self._department, f"{unfetched}.")
        else:
            self._failure = None
        if self._failure is not None:
            log.warning("%s", self._failure.message)
        with contextlib.suppress(RowStoreError):
            for name in self._file_types:
                state = _state_of(await self._store.files(self._department, name))
                if state is not None:
                    self._states[name] = state
        self._first_poll.set()

    async def _poll_forever(self) -> None:
        while True:
            await self.poll()
            await self._outboxes.deliver()
            await asyncio.sleep(self._poll_seconds)

    async def call(
        self, capability: str, bindings: Bindings, context: CallContext, shape: Shape | None
    ) -> RowsOfReply:
        """Return the stored rows with the keys of `bindings`.

        Raises:
            DepartmentError: no file was delivered yet, none is readable, or the store failed.
        """
        call = self._calls[capability]
        if not self._first_poll.is_set():
            await self.open()
            await self._first_poll.wait()
        state = self._states.get(call.file)
        if state is None:
            raise self._failure or DepartmentUnreachableError(
                self._department, f"{self._department} has not delivered a file yet."
            )
        if state.as_of is None:
            raise self._unusable(state.unusable)
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
        late = self._late(self._file_types[call.file].rule, state.as_of, state.unusable)
        failure = late or (self._unusable(state.unusable) if state.unusable else None)
        warnings = [SourceWarning(code=WarningCode.LATE_FILE, raw=call.file)] if late else []
        return RowsOfReply(
            rows,
            state=SourceState.STALE if failure else SourceState.CACHED,
            as_of=state.as_of,
            warnings=[*warnings, *state.warnings],
            failure=failure,
        )

    async def write(
        self, capability: str, bindings: Bindings, context: CallContext
    ) -> WriteResponse:
        """Store a row for the next file to the department.

        Raises:
            DepartmentError: the row can't be written to a file, or the store failed.
        """
        await self.open()
        return await self._outboxes.write(capability, bindings)

    def _unusable(self, file: SeenFile | None) -> DepartmentError:
        """Return the error for a newest file that is not complete."""
        assert file is not None
        return MalformedReplyError(
            self._department,
            f"{self._department}'s newest file can't be used as a whole: {file.name} is "
            f"{file.state}. `hub files` says why.",
        )

    def _late(
        self, rule: FileRule, as_of: dt.datetime, unusable: SeenFile | None
    ) -> DepartmentError | None:
        """Return an error if the next file is late, otherwise None."""
        if rule.every is None:
            return None
        promised = as_of + dt.timedelta(seconds=rule.every + rule.grace)
        if self._clock() <= promised:
            return None
        what = "has not arrived"
        if unusable is not None:
            what = f"can't be used as a whole: {unusable.name} is {unusable.state}"
        return LateFileError(
            self._department,
            f"{self._department}'s next file was promised by "
            f"{promised.isoformat(timespec='minutes')} and {what}.",
        )

    async def erase(self, numbers: Collection[str]) -> int:
        """Delete the rows of citizens with one of these numbers.

        Returns:
            How many rows were deleted.

        Raises:
            DepartmentUnreachableError: the store failed.
        """
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


def _state_of(files: Mapping[str, SeenFile]) -> _DeliveryState | None:
    """Return the state of a file type's deliveries; None if there is no file."""
    if not files:
        return None
    newest = sorted(files.values(), key=lambda each: (each.as_of, each.name), reverse=True)
    readable = [each for each in newest if each.state is not FileState.UNREADABLE]
    complete = [each for each in newest if each.state in COMPLETE]
    as_of = next((each.as_of for each in (*complete, *readable)), None)
    # A complete file replaces the incomplete ones of the same time.
    is_current = complete and complete[0].as_of >= newest[0].as_of
    problems = [
        SourceWarning(
            code=WarningCode.BAD_LINE, raw=f"{each.name}:{problem.line}: {problem.reason}"
        )
        for each in newest[:FILES_SHOWN]
        for problem in each.problems
    ]
    more = len(problems) - PROBLEMS_SHOWN
    warnings = problems[:PROBLEMS_SHOWN]
    if more > 0:
        warnings.append(
            SourceWarning(code=WarningCode.BAD_LINE, raw=f"and {more} more; see hub files")
        )
    return _DeliveryState(as_of, None if is_current else newest[0], warnings)


def _checked(capability: str, call: FilesCall, settings: FilesSettings) -> FilesCall:
    here = ("capabilities", capability, "call")
    rule = settings.files.get(call.file)
    if rule is None:
        remedy = f"use one of: {', '.join(settings.files)}"
        raise SetupError((*here, "file"), f"there is no file type {call.file!r}", remedy)
    if call.by not in rule.columns:
        remedy = f"use one of: {', '.join(rule.columns)}"
        raise SetupError((*here, "by"), f"{call.file} has no column {call.by!r}", remedy)
    return call
