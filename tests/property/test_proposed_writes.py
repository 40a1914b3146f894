"""Property tests: the writes that `hub introspect` proposes load, whatever names there are."""

import tempfile
from pathlib import Path
from typing import Any

from graphql import build_schema, parse, validate
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.introspected import document, openapi, read, schema
from tests.unit.test_introspection_writes import replies, uncommented

KNOWN = st.sampled_from([
    "clientRefNo", "applicationNo", "name", "NAME", "Name", "dob", "mobile", "documents",
    "attachments", "content", "receipt", "field", "type", "value", "password", "description",
    "form", "फ़ॉर्म", "नाम", "1", "2", "_", "-", "#", "~", "null", "yes", "a.b", "a:b", "a/b", "{x}",
    "${y}", "'q'", '"q"', "x\u2028y", "x\ny",
])  # fmt: skip
NAMES = KNOWN | st.text(min_size=1, max_size=12)
SCALARS = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer"},
        {"type": "string", "format": "date"},
        {"type": "string", "format": "date-time"},
        {"type": "string", "enum": ["A", "B\n#", "no"]},
        {"type": "array", "items": {"type": "string"}},
    ]
)


def objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    properties = st.dictionaries(NAMES, inner, min_size=1, max_size=5)
    kinds = st.sampled_from(["object", "array"])

    def made(each: dict[str, Any], kind: str, is_required: bool) -> dict[str, Any]:
        whole = {**schema(), "properties": each, "required": list(each) if is_required else []}
        return whole if kind == "object" else {"type": "array", "items": whole}

    return st.builds(made, properties, kinds, st.booleans())


SCHEMAS = st.recursive(SCALARS, objects, max_leaves=12)
PATHS = st.sampled_from(["/applications", "/complaints", "/feedback", "/x/upload", "/x/withdraw"])


@settings(max_examples=200)
@given(
    path=PATHS,
    given=st.dictionaries(NAMES, SCHEMAS, min_size=1, max_size=8),
    reply=st.dictionaries(NAMES, SCHEMAS, max_size=4),
    words=st.text(max_size=40),
)
def test_proposals_load_with_any_names(
    path: str, given: dict[str, Any], reply: dict[str, Any], words: str
) -> None:
    body = {"type": "object", "properties": given, "required": list(given)}
    operation = {
        "operationId": "",
        "summary": words,
        "requestBody": {"content": {"application/json": {"schema": body}}},
        "responses": replies({"type": "object", "properties": reply}),
    }
    with tempfile.TemporaryDirectory() as folder:
        found = openapi(Path(folder), document(operation, path, "post"))
        assert found.loads
        manifest = uncommented(found.folder)
    assert bool(manifest.file.writes) == ("Guessed writes" in found.printed)


GRAPHQL_NAMES = st.sampled_from([
    "hubRef", "applicationNo", "name", "plot", "use", "text", "reason", "documents", "content",
    "file", "type", "rating", "phone", "familyMember", "citizenId", "service", "kind",
])  # fmt: skip
GRAPHQL_TYPES = st.sampled_from(
    ["String", "String!", "ID!", "Int", "[String!]", "Part", "[Part!]", "Kind", "Day"]
)
ARGUMENTS = st.dictionaries(GRAPHQL_NAMES, GRAPHQL_TYPES, min_size=1, max_size=6)


@settings(max_examples=100)
@given(
    name=st.sampled_from(["submitApplication", "withdrawRequest", "lodgeComplaint", "uploadFile"]),
    arguments=ARGUMENTS,
    whole=ARGUMENTS,
    part=ARGUMENTS,
    has_input=st.booleans(),
    result=st.sampled_from(["Boolean!", "[ID]", "Result", "Either", "Kind"]),
)
def test_proposed_mutations_fit_their_schema(
    name: str,
    arguments: dict[str, str],
    whole: dict[str, str],
    part: dict[str, str],
    has_input: bool,
    result: str,
) -> None:
    def fields(each: dict[str, str]) -> str:
        return " ".join(f"{key}: {kind}" for key, kind in each.items())

    part = {key: kind for key, kind in part.items() if "Part" not in kind} or {"name": "String"}
    given = "input: Whole!" if has_input else fields(arguments)
    sdl = f"""scalar Day enum Kind {{ A B }} union Either = Result
    type Query {{ a: Int }} type Mutation {{ {name}({given}): {result} }}
    type Result {{ code: Int number: ID problems: [Problem!]! }} type Problem {{ message: String }}
    input Whole {{ {fields(whole)} }} input Part {{ {fields(part)} }}"""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "schema.graphql"
        path.write_text(sdl, encoding="utf-8")
        found = read("graphql", path, Path(folder) / "out")
        writes = uncommented(found.folder).file.writes
    for write in writes.values():
        assert validate(build_schema(sdl), parse(write.call["mutation"])) == []
