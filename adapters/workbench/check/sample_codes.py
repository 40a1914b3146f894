"""Finds the codes in a department's samples that are in no code table."""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from adapters.connectors.connector import walk
from adapters.connectors.http.xml import read_xml
from adapters.contract import Capability
from adapters.manifest.model import CapabilityModel, Manifest
from adapters.manifest.rules import context_of
from adapters.mapping.generated_code import MissingFieldError
from adapters.mapping.readers import Readers
from adapters.mapping.values import as_list
from adapters.record_types import record_type_of
from schema.codes import WarningCode
from schema.needed_fields import ALL_FIELDS
from schema.provenance import Origin, SourceWarning

MOST_BYTES = 8 << 20

UnknownCodes = Sequence[tuple[str, str]]
"""Pairs of a field and one of its codes that is in no code table."""


def unknown_codes(manifest: Manifest) -> Iterator[tuple[Path, UnknownCodes | None]]:
    """Yield each sample with its unknown codes; None if its rows can't be found.

    A sample is named after its capability, for example `applications_by_citizen-none.json`.
    """
    folder = manifest.folder / "samples"
    for path in sorted(folder.glob("*.*")) if folder.is_dir() else ():
        name, _, variant = path.stem.partition("-")
        if name not in set(Capability) or variant.startswith("fault"):
            continue
        capability = Capability(name)
        model = manifest.file.capabilities.get(capability)
        if model is not None and path.suffix in (".json", ".xml"):
            rows = _rows_of(path, model)
            yield path, None if rows is None else _unknown(manifest, capability, model, rows)


def _unknown(
    manifest: Manifest, capability: Capability, model: CapabilityModel, rows: Sequence[Any]
) -> UnknownCodes:
    context = context_of(manifest.file, manifest.tables, manifest.functions)
    rules = manifest.file.records[model.record].rules
    readers = Readers(record_type_of(capability), rules, context, model.key, model.row)
    read = readers.readers_for(ALL_FIELDS, for_merging=True).of_mappings.read
    now = dt.datetime.now(dt.UTC)
    origin = Origin(manifest.file.department, manifest.file.connector.kind, now, 0, "check")
    notes: list[SourceWarning] = []
    for row in rows:
        try:
            read(row, origin, notes, {})
        except (MissingFieldError, AttributeError):
            # The contract tests report what else is wrong with a sample.
            continue
    found = ((note.field_path or "", note.raw or "") for note in notes if _is_code(note))
    return list(dict.fromkeys(found))


def _is_code(note: SourceWarning) -> bool:
    return note.code == WarningCode.UNKNOWN_CODE


def _rows_of(path: Path, model: CapabilityModel) -> Sequence[Any] | None:
    try:
        content = path.read_bytes()
        if len(content) > MOST_BYTES:
            return None
        tree = orjson.loads(content) if path.suffix == ".json" else _tree_of(content, model.rows)
        if isinstance(tree, list) and model.rows:
            return as_list(tree)
        return as_list(walk(tree, model.rows))
    except (OSError, ValueError, TypeError):
        return None


def _tree_of(content: bytes, rows: str | None) -> Any:
    """Return the nested mapping of the XML document that has the first step of `rows`."""
    first = rows.partition("/")[0] if rows else None
    waiting: list[Any] = [read_xml(content)[0]]
    for tree in waiting:
        if isinstance(tree, list):
            waiting += tree
        elif isinstance(tree, dict):
            if first in tree:
                return tree
            waiting += tree.values()
    return {}
