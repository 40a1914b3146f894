"""Requests with files, after the GraphQL multipart request convention."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from hub.access import Principal, Role
from hub.http.exchange import BadRequestError, Exchange
from hub.http.uploads import Uploads
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.language import Language
from schema.upload import UploadedFile
from tests.support.attachments import OPERATOR, AttachmentBench, attachment_bench
from tests.support.uploads import BOUNDARY, body, part, pdf, png, request_body

OPERATIONS = {"query": "mutation ($file: Upload!) { x }", "variables": {"file": None}}
HEADERS = {
    "content-type": f'multipart/form-data; boundary="{BOUNDARY}"',
    "graphql-require-preflight": "true",
}
FILES = [("income.pdf", pdf())]


class FixedSignIn:
    """Determines always the same principal."""

    def __init__(self, principal: Principal) -> None:
        self._principal = principal

    async def principal_of(self, _authorization: bytes) -> Principal:
        return self._principal


@pytest.fixture(scope="module")
async def bench(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[AttachmentBench]:
    folder = tmp_path_factory.mktemp("uploads")
    async with attachment_bench(folder, most_bytes=100_000) as opened:
        yield opened


def exchange_of(pieces: Sequence[bytes | None], headers: dict[str, str]) -> Exchange:
    """Return an exchange whose body arrives in these pieces; None is the end of the connection."""
    messages: list[dict[str, Any]] = [
        {"type": "http.disconnect"}
        if piece is None
        else {"type": "http.request", "body": piece, "more_body": True}
        for piece in pieces
    ]
    if pieces and pieces[-1] is not None:
        messages[-1]["more_body"] = False
    scope = {
        "type": "http",
        "method": "POST",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(_message: Any) -> None:
        raise AssertionError("nothing is sent")

    return Exchange(scope, receive, send)


async def received(
    bench: AttachmentBench,
    content: bytes | Sequence[bytes | None],
    headers: dict[str, str] | None = None,
    principal: Principal = OPERATOR,
) -> dict[str, Any]:
    """Receive a request, and return its operations. Its files are deleted afterwards."""
    pieces = [content] if isinstance(content, bytes) else content
    uploads = Uploads(bench.attachments, 4096, 3)
    exchange = exchange_of(pieces, HEADERS if headers is None else headers)
    async with uploads.received(exchange, FixedSignIn(principal)) as (operations, _):  # type: ignore[arg-type]
        return operations


async def refused(bench: AttachmentBench, *args: Any, **given: Any) -> BadRequestError:
    with pytest.raises(BadRequestError) as error:
        await received(bench, *args, **given)
    assert bench.files() == []
    return error.value


async def test_a_file_is_the_value_of_its_variable(bench: AttachmentBench) -> None:
    operations = await received(bench, request_body(OPERATIONS, FILES))
    file = operations["variables"]["file"]
    assert isinstance(file, UploadedFile)
    assert (file.name, file.media_type, file.problem) == ("income.pdf", "application/pdf", None)
    assert file.size_bytes == len(pdf())
    assert operations["query"] == OPERATIONS["query"]
    assert bench.files() == []


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
async def test_a_request_may_arrive_in_pieces_of_any_size(
    bench: AttachmentBench, size: int
) -> None:
    whole = request_body(OPERATIONS, [("a.pdf", pdf(b"\r\n--" + BOUNDARY.encode()[:-1]))])
    pieces = [whole[start : start + size] for start in range(0, len(whole), size)]
    file = (await received(bench, pieces))["variables"]["file"]
    assert (file.size_bytes, file.problem) == (
        len(pdf(b"\r\n--" + BOUNDARY.encode()[:-1])),
        None,
    )


async def test_the_name_of_a_file_is_read_as_browsers_write_it(bench: AttachmentBench) -> None:
    operations = await received(bench, request_body(OPERATIONS, [("आय %22x%22%0D%0A.pdf", pdf())]))
    assert operations["variables"]["file"].name == "आय_x.pdf"


async def test_files_may_be_in_lists_and_objects(bench: AttachmentBench) -> None:
    operations = {"query": "q", "variables": {"input": [{"file": None}, {"file": None}]}}
    paths = {"b": ["variables.input.1.file"], "a": ["variables.input.0.file"]}
    request = body(
        part("operations", json.dumps(operations).encode()),
        part("map", json.dumps(paths).encode()),
        part("b", png(), "photo.png"),
        part("a", pdf(), "a.pdf"),
    )
    found = (await received(bench, request))["variables"]["input"]
    assert [each["file"].media_type for each in found] == ["application/pdf", "image/png"]


async def test_a_file_of_the_wrong_type_is_a_problem_of_the_file(bench: AttachmentBench) -> None:
    operations = await received(bench, request_body(OPERATIONS, [("x.pdf", b"MZ" + b"\0" * 90)]))
    problem = operations["variables"]["file"].problem
    assert problem.code == "TYPE_NOT_ALLOWED"
    assert "PDF" in problem.message.in_language(Language.HI)


async def test_a_file_that_is_too_large_is_a_problem_of_the_file(bench: AttachmentBench) -> None:
    operations = await received(bench, request_body(OPERATIONS, [("x.pdf", pdf(size=200_000))]))
    assert operations["variables"]["file"].problem.code == "TOO_LARGE"
    assert bench.files() == []


@pytest.mark.parametrize(
    "name", ["graphql-require-preflight", "apollo-require-preflight", "x-apollo-operation-name"]
)
async def test_a_request_needs_a_header_that_a_form_cannot_send(
    bench: AttachmentBench, name: str
) -> None:
    content = request_body(OPERATIONS, FILES)
    plain = {"content-type": HEADERS["content-type"]}
    assert (await refused(bench, content, plain)).status == 403
    assert (await refused(bench, content, {**plain, name: ""})).status == 403
    await received(bench, content, {**plain, name: "1"})


async def test_a_caller_without_sign_in_uploads_nothing(bench: AttachmentBench) -> None:
    with pytest.raises(HubError) as error:
        await received(bench, request_body(OPERATIONS, FILES), principal=Principal(Role.ANONYMOUS))
    assert error.value.code is ErrorCode.UNAUTHENTICATED
    assert bench.files() == []


def operations_part(operations: object = OPERATIONS) -> bytes:
    return part("operations", json.dumps(operations).encode())


def map_part(paths: object = None) -> bytes:
    return part("map", json.dumps({"0": ["variables.file"]} if paths is None else paths).encode())


FILE = part("0", pdf(), "a.pdf")
LIST = {"variables": {"file": [None]}}
DEEP = {
    "query": "q",
    "variables": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"a": None}}}}}}}}},
}


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ([], "operations"),
        ([operations_part()], "operations"),
        ([operations_part(), map_part()], "missing"),
        ([map_part(), operations_part(), FILE], "in this order"),
        ([FILE, operations_part(), map_part()], "in this order"),
        ([operations_part([OPERATIONS]), map_part(), FILE], "batches"),
        ([operations_part("x"), map_part(), FILE], "JSON object"),
        ([part("operations", b"{"), map_part(), FILE], "not valid JSON"),
        ([operations_part(), part("map", b"[" * 3000), FILE], "not valid JSON"),
        ([operations_part(), map_part([]), FILE], "`map` must be"),
        ([operations_part(), map_part({}), FILE], "`map` must be"),
        ([operations_part(), map_part({"0": []}), FILE], "one variable"),
        ([operations_part(), map_part({"0": [1]}), FILE], "one variable"),
        ([operations_part(), map_part({"0": ["variables.file"] * 2}), FILE], "one variable"),
        ([operations_part(), map_part({"0": ["variables"]}), FILE], "begins with"),
        ([operations_part(), map_part({"0": ["query"]}), FILE], "begins with"),
        ([operations_part(), map_part({"0": ["variables.other"]}), FILE], "no variable"),
        ([operations_part(), map_part({"0": ["variables.file.0"]}), FILE], "no variable"),
        ([operations_part(), map_part({"0": ["variables.__class__"]}), FILE], "no variable"),
        ([operations_part(DEEP), map_part({"0": ["variables" + ".a" * 9]}), FILE], "at most 9"),
        ([operations_part(), map_part({"0": ["." * 4000]}), FILE], "begins with"),
        ([operations_part(LIST), map_part({"0": ["variables.file.-1"]})], "no variable"),
        (
            [operations_part({"variables": {"file": "x"}}), map_part(), FILE],
            "that is null",
        ),
        (
            [operations_part(), map_part({"0": ["variables.file"], "1": ["variables.file"]}), FILE],
            "that is null",
        ),
        (
            [operations_part(), map_part({str(i): [f"variables.{i}"] for i in range(4)}), FILE],
            "3 files at most",
        ),
        ([operations_part(), map_part(), FILE, FILE], "sent once"),
        ([operations_part(), map_part(), part("9", pdf(), "a.pdf")], "in `map`"),
        ([operations_part(), map_part(), part("0", pdf())], "in `map`"),
        ([operations_part(), map_part(), *[FILE] * 9], "more than 5 parts"),
        ([operations_part(), map_part(), part("0", b"x", "a", "Content-Transfer-Encoding: base64")],
         "Content-Transfer-Encoding"),
        ([operations_part(), map_part(), part("0", b"x", "a", *["X: y"] * 2)], "twice"),
        ([operations_part(), map_part(), part("0", b"x", "a", "X: " + "y" * 2000)], "not valid"),
        ([operations_part(), map_part(), part("0", b"x", "a", *[f"X{i}: y" for i in range(20)])],
         "not valid"),
        ([operations_part(), map_part(), part("0", b"x", "a" * 2000)], "not valid"),
        ([part("operations", b"{}" + b" " * 5000), map_part(), FILE], "exceeds"),
    ],
)  # fmt: skip
async def test_a_request_that_does_not_follow_the_convention_is_refused(
    bench: AttachmentBench, parts: list[bytes], message: str
) -> None:
    error = await refused(bench, body(*parts))
    assert message in error.message


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        f"multipart/form-data; boundary={'x' * 71}",
        'multipart/form-data; boundary="a\u00e9"',
        "multipart/form-data; boundary=other",
    ],
)
async def test_a_wrong_boundary_is_refused(bench: AttachmentBench, content_type: str) -> None:
    headers = {**HEADERS, "content-type": content_type}
    assert (await refused(bench, request_body(OPERATIONS, FILES), headers)).status == 400


async def test_a_request_that_is_broken_off_leaves_nothing(bench: AttachmentBench) -> None:
    whole = request_body(OPERATIONS, [("a.pdf", pdf(size=90_000))])
    for length in (0, 10, 150, 400, len(whole) // 2, len(whole) - 3):
        cut = [whole[:length], None]
        assert (await refused(bench, cut)).status == 400
        assert (await refused(bench, whole[:length])).status == 400


async def test_a_request_that_is_too_large_is_refused(bench: AttachmentBench) -> None:
    headers = {**HEADERS, "content-length": str(10**9)}
    assert (await refused(bench, b"", headers)).status == 413
    assert (await refused(bench, b"", {**HEADERS, "content-length": "-1"})).status == 413
    preamble = [b"\r\n" * 50_000] * 10
    assert (await refused(bench, [*preamble, request_body(OPERATIONS, FILES)])).status == 413


async def test_a_compressed_request_is_refused(bench: AttachmentBench) -> None:
    headers = {**HEADERS, "content-encoding": "gzip"}
    assert (await refused(bench, b"", headers)).status == 415


async def test_the_rest_of_a_refused_request_is_read(bench: AttachmentBench) -> None:
    uploads = Uploads(bench.attachments, 4096, 3)
    exchange = exchange_of([b"x" * 1000] * 20, {"content-type": HEADERS["content-type"]})
    with pytest.raises(BadRequestError):
        async with uploads.received(exchange, FixedSignIn(OPERATOR)):  # type: ignore[arg-type]
            pass
    assert not exchange.must_close
    with pytest.raises(IndexError):
        await exchange.receive()
