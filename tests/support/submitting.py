"""Submits things to a hub over HTTP, as portals do."""

import itertools
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.processes import Hub
from tests.support.sign_in import CITIZEN, token
from tests.support.uploads import png

FIELDS = """
  id receiptNumber kind state: submissionState stateNote applicationReferenceNumber
  registrationNumber receiptUrl submitterRole documents { name evidence url }
  application { receiptNumber submissionState }
"""
SUBMISSION = f"submission {{ {FIELDS} }}"
PROBLEMS = """problems {
  __typename code message
  ... on AttributeProblem { attribute }
  ... on EvidenceProblem { evidence }
  ... on InputProblem { field }
  ... on StatusProblem { applicationStatus }
  ... on NotOfferedProblem { department { identifier } }
  ... on DuplicateProblem { applications { receiptNumber applicationReferenceNumber } }
}"""
SELECTIONS = {
    "submitApplication": f"{SUBMISSION} hints {{ condition found }} {PROBLEMS}",
    "saveDraft": "draft { id attributes: attributeValues { code value } documents { name } } "
    f"{PROBLEMS}",
    "attachDocument": f"attachment {{ attachmentId name mediaType evidence }} {SUBMISSION} "
    f"{PROBLEMS}",
}
LABOUR_FORM = {
    "applicant_name": "RAM DEVI",
    "birth_date": "1980-02-03",
    "trade": "MASON",
    "days_worked": "120",
}
LABOUR_DOCUMENTS = ("WORK_SLIP", "FAMILY_ID", "BANK_PASSBOOK")
SECONDS = 30.0
_numbers = itertools.count(1)


def new_key() -> str:
    return f"key-{next(_numbers)}"


def values(form: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"code": code, "value": value} for code, value in form.items()]


@dataclass
class Submitter:
    """A person who submits something.

    Attributes:
        hub: the hub.
        token: token of the person.
        headers: headers of all requests, for example `Hub-Purpose`.
        citizen: Family ID member number of the citizen for whom it is.
    """

    hub: Hub
    token: str = field(default_factory=token)
    headers: Mapping[str, str] = field(default_factory=dict)
    citizen: str = CITIZEN

    def run(self, document: str, **variables: Any) -> dict[str, Any]:
        return self.hub.query(document, token=self.token, headers=self.headers, **variables)

    def call(self, mutation: str, **given: Any) -> dict[str, Any]:
        """Return the whole response to a mutation with these fields of its input."""
        name = mutation[0].upper() + mutation[1:]
        selection = SELECTIONS.get(mutation, f"{SUBMISSION} {PROBLEMS}")
        given.setdefault("idempotencyKey", new_key())
        return self.run(
            f"mutation ($input: {name}Input!) {{ {mutation}(input: $input) {{ {selection} }} }}",
            input=given,
        )

    def done(self, mutation: str, **given: Any) -> dict[str, Any]:
        """Return the payload of a mutation, which must have no errors."""
        response = self.call(mutation, **given)
        assert "errors" not in response, response
        payload: dict[str, Any] = response["data"][mutation]
        return payload

    def problems(self, mutation: str, **given: Any) -> list[str]:
        """Return the codes of the problems of a mutation, which must not be accepted."""
        payload = self.done(mutation, **given)
        assert payload.get("submission") is None
        return [each["code"] for each in payload["problems"]]

    def accepted(self, mutation: str, **given: Any) -> dict[str, Any]:
        """Return what a mutation has submitted; it must be accepted."""
        payload = self.done(mutation, **given)
        assert payload["problems"] == [], payload["problems"]
        submission: dict[str, Any] = payload["submission"]
        return submission

    def acknowledged(self, submission: Mapping[str, Any]) -> dict[str, Any]:
        """Return a submission as soon as the department has confirmed it."""
        document = f"query ($n: String!) {{ submission(receiptNumber: $n) {{ {FIELDS} }} }}"
        deadline = time.monotonic() + SECONDS
        while True:
            shown = self.run(document, n=submission["receiptNumber"])["data"]["submission"]
            if shown["state"] == "ACKNOWLEDGED":
                found: dict[str, Any] = shown
                return found
            assert time.monotonic() < deadline, shown
            time.sleep(0.1)

    @property
    def key(self) -> dict[str, str]:
        return {"memberIdentifier": self.citizen}

    def upload(self, **given: Any) -> dict[str, Any]:
        """Return the whole response to `attachDocument` with a small picture."""
        given.setdefault("idempotencyKey", new_key())
        if "application" not in given:
            given.setdefault("citizen", self.key)
        document = (
            "mutation ($input: AttachDocumentInput!) { attachDocument(input: $input) "
            f"{{ {SELECTIONS['attachDocument']} }} }}"
        )
        operation = {"query": document, "variables": {"input": {"file": None, **given}}}
        files: dict[str, Any] = {
            "operations": (None, json.dumps(operation)),
            "map": (None, json.dumps({"0": ["variables.input.file"]})),
            "0": ("../slip.png", png(), "image/png"),
        }
        signed_in = {"Authorization": f"Bearer {self.token}", "GraphQL-Require-Preflight": "true"}
        reply = self.hub.client.post(
            self.hub.url, files=files, headers={**self.headers, **signed_in}
        )
        response: dict[str, Any] = reply.json()
        return response

    def attachment(self, **given: Any) -> str:
        """Return the id of a small picture that was uploaded."""
        response = self.upload(**given)
        assert "errors" not in response, response
        payload = response["data"]["attachDocument"]
        assert payload["problems"] == [], payload
        identifier: str = payload["attachment"]["attachmentId"]
        return identifier

    def labour_application(
        self, documents: Sequence[str] | None = None, **given: Any
    ) -> dict[str, Any]:
        """Return a complete input of an application to the labour board."""
        if documents is None:
            documents = [self.attachment(evidence=each) for each in LABOUR_DOCUMENTS]
        return {
            "citizen": self.key,
            "service": "LAB-BOC",
            "attributes": values(LABOUR_FORM),
            "documents": list(documents),
            "idempotencyKey": new_key(),
            **given,
        }
