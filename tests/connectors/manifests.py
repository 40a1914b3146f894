"""Writes small manifests for tests."""

import os
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.connectors.kept_rows import RowStore
from adapters.contract import Capability, Rows
from adapters.manifest import load_department
from adapters.workbench.look_ups import look_up_all
from tests.support.calls import call_context

URL = "TESTED_DATABASE_URL"

CODES = """tables:
  status:
    enum: ApplicationStatus
    codes: {N: SUBMITTED, A: APPROVED}
"""
RECORD = {
    "applicationReferenceNumber": "ref",
    "serviceCode": {"value": "T-ONE"},
    "applicationStatus": {"path": "status", "codes": "status"},
    "departmentStatus": {"fields": {"code": "status", "label": "status"}},
    "requestedDatetime": {"path": "applied", "format": "dd/mm/yyyy"},
    "applicantName": "name",
    "applicantKey": "person",
}


def adapter_of(
    folder: Path,
    connector: dict[str, Any],
    capabilities: dict[str, Any],
    *,
    limits: dict[str, Any] | None = None,
    row_store: RowStore | None = None,
    record: dict[str, Any] | None = None,
) -> ManifestAdapter:
    """Return the adapter of a department `tested`; raise `ManifestError` if it has mistakes."""
    url = str(connector.get("url", ""))
    if "url" in connector:
        # A manifest must not contain a password.
        connector = connector | {"url": f"${{env:{URL}}}"}
    manifest = {
        "manifest": 1,
        "department": "tested",
        "label": {"en": "Tested"},
        "identity": {"scheme": "TESTED_NO"},
        "connector": connector,
        "limits": limits or {},
        "capabilities": {
            name: {"record": "application", **capability}
            for name, capability in capabilities.items()
        },
        "records": {"application": RECORD | (record or {})},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "department.yaml").write_text(yaml.safe_dump(manifest), encoding="utf-8")
    (folder / "codes.yaml").write_text(CODES, encoding="utf-8")
    with patch.dict(os.environ, {URL: url}):
        return build_adapter(load_department(folder), row_store)


async def rows_of(adapter: ManifestAdapter, *keys: str) -> dict[str, Rows]:
    """Return the rows of `applications_by_citizen` for each key."""
    reply = await look_up_all(adapter, Capability.APPLICATIONS_BY_CITIZEN, keys, call_context())
    found: dict[str, Rows] = {}
    for key in keys:
        rows = reply.results[key]
        assert isinstance(rows, Rows), rows
        found[key] = rows
    return found


def warnings_of(rows: Rows) -> list[tuple[str, str | None, str | None]]:
    return [(each.code, each.field_path, each.raw) for each in rows.warnings]
