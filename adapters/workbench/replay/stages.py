"""Stages: real servers, databases and folders on this machine that serve recorded replies.

The manifest's connector calls a stage exactly as it calls the department.
"""

import json
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adapters.connectors.files import FilesSettings
from adapters.contract import Capability
from adapters.manifest import Manifest
from adapters.workbench.replay.addresses import redirected, with_calls
from adapters.workbench.replay.deliveries import (
    NAME,
    folder_of_files,
    folder_of_rows,
    without_folder,
    write_file,
    write_rows,
)
from adapters.workbench.replay.server import RecordedReply, ReplayServer

CONTENT_TYPES = {".json": "application/json", ".xml": "text/xml; charset=utf-8"}
REPLY_TABLE = "reply"
PAGED_BY = ("watermark", "keyset", "page")
"""Keys of a database's `call` that describe paging. They apply to the staged table too."""


class CanNotReplayError(Exception):
    """The samples can't be replayed, or are not enough; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A manifest that calls this machine only.

    Attributes:
        manifest: the manifest, redirected to the stage.
        server: the replay server, for a connector over HTTP.
        refill: replaces the recorded reply.
        is_read_once: True if only a new adapter sees the replaced reply.
    """

    manifest: Manifest
    server: ReplayServer | None = None
    refill: Callable[[bytes], None] | None = None
    is_read_once: bool = False


@dataclass(frozen=True, slots=True)
class FailureMode:
    """A way in which a department can fail.

    Attributes:
        name: the failure, in a few words.
        stage: makes a stage that fails in this way.
    """

    name: str
    stage: Callable[[Manifest], Any]


@contextmanager
def http_stage(manifest: Manifest, replies: Sequence[RecordedReply]) -> Iterator[Stage]:
    """Serve the replies over HTTP; `refill` replaces the body of the last one."""
    with ReplayServer(replies) as server:

        def refill(content: bytes) -> None:
            server.replies[-1] = replace(server.replies[-1], body=content)

        yield Stage(redirected(manifest, server.url), server, refill)


@contextmanager
def rows_stage(manifest: Manifest, capability: Capability, content: bytes) -> Iterator[Stage]:
    """Serve recorded rows from a SQLite table, which every statement of the capability returns."""
    with tempfile.TemporaryDirectory(prefix="hub-stage-") as folder:
        path = Path(folder) / "reply.db"
        _fill(path, rows_of(content))
        call = manifest.file.capabilities[capability].call
        calls = {
            capability: {
                "sql": f"SELECT * FROM {REPLY_TABLE}",  # noqa: S608
                **{key: call[key] for key in PAGED_BY if key in call},
            }
        }
        calls |= {
            other: {"sql": "SELECT 1 AS nothing WHERE 0"}
            for other in manifest.file.capabilities
            if other != capability
        }
        yield Stage(
            redirected(with_calls(manifest, calls), f"sqlite:///{path}"),
            refill=lambda other: _fill(path, rows_of(other)),
        )


