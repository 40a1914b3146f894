# ruff: noqa: E501 - a document stays in one line
"""Requests that try to exhaust or to trick the hub, each with the refusal that it must get."""

import base64
import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.support.sign_in import token

LIMIT = "LIMIT_EXCEEDED"
INVALID = "GRAPHQL_VALIDATION_FAILED"
SYNTAX = "GRAPHQL_PARSE_FAILED"
BAD = "BAD_REQUEST"
INPUT = "BAD_USER_INPUT"
UNAUTHENTICATED = "UNAUTHENTICATED"
DEPARTMENT = "departments { identifier }"
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Hostile:
    """A hostile request.

    Attributes:
        name: what it tries.
        body: body of the POST request.
        codes: the error codes of a right refusal.
        headers: headers of the request.
        text: text that a message must contain.
        method: HTTP method.
        parameters: parameters of the URL.
    """

    name: str
    body: bytes
    codes: tuple[str, ...]
    headers: dict[str, str] = field(default_factory=lambda: dict(JSON))
    text: str = ""
    method: str = "POST"
    parameters: dict[str, str] = field(default_factory=dict)


def of(
    name: str, query: str, *codes: str, text: str = "", variables: object = None, **more: Any
) -> Hostile:
    body = json.dumps({"query": query, "variables": variables, **more}).encode()
    return Hostile(name, body, codes, text=text)


def nested(opening: str, levels: int, inner: str) -> str:
    return f"{opening} {{ " * levels + inner + " }" * levels


def fragments(count: int, spreads: int, kind: str = "Query", last: str = DEPARTMENT) -> str:
    """Return fragments that each spread the next one `spreads` times."""
    chain = [f"fragment F{n} on {kind} {{ {f'...F{n + 1} ' * spreads} }}" for n in range(count - 1)]
    return " ".join([*chain, f"fragment F{count - 1} on {kind} {{ {last} }}"])


def hostile_requests() -> list[Hostile]:
    return [*deep(), *wide(), *many_definitions(), *values(), *introspection(), *http(), *tokens()]


def deep() -> Iterator[Hostile]:
    family = "family { members { citizen"
    circle = "me { " + f"{family} {{ " * 12 + "sex" + " } } }" * 12 + " }"
    yield of("citizen, family, citizen …", f"{{ {circle} }}", LIMIT, text="HUB_MAX_DEPTH")
    yield of("circle under another name", f"query __schema {{ {circle} }}", LIMIT, text="DEPTH")
    yield of("circle named IntrospectionQuery", f"query IntrospectionQuery {{ {circle} }}", LIMIT)
    yield of("198 levels", f"{{ {nested('me', 190, 'id')} }}", LIMIT, text="HUB_MAX_DEPTH")
    yield of("1,000 levels", "{ " + nested("me", 900, "id") + " }", LIMIT, SYNTAX)
    yield of("20,000 opening braces", "{a" * 20_000, LIMIT, SYNTAX)
    yield of("inline fragments in each other", f"{{ {nested('... on Query', 150, 'me { id }')} }}", INVALID, text="nested")  # fmt: skip
    yield of("depth by fragments", "{ ...A } fragment A on Query { me { family { members { ...B } } } } fragment B on FamilyMember { citizen { family { members { ...C } } } } fragment C on FamilyMember { citizen { family { members { ...D } } } } fragment D on FamilyMember { citizen { family { members { ...E } } } } fragment E on FamilyMember { citizen { family { members { ...G } } } } fragment G on FamilyMember { citizen { family { members { ...H } } } } fragment H on FamilyMember { citizen { family { members { relationshipType } } } }", LIMIT, text="HUB_MAX_DEPTH")  # fmt: skip


