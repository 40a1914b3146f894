"""A fictional SOAP department: a real server with scripted replies, and its adapter."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from lxml import etree

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.contract import Capability, Rows
from adapters.manifest import load_department
from schema.application import Application
from tests.support.calls import call_context
from tests.support.servers import http_server, in_thread

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
BY_CITIZEN = Capability.APPLICATIONS_BY_CITIZEN


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A received request."""

    headers: Mapping[str, str]
    envelope: etree._Element

    @property
    def payload(self) -> etree._Element:
        return self.part("Body")[0]

    def part(self, name: str) -> etree._Element:
        found = self.envelope.find(f"{{*}}{name}")
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply of the server."""

    body: bytes
    status: int = 200
    content_type: str = "text/xml; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[ReceivedRequest], Reply]


class SoapServer:
    """A SOAP server for one department.

    Attributes:
        url: its address.
        answer: returns the reply to a request.
        requests: the requests so far.
    """

    def __init__(self) -> None:
        self.url = ""
        self.answer: Answer = lambda _: Reply(b"", 404)
        self.requests: list[ReceivedRequest] = []

    async def handle(self, request: web.Request) -> web.Response:
        received = ReceivedRequest(request.headers, etree.fromstring(await request.read()))
        self.requests.append(received)
        reply = self.answer(received)
        headers = {"Content-Type": reply.content_type, **reply.headers}
        return web.Response(body=reply.body, status=reply.status, headers=headers)


@contextmanager
def running_server() -> Iterator[SoapServer]:
    server = SoapServer()
    with in_thread(http_server(server.handle)) as server.url:
        yield server


MANIFEST = """
manifest: 1
department: forest
label: {{en: Forest Department}}
identity: {{scheme: FOREST_NO}}
connector:
  kind: soap
  wsdl: forest.wsdl
  endpoint: {url}/service
{connector}
limits: {{deadline: 5s, reply_bytes: 4MiB}}
capabilities:
  applications_by_citizen:
    call:
{call}
    keys: {{at_once: {at_once}}}
    rows: {rows}
    key: Owner
    record: application
records:
  application:
    applicationReferenceNumber: Number
    serviceCode: {{value: FOR-1}}
    applicationStatus: {{path: Status, codes: status}}
    departmentStatus: {{fields: {{code: Status}}}}
    statusNotes: Notes
    channel: {{value: UNKNOWN}}
    requestedDatetime: {{path: Applied, format: dd/mm/yyyy}}
    updatedDatetime: {{path: Changed, format: iso}}
    applicantName: Name
"""
CODES = """
tables:
  status:
    enum: ApplicationStatus
    codes: {01: SUBMITTED, 02: UNDER_PROCESS}
"""


def indented(text: str, spaces: int) -> str:
    return "\n".join(" " * spaces + line for line in text.strip("\n").splitlines())


def department(
    folder: Path,
    url: str,
    wsdl: str,
    *,
    call: str,
    rows: str,
    connector: str = "",
    at_once: int = 10,
    files: Mapping[str, str] | None = None,
) -> ManifestAdapter:
    """Return the adapter of a department with this WSDL; raise `ManifestError` if it is wrong."""
    folder.mkdir(exist_ok=True)
    manifest = MANIFEST.format(
        url=url,
        connector=indented(connector, 2),
        call=indented(call, 6),
        rows=rows,
        at_once=at_once,
    )
    (folder / "department.yaml").write_text(manifest, encoding="utf-8")
    (folder / "codes.yaml").write_text(CODES, encoding="utf-8")
    (folder / "forest.wsdl").write_text(wsdl, encoding="utf-8")
    for name, content in (files or {}).items():
        (folder / name).write_text(content, encoding="utf-8")
    return build_adapter(load_department(folder))


async def applications(adapter: ManifestAdapter, key: str = "A1") -> list[Application]:
    return [each for each in (await rows(adapter, key)).records if isinstance(each, Application)]


async def rows(adapter: ManifestAdapter, key: str = "A1") -> Rows:
    reply = await adapter.look_up(BY_CITIZEN, [key], call_context())
    found = reply.results[key]
    assert isinstance(found, Rows)
    return found


def envelope(body: str, namespace: str = SOAP_11, header: str = "") -> bytes:
    """Return an envelope in which `xsi`, `xsd` and `enc` are declared."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="{namespace}" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
        'xmlns:enc="http://schemas.xmlsoap.org/soap/encoding/">'
        f"{f'<s:Header>{header}</s:Header>' if header else ''}<s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def always(body: bytes, **reply: Any) -> Answer:
    """Return a handler that always sends the same reply."""
    return lambda _: Reply(body, **reply)