def _fill(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = list(dict.fromkeys(name for row in rows for name in row)) or ["nothing"]
    names = ", ".join(_quoted(name) for name in columns)
    marks = ", ".join("?" for _ in columns)
    with closing(sqlite3.connect(path)) as database:
        database.execute(f"DROP TABLE IF EXISTS {REPLY_TABLE}")
        database.execute(f"CREATE TABLE {REPLY_TABLE} ({names})")
        database.executemany(
            f"INSERT INTO {REPLY_TABLE} VALUES ({marks})",  # noqa: S608
            [[_cell(row.get(name)) for name in columns] for row in rows],
        )
        database.commit()


@contextmanager
def tables_stage(manifest: Manifest, script: str) -> Iterator[Stage]:
    """Make the department's tables in SQLite with `script`, and run the manifest's statements.

    Raises:
        CanNotReplayError: SQLite can't run the script.
    """
    with tempfile.TemporaryDirectory(prefix="hub-stage-") as folder:
        path = Path(folder) / "department.db"
        try:
            with closing(sqlite3.connect(path)) as database:
                database.executescript(script)
                database.commit()
        except sqlite3.Error as error:
            raise CanNotReplayError(f"SQLite can't run the SQL script: {error}") from None
        yield Stage(redirected(manifest, f"sqlite:///{path}"))


@contextmanager
def file_database_stage(manifest: Manifest, content: bytes | None) -> Iterator[Stage]:
    """Use a SQLite file with this content; None: neither the file nor its folder exists."""
    with tempfile.TemporaryDirectory(prefix="hub-stage-") as folder:
        path = Path(folder) / ("department.db" if content is not None else "gone/department.db")
        if content is not None:
            path.write_bytes(content)
        yield Stage(redirected(manifest, f"sqlite:///{path}"))


@contextmanager
def delivered_rows_stage(
    manifest: Manifest, capability: Capability, content: bytes
) -> Iterator[Stage]:
    """Deliver the recorded rows in a file with the department's layout."""
    with folder_of_rows(manifest, capability, rows_of(content)) as (moved, folder):
        settings = manifest.file.connector
        assert isinstance(settings, FilesSettings)
        rule = settings.files[manifest.file.capabilities[capability].call["file"]]

        def refill(other: bytes) -> None:
            write_rows(folder / NAME, rule, rows_of(other))

        yield Stage(moved, refill=refill, is_read_once=True)


@contextmanager
def delivery_stage(manifest: Manifest, path: Path | None) -> Iterator[Stage]:
    """Deliver a recorded file unchanged; None: no file has been delivered yet."""
    with folder_of_files(manifest, _check_names(manifest, [path] if path else [])) as (
        moved,
        folder,
    ):

        def refill(other: bytes) -> None:
            assert path is not None
            write_file(folder / path.name, other)

        yield Stage(moved, refill=refill if path else None, is_read_once=True)


@contextmanager
def deliveries_stage(manifest: Manifest, paths: Sequence[Path]) -> Iterator[Stage]:
    """Deliver recorded files to one folder, in this order."""
    with folder_of_files(manifest, _check_names(manifest, paths)) as (moved, _):
        yield Stage(moved, is_read_once=True)


def _check_names(manifest: Manifest, paths: Sequence[Path]) -> Sequence[Path]:
    # The connector recognises a file by its name.
    settings = manifest.file.connector
    assert isinstance(settings, FilesSettings)
    for path in paths:
        if not any(re.fullmatch(rule.name, path.name) for rule in settings.files.values()):
            raise CanNotReplayError(
                f"{path.name} does not match the names of the department's files; give it such a "
                "name, and write its `capability` in samples.yaml"
            )
    return paths


def rows_of(content: bytes) -> list[dict[str, Any]]:
    """Parse recorded rows of a database.

    Raises:
        CanNotReplayError: `content` is not a JSON list of objects.
    """
    try:
        rows = json.loads(content)
    except ValueError:
        raise CanNotReplayError("the sample of a database must be a JSON list of objects") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CanNotReplayError("the sample of a database must be a JSON list of objects")
    return rows


def failure_modes_of(manifest: Manifest) -> list[FailureMode]:
    """Return the failures that can be staged for a department with this connector."""
    settings = manifest.file.connector
    kind = settings.kind
    if kind == "database":
        return [
            FailureMode("its tables are gone", lambda m: tables_stage(m, "CREATE TABLE other (x)")),
            FailureMode(
                "it is no database", lambda m: file_database_stage(m, b"not a database " * 99)
            ),
            FailureMode("it can't be reached", lambda m: file_database_stage(m, None)),
        ]
    if kind == "files":
        return [
            FailureMode("it has left no file", lambda m: delivery_stage(m, None)),
            FailureMode("its folder is gone", lambda m: nullcontext(Stage(without_folder(m)))),
        ]
    # For some departments an error status means "no rows".
    no_rows = getattr(settings, "empty_statuses", ())
    return [
        FailureMode(name, _stage_of(reply))
        for name, reply in HTTP_FAILURES.items()
        if reply.status not in no_rows
    ]


HTTP_FAILURES = {
    "HTTP 500": RecordedReply(b"", 500),
    "HTTP 503 with prose": RecordedReply(
        b"Service Unavailable", 503, {"Content-Type": "text/plain"}
    ),
    "a web page with 200": RecordedReply(b"<!DOCTYPE html><html><body>Welcome</body></html>", 200),
    "a page of maintenance with 200": RecordedReply(
        b"<html><h1>Under maintenance</h1></html>", 200
    ),
    "bytes that are no text": RecordedReply(bytes(range(128, 256)) * 8, 200),
    "a reply that breaks off": RecordedReply(b'{"data": [' + b" " * 4096, 200, breaks_after=1000),
    "a redirect": RecordedReply(b"", 302, {"Location": "http://203.0.113.1/elsewhere"}),
    "HTTP 401": RecordedReply(b"", 401),
}


def _stage_of(reply: RecordedReply) -> Callable[[Manifest], Any]:
    return lambda manifest: http_stage(manifest, [reply])


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _cell(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value
