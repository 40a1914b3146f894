"""HTTP server of the ration card service: `/epds/server.php`.

nuSOAP sends ISO-8859-1, with numeric references for other characters.
"""

import re
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from mocks.department import MockDepartment
from mocks.faults.failures import CannedReply, FailureReplies
from mocks.faults.middleware import strikes
from mocks.food.cards import CardIndex, outcome
from mocks.food.submissions import CardSubmissions
from mocks.population import Population
from mocks.population.town_departments import FOOD
from mocks.soap import encoding
from mocks.soap.calls import RpcCall, RpcFaultError
from mocks.soap.quirks import forbidden_characters, no_rows_as_500
from mocks.soap.server import examples, operation_namer, service
from mocks.submissions import ApplicationDesk, Intake

PATH = "/epds/server.php"
NAMESPACE = "urn:food"
LATIN = "ISO-8859-1"
CONTENT_TYPE = "text/xml; charset=ISO-8859-1"
NO_RECORD = "NO RECORD FOUND"
WRITE = "submitRationCard"


def build(population: Population) -> MockDepartment:
    """Return the ration card service with the data of this population."""
    intake = Intake()
    generated = population.applications_at(FOOD)
    desk = ApplicationDesk(FOOD, generated, population.by_member_id, intake)
    cards = CardIndex(population, desk)
    submissions = CardSubmissions(desk)
    operations: dict[str, Callable[[RpcCall], str]] = {
        "getRationCard": lambda call: cards.card(call.text("cardNo")) or f"0|{NO_RECORD}",
        "getRationCardByApplication": lambda call: (
            cards.application(call.text("appNo")) or outcome("0", NO_RECORD)
        ),
        "getRationCardByExtRef": lambda call: (
            cards.by_external_reference(call.text("extRef")) or outcome("0", NO_RECORD)
        ),
        WRITE: submissions.submit,
    }

    def handle(call: RpcCall, request: Request) -> Response:
        operation = operations.get(call.operation)
        if call.operation == WRITE and strikes(request, "refuse_write"):
            return Response(reply(WRITE, "0|NOT ALLOWED"), media_type=CONTENT_TYPE)
        if operation is None:
            raise RpcFaultError("Client", f"method '{call.operation}' not defined in service")
        return Response(reply(call.operation, operation(call)), media_type=CONTENT_TYPE)

    return MockDepartment(
        app=service(
            "mocks.food",
            "food.wsdl",
            PATH,
            CONTENT_TYPE,
            handle,
            lambda error: encoding.fault(error.code, str(error), LATIN),
        ),
        operation_of=operation_namer(PATH),
        failures=failure_replies(),
        examples=examples(
            PATH,
            f"{NAMESPACE}#getRationCard",
            '<f:getRationCard xmlns:f="urn:food"><cardNo>0699000001</cardNo></f:getRationCard>',
        ),
        intake=intake,
    )


def reply(operation: str, text: str) -> bytes:
    """Return a reply envelope with this text as result."""
    result = encoding.value("return", "xsd:string", text)
    body = f"<ns1:{operation}Response>{result}</ns1:{operation}Response>"
    return encoding.envelope(body, NAMESPACE, LATIN)


def failure_replies() -> FailureReplies:
    """Return failures: packed texts, and a fault only for errors of PHP itself."""
    error = encoding.fault("Server", "Error: mysql_connect(): Too many connections", LATIN)
    return FailureReplies(
        error=CannedReply(500, CONTENT_TYPE, error),
        fault200=CannedReply(200, CONTENT_TYPE, reply("getRationCard", "0|DATABASE ERROR")),
        expired_session=CannedReply(200, CONTENT_TYPE, reply("getRationCard", "0|INVALID SESSION")),
        content_type=CONTENT_TYPE,
        status_code_pattern=re.compile(rb"(?:~RCN~|&lt;status&gt;)(?P<code>[0-9]+)"),
        quirks={
            "forbidden_characters": forbidden_characters(b"</return>"),
            "empty_500": no_rows_as_500(NO_RECORD.encode()),
        },
    )
