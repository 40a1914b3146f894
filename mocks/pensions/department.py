"""The pensions department as a server: `/PensionService`."""

import re
from importlib.resources import files

from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from mocks.department import MockDepartment
from mocks.faults.failures import CannedReply, FailureReplies
from mocks.faults.middleware import strikes
from mocks.pensions.operations import PensionOperations
from mocks.pensions.soap import (
    CONTENT_TYPE,
    NAMESPACE,
    RequestReader,
    SoapFaultError,
    fault_envelope,
    reply_envelope,
)
from mocks.population import Population
from mocks.soap.server import examples

PATH = "/PensionService"
FILTERS = ("StatusCodes", "FromDate")
"""Of SearchApplications."""
ADDRESS_IN_FILE = b"http://127.0.0.1:9102/PensionService"


def build(population: Population) -> MockDepartment:
    """The pension service over this population."""
    wsdl = files("mocks.pensions").joinpath("pension.wsdl").read_bytes()
    reader = RequestReader(wsdl)
    office = PensionOperations(population)

    async def describe(request: Request) -> Response:
        if "wsdl" not in (name.lower() for name in request.query_params):
            return PlainTextResponse("Ask for ?wsdl, or POST a SOAP request.", 400)
        address = str(request.url.replace(query="")).encode()
        return Response(wsdl.replace(ADDRESS_IN_FILE, address), media_type=CONTENT_TYPE)

    async def call(request: Request) -> Response:
        try:
            operation = soap_action(request.scope)
            if operation not in office.operations:
                raise SoapFaultError("E-OPERATION", f"Unknown operation {operation or '(none)'}.")
            payload = reader.payload(await request.body())
            if payload.tag != f"{{{NAMESPACE}}}{operation}":
                raise SoapFaultError("E-OPERATION", f"The SOAP body does not hold {operation}.")
            if strikes(request, "ignored_filter"):
                for name in FILTERS:
                    etree.strip_elements(payload, f"{{{NAMESPACE}}}{name}")
            content = office.operations[operation](payload)
        except SoapFaultError as fault:
            return Response(fault.envelope(), 500, media_type=CONTENT_TYPE)
        return Response(reply_envelope(operation, content), media_type=CONTENT_TYPE)

    routes = [Route(PATH, describe, methods=["GET"]), Route(PATH, call, methods=["POST"])]
    return MockDepartment(
        app=Starlette(routes=routes),
        operation_of=operation_of,
        failures=soap_failures(),
        examples=examples(
            PATH,
            f"{NAMESPACE}/GetPensions",
            f'<GetPensions xmlns="{NAMESPACE}"><BeneficiaryNumbers>'
            "<BeneficiaryNo>0613/04/002381</BeneficiaryNo></BeneficiaryNumbers></GetPensions>",
        ),
    )


def soap_action(scope: Scope) -> str:
    """The operation that the SOAPAction header names; what it names wrongly, as it stands."""
    for name, value in scope["headers"]:
        if name == b"soapaction":
            action: str = value.decode("latin-1").strip().strip('"')
            return action.removeprefix(f"{NAMESPACE}/")
    return ""


def operation_of(scope: Scope) -> str:
    """For the call counts: the SOAP operation, or method and path."""
    if scope["method"] == "POST" and scope["path"] == PATH:
        return soap_action(scope) or "(no SOAPAction)"
    query = "?wsdl" if scope["query_string"].lower().startswith(b"wsdl") else ""
    return f"{scope['method']} {scope['path']}{query}"


def soap_failures() -> FailureReplies:
    """Failures as SOAP faults."""
    internal = fault_envelope("Server", "E-INTERNAL", "Object reference not set to an instance.")
    expired = fault_envelope("Server", "E-SESSION", "Session Expired. Please Login Again")
    return FailureReplies(
        error=CannedReply(500, CONTENT_TYPE, internal),
        fault200=CannedReply(200, CONTENT_TYPE, internal),
        expired_session=CannedReply(200, CONTENT_TYPE, expired),
        content_type=CONTENT_TYPE,
        status_code_pattern=re.compile(rb"<StatusCode>(?P<code>[^<]*)</StatusCode>"),
        quirks={"ignored_filter": None},
    )
