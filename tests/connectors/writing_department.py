"""A department `forest` that accepts applications: its manifest, and one application."""

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.contract import CallContext
from adapters.manifest import load_department
from adapters.writes import WriteCapability, WriteDocument, WriteReply, WriteRequest
from tests.connectors.forest_department import RECORD
from tests.support.calls import call_context

SUBMIT = WriteCapability.SUBMIT_APPLICATION
RECEIPT = "CH7K3M9QXT2VDA"
ACCEPTED_AT = dt.datetime(2026, 11, 28, 11, 25, tzinfo=dt.UTC)
FORM: Mapping[str, Any] = {
    "service": "TR",
    "fields": {
        "name": "{applicant_name|squeeze|max_bytes 20}",
        "trade": "{trade|code trades}",
        "born": "{birth_date:dd/mm/yyyy}",
        "note": "{remarks}",
        "declared": "Y",
    },
}
ATTRIBUTES: list[dict[str, Any]] = [
    {"code": "applicant_name", "required": True, "label": "Name"},
    {
        "code": "trade",
        "datatype": "SINGLE_VALUE_LIST",
        "label": "Trade",
        "options": [{"key": "MASON", "name": "Mason"}, {"key": "TREE_CUTTER", "name": "Cutter"}],
    },
    {"code": "birth_date", "datatype": "DATE", "label": "Born on"},
    {"code": "remarks", "datatype": "TEXT", "label": "Remarks"},
]
CODES: Mapping[str, Any] = {
    "tables": {
        "status": {"enum": "ApplicationStatus", "codes": {"02": "SUBMITTED", "04": "APPROVED"}},
        "trades": {"texts": {"11": "Mason", "12": "Tree cutter"}},
    }
}
VALUES: Mapping[str, object] = {
    "applicant_name": "Asha  Devi",
    "trade": "TREE_CUTTER",
    "birth_date": "1980-02-29",
}
FIND: Mapping[str, Any] = {
    "call": {"path": "/applications", "query": {"refs": "{keys}"}},
    "keys": {"at_once": 20},
    "rows": "rows",
    "key": "ref",
    "record": "application",
}


def service(request_type: str = "REALTIME") -> dict[str, Any]:
    return {
        "name": "Tree permit",
        "description": "Allows a person to cut trees.",
        "produces": "A permit",
        "request_type": request_type,
        "attributes": ATTRIBUTES,
    }


def write_manifest(
    folder: Path,
    connector: Mapping[str, Any],
    writes: Mapping[str, Any],
    *,
    forms: Mapping[str, Any] | None = None,
    capabilities: Mapping[str, Any] | None = None,
    request_type: str = "REALTIME",
    limits: Mapping[str, Any] | None = None,
    files: Mapping[str, str] | None = None,
) -> Path:
    """Write the manifest of a department `forest` with these writes; return its folder."""
    department_folder = folder / "forest"
    department_folder.mkdir(exist_ok=True)
    content = {
        "manifest": 1,
        "department": "forest",
        "label": {"en": "Forests", "hi": "वन विभाग"},
        "identity": {"scheme": "FOREST_NO"},
        "connector": connector,
        "limits": {"deadline": "2s", **(limits or {})},
        "capabilities": capabilities or {},
        "records": {"application": {**RECORD, "receiptNumber": "ref"}},
        "forms": {"FOR-1": FORM} if forms is None else forms,
        "writes": writes,
    }
    parts = {
        "department.yaml": content,
        "codes.yaml": CODES,
        "services.yaml": {"services": {"FOR-1": service(request_type)}},
    }
    for name, part in parts.items():
        written = yaml.safe_dump(part, allow_unicode=True, sort_keys=False)
        (department_folder / name).write_text(written, encoding="utf-8")
    for name, text in (files or {}).items():
        (department_folder / name).write_text(text, encoding="utf-8")
    return department_folder


@asynccontextmanager
async def writing_department(
    folder: Path, connector: Mapping[str, Any], writes: Mapping[str, Any], **more: Any
) -> AsyncIterator[ManifestAdapter]:
    """Build the adapter of `write_manifest`'s department, and close it at the end."""
    adapter = build_adapter(load_department(write_manifest(folder, connector, writes, **more)))
    try:
        yield adapter
    finally:
        await adapter.close()


def application(**changes: Any) -> WriteRequest:
    """Return an application of a made-up citizen."""
    fields: dict[str, Any] = {
        "receipt": RECEIPT,
        "submitted_at": ACCEPTED_AT,
        "service_code": "FOR-1",
        "citizen": "A1",
        "member": "M1",
        "values": VALUES,
    }
    return WriteRequest(**{**fields, **changes})


def document(content: bytes = b"%PDF-1.7 made up") -> WriteDocument:
    async def read() -> bytes:
        return content

    return WriteDocument("PHOTO", "photo.pdf", "application/pdf", len(content), "ab" * 32, read)


async def submit(
    adapter: ManifestAdapter,
    request: WriteRequest | None = None,
    capability: WriteCapability = SUBMIT,
    context: Callable[[], CallContext] = call_context,
) -> WriteReply:
    return await adapter.write(capability, request or application(), context())
