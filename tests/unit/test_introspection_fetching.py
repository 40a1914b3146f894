"""Which documents `hub introspect` reads, from real servers and files on this machine."""

import asyncio
import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from graphql import build_schema, get_introspection_query, graphql_sync
from rich.console import Console

from adapters.workbench.introspection import IntrospectionError, Source, describe
from adapters.workbench.introspection import source as source_module
from adapters.workbench.introspection.source import NotReadError
from adapters.workbench.replay.server import RecordedReply, ReplayServer, replaying
from hub.cli.adapter.starter import AdapterOptions, start_adapter
from tests.support.servers import byte_server, in_thread

XSD = b'<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:types"/>'
SDL = "type Query { application(number: ID!): Application } type Application { number: ID! }"


def wsdl(location: str) -> bytes:
    """Return a WSDL that imports a schema from `location`."""
    return f"""<definitions name="Permits" xmlns="http://schemas.xmlsoap.org/wsdl/"
        xmlns:xs="http://www.w3.org/2001/XMLSchema"><types><xs:schema>
        <xs:import namespace="urn:types" schemaLocation="{location}"/>
        </xs:schema></types></definitions>""".encode()


def redirect(location: str, when: str = "") -> RecordedReply:
    return RecordedReply(b"", 302, {"Location": location}, when)


def notes_of(source: Source) -> str:
    return "\n".join(str(note) for note in describe("wsdl", source).notes)


@pytest.fixture
def elsewhere() -> Iterator[ReplayServer]:
    with replaying(RecordedReply(XSD)) as server:
        yield server


def test_imports_from_the_same_host_are_read(elsewhere: ReplayServer) -> None:
    with replaying(
        RecordedReply(wsdl("types.xsd?v=1"), when="/permits?wsdl"), RecordedReply(XSD)
    ) as server:
        found = describe("wsdl", Source(f"{server.url}/a/permits?wsdl"))
        lines = [each.line for each in server.requests]
    assert "GET /a/types.xsd?v=1 HTTP/1.1" in lines
    assert XSD[:7] in found.files["types.xsd"]


def test_a_host_that_was_not_named_is_not_called(elsewhere: ReplayServer) -> None:
    with replaying(RecordedReply(wsdl(f"{elsewhere.url}/types.xsd"))) as server:
        notes = notes_of(Source(f"{server.url}/permits?wsdl"))
    assert "is on a host that was not named (127.0.0.1:" in notes
    assert elsewhere.requests == []


