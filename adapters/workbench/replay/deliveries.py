"""Builds folders of files for a department that delivers files."""

import csv
import io
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapters.connectors.files.settings import CsvRule, FileRule, FilesSettings, FixedRule
from adapters.contract import Capability
from adapters.manifest import Manifest
from adapters.workbench.replay.addresses import with_connector

NAME = "recorded.txt"
AN_HOUR = 3600.0
A_MINUTE = 60.0
A_CENTURY = 36_525 * 86_400.0


@contextmanager
def folder_of_rows(
    manifest: Manifest, capability: Capability, rows: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Manifest, Path]]:
    """Write the rows to a file in a new folder; yield the manifest that reads it, and the folder.

    The lines have the layout that the manifest describes. Header and trailer lines, and the time in
    the file's name, are left out.
    """
    settings = manifest.file.connector
    assert isinstance(settings, FilesSettings)
    kind = manifest.file.capabilities[capability].call["file"]
    rule = settings.files[kind]
    with tempfile.TemporaryDirectory(prefix="hub-stage-") as temporary:
        folder = Path(temporary)
        write_rows(folder / NAME, rule, rows)
        bare = rule.model_copy(
            update={
                "name": NAME.replace(".", r"\."),
                "every": None,
                "stamp_format": None,
                "csv": _without_trailer(rule.csv),
                "fixed": _without_trailer(rule.fixed),
            }
        )
        yield _with_folder(manifest, folder, {**settings.files, kind: bare}), folder


@contextmanager
def folder_of_files(manifest: Manifest, paths: Sequence[Path]) -> Iterator[tuple[Manifest, Path]]:
    """Copy the files to a new folder; yield the manifest that reads it, and the folder.

    The first file is the oldest. No file counts as late, and no row as too old to be kept.
    """
    settings = manifest.file.connector
    assert isinstance(settings, FilesSettings)
    with tempfile.TemporaryDirectory(prefix="hub-stage-") as temporary:
        folder = Path(temporary)
        for younger, path in enumerate(reversed(paths)):
            write_file(folder / path.name, path.read_bytes(), AN_HOUR + younger * A_MINUTE)
        timeless = {"every": None, "keep": A_CENTURY}
        rules = {name: rule.model_copy(update=timeless) for name, rule in settings.files.items()}
        yield _with_folder(manifest, folder, rules), folder


def without_folder(manifest: Manifest) -> Manifest:
    """Return the manifest with a folder that does not exist."""
    settings = manifest.file.connector
    assert isinstance(settings, FilesSettings)
    return _with_folder(manifest, Path("/nowhere/at/all"), settings.files)


def _with_folder(manifest: Manifest, folder: Path, rules: Mapping[str, FileRule]) -> Manifest:
    settings = manifest.file.connector
    changes = {
        "url": f"file://{folder}",
        "password": None,
        "client_key": None,
        "host_key": None,
        "look_back": A_CENTURY,
        "files": dict(rules),
    }
    return with_connector(manifest, settings.model_copy(update=changes))


def write_rows(path: Path, rule: FileRule, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows to a file with the layout of `rule`."""
    text = _fixed(rule.fixed, rows) if rule.fixed else _delimited(rule.csv, rows)
    write_file(path, text)


def write_file(path: Path, content: bytes, age: float = AN_HOUR) -> None:
    """Write the file with a modification time `age` seconds ago.

    The connector skips a file that was modified just now, because it may be incomplete.
    """
    path.write_bytes(content)
    then = time.time() - age
    os.utime(path, (then, then))


def _without_trailer(layout: Any) -> Any:
    if isinstance(layout, FixedRule):
        return layout.model_copy(update={"header": None, "trailer": None})
    return layout.model_copy(update={"trailer": None}) if layout is not None else None


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _delimited(rule: CsvRule | None, rows: Sequence[Mapping[str, Any]]) -> bytes:
    assert rule is not None
    written = io.StringIO()
    writer = csv.writer(written, delimiter=rule.delimiter, lineterminator="\n")
    if rule.header:
        writer.writerow(rule.columns)
    writer.writerows([[_text(row.get(name)) for name in rule.columns] for row in rows])
    return written.getvalue().encode()


def _fixed(rule: FixedRule, rows: Sequence[Mapping[str, Any]]) -> bytes:
    lines: list[bytes] = []
    for row in rows:
        line = bytearray(b" " * rule.line_bytes)
        line[: len(rule.detail)] = rule.detail.encode()
        for name, (first, last) in rule.fields.items():
            width = last - first + 1
            # Cut between letters: a text may have more bytes than its byte range.
            cut = _text(row.get(name)).encode()[:width].decode("utf-8", "ignore").encode()
            line[first - 1 : last] = cut.ljust(width)
        lines.append(bytes(line))
    return b"\n".join([*lines, b""])