def wide() -> Iterator[Hostile]:
    yield of("300 aliases", "{" + " ".join(f"a{n}: {DEPARTMENT}" for n in range(300)) + "}", LIMIT)
    yield of(
        "250 root aliases",
        "{" + " ".join(f"a{n}: __typename" for n in range(250)) + "}",
        LIMIT,
        text="root fields",
    )
    yield of("aliases in one object", "{ departments { " + " ".join(f"a{n}: identifier" for n in range(300)) + " } }", LIMIT, text="HUB_MAX_ALIASES")  # fmt: skip
    yield of("aliases times fragments", "{ " + "...A " * 60 + "} fragment A on Query { a: __typename b: __typename c: __typename d: __typename }", LIMIT)  # fmt: skip
    yield of("2^40 fields by fragments", f"{{ ...F0 }} {fragments(41, 2)}", LIMIT)
    yield of("2^49 fields by fragments", f"{{ ...F0 }} {fragments(50, 2)}", LIMIT)
    yield of("10^40 fields by fragments", f"{{ ...F0 }} {fragments(41, 10)}", LIMIT)
    yield of("2^40 aliases by fragments", f"{{ ...F0 }} {fragments(41, 2, last='a: __typename')}", LIMIT)  # fmt: skip
    yield of("aliases below an object by fragments", f"{{ departments {{ ...F0 }} }} {fragments(30, 2, 'Department', 'a: identifier')}", LIMIT)  # fmt: skip
    yield of("1,500 equal fields", "{ departments { " + "identifier " * 1_500 + "} }", LIMIT)
    yield of("900 equal fields", "{ departments { " + "identifier " * 900 + "} }", LIMIT, text="same key")  # fmt: skip
    yield of("overlapping objects", "{ " + "departments { services { code } } " * 190 + "}", LIMIT)
    yield of("overlapping arguments", "{ " + 'service(code: "A") { code } ' * 190 + "}", LIMIT)
    yield of("overlapping inline fragments", "{ departments { " + "... on Department { identifier services { code } } " * 150 + "} }", LIMIT)  # fmt: skip
    yield of("1,000 unknown fields", "{ " + " ".join(f"x{n}" for n in range(199)) + " departments { " + " ".join(f"x{n}" for n in range(700)) + " } }", INVALID)  # fmt: skip
    yield of("similar unknown fields", "{ departments { " + " ".join(f"identifie{n}" for n in range(900)) + " } }", INVALID)  # fmt: skip
    yield of("100,000 tokens", "{ " + "a " * 100_000 + "}", LIMIT, text="HUB_MAX")
    yield of("5,000 tokens", "{ " + "a " * 5_000 + "}", LIMIT, text="HUB_MAX_TOKENS")
    yield of("30,000 comments", "{ __typename }" + "#\n" * 30_000, LIMIT, text="HUB_MAX_TOKENS")
    yield of("a document of 200 kB", "{ __typename }" + " " * 200_000, LIMIT, text="DOCUMENT_BYTES")


def many_definitions() -> Iterator[Hostile]:
    operations = " ".join(f"query Q{n} {{ __typename }}" for n in range(200))
    yield of("200 operations", operations, LIMIT, text="HUB_MAX_OPERATIONS", operationName="Q1")
    unused = " ".join(f"fragment F{n} on Query {{ __typename }}" for n in range(200))
    yield of("200 fragments", f"{{ __typename }} {unused}", LIMIT, text="HUB_MAX_FRAGMENTS")
    yield of(
        "a fragment in itself", "{ ...A } fragment A on Query { ...A }", INVALID, text="itself"
    )
    yield of("two fragments in each other", "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", INVALID, text="itself")  # fmt: skip
    yield of("a circle of 40 fragments", "{ ...F0 } " + " ".join(f"fragment F{n} on Query {{ ...F{(n + 1) % 40} __typename }}" for n in range(40)), INVALID, text="itself")  # fmt: skip
    yield of("a circle below a field", "{ me { ...A } } fragment A on Citizen { family { members { citizen { ...A } } } }", INVALID, text="itself")  # fmt: skip
    yield of("300 directives", "{ departments " + "@skip(if: false) " * 300 + "{ identifier } }", LIMIT)  # fmt: skip
    yield of("directives by fragments", "{ " + "...A " * 60 + "} fragment A on Query { __typename @skip(if: false) @include(if: true) }", LIMIT)  # fmt: skip
    yield of("unknown directives", "{ departments " + "@x " * 90 + "{ identifier } }", INVALID)
    yield of("500 variables", "query(" + " ".join(f"$v{n}: Int" for n in range(480)) + ") { __typename }", INVALID)  # fmt: skip


def values() -> Iterator[Hostile]:
    yield of("a list of 1,900 ids", "{ nodes(ids: [" + '"a" ' * 1_900 + "]) { id } }", INPUT)
    nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    yield of("5,000 values", nodes, LIMIT, variables={"ids": ["a"] * 5_000}, text="VARIABLE_VALUES")
    deep_list: Any = "a"
    for _ in range(100):
        deep_list = [deep_list]
    yield of("100 nested lists", nodes, LIMIT, variables={"ids": deep_list}, text="VARIABLE_DEPTH")
    wide_object = {f"k{n}": {f"k{m}": 1 for m in range(50)} for n in range(50)}
    yield of("objects in objects", nodes, LIMIT, variables={"ids": wide_object})
    yield of("unused variables", "{ __typename }", LIMIT, variables={f"v{n}": n for n in range(2_000)})  # fmt: skip
    yield of("a page of a million rows", "{ services(first: 1000000) { nodes { code } } }", INPUT)
    yield of("a nested list literal", "{ nodes(ids: " + "[" * 150 + "]" * 150 + ") { id } }", INVALID)  # fmt: skip
    everything = "timeline { remarks { text } performedBy { designation } }"
    yield of("pages multiplied", "{ " + " ".join(f"a{n}: me {{ applications(first: 100) {{ nodes {{ {everything} }} }} }}" for n in range(20)) + " }", LIMIT, text="HUB_MAX_COST")  # fmt: skip
    yield of("pages multiplied by variables", "query($n: Int) { " + " ".join(f"a{n}: me {{ applications(first: $n) {{ nodes {{ {everything} }} }} }}" for n in range(20)) + " }", LIMIT, text="HUB_MAX_COST", variables={"n": 100})  # fmt: skip


