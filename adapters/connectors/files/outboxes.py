"""The writes of a department that receives files: each is a row of the next file."""

import datetime as dt
import logging
from collections.abc import Callable

from adapters.connectors.connector import Bindings
from adapters.connectors.files.folder_urls import outbox_folder
from adapters.connectors.files.folders import FolderUnreachableError
from adapters.connectors.files.outbox import Outbox
from adapters.connectors.files.outgoing_layouts import UnfitRowError
from adapters.connectors.files.settings import FilesCall, FilesSettings, FilesWrite
from adapters.connectors.kept_rows import RowStoreError
from adapters.connectors.outgoing_rows import OutgoingStore
from adapters.connectors.setup import Setup, SetupError
from adapters.connectors.templates import MERGED, MISSING, fill
from adapters.connectors.write_replies import WritePlan, WriteResponse
from adapters.contract import DepartmentRefusedError, DepartmentUnreachableError

log = logging.getLogger(__name__)


class Outboxes:
    """All outboxes of one department.

    Args:
        setup: the manifest.
        store: stores rows and files.
        clock: returns the current time (UTC).

    Raises:
        SetupError: a write or a folder is not usable.
    """

    def __init__(
        self,
        setup: Setup[FilesSettings, FilesCall],
        store: OutgoingStore,
        clock: Callable[[], dt.datetime],
    ) -> None:
        settings = setup.settings
        self._department = setup.department
        self._writes = {
            name: _checked_write(name, plan, settings) for name, plan in setup.writes.items()
        }
        self._outboxes = {
            name: Outbox(
                setup.department,
                name,
                rule,
                outbox_folder(settings, rule, setup.deadline),
                store,
                setup.timezone,
                clock,
            )
            for name, rule in settings.outbox.items()
        }

    async def write(self, capability: str, bindings: Bindings) -> WriteResponse:
        """Store a row for the next file to the department.

        The row is in the hub's database when this returns. The same receipt number is stored once.

        Raises:
            DepartmentRefusedError: the row can't be written to a file.
            DepartmentUnreachableError: the store failed.
        """
        call = self._writes[capability]
        filled = fill(call.row, bindings)
        receipt = bindings.get("receipt")
        assert isinstance(receipt, str)
        values = {} if filled is MISSING else {name: _text(value) for name, value in filled.items()}
        try:
            is_new = await self._outboxes[call.outbox].queue(receipt, values)
        except UnfitRowError as error:
            raise DepartmentRefusedError(
                self._department, f"The file to {self._department} can't contain the row: {error}."
            ) from None
        except RowStoreError as error:
            # The row may be stored. Storing it again changes nothing.
            raise DepartmentUnreachableError(
                self._department, f"The row for {self._department} was not stored: {error}."
            ) from None
        return WriteResponse(content={"receipt": receipt, "is_new": is_new})

    async def deliver(self) -> None:
        """Deliver the files to the department that are due. An error is not raised, but logged."""
        for outbox in self._outboxes.values():
            try:
                await outbox.deliver()
            except (FolderUnreachableError, RowStoreError) as error:
                log.warning("%s: a file can't be delivered: %s", self._department, error)
            except Exception as error:
                # Log no message: it may quote personal data.
                log.error(
                    "%s: delivering a file failed: %s", self._department, type(error).__name__
                )


def _checked_write(
    capability: str, plan: WritePlan[FilesWrite], settings: FilesSettings
) -> FilesWrite:
    here = ("writes", capability, "call")
    call = plan.call
    rule = settings.outbox.get(call.outbox)
    if rule is None:
        remedy = f"use one of: {', '.join(settings.outbox)}" if settings.outbox else "add it"
        raise SetupError((*here, "outbox"), f"there is no outbox {call.outbox!r}", remedy)
    for column in call.row:
        if column != MERGED and column not in rule.columns:
            remedy = f"use one of: {', '.join(rule.columns)}"
            raise SetupError((*here, "row", column), f"the outbox has no column {column!r}", remedy)
    return call


def _text(value: object) -> str:
    if isinstance(value, list | tuple):
        return ",".join(map(_text, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, dt.date) else str(value)
