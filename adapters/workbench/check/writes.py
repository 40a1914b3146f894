"""Checks writes: what their forms leave out, whether they fit the department's description, and
what happens after a lost reply."""

import asyncio
import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from graphql import GraphQLObjectType

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.connectors.templates import code_tables_in, placeholders_in
from adapters.contract import CallContext, DepartmentRefusedError
from adapters.manifest.document import KeyPath
from adapters.manifest.writes import FACTS
from adapters.mapping.rules import did_you_mean
from adapters.workbench.check.findings import Findings, Severity
from adapters.workbench.contract_tests.checks import is_safe
from adapters.writes import WriteCapability, WriteDocument, WriteRequest
from schema.contract import build_schema
from schema.form import AttributeType, ServiceAttribute
from schema.status import SubmissionChannel

CHANNELS = (SubmissionChannel.PORTAL, SubmissionChannel.KIOSK, SubmissionChannel.CSC)
"""The channels of submissions through the hub."""
_WITH_DOCUMENTS = frozenset({WriteCapability.SUBMIT_APPLICATION, WriteCapability.ATTACH_DOCUMENT})
_EXAMPLES: Mapping[AttributeType, object] = {
    AttributeType.NUMBER: 1,
    AttributeType.DATE: dt.date(2000, 1, 2),
    AttributeType.DATETIME: dt.datetime(2000, 1, 2, 3, 4, tzinfo=dt.UTC),
}


def check_writes(findings: Findings) -> None:
    """Report what is probably wrong with the department's writes."""
    manifest = findings.manifest
    if not manifest.file.writes:
        return
    services = {each.code: each for each in manifest.services}
    for code, form in manifest.file.forms.items():
        used = placeholders_in(form.fields)
        unsent = [each.code for each in services[code].attributes if each.code not in used]
        shown = [each.code for each in services[code].attributes if not each.variable]
        if left := [each for each in unsent if each not in shown]:
            message = f"the department does not receive {', '.join(left)}"
            remedy = "add fields with these attributes, or remove them from services.yaml"
            findings.add(Severity.WARNING, "forms", ("forms", code), message, remedy)
    for capability, write in manifest.file.writes.items():
        here = ("writes", capability.value)
        _check_channels(findings, (*here, "call"), write.call)
        if capability in _WITH_DOCUMENTS and not _sends_documents(write.call):
            message = "the department does not receive the citizen's documents"
            findings.add(Severity.NOTE, "writes", (*here, "call"), message)
        if not is_safe(manifest, capability):
            message = "after a lost reply, an operator must ask the department"
            findings.add(Severity.NOTE, "reconciled", here, message)
    _check_correctable_fields(findings)
    for at, message in asyncio.run(_misfits(findings)):
        remedy = "correct the call or the form, or bring the description up to date"
        findings.add(Severity.ERROR, "writes", at, message, remedy)


def _sends_documents(call: Any) -> bool:
    return not placeholders_in(call).isdisjoint({"documents", "content", "content_bytes"})


def _check_channels(findings: Findings, at: KeyPath, call: Any) -> None:
    for name, table_name in sorted(code_tables_in(call)):
        table = findings.manifest.tables[table_name]
        words = CHANNELS if name == "channel" else ()
        missing = [each.name for each in words if table.code_of(each.name) is None]
        if missing:
            message = f"the code table {table_name!r} has no code for {', '.join(missing)}"
            findings.add(Severity.WARNING, "writes", at, message, "add codes with these meanings")


def _check_correctable_fields(findings: Findings) -> None:
    fields = findings.manifest.department.correctable_fields
    if not fields:
        return
    known = [
        f"{name}.{field}"
        for name, each in build_schema()._schema.type_map.items()
        if isinstance(each, GraphQLObjectType)
        for field in each.fields
    ]
    at = ("writes", WriteCapability.REQUEST_CORRECTION.value, "call")
    for field in fields:
        # `Citizen.personName(lang: HI)` names the text in one language.
        if re.sub(r"\(lang: (EN|HI)\)$", "", field) not in known:
            message = f"the schema has no field {field!r}, so no portal can offer its correction"
            findings.add(Severity.WARNING, "writes", at, message, did_you_mean(field, known))


async def _misfits(findings: Findings) -> list[tuple[KeyPath, str]]:
    """Write an example of each request, without sending it; return what does not fit."""
    manifest = findings.manifest
    adapter = build_adapter(manifest)
    misfits: list[tuple[KeyPath, str]] = []
    try:
        for capability in manifest.file.writes:
            for code, request in _examples(findings, capability):
                message = await _misfit(adapter, capability, request)
                if message is not None:
                    at = ("forms", code) if code else ("writes", capability.value, "call")
                    misfits.append((at, message))
    finally:
        await adapter.close()
    return misfits


async def _misfit(
    adapter: ManifestAdapter, capability: WriteCapability, request: WriteRequest
) -> str | None:
    deadline = asyncio.get_running_loop().time() + 1
    try:
        await adapter.department_writes.check(
            capability, request, CallContext("check", deadline), adapter.connector
        )
    except DepartmentRefusedError as error:
        return error.message
    return None


def _examples(
    findings: Findings, capability: WriteCapability
) -> Iterator[tuple[str, WriteRequest]]:
    """Yield an example of each form with the code of its service, or one without a form."""
    manifest = findings.manifest
    model = manifest.file.writes[capability]
    codes = dict(code_tables_in(model.call))
    facts: dict[str, object] = {}
    for name in FACTS:
        table = manifest.tables.get(codes.get(name, ""))
        facts[name] = next(iter(table.words), "") if table is not None else "1"
    facts["applicant_birth_date"] = dt.date(2000, 1, 2)
    request = WriteRequest(
        receipt="CH0000000000000",
        submitted_at=dt.datetime(2000, 1, 2, tzinfo=dt.UTC),
        citizen="1",
        member="1",
        reference="1",
        facts=facts,
        documents=[_document()],
    )
    if capability is not WriteCapability.SUBMIT_APPLICATION:
        yield "", request
        return
    for service in manifest.services:
        if service.code in manifest.file.forms:
            values = {each.code: _example(each) for each in service.attributes if each.variable}
            code = service.code
            yield code, replace(request, service_code=code, reference=None, values=values)


def _example(attribute: ServiceAttribute) -> object:
    if attribute.options:
        key = attribute.options[0].key
        return [key] if attribute.datatype is AttributeType.MULTI_VALUE_LIST else key
    return _EXAMPLES.get(attribute.datatype, "1")


def _document() -> WriteDocument:
    async def content() -> bytes:
        return b"%PDF"

    return WriteDocument("EXAMPLE", "example.pdf", "application/pdf", 4, "0" * 64, content)
