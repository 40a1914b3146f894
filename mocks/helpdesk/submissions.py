"""What the help desk receives: grievances, and ratings of its answers."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mocks.faults.middleware import strikes
from mocks.helpdesk.grievance_desk import GrievanceDesk, is_open
from mocks.population.services import GRIEVANCE_SERVICES
from mocks.responses import json_body, json_response
from mocks.submissions.forms import document_problem, missing_field, text_of, without_content

PREFIX = "/open311/v2"
SHORTEST, LONGEST = 20, 4000
"""Limits of a description in characters."""
RATINGS = ("1", "2", "3", "4", "5")


class SubmissionEndpoints:
    """The endpoints that store something."""

    def __init__(self, desk: GrievanceDesk) -> None:
        self._desk = desk

    async def request(self, request: Request) -> Response:
        """Handle `POST /requests.json`. A second copy is stored as a second grievance."""
        if strikes(request, "refuse_write"):
            return problem(403, "Grievances of this category are not accepted now")
        body = await json_body(request)
        missing = missing_field(body, "service_code", "description", "external_ref")
        if missing is not None:
            return problem(400, f"{missing} was not provided")
        code, description = text_of(body, "service_code"), text_of(body, "description")
        if code not in GRIEVANCE_SERVICES:
            return problem(404, f"service_code {code} was not found")
        if not SHORTEST <= len(description) <= LONGEST:
            return problem(400, f"description must have {SHORTEST} to {LONGEST} characters")
        account, member = text_of(body, "account_id"), text_of(body, "member_id")
        citizen = self._desk.citizen(account, "" if account else member)
        if citizen is None:
            return problem(404, "account_id was not found")
        documents = body.get("media") or []
        if not isinstance(documents, list):
            return problem(400, "media must be a list")
        wrong = next(filter(None, map(document_problem, documents)), None)
        if wrong is not None:
            return problem(400, f"media: {wrong}")
        fields = {
            "service_code": code,
            "description": description,
            "phone": text_of(body, "phone"),
            "attributes": body.get("attributes"),
            "media": list(map(without_content, documents)),
        }
        stored = self._desk.receive(
            text_of(body, "external_ref"), account, citizen.member_id, fields
        )
        receipt = {
            "service_request_id": stored.request_id,
            "registration_number": stored.registration_number,
            "service_notice": "Your grievance will be answered within 30 days",
            "external_ref": text_of(body, "external_ref"),
            "account_id": account or None,
        }
        return json_response([receipt], 201)

    async def feedback(self, request: Request) -> Response:
        """Handle `POST /feedback.json`: only the text of the reply says whether it was stored."""
        return json_response({"message": await self._feedback(request)})

    async def _feedback(self, request: Request) -> str:
        body: Any = await json_body(request)
        number, external_ref = text_of(body, "registration_number"), text_of(body, "external_ref")
        found = self._desk.by_numbers([number])
        if strikes(request, "refuse_write"):
            return "Feedback is closed for this financial year"
        if not found:
            return "Sorry, this grievance does not exist"
        if self._desk.has_feedback(external_ref):
            return "You have already given this feedback"
        if is_open(found[0]):
            return "Sorry, the grievance is still pending"
        if text_of(body, "rating") not in RATINGS:
            return "Sorry, choose one to five stars"
        rating, comments = int(text_of(body, "rating")), {"comments": text_of(body, "comments")}
        self._desk.rate(external_ref, found[0], rating, comments)
        return "Thank you for your feedback"


def problem(code: int, description: str) -> Response:
    """Return a failure as Open311 reports it."""
    return json_response([{"code": code, "description": description}], code)
