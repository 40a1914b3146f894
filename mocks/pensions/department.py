"""HTTP server of the pensions department: `/PensionService`."""

import re
from importlib.resources import files

from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from mocks.department import MockDepartment
from mocks.faults.failures import CannedReply, FailureReplies
from mocks.faults.middleware import strikes
from mocks.faults.pages import PAGE_FAULTS, page_faults
from mocks.pensions.operations import WRITES, PensionOperations
from mocks.pensions.soap import (
    CONTENT_TYPE,
    NAMESPACE,
    RequestReader,
    SoapFaultError,
    fault_envelope,
    reply_envelope,
)
from mocks.pensions.submissions import LATER_FAULTS, refused_write
from mocks.population import Population
from mocks.soap.calls import soap_action
from mocks.soap.server import examples, operation_namer, wsdl_route
from mocks.submissions import Intake

PATH = "/PensionService"
FILTERS = ("StatusCodes", "FromDate")
"""Elements of SearchApplications that the quirk `ignored_filter` removes."""


def build(population: Population) -> MockDepartment:
    """Return the pension service with the data of this population."""
    wsdl = files("mocks.pensions").joinpath("pension.wsdl").read_bytes()
    reader = RequestReader(wsdl)
    intake = Intake()
    pension = PensionOperations(population, intake)

    async def call(request: Request) -> Response:
        try:
            operation = named_operation(request.scope)
            if operation not in pension.operations:
                raise SoapFaultError("E-OPERATION", f"Unknown operation {operation or '(none)'}.")
            payload = reader.payload(await request.body())
            if payload.tag != f"{{{NAMESPACE}}}{operation}":
                raise SoapFaultError("E-OPERATION", f"The SOAP body does not hold {operation}.")
            if strikes(request, "ignored_filter"):
                for name in FILTERS:
                    etree.strip_elements(payload, f"{{{NAMESPACE}}}{name}")
            faults = _faults_of(operation, request)
            if operation in WRITES and strikes(request, "refuse_write"):
                content = refused_write()
            else:
                content = pension.operations[operation](payload, *faults)
        except SoapFaultError as fault:
            return Response(fault.envelope(), 500, media_type=CONTENT_TYPE)
        return Response(reply_envelope(operation, content), media_type=CONTENT_TYPE)

    routes = [wsdl_route(PATH, wsdl.decode()), Route(PATH, call, methods=["POST"])]
    return MockDepartment(
        app=Starlette(routes=routes),
        operation_of=operation_namer(PATH, named_operation),
        failures=soap_failures(),
        examples=examples(
            PATH,
            f"{NAMESPACE}/GetPensions",
            f'<GetPensions xmlns="{NAMESPACE}"><BeneficiaryNumbers>'
            "<BeneficiaryNo>0613/04/002381</BeneficiaryNo></BeneficiaryNumbers></GetPensions>",
        ),
        intake=intake,
    )


def _faults_of(operation: str, request: Request) -> list[frozenset[str]]:
    """Return further arguments for an operation: the faults that it plays itself."""
    if operation == "SearchApplications":
        # Only a search announces how many rows it has.
        return [page_faults(request)]
    if operation == "SubmitApplication":
        return [frozenset(name for name in LATER_FAULTS if strikes(request, name))]
    return []


def named_operation(scope: Scope) -> str:
    """Return the operation in the SOAPAction header; an unknown action stays as it is."""
    return soap_action(scope).removeprefix(f"{NAMESPACE}/")


def soap_failures() -> FailureReplies:
    """Return failures as SOAP faults."""
    internal = fault_envelope("Server", "E-INTERNAL", "Object reference not set to an instance.")
    expired = fault_envelope("Server", "E-SESSION", "Session Expired. Please Login Again")
    return FailureReplies(
        error=CannedReply(500, CONTENT_TYPE, internal),
        fault200=CannedReply(200, CONTENT_TYPE, internal),
        expired_session=CannedReply(200, CONTENT_TYPE, expired),
        content_type=CONTENT_TYPE,
        status_code_pattern=re.compile(rb"<StatusCode>(?P<code>[^<]*)</StatusCode>"),
        quirks=dict.fromkeys(("ignored_filter", *PAGE_FAULTS, *LATER_FAULTS)),
    )
