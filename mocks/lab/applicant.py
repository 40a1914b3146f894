"""Applies at a hub as a portal does: fills in the form of a service, uploads documents, submits."""

import base64
import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

SECONDS = 30.0
FORM = """query Form($code: String!) {
  service(code: $code) {
    attributes {
      code datatype required min max minLength pattern
      options { key }
      visibleIf { attribute oneOf }
    }
    evidence { code required mediaTypes group { key } visibleIf { attribute oneOf } }
  }
}"""
ATTACH = """mutation Attach($input: AttachDocumentInput!) {
  attachDocument(input: $input) { attachment { attachmentId } problems { code message } }
}"""
SUBMISSION = """submission {
    receiptNumber submissionState stateNote applicationReferenceNumber receiptUrl
  }
  problems { code message }"""
APPLY = f"""mutation Apply($input: SubmitApplicationInput!) {{
  submitApplication(input: $input) {{ {SUBMISSION} }}
}}"""
COMPLAIN = f"""mutation Complain($input: FileGrievanceInput!) {{
  fileGrievance(input: $input) {{ {SUBMISSION} }}
}}"""
TEXTS = (
    "Sunita Devi",
    "9876543210",
    "123456789012",
    "SBIN0001234",
    "sunita@mail.example",
    "12/3",
    "06ABCDE1234F1Z5",
    "12",
)
"""Texts to fill in: the first that fits a field's pattern is used."""
PDF = b"""%PDF-1.4
1 0 obj
<< /Type /Catalog /Pages 2 0 R >>
endobj
2 0 obj
<< /Type /Pages /Kids [3 0 R] /Count 1 >>
endobj
3 0 obj
<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>
endobj
xref
0 4
0000000000 65535 f\x20
0000000009 00000 n\x20
0000000058 00000 n\x20
0000000115 00000 n\x20
trailer
<< /Size 4 /Root 1 0 R >>
startxref
186
%%EOF
"""
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC"
)
FILES = {"application/pdf": PDF, "image/png": PNG}
"""Examples of documents: an empty page, and an image of one point."""


class NotAcceptedError(Exception):
    """The hub refused an operation. The message says why."""


class HubUnavailableError(Exception):
    """The hub did not answer, or asked to try again. Repeat the request with the same key."""


@dataclass(frozen=True, slots=True)
class Form:
    """The application form of a service.

    Attributes:
        code: code of the service.
        attributes: the values of the form, as `submitApplication` takes them.
        evidence: the documents that are required with these values: a media type by code.
    """

    code: str
    attributes: Sequence[Mapping[str, Any]]
    evidence: Mapping[str, str]