def test_another_named_host_is_called_without_the_password(
    elsewhere: ReplayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(source_module.PASSWORD, "made-up")
    host = elsewhere.url.removeprefix("http://")
    with replaying(RecordedReply(wsdl(f"{elsewhere.url}/types.xsd"))) as server:
        source = Source(f"{server.url}/permits?wsdl", "hub", [host])
        assert "types.xsd" in describe("wsdl", source).files
        assert "Authorization: Basic" in server.requests[0].headers
    assert "Authorization" not in elsewhere.requests[0].headers


def test_a_new_adapter_starts_from_a_document_with_imports(
    elsewhere: ReplayServer, tmp_path: Path
) -> None:
    host = elsewhere.url.removeprefix("http://")
    with replaying(RecordedReply(wsdl(f"{elsewhere.url}/types.xsd"))) as server:
        source = f"{server.url}/permits?wsdl"
        options = AdapterOptions(None, "permits", None, source, None, tmp_path, None, [host])
        start_adapter(options, Console(quiet=True))
    assert XSD in (tmp_path / "permits" / "types.xsd").read_bytes()


@pytest.mark.parametrize(
    ("named", "address", "is_named"),
    [
        ("schemas.example", "https://schemas.example/x.xsd", True),
        ("Schemas.Example.", "http://schemas.example:8080/x.xsd", True),
        ("schemas.example:8443", "https://schemas.example:8443/x.xsd", True),
        ("schemas.example:8443", "https://schemas.example/x.xsd", False),
        ("https://schemas.example/any", "https://schemas.example/x.xsd", True),
        ("schemas.example", "https://evil.example/schemas.example", False),
        ("schemas.example", "https://schemas.example@evil.example/", False),
        ("schemas.example", "https://notschemas.example/", False),
        ("::1", "http://[::1]/", False),
        ("[::1]", "http://[0:0::1]/", True),
    ],
)
def test_hosts_can_be_written_in_several_forms(named: str, address: str, is_named: bool) -> None:
    source = Source("https://first.example/", hosts=[named])
    source = (
        source if address.startswith("https") else Source("http://first.example/", None, [named])
    )
    if is_named:
        source._check_host(address)
        return
    with pytest.raises(NotReadError, match="was not named"):
        source._check_host(address)


def test_an_encrypted_document_can_not_import_an_unencrypted_one() -> None:
    with pytest.raises(NotReadError, match="not encrypted"):
        Source("https://first.example:8443/")._check_host("http://first.example:8443/x.xsd")


def test_a_redirect_is_followed_on_the_same_host() -> None:
    with replaying(redirect("/new?wsdl", "/old"), RecordedReply(wsdl(""), when="/new")) as server:
        found = describe("wsdl", Source(f"{server.url}/old?wsdl"))
    assert found.title == "Permits"


def test_a_redirect_to_another_host_is_not_followed(elsewhere: ReplayServer) -> None:
    with (
        replaying(redirect(f"{elsewhere.url}/x")) as server,
        pytest.raises(IntrospectionError, match="was not named"),
    ):
        describe("wsdl", Source(f"{server.url}/permits?wsdl"))
    assert elsewhere.requests == []


@pytest.mark.parametrize("to", ["file:///etc/hostname", "ftp://127.0.0.1/x", "http://[", ""])
def test_a_redirect_to_another_scheme_is_not_followed(to: str) -> None:
    with replaying(redirect(to)) as server, pytest.raises(IntrospectionError):
        describe("wsdl", Source(f"{server.url}/permits?wsdl"))


def test_the_number_of_redirects_is_limited() -> None:
    with (
        replaying(redirect("/again")) as server,
        pytest.raises(IntrospectionError, match="redirects too often"),
    ):
        describe("wsdl", Source(f"{server.url}/permits?wsdl"))
    assert len(server.requests) == source_module.MOST_REDIRECTS


@pytest.mark.parametrize("body", [b"x" * 3000, gzip.compress(b"x" * 3000)], ids=["plain", "packed"])
def test_a_document_that_is_too_large_is_not_read(
    body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_module, "MOST_BYTES", 2000)
    headers = {"Content-Encoding": "gzip"} if body[:1] != b"x" else {}
    with (
        replaying(RecordedReply(body, 200, headers)) as server,
        pytest.raises(IntrospectionError, match="more than 2,000 bytes"),
    ):
        describe("wsdl", Source(f"{server.url}/permits?wsdl"))


def test_the_size_of_all_documents_together_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "MOST_BYTES", len(wsdl("types.xsd")) + len(XSD) - 1)
    with replaying(RecordedReply(wsdl("types.xsd"), when="permits"), RecordedReply(XSD)) as server:
        notes = notes_of(Source(f"{server.url}/permits?wsdl"))
    assert "types.xsd is not read: there are more than" in notes


def test_the_number_of_documents_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "MOST_DOCUMENTS", 1)
    with replaying(RecordedReply(wsdl("types.xsd"))) as server:
        notes = notes_of(Source(f"{server.url}/permits?wsdl"))
    assert "there are more than 1 documents" in notes


@contextmanager
def dripping(*, headers: bool) -> Iterator[str]:
    """Run a server that sends its headers, or its body, slowly and without end; yield its URL."""

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        writer.write(b"X-Slow: " if headers else b"\r\n<definitions ")
        while not writer.is_closing():
            writer.write(b"a")
            await asyncio.sleep(0.02)

    with in_thread(byte_server(drip)) as address:
        yield f"http://{address}/permits?wsdl"


@pytest.mark.parametrize("headers", [True, False])
def test_a_reply_that_never_ends_is_cancelled(
    headers: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_module, "MOST_SECONDS", 0.3)
    with (
        dripping(headers=headers) as url,
        pytest.raises(IntrospectionError, match=r"more than 0\.3 seconds"),
    ):
        describe("wsdl", Source(url))


def test_a_missing_server_is_reported() -> None:
    with pytest.raises(IntrospectionError, match="can't be reached"):
        describe("wsdl", Source("http://127.0.0.1:9/permits?wsdl"))


@pytest.mark.parametrize("kind", ["wsdl", "openapi", "graphql"])
def test_a_password_in_the_address_is_not_shown(kind: str) -> None:
    for body in (b"nothing", introspected() if kind == "graphql" else OPENAPI):
        with replaying(RecordedReply(body)) as server:
            address = server.url.replace("://", "://hub:made-up@")
            try:
                shown = str(describe(kind, Source(f"{address}/it")).connector)
            except IntrospectionError as error:
                shown = str(error)
        assert "made-up" not in shown
        assert server.url in shown


