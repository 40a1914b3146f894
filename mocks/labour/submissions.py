"""What the board receives: registrations, documents, replies to its queries, withdrawals."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mocks.faults.middleware import strikes
from mocks.population.clock import parse_day
from mocks.population.records import Application
from mocks.population.work_departments import LABOUR
from mocks.responses import envelope_refusal, json_body, json_response
from mocks.submissions import ApplicationDesk, Intake, Kind
from mocks.submissions.forms import document_problem, missing_field, text_of, without_content

SERVICE = LABOUR.services[0]
TRADES = ("01", "02", "03", "04", "05", "99")
OTHER_TRADE = "99"
DAYS_WORKED = range(90, 367)
NAME_BYTES = 60
"""Size of the column for names, in bytes."""


class RefusedError(Exception):
    """The board refuses a write.

    Attributes:
        code: code in the envelope.
        message: reason, in the board's words.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class SubmissionEndpoints:
    """The endpoints that store something. Each replies with HTTP 200, also when it refuses."""

    def __init__(self, desk: ApplicationDesk, intake: Intake) -> None:
        self._desk = desk
        self._intake = intake

    async def register(self, request: Request) -> Response:
        """Handle `POST /bocw/v1/registrations`. A second copy is stored as a second one."""
        try:
            body = await _body(request, "hubRef", "serviceCd")
            owner, member = text_of(body, "bocwNo"), text_of(body, "ppMemberId")
            if text_of(body, "serviceCd") != SERVICE.wire_code:
                raise RefusedError("E421", "serviceCd is not valid")
            worker = self._desk.citizen(owner, "" if owner else member)
            if worker is None:
                raise RefusedError("E404", "Worker is not found in BOCW or Family ID")
            form = body.get("form")
            _check_form(form)
            documents = _documents_of(body)
            for document in documents:
                _check_document(document)
        except RefusedError as refused:
            return envelope_refusal(refused.code, refused.message)
        fields = {
            "form": form,
            "documents": list(map(without_content, documents)),
            "channel": text_of(body, "channel"),
        }
        stored = self._desk.receive(
            text_of(body, "hubRef"), SERVICE.code, owner, worker.member_id, fields
        )
        return _confirmed("Registration saved successfully", stored, text_of(body, "hubRef"))

    async def attach(self, request: Request) -> Response:
        """Handle `POST /bocw/v1/registrations/documents`."""
        return await self._act(request, Kind.DOCUMENT, "Document uploaded")

    async def reply(self, request: Request) -> Response:
        """Handle `POST /bocw/v1/registrations/reply`: the answer to a query."""
        return await self._act(request, Kind.QUERY_RESPONSE, "Reply forwarded")

    async def withdraw(self, request: Request) -> Response:
        """Handle `POST /bocw/v1/registrations/withdraw`."""
        return await self._act(request, Kind.WITHDRAWAL, "Registration withdrawn")

    async def _act(self, request: Request, kind: Kind, done: str) -> Response:
        try:
            body = await _body(request, "hubRef", "regAppNo")
            hub_reference = text_of(body, "hubRef")
            application = self._desk.get(text_of(body, "regAppNo"))
            if application is None:
                raise RefusedError("E102", "Data not found")
            # The board recognizes a second copy of these writes, but not of a registration.
            if self._intake.by_hub_references([hub_reference], kind):
                return _confirmed("Already received", application, hub_reference, "S101")
            documents = (
                [body.get("document") or {}] if kind is Kind.DOCUMENT else _documents_of(body)
            )
            for document in documents:
                _check_document(document)
            if kind is Kind.QUERY_RESPONSE and not text_of(body, "reply"):
                raise RefusedError("E400", "reply is mandatory")
            if self._desk.is_finished(application):
                raise RefusedError("E409", "Registration is already disposed of")
            if kind is Kind.QUERY_RESPONSE and not self._desk.is_sent_back(application):
                raise RefusedError("E409", "No query is pending")
        except RefusedError as refused:
            return envelope_refusal(refused.code, refused.message)
        fields = {
            "text": text_of(body, "reply") or text_of(body, "reason"),
            "documents": [without_content(document) for document in documents],
        }
        changed = self._desk.act(kind, hub_reference, application, fields)
        return _confirmed(done, changed, hub_reference)


async def _body(request: Request, *needed: str) -> dict[str, Any]:
    if strikes(request, "refuse_write"):
        raise RefusedError("E451", "Not accepted, contact the district office")
    body = await json_body(request)
    if not isinstance(body, dict):
        raise RefusedError("E422", "Body is not valid JSON")
    missing = missing_field(body, *needed)
    if missing is not None:
        raise RefusedError("E400", f"{missing} is mandatory")
    return body


def _check_form(form: object) -> None:
    missing = missing_field(form, "workerName", "dob", "tradeCd", "daysWorked", "declared")
    if missing is not None:
        raise RefusedError("E400", f"{missing} is mandatory")
    if len(text_of(form, "workerName").encode()) > NAME_BYTES:
        raise RefusedError("E422", f"workerName exceeds {NAME_BYTES} bytes")
    try:
        parse_day(text_of(form, "dob"), "%d/%m/%Y")
    except ValueError:
        raise RefusedError("E422", "dob must be dd/mm/yyyy") from None
    if text_of(form, "tradeCd") not in TRADES:
        raise RefusedError("E421", "tradeCd is not valid")
    if text_of(form, "tradeCd") == OTHER_TRADE and not text_of(form, "tradeOther"):
        raise RefusedError("E400", "tradeOther is mandatory")
    days = text_of(form, "daysWorked")
    if not days.isdecimal() or len(days) > 3 or int(days) not in DAYS_WORKED:
        raise RefusedError("E422", "daysWorked must be between 90 and 366")
    if text_of(form, "declared") != "Y":
        raise RefusedError("E422", "Declaration is not given")


def _documents_of(body: dict[str, Any]) -> list[Any]:
    documents = body.get("documents") or []
    if not isinstance(documents, list):
        raise RefusedError("E400", "documents must be a list")
    return documents


def _check_document(document: object) -> None:
    problem = document_problem(document)
    if problem is not None:
        raise RefusedError("E415", problem)


def _confirmed(
    message: str, application: Application, hub_reference: str, code: str = "S100"
) -> Response:
    data = {
        "regAppNo": application.reference,
        "hubRef": hub_reference,
        "statusCd": int(application.status_code),
    }
    return json_response({"status": "true", "code": code, "msg": message, "data": data})
