"""HTTP server of a SOAP service at one path."""

from collections.abc import Callable
from importlib.resources import files

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from mocks.soap.calls import RpcCall, RpcFaultError, action_of, read_call

RpcHandler = Callable[[RpcCall, Request], Response]
WriteFault = Callable[[RpcFaultError], bytes]


def service(
    package: str,
    wsdl_name: str,
    path: str,
    content_type: str,
    handle: RpcHandler,
    fault: WriteFault,
) -> Starlette:
    """Return the application of a SOAP service.

    Args:
        package: package with the WSDL.
        handle: handles a call; may raise RpcFaultError.
        fault: writes the fault envelope of an error.
    """
    wsdl = files(package).joinpath(wsdl_name).read_text(encoding="utf-8")

    async def call(request: Request) -> Response:
        try:
            return handle(read_call(await request.body()), request)
        except RpcFaultError as error:
            return Response(fault(error), error.status, media_type=content_type)

    return Starlette(routes=[wsdl_route(path, wsdl), Route(path, call, methods=["POST"])])


def wsdl_route(path: str, wsdl: str) -> Route:
    """Return the route of `GET ?wsdl`. The address in the WSDL becomes that of the request."""
    placeholder = wsdl.partition('location="')[2].partition('"')[0]

    async def describe(request: Request) -> Response:
        if "wsdl" not in (name.lower() for name in request.query_params):
            return PlainTextResponse("Request ?wsdl, or POST a SOAP request.", 400)
        address = str(request.url.replace(query=""))
        return Response(wsdl.replace(placeholder, address), media_type="text/xml; charset=utf-8")

    return Route(path, describe, methods=["GET"])


def examples(path: str, action: str, call: str) -> tuple[str, ...]:
    """Return commands for the start page that fetch the WSDL and make a call.

    Args:
        call: XML of the call, without single quotes.
    """
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        f"{call}</e:Body></e:Envelope>"
    )
    headers = f"-H 'Content-Type: text/xml' -H 'SOAPAction: \"{action}\"'"
    return f"curl '{{url}}{path}?wsdl'", f"curl {{url}}{path} {headers} -d '{body}'"


def operation_namer(
    path: str, action: Callable[[Scope], str] = action_of
) -> Callable[[Scope], str]:
    """Return a function that names a request after its SOAPAction, or by method and path."""

    def operation_of(scope: Scope) -> str:
        if scope["method"] == "POST" and scope["path"] == path:
            return action(scope) or "(no SOAPAction)"
        query = "?wsdl" if scope["query_string"].lower().startswith(b"wsdl") else ""
        return f"{scope['method']} {scope['path']}{query}"

    return operation_of
