"""HTTP server of the water office: `/water/service.php`."""

import re
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from mocks.department import MockDepartment
from mocks.faults.failures import CannedReply, FailureReplies
from mocks.faults.middleware import strikes
from mocks.faults.pages import page_faults, rows_sent
from mocks.population import Population
from mocks.population.town_departments import WATER
from mocks.soap import encoding
from mocks.soap.calls import RpcCall, RpcFaultError
from mocks.soap.quirks import forbidden_characters, in_newer_namespace, no_rows_as_500
from mocks.soap.server import examples, operation_namer, service
from mocks.submissions import ApplicationDesk, Intake
from mocks.water.operations import WaterOperations
from mocks.water.submissions import WRITE, ConnectionSubmissions

PATH = "/water/service.php"
NAMESPACE = "urn:ulb:water"
CONTENT_TYPE = "text/xml; charset=utf-8"
EMPTY_ARRAY = b"ns1:Application[0]"


def build(population: Population) -> MockDepartment:
    """Return the water office with the data of this population."""
    intake = Intake()
    generated = population.applications_at(WATER)
    desk = ApplicationDesk(WATER, generated, population.by_member_id, intake)
    office = WaterOperations(population, desk)
    submissions = ConnectionSubmissions(desk)
    operations: dict[str, Callable[[RpcCall], list[str]]] = {
        "getApplications": lambda call: office.of_consumers(call.texts("consumer_nos")),
        "getApplicationsByNo": lambda call: office.by_number(call.texts("app_nos")),
        "getApplicationsByRef": lambda call: office.by_reference_of_sender(call.texts("refs")),
    }

    def worklist(call: RpcCall) -> Response:
        items, total = office.worklist(
            call.optional_texts("statuses"),
            call.optional_text("changed_from"),
            int(call.text("start")),
            int(call.text("rows")),
        )
        found = encoding.array("return", "ns1:ApplicationArray", "ns1:Application", items)
        body = (
            f"<ns1:getWorklistResponse>{found}"
            f'<total xsi:type="xsd:int">{total}</total></ns1:getWorklistResponse>'
        )
        return Response(encoding.envelope(body, NAMESPACE), media_type=CONTENT_TYPE)

    def handle(call: RpcCall, request: Request) -> Response:
        if call.operation == "getWorklist":
            return worklist(call)
        if call.operation == WRITE:
            if strikes(request, "refuse_write"):
                raise RpcFaultError("Client", "Application is not accepted, visit the office")
            found = encoding.value("return", "xsd:string", submissions.apply(call))
            body = f"<ns1:{WRITE}Response>{found}</ns1:{WRITE}Response>"
            return Response(encoding.envelope(body, NAMESPACE), media_type=CONTENT_TYPE)
        operation = operations.get(call.operation)
        if operation is None:
            raise RpcFaultError(
                "Server", f"Function ('{call.operation}') is not a valid method for this service"
            )
        items = operation(call)
        sent = rows_sent(items, page_faults(request))
        found = encoding.array(
            "return", "ns1:ApplicationArray", "ns1:Application", sent, announced=len(items)
        )
        body = f"<ns1:{call.operation}Response>{found}</ns1:{call.operation}Response>"
        return Response(encoding.envelope(body, NAMESPACE), media_type=CONTENT_TYPE)

    return MockDepartment(
        app=service(
            "mocks.water",
            "water.wsdl",
            PATH,
            CONTENT_TYPE,
            handle,
            lambda error: encoding.fault(error.code, str(error)),
        ),
        operation_of=operation_namer(PATH),
        failures=failure_replies(),
        examples=examples(
            PATH,
            f"{NAMESPACE}#getApplications",
            '<w:getApplications xmlns:w="urn:ulb:water"><consumer_nos>WS-KNL-00042</consumer_nos>'
            "</w:getApplications>",
        ),
        intake=intake,
    )


def failure_replies() -> FailureReplies:
    """Return failures as PHP writes them."""
    internal = encoding.fault("Server", "SQLSTATE[HY000] [2002] Connection refused")
    expired = encoding.fault("Server", "Session Expired. Please Login Again")
    return FailureReplies(
        error=CannedReply(500, CONTENT_TYPE, internal),
        fault200=CannedReply(200, CONTENT_TYPE, internal),
        expired_session=CannedReply(200, CONTENT_TYPE, expired),
        content_type=CONTENT_TYPE,
        status_code_pattern=re.compile(rb'<status xsi:type="xsd:string">(?P<code>[^<]*)</status>'),
        quirks={
            "lost_rows": None,
            "forbidden_characters": forbidden_characters(b"</status_txt>"),
            "empty_500": no_rows_as_500(EMPTY_ARRAY),
            "other_namespace": in_newer_namespace(b"urn:ulb:water", b"urn:ulb:water:731"),
        },
    )
