"""A department `forest` for one test: its manifest and its adapter."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.contract import Capability, DepartmentError, Rows
from adapters.manifest import load_department
from adapters.workbench.look_ups import look_up_all
from schema.application import Application
from schema.provenance import SourceWarning
from tests.support.calls import call_context

BY_CITIZEN = Capability.APPLICATIONS_BY_CITIZEN

RECORD: Mapping[str, Any] = {
    "applicationReferenceNumber": "number",
    "applicationStatus": {"path": "status", "codes": "status"},
    "departmentStatus": {"fields": {"code": "status"}},
    "statusNotes": "note",
    "requestedDatetime": {"path": "made", "format": "dd/mm/yyyy"},
    "applicantName": "name",
}
CODES = {
    "tables": {
        "status": {"enum": "ApplicationStatus", "codes": {"02": "SUBMITTED", "04": "APPROVED"}}
    }
}


def write_department(
    folder: Path,
    connector: Mapping[str, Any],
    capability: Mapping[str, Any],
    *,
    limits: Mapping[str, Any] | None = None,
    capability_name: str = BY_CITIZEN.value,
) -> Path:
    """Write the manifest of a department `forest`; return its folder."""
    department_folder = folder / "forest"
    department_folder.mkdir(exist_ok=True)
    content = {
        "manifest": 1,
        "department": "forest",
        "label": {"en": "Forests", "hi": "वन विभाग"},
        "identity": {"scheme": "FOREST_NO"},
        "connector": connector,
        "limits": {"deadline": "5s", "concurrency": 64, "reply_bytes": "4MiB", **(limits or {})},
        "capabilities": {capability_name: {"record": "application", **capability}},
        "records": {"application": RECORD},
    }
    written = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    (department_folder / "department.yaml").write_text(written, encoding="utf-8")
    (department_folder / "codes.yaml").write_text(yaml.safe_dump(CODES), encoding="utf-8")
    return department_folder


@asynccontextmanager
async def department(
    folder: Path,
    connector: Mapping[str, Any],
    capability: Mapping[str, Any],
    **more: Any,
) -> AsyncIterator[ManifestAdapter]:
    """Build the adapter of `write_department`'s department, and close it at the end."""
    adapter = build_adapter(
        load_department(write_department(folder, connector, capability, **more))
    )
    try:
        yield adapter
    finally:
        await adapter.close()


async def results_of(adapter: ManifestAdapter, *keys: str) -> Mapping[str, Rows | DepartmentError]:
    """Return the result for each key; raise the error if no key has a result."""
    return (await look_up_all(adapter, BY_CITIZEN, keys, call_context())).results


async def look_up(adapter: ManifestAdapter, *keys: str) -> dict[str, Rows]:
    """Return the rows for each key; fail if a key has an error."""
    results: dict[str, Rows] = {}
    for key, rows in (await results_of(adapter, *keys)).items():
        assert isinstance(rows, Rows), rows
        results[key] = rows
    return results


async def numbers(adapter: ManifestAdapter, *keys: str) -> dict[str, list[str]]:
    """Return the numbers of the applications for each key."""
    found = await look_up(adapter, *keys)
    return {key: [str(each.application_reference_number) for each in records(rows)]
            for key, rows in found.items()}  # fmt: skip


def records(rows: Rows) -> list[Application]:
    return [record for record in rows.records if isinstance(record, Application)]


def warning_parts(warning: SourceWarning) -> tuple[str, str | None, str | None]:
    return warning.code, warning.field_path, warning.raw


def row(number: str, citizen: str, **more: Any) -> dict[str, Any]:
    """Return a row as the department sends it."""
    return {"number": number, "citizen": citizen, "status": "04", "made": "03/11/2026", **more}