class Applicant:
    """Sends one person's operations to a hub.

    Args:
        url: GraphQL URL of the hub.
        token: access token of the person.
        purpose: code of the purpose; None to state none.
    """

    def __init__(self, url: str, token: str, purpose: str | None = None) -> None:
        self.url = url
        self._headers = {
            "Authorization": f"Bearer {token}",
            "GraphQL-Require-Preflight": "true",
            **({"Hub-Purpose": purpose} if purpose else {}),
        }

    async def form(self, client: httpx.AsyncClient, code: str) -> Form:
        """Return the form of a service, filled in with values that fit it.

        Raises:
            HubUnavailableError: the hub did not answer.
            NotAcceptedError: there is no such service, or no value fits a field.
        """
        service = (await self.query(client, FORM, {"code": code}))["service"]
        if service is None:
            raise NotAcceptedError(f"there is no service {code}")
        values: dict[str, list[str]] = {}
        attributes: list[dict[str, Any]] = []
        for each in service["attributes"]:
            if each["required"] and _is_visible(each, values):
                value = _value_of(each)
                values[each["code"]] = [value]
                many = each["datatype"] == "MULTI_VALUE_LIST"
                attributes.append(
                    {
                        "code": each["code"],
                        "values" if many else "value": [value] if many else value,
                    }
                )
        groups: set[str] = set()
        evidence: dict[str, str] = {}
        for each in service["evidence"]:
            if each["required"] and _is_visible(each, values):
                group = each["group"]["key"] if each["group"] else each["code"]
                if group not in groups:
                    groups.add(group)
                    evidence[each["code"]] = next(
                        known for known in FILES if known in each["mediaTypes"]
                    )
        return Form(code, attributes, evidence)

    async def attach(
        self, client: httpx.AsyncClient, member: str, evidence: str, media_type: str, key: str
    ) -> str:
        """Upload a document for a citizen; return the id of the attachment.

        Raises:
            HubUnavailableError: the hub did not answer.
            NotAcceptedError: the hub refused the document.
        """
        variables = {
            "input": {
                "file": None,
                "evidence": evidence,
                "citizen": {"memberIdentifier": member},
                "idempotencyKey": key,
            }
        }
        parts = {
            "operations": (None, json.dumps({"query": ATTACH, "variables": variables})),
            "map": (None, json.dumps({"0": ["variables.input.file"]})),
            "0": (f"{evidence.lower()}.{media_type[-3:]}", FILES[media_type], media_type),
        }
        payload = (await self._send(client, files=parts))["attachDocument"]
        if payload is None or payload["problems"]:
            raise NotAcceptedError(str(payload and payload["problems"]))
        return str(payload["attachment"]["attachmentId"])

    async def apply(
        self, client: httpx.AsyncClient, member: str, form: Form, key: str
    ) -> Mapping[str, Any]:
        """Upload the form's documents and apply; return the submission.

        Args:
            key: idempotency key. Repeat a request that had no answer with the same key.

        Raises:
            HubUnavailableError: the hub did not answer.
            NotAcceptedError: the hub did not accept the application.
        """
        documents = [
            await self.attach(client, member, code, kind, f"{key}-{code}")
            for code, kind in form.evidence.items()
        ]
        given = {
            "citizen": {"memberIdentifier": member},
            "service": form.code,
            "attributes": form.attributes,
            "documents": documents,
            "confirmDuplicate": True,
            "idempotencyKey": key,
        }
        return await self._submit(client, "submitApplication", APPLY, given)

    async def complain(
        self, client: httpx.AsyncClient, member: str, category: str, key: str
    ) -> Mapping[str, Any]:
        """File a grievance; return the submission. Arguments and errors are as for `apply`."""
        given = {
            "citizen": {"memberIdentifier": member},
            "category": category,
            "text": "The street light at the crossing has not worked for two weeks.",
            "idempotencyKey": key,
        }
        return await self._submit(client, "fileGrievance", COMPLAIN, given)

    async def _submit(
        self, client: httpx.AsyncClient, field: str, document: str, given: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        payload = (await self.query(client, document, {"input": given}))[field]
        if payload is None or payload["submission"] is None:
            raise NotAcceptedError(str(payload and payload["problems"]))
        submission: Mapping[str, Any] = payload["submission"]
        return submission

    async def query(
        self, client: httpx.AsyncClient, document: str, variables: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return `data` of the response.

        Raises:
            HubUnavailableError: the hub did not answer, or may answer later.
            NotAcceptedError: the response has an error.
        """
        return await self._send(client, json={"query": document, "variables": variables})

    async def _send(self, client: httpx.AsyncClient, **request: Any) -> Mapping[str, Any]:
        try:
            reply = await client.post(self.url, headers=self._headers, timeout=SECONDS, **request)
            response = reply.json()
        except (httpx.HTTPError, ValueError) as error:
            raise HubUnavailableError(repr(error)) from None
        errors = response.get("errors")
        if errors:
            text = json.dumps(errors[0])
            if errors[0].get("extensions", {}).get("retryable"):
                raise HubUnavailableError(text)
            raise NotAcceptedError(text)
        data: Mapping[str, Any] = response["data"]
        return data


def _is_visible(field: Mapping[str, Any], values: Mapping[str, Sequence[str]]) -> bool:
    condition = field["visibleIf"]
    if condition is None:
        return True
    return any(each in condition["oneOf"] for each in values.get(condition["attribute"], ()))


def _value_of(field: Mapping[str, Any]) -> str:
    """Return a value that fits a form field."""
    match field["datatype"]:
        case "NUMBER":
            least, most = field["min"], field["max"]
            value = least if least is not None else 1 if most is None else min(1, most)
            return f"{value:g}"
        case "DATE":
            return "1960-01-15"
        case "DATETIME":
            return dt.datetime(2026, 11, 20, 10, tzinfo=dt.UTC).isoformat()
        case "SINGLE_VALUE_LIST" | "MULTI_VALUE_LIST":
            return str(field["options"][0]["key"])
    least_length = field["minLength"] or 1
    for text in TEXTS:
        fits = field["pattern"] is None or re.fullmatch(field["pattern"], text)
        if fits and len(text) >= least_length:
            return text
    raise NotAcceptedError(f"no example fits the form field {field['code']}")
