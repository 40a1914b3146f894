"""A recorded reply on a stage: the real connector asks a real server, file or database for it."""

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
    over_no_folder,
    write_file,
    write_rows,
)
from adapters.workbench.replay.server import RecordedReply, ReplayServer

CONTENT_TYPES = {".json": "application/json", ".xml": "text/xml; charset=utf-8"}
REPLY_TABLE = "reply"
PAGED_BY = ("watermark", "keyset", "page")
"""Parts of a database's call that say how its result is gone through, whatever it is of."""


class CanNotReplayError(Exception):
    """The recorded reply can't be put on a stage; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A manifest that asks this machine only.

    Attributes:
        manifest: the manifest, pointed at the stage.
        server: what answers, where the connector speaks HTTP.
        refill: has another recorded reply answered from now on.
        is_read_once: whether an adapter has to be opened anew to see it.
    """

    manifest: Manifest
    server: ReplayServer | None = None
    refill: Callable[[bytes], None] | None = None
    is_read_once: bool = False


@dataclass(frozen=True, slots=True)
class FailureMode:
    """A way in which a department can fail.

    Attributes:
        name: what happens, in a few words.
        stage: a stage on which it happens.
    """

    name: str
    stage: Callable[[Manifest], Any]


@contextmanager
def http_stage(manifest: Manifest, replies: Sequence[RecordedReply]) -> Iterator[Stage]:
    with ReplayServer(replies) as server:

        def refill(content: bytes) -> None:
            server.replies[-1] = replace(server.replies[-1], body=content)

        yield Stage(redirected(manifest, server.url), server, refill)


@contextmanager
def rows_stage(manifest: Manifest, capability: Capability, content: bytes) -> Iterator[Stage]:
    """Rows of a result, in a SQLite table that stands for the statement's result."""
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
    """The department's own tables in SQLite, made by `script`; the manifest's statements run."""
    with tempfile.TemporaryDirectory(prefix="hub-stage-") as folder:
        path = Path(folder) / "department.db"
        try:
            with closing(sqlite3.connect(path)) as database:
                database.executescript(script)
                database.commit()
        except sqlite3.Error as error:
            raise CanNotReplayError(f"the SQL script does not run in SQLite: {error}") from None
        yield Stage(redirected(manifest, f"sqlite:///{path}"))


@contextmanager
def file_database_stage(manifest: Manifest, content: bytes | None) -> Iterator[Stage]:
    """A SQLite file of this content; None: there is no file, nor a folder for it."""
    with tempfile.TemporaryDirectory(prefix="hub-stage-") as folder:
        path = Path(folder) / ("department.db" if content is not None else "gone/department.db")
        if content is not None:
            path.write_bytes(content)
        yield Stage(redirected(manifest, f"sqlite:///{path}"))


@contextmanager
def delivered_rows_stage(
    manifest: Manifest, capability: Capability, content: bytes
) -> Iterator[Stage]:
    """Recorded rows as a file of the department's layout."""
    with folder_of_rows(manifest, capability, rows_of(content)) as (moved, folder):
        settings = manifest.file.connector
        assert isinstance(settings, FilesSettings)
        rule = settings.files[manifest.file.capabilities[capability].call["file"]]

        def refill(other: bytes) -> None:
            write_rows(folder / NAME, rule, rows_of(other))

        yield Stage(moved, refill=refill, is_read_once=True)


@contextmanager
def delivery_stage(manifest: Manifest, path: Path | None) -> Iterator[Stage]:
    """A recorded file as it came; None: none has come yet."""
    with folder_of_files(manifest, _named_as_theirs(manifest, [path] if path else [])) as (
        moved,
        folder,
    ):

        def refill(other: bytes) -> None:
            assert path is not None
            write_file(folder / path.name, other)

        yield Stage(moved, refill=refill if path else None, is_read_once=True)


@contextmanager
def deliveries_stage(manifest: Manifest, paths: Sequence[Path]) -> Iterator[Stage]:
    """Recorded files in one folder, come in this order."""
    with folder_of_files(manifest, _named_as_theirs(manifest, paths)) as (moved, _):
        yield Stage(moved, is_read_once=True)


def _named_as_theirs(manifest: Manifest, paths: Sequence[Path]) -> Sequence[Path]:
    settings = manifest.file.connector
    assert isinstance(settings, FilesSettings)
    for path in paths:
        if not any(re.fullmatch(rule.name, path.name) for rule in settings.files.values()):
            raise CanNotReplayError(
                f"{path.name} is named otherwise than the department's files; name it as they "
                "are, and say its `capability` in samples.yaml"
            )
    return paths


def rows_of(content: bytes) -> list[dict[str, Any]]:
    """The recorded rows of a database; raises `CanNotReplayError`."""
    try:
        rows = json.loads(content)
    except ValueError:
        raise CanNotReplayError("recorded rows are a JSON list of objects") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CanNotReplayError("recorded rows are a JSON list of objects")
    return rows


def failure_modes_of(manifest: Manifest) -> list[FailureMode]:
    """The ways in which a department of this kind can fail that can be staged here."""
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
            FailureMode("its folder is gone", lambda m: nullcontext(Stage(over_no_folder(m)))),
        ]
    # Some say "no rows" with what is an error elsewhere.
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
