"""What the licence office receives: forms whose fields have numbers, for one version of the form.

The office replies at once, with HTTP 201. It refuses a form with HTTP 422.
"""

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mocks.faults.middleware import strikes
from mocks.population.town_departments import TRADE_LICENCES
from mocks.responses import json_body, json_response
from mocks.submissions import ApplicationDesk
from mocks.submissions.forms import document_problem, text_of, without_content

VERSION = "1602"
"""Number of the form's version that takes new applications."""
TRADE_NAME, PREMISES, OWNERSHIP, GSTIN = "123010", "123011", "123012", "123013"
"""Numbers of the form's fields. A chosen option is `code~label`."""
OWNERSHIPS = frozenset({"1~Single", "2~Partnership", "3~Company"})
LENGTHS = {TRADE_NAME: 100, PREMISES: 300}
"""Sizes of the columns in bytes."""
GST_NUMBER = re.compile(r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]Z[0-9A-Z]")


class SubmissionEndpoint:
    """Receives applications. A copy is stored as an application of its own."""

    def __init__(self, desk: ApplicationDesk) -> None:
        self._desk = desk

    async def submit(self, request: Request) -> Response:
        """Handle `POST /applications`."""
        if strikes(request, "refuse_write"):
            return _refusal("application is not accepted, visit the office")
        body = await json_body(request)
        if not isinstance(body, dict):
            return _refusal("the body is not a JSON object")
        attributes, documents = body.get("attribute_details"), body.get("enclosures") or []
        owner, member = text_of(body, "applied_by"), text_of(body, "family_member")
        citizen = self._desk.citizen(owner, "" if owner else member)
        problem = _problem_in(body, attributes) or _problem_in_documents(documents)
        if problem is None and citizen is None:
            problem = "the applicant is not registered"
        if problem is not None or citizen is None:
            return _refusal(problem or "")
        fields = {
            "attributes": attributes,
            "channel": text_of(body, "submission_mode"),
            "documents": list(map(without_content, documents)),
        }
        reference, service = text_of(body, "ext_ref_no"), TRADE_LICENCES.services[0]
        stored = self._desk.receive(reference, service.code, owner, citizen.member_id, fields)
        return json_response({"status": 1, "appl_ref_no": stored.reference}, 201)


def _problem_in(body: Mapping[str, Any], attributes: object) -> str | None:
    if not text_of(body, "ext_ref_no"):
        return "ext_ref_no is missing"
    if text_of(body, "service_id") != VERSION:
        return f"service_id: only version {VERSION} of the form takes applications"
    for number, most in LENGTHS.items():
        text = text_of(attributes, number)
        if not text:
            return f"attribute {number} is missing"
        if len(text.encode()) > most:
            return f"attribute {number} is longer than {most} bytes"
    if text_of(attributes, OWNERSHIP) not in OWNERSHIPS:
        return f"attribute {OWNERSHIP}: no such option"
    gst_number = text_of(attributes, GSTIN)
    if gst_number and not GST_NUMBER.fullmatch(gst_number):
        return f"attribute {GSTIN} is not a GST number"
    return None


def _problem_in_documents(documents: object) -> str | None:
    if not isinstance(documents, list):
        return "enclosures: a list is needed"
    problems = (document_problem(each) for each in documents)
    return next((problem for problem in problems if problem is not None), None)


def _refusal(problem: str) -> Response:
    return json_response({"error": problem}, 422)