OPENAPI = b'{"openapi": "3.0.0", "info": {"title": "Min"}, "paths": {}}'


@pytest.mark.parametrize("kind", ["wsdl", "graphql"])
def test_the_password_is_required_and_sent(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(source_module.PASSWORD, "made-up")
    good = wsdl("") if kind == "wsdl" else introspected()
    # aHViOm1hZGUtdXA= is hub:made-up
    replies = [RecordedReply(good, when="Basic aHViOm1hZGUtdXA="), RecordedReply(b"", 401)]
    with ReplayServer(replies) as server:
        with pytest.raises(IntrospectionError, match="give --user, and HUB_INTROSPECT_PASSWORD"):
            describe(kind, Source(f"{server.url}/it"))
        assert describe(kind, Source(f"{server.url}/it", "hub")).kind
        with pytest.raises(IntrospectionError, match="--user"):
            describe(kind, Source(f"{server.url}/it", "somebody"))


def introspected() -> bytes:
    result = graphql_sync(build_schema(SDL), get_introspection_query())
    return json.dumps({"data": result.data}).encode()


def test_a_graphql_endpoint_is_queried_with_the_same_limits(
    elsewhere: ReplayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with replaying(RecordedReply(introspected())) as server:
        found = describe("graphql", Source(f"{server.url}/graphql"))
        assert "__schema" in server.requests[0].body
        assert found.operations[0].name == "application"
        monkeypatch.setattr(source_module, "MOST_BYTES", 100)
        with pytest.raises(IntrospectionError, match="more than 100 bytes"):
            describe("graphql", Source(f"{server.url}/graphql"))
    with (
        replaying(redirect(f"{elsewhere.url}/graphql")) as server,
        pytest.raises(IntrospectionError, match="was not named"),
    ):
        describe("graphql", Source(f"{server.url}/graphql"))
    assert elsewhere.requests == []


HOME = ("project/permits", "project/schemas", "project/.hidden", "other")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for folder in HOME:
        (tmp_path / folder).mkdir(parents=True)
    for folder in (*HOME, "project", "."):
        (tmp_path / folder / "types.xsd").write_bytes(XSD)
    (tmp_path / "project/settings.xml").write_bytes(XSD)
    (tmp_path / "project/schemas/notes.txt").write_bytes(XSD)
    (tmp_path / "project/permits/way.xsd").symlink_to(tmp_path / "other/types.xsd")
    return tmp_path


@pytest.mark.parametrize(
    ("location", "is_read"),
    [
        ("types.xsd", True),
        ("../schemas/types.xsd", True),
        ("..%2Fschemas/types.xsd", True),
        ("../types.xsd", True),
        ("../settings.xml", False),
        ("../schemas/notes.txt", False),
        ("../.hidden/types.xsd", False),
        ("../../other/types.xsd", False),
        ("../../types.xsd", False),
        ("way.xsd", False),
        ("/etc/hostname", False),
        ("file:///etc/hostname", False),
        ("//127.0.0.1/types.xsd", True),
        ("http://127.0.0.1:9/types.xsd", True),
        ("http://127.0.0.1:9/service?xsd=types", True),
        ("http://127.0.0.1:9/other.xsd", False),
        ("nowhere.xsd", False),
        ("a%00b.xsd", False),
        ("http://[/x.xsd", False),
        (".", False),
    ],
)
def test_files_are_read_only_near_the_first_file(home: Path, location: str, is_read: bool) -> None:
    first = home / "project/permits/permits.wsdl"
    first.write_bytes(wsdl(location))
    found = describe("wsdl", Source(str(first)))
    imported = set(found.files) - {"permits.wsdl"}
    assert bool(imported) == is_read
    notes = "\n".join(map(str, found.notes))
    assert ("is not read:" in notes) != is_read


@pytest.mark.parametrize("location", ["file:///etc/hostname", "http://[/x", "a b\x7f.xsd"])
def test_a_document_from_the_web_can_not_import_a_file(location: str) -> None:
    with replaying(
        RecordedReply(wsdl(location), when="permits"), RecordedReply(b"", 404)
    ) as server:
        notes = notes_of(Source(f"{server.url}/permits?wsdl"))
    assert "is not read:" in notes
