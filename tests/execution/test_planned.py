"""Every operation in this project (lab, benchmarks, pages, README) runs on a plan."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import parse, validate

from hub.execution import Executor, GraphQLRequest
from hub.http.query_page import EXAMPLES, read_examples
from tests.benchmarks.growth import MANY_DEPARTMENTS
from tests.benchmarks.workloads import WORKLOADS
from tests.execution.fake_sources import MEMBERS, REFERENCES, new_context
from tests.support.graphql_schema import SCHEMA

ROOT = Path(__file__).resolve().parents[2]
EXECUTOR = Executor(SCHEMA)
VARIABLES = {
    "id": MEMBERS[0],
    "memberId": MEMBERS[0],
    "familyId": "7KNL0421",
    "number": "CMOFF/2026/0001234",
    "reference": REFERENCES[1],
    "phoneLast4": "0123",
    "department": "pensions",
    "first": 20,
    "certificateNumber": "INC-1",
    "issueDate": "2026-01-02",
}


def documents() -> Iterator[Any]:
    for file in sorted((ROOT / "mocks" / "lab" / "queries").glob("*.graphql")):
        yield pytest.param(file.read_text(encoding="utf-8"), id=f"demo, {file.stem}")
    for workload in WORKLOADS.values():
        for index, document in enumerate(workload.documents):
            yield pytest.param(document, id=f"benchmark, {workload.name} {index}")
    yield pytest.param(MANY_DEPARTMENTS, id="benchmark, departments")
    for example in read_examples(EXAMPLES):
        yield pytest.param(example["query"], id=f"page, {example['query'][:40]}")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for index, document in enumerate(re.findall(r"hub query [^'\n]*'(\{ .+\})'", readme)):
        yield pytest.param(document, id=f"README {index}")


DOCUMENTS = list(documents())


def test_operations_of_every_origin_are_found() -> None:
    found = [str(each.id).split(",")[0].split()[0] for each in DOCUMENTS]
    assert found.count("demo") >= 8
    assert found.count("benchmark") == 8
    assert found.count("page") == 4
    assert found.count("README") >= 1


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_the_operation_runs_on_a_plan(document: str) -> None:
    assert validate(SCHEMA._schema, parse(document)) == []
    names = set(re.findall(r"\$(\w+):", document))
    request = GraphQLRequest(document, {name: VARIABLES[name] for name in names})
    response = await EXECUTOR.execute(request, new_context())
    assert response.executor == "plan"
    assert response.body["data"]