def introspection() -> Iterator[Hostile]:
    circle = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"
    yield of("circular introspection", circle, INVALID, text="introspection")
    by_type = '{ ... on Query { __type(name: "Query") { fields { type { fields { type { fields { name } } } } } } } }'  # fmt: skip
    yield of("__type in an inline fragment", by_type, INVALID, text="introspection")
    types = "types { fields { args { name type { name } } type { name ofType { name } } } }"
    aliases = " ".join(f"a{n}: {types}" for n in range(60))
    yield of("introspection times aliases", f"{{ __schema {{ {aliases} }} }}", LIMIT)


def http() -> Iterator[Hostile]:
    query = json.dumps({"query": "{ __typename }"}).encode()
    bomb = gzip.compress(b" " * 10_000_000)
    for coding, content in (("gzip", bomb), ("deflate", zlib.compress(b" " * 1_000_000)), ("br", b"x"), ("gzip, gzip", gzip.compress(bomb))):  # fmt: skip
        yield Hostile(f"Content-Encoding: {coding}", content, (BAD,), {**JSON, "Content-Encoding": coding})  # fmt: skip
    yield Hostile("a body of 300 kB", b'{"query": "' + b" " * 300_000 + b'"}', (BAD,))
    yield Hostile("a form of another site", b"query=%7B__typename%7D", (BAD,), {"Content-Type": "application/x-www-form-urlencoded"})  # fmt: skip
    yield Hostile("text/plain from another site", query, (BAD,), {"Content-Type": "text/plain"})
    yield Hostile("multipart", b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{}\r\n--x--', (BAD,), {"Content-Type": "multipart/form-data; boundary=x"})  # fmt: skip
    yield Hostile("no media type", query, (BAD,), {})
    yield Hostile("an image of another site", b"", (BAD,), {"Sec-Fetch-Site": "cross-site"}, method="GET", parameters={"query": "{ __typename }"})  # fmt: skip
    yield Hostile("a mutation by GET", b"", (BAD,), {}, method="GET", parameters={"query": 'mutation { resumeDepartment(department: "pensions") { __typename } }'})  # fmt: skip
    yield Hostile("a batch of operations", b"[" + b",".join([query] * 100) + b"]", (BAD,))
    yield Hostile("nested JSON", b"[" * 100_000, (BAD,))
    yield Hostile("nested JSON objects", b'{"a":' * 20_000, (BAD,))
    yield Hostile("variables that are a list", b'{"query": "{ __typename }", "variables": []}', (BAD,))  # fmt: skip
    yield Hostile("not UTF-8", b'{"query": "\xff\xfe"}', (BAD,))
    yield Hostile("no document", b'{"variables": {}}', (BAD,))
    yield of("a null character", "{ \x00 }", SYNTAX)
    yield of("lone surrogates in the name", "{ __typename }", BAD, operationName=[1])


def tokens() -> Iterator[Hostile]:
    body = json.dumps({"query": "{ __typename }"}).encode()

    def bearer(name: str, value: str) -> Hostile:
        headers = {**JSON, "Authorization": f"Bearer {value}"}
        return Hostile(name, body, (UNAUTHENTICATED,), headers)

    header, claims, signature = token().split(".")

    def forged(**fields: Any) -> str:
        text = base64.urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=").decode()
        return f"{text}.{claims}.{signature}"

    yield bearer("alg none", forged(alg="none").rpartition(".")[0] + ".")
    yield bearer("HS256 with the public key", forged(alg="HS256", kid="tests"))
    yield bearer("a key in the header", forged(alg="Ed25519", jwk={"kty": "OKP"}, kid="tests"))
    yield bearer("a key at another address", forged(alg="Ed25519", jku="http://127.0.0.1:9/k"))
    yield bearer("no signature", f"{header}.{claims}.")
    yield bearer("a changed claim", f"{header}.{claims[:-4]}AAAA.{signature}")
    yield bearer("a token of 30 kB", "a" * 30_000)
    yield bearer("10,000 dots", "." * 10_000)
