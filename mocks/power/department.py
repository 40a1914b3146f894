"""HTTP server of the power company: `/axis/services/PowerService`."""

import re
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from mocks.department import MockDepartment
from mocks.faults.failures import CannedReply, FailureReplies
from mocks.faults.middleware import amount_of, strikes
from mocks.population import Population
from mocks.population.town_departments import POWER
from mocks.power import multiref
from mocks.power.multiref import CONTENT_TYPE, MultiRefs
from mocks.power.operations import PowerOperations
from mocks.power.sessions import EXPIRED, IDLE_SECONDS, PASSWORD, USER, LoginSessions
from mocks.power.submissions import REFUSED, PowerSubmissions
from mocks.soap.calls import RpcCall, RpcFaultError
from mocks.soap.quirks import forbidden_characters
from mocks.soap.server import examples, operation_namer, service
from mocks.submissions import ApplicationDesk, Intake

PATH = "/axis/services/PowerService"
NAMESPACE = "urn:power:connections"
ORDER = {
    "doLogin": ("user", "pwd"),
    "getApplications": ("token", "consumerNos"),
    "getApplicationsByNo": ("token", "applicationNos"),
    "getWorklist": ("token", "statusCodes", "changedFrom", "firstRow", "maxRows"),
    "submitApplication": (
        "token", "refNo", "category", "consumerNo", "familyMember", "applicantName", "address",
        "loadKw", "area", "purpose", "channel", "documents",
    ),
    "fileAppeal": ("token", "refNo", "applicationNo", "level", "grounds", "documents"),
    "doLogout": ("token",),
}  # fmt: skip
"""Arguments by operation: Axis reads them by position, not by name (`docs/quirks.md` 10)."""
OPTIONAL = frozenset({"statusCodes", "changedFrom", "consumerNo", "documents"})
"""Arguments that may be left out."""


class PowerService:
    """The SOAP service: login sessions and operations."""

    def __init__(self, population: Population, intake: Intake) -> None:
        generated = population.applications_at(POWER)
        desk = ApplicationDesk(POWER, generated, population.by_member_id, intake)
        self._power = PowerOperations(population, desk)
        self._sessions = LoginSessions()
        self._writes = PowerSubmissions(desk, intake).operations
        self._operations: dict[str, Callable[[RpcCall, MultiRefs], str]] = {
            "getApplications": lambda call, refs: self._power.of_consumers(
                call.texts("consumerNos"), refs
            ),
            "getApplicationsByNo": lambda call, refs: self._power.by_number(
                call.texts("applicationNos"), refs
            ),
            "getWorklist": self._power.worklist,
        }

    def handle(self, call: RpcCall, request: Request) -> Response:
        """Handle a call.

        Raises:
            RpcFaultError: the call is wrong, or its session has expired.
        """
        expected = ORDER.get(call.operation)
        if expected is None:
            raise RpcFaultError("Client", f"No such operation '{call.operation}'")
        left_out = OPTIONAL - call.arguments.keys()
        if list(call.arguments) != [name for name in expected if name not in left_out]:
            raise RpcFaultError("Server.userException", "java.lang.IllegalArgumentException")
        refs = MultiRefs(NAMESPACE)
        if call.operation == "doLogin":
            return self._log_in(call, refs)
        self._sessions.check(
            call.text("token"), request.cookies.get("JSESSIONID", ""), _idle_seconds(request)
        )
        if call.operation == "doLogout":
            self._sessions.log_out()
            result = multiref.number("doLogoutReturn", 0)
        elif call.operation in self._writes:
            refused = strikes(request, "refuse_write")
            ack = REFUSED if refused else self._writes[call.operation](call)
            result = ack.write(f"{call.operation}Return", refs)
        else:
            result = self._operations[call.operation](call, refs)
        return Response(refs.envelope(call.operation, result), media_type=CONTENT_TYPE)

    def _log_in(self, call: RpcCall, refs: MultiRefs) -> Response:
        live = self._sessions.log_in(call.text("user"), call.text("pwd"))
        inner = multiref.number("status", 0) + multiref.string("token", live.token)
        key = refs.add("LoginResult", inner)
        body = refs.envelope(call.operation, f'<doLoginReturn href="#{key}"/>')
        reply = Response(body, media_type=CONTENT_TYPE)
        reply.set_cookie("JSESSIONID", live.cookie, path="/axis", httponly=True, samesite=None)
        return reply


def _idle_seconds(request: Request) -> float:
    return amount_of(request, "session_idle") or IDLE_SECONDS


def build(population: Population) -> MockDepartment:
    """Return the power company with the data of this population."""
    intake = Intake()
    return MockDepartment(
        app=service(
            "mocks.power",
            "power.wsdl",
            PATH,
            CONTENT_TYPE,
            PowerService(population, intake).handle,
            lambda error: multiref.fault(error.code, str(error)),
        ),
        operation_of=operation_namer(PATH),
        failures=failure_replies(),
        examples=examples(
            PATH,
            "doLogin",
            f'<p:doLogin xmlns:p="{NAMESPACE}"><user>{USER}</user><pwd>{PASSWORD}</pwd>'
            "</p:doLogin>",
        ),
        intake=intake,
    )


def failure_replies() -> FailureReplies:
    """Return failures as Axis writes them."""
    internal = multiref.fault("Server.userException", "java.lang.NullPointerException")
    return FailureReplies(
        error=CannedReply(500, CONTENT_TYPE, internal),
        fault200=CannedReply(200, CONTENT_TYPE, internal),
        expired_session=CannedReply(
            200, CONTENT_TYPE, multiref.fault("Server.userException", EXPIRED)
        ),
        content_type=CONTENT_TYPE,
        status_code_pattern=re.compile(
            rb'<statusCode xsi:type="soapenc:string">(?P<code>[^<]*)</statusCode>'
        ),
        quirks={
            "forbidden_characters": forbidden_characters(b"</statusText>"),
            "session_idle": None,
        },
    )
