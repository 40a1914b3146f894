"""Values of the placeholders of a write: the filled form, the documents, and further facts."""

import base64
import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.connectors.filters import CODE_TABLES, NoCodeError
from adapters.connectors.templates import MISSING, fill, misfits_in
from adapters.contract import DepartmentRefusedError
from adapters.mapping.code_tables import CodeTable
from adapters.writes import Misfit, MisfitReason, WriteDocument, WriteRequest
from schema.form import AttributeType

MOST_SHOWN = 80
DOCUMENT_VALUES = frozenset(
    {
        "document_type",
        "document_name",
        "media_type",
        "content",
        "content_bytes",
        "sha256",
        "size",
    }
)
"""Placeholders for one document: for the only document of a write, and in its `documents`.
`content` is in base64; `content_bytes` are the bytes, for columns and elements of that type."""


@dataclass(frozen=True, slots=True)
class Form:
    """The application form of one service, as the department receives it.

    Attributes:
        service: the department's code of the service.
        fields: templates of the department's fields, in their order.
        blank: value of a field that the citizen left empty; None leaves the field out.
        types: types of the form's attributes, by code.
    """

    service: str
    fields: Mapping[str, Any]
    blank: str | None
    types: Mapping[str, AttributeType]

    def filled(self, values: Mapping[str, object]) -> dict[str, Any]:
        """Return the department's fields.

        Raises:
            NoCodeError: a code table has no code for a value.
        """
        filled = fill(self.fields, values)
        found: Mapping[str, Any] = {} if filled is MISSING else filled
        if self.blank is None:
            return dict(found)
        return {name: found.get(name, self.blank) for name in self.fields}


@dataclass(frozen=True, slots=True)
class WriteFilling:
    """Fills the writes of one department.

    Attributes:
        department: identifier, for errors.
        timezone: time zone of the department's local times.
        tables: its code tables.
        forms: its forms, by the hub's code of the service.
    """

    department: str
    timezone: dt.tzinfo
    tables: Mapping[str, CodeTable] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)

    async def bindings(
        self,
        request: WriteRequest,
        placeholders: Collection[str],
        document_fields: Mapping[str, Any],
    ) -> dict[str, object]:
        """Return the values of a write's placeholders.

        Args:
            placeholders: those of the call. A document's content is read only if it is needed.
            document_fields: templates of the fields of a document.

        Raises:
            DepartmentRefusedError: a code table has no code for a value. Nothing was sent.
        """
        try:
            bindings = self._simple(request)
            if "fields" in placeholders:
                bindings["fields"] = self._fields(request, bindings)
            if "documents" in placeholders:
                bindings["documents"] = [
                    fill(document_fields, {**bindings, **await _document(each, needs_content=True)})
                    for each in request.documents
                ]
            of_one = DOCUMENT_VALUES & set(placeholders)
            if of_one and len(request.documents) > 1:
                raise self._refusal("a call takes one document, and there are more")
            if len(request.documents) == 1:
                needs_content = not {"content", "content_bytes"}.isdisjoint(placeholders)
                bindings |= await _document(request.documents[0], needs_content=needs_content)
        except NoCodeError as error:
            raise self.refused(error) from None
        return bindings

    def misfits(
        self,
        service_code: str,
        values: Mapping[str, object],
        facts: Mapping[str, object],
        call: Any,
    ) -> Sequence[Misfit]:
        """Return the values that do not fit the filters of a form and a call.

        Args:
            service_code: the hub's code of the service; empty if the write concerns none.
            values: values of the service's form.
            facts: further values.
            call: the write's call, as plain values; None for the form only.
        """
        form = self.forms.get(service_code)
        common = {**facts, CODE_TABLES: self.tables}
        parts: list[tuple[Any, Mapping[str, object]]] = [(call, common)]
        if form is not None:
            parts.append((form.fields, {**common, **self._typed(form, values)}))
        found: dict[tuple[str, MisfitReason], Misfit] = {}
        for template, bindings in parts:
            for each in misfits_in(template, bindings):
                key = each.name, each.reason
                found[key] = _stricter(each, found.get(key, each))
        return list(found.values())

    def _simple(self, request: WriteRequest) -> dict[str, object]:
        form = self.forms.get(request.service_code)
        facts = dict(request.facts)
        birth_date = facts.get("applicant_birth_date")
        if isinstance(birth_date, str):
            facts["applicant_birth_date"] = _date(birth_date)
        return {
            **facts,
            CODE_TABLES: self.tables,
            "receipt": request.receipt,
            "service": form.service if form is not None else request.service_code or None,
            "citizen": request.citizen,
            "member": request.member or None,
            "reference": request.reference,
            "submitted_at": request.submitted_at.astimezone(self.timezone).replace(microsecond=0),
        }

    def _fields(self, request: WriteRequest, bindings: Mapping[str, object]) -> dict[str, Any]:
        form = self.forms.get(request.service_code)
        if form is None:
            message = f"The manifest of {self.department} has no form for this service."
            raise DepartmentRefusedError(self.department, message)
        return form.filled({**bindings, **self._typed(form, request.values)})

    def _typed(self, form: Form, values: Mapping[str, object]) -> dict[str, object]:
        """Return a form's values; dates that are texts become dates. Empty values are None."""
        typed: dict[str, object] = dict.fromkeys(form.types)
        for code, value in values.items():
            datatype = form.types.get(code)
            if isinstance(value, str) and datatype is AttributeType.DATE:
                typed[code] = _date(value)
            elif isinstance(value, str) and datatype is AttributeType.DATETIME:
                typed[code] = self._moment(value)
            elif isinstance(value, dt.datetime):
                typed[code] = value.astimezone(self.timezone)
            else:
                typed[code] = None if value in ("", [], ()) else value
        return typed

    def _moment(self, written: str) -> object:
        try:
            moment = dt.datetime.fromisoformat(written)
        except ValueError:
            return written or None
        return moment if moment.tzinfo is None else moment.astimezone(self.timezone)

    def refused(self, error: NoCodeError) -> DepartmentRefusedError:
        """Return the error for a value that the department has no code for."""
        return self._refusal(str(error)[:MOST_SHOWN])

    def _refusal(self, reason: str) -> DepartmentRefusedError:
        return DepartmentRefusedError(
            self.department, f"The hub did not call {self.department}: {reason}."
        )


def _stricter(one: Misfit, other: Misfit) -> Misfit:
    """Return which of two misfits of a value, for the same reason, allows less."""
    first, second = one.limit or 0, other.limit or 0
    is_one = first > second if one.reason is MisfitReason.TOO_SHORT else first < second
    return one if is_one else other


def _date(written: str) -> object:
    try:
        return dt.date.fromisoformat(written)
    except ValueError:
        return written or None


async def _document(document: WriteDocument, *, needs_content: bool) -> dict[str, object]:
    values: dict[str, object] = {
        "document_type": document.evidence or None,
        "document_name": document.name,
        "media_type": document.media_type,
        "sha256": document.sha256,
        "size": document.size_bytes,
    }
    if needs_content:
        content = await document.content()
        values["content_bytes"] = content
        values["content"] = base64.b64encode(content).decode()
    return values
