"""Problems are values of several types. Plans and graphql-core return them alike."""

from typing import Any

import orjson

from hub.execution import Executor, GraphQLRequest
from tests.execution.fake_sources import new_context
from tests.execution.wide_limits import WIDE
from tests.support.graphql_schema import SCHEMA

EXECUTOR = Executor(SCHEMA, debug=True, limits=WIDE)
DOCUMENT = """
mutation ($hindi: Language!) {
  submitApplication(input: {
    citizen: {memberIdentifier: "7KNL042101"}, service: "SJE-OAS", attributes: [],
    idempotencyKey: "KEY"
  }) {
    submission { receiptNumber stateNote(lang: $hindi) events { eventKind errorCode } }
    hints { condition found(lang: $hindi) }
    problems { ...Shown }
  }
}
fragment Shown on Problem {
  __typename
  code
  message
  hindi: message(lang: $hindi)
  ... on AttributeProblem { attribute }
  ... on EvidenceProblem { evidence attachment }
  ... on DuplicateProblem { applications { id receiptNumber submissionStateLabel } }
  ... on NotOfferedProblem { department { identifier } }
  ... on StatusProblem { applicationStatus }
  ... on InputProblem { field }
}
"""
TYPES = [
    "AttributeProblem",
    "EvidenceProblem",
    "DuplicateProblem",
    "KeyConflictProblem",
    "NotOfferedProblem",
    "StatusProblem",
    "InputProblem",
]


async def both(key: str) -> dict[str, Any]:
    request = GraphQLRequest(DOCUMENT.replace("KEY", key), {"hindi": "HI"})
    planned = await EXECUTOR.execute(request, new_context())
    reference = await EXECUTOR.execute_with_graphql_core(request, new_context())
    bodies = [orjson.loads(orjson.dumps(each.body)) for each in (planned, reference)]
    assert bodies[0]["extensions"] == {"executor": "plan"}
    assert bodies[0]["data"] == bodies[1]["data"]
    assert "errors" not in bodies[0]
    payload: dict[str, Any] = bodies[0]["data"]["submitApplication"]
    return payload


async def test_a_problem_has_the_fields_of_its_type() -> None:
    payload = await both("b")
    problems = payload["problems"]
    assert payload["submission"] is None
    assert [each["__typename"] for each in problems] == TYPES
    assert all(each["message"] != each["hindi"] for each in problems)
    assert problems[0]["attribute"] == "age"
    assert problems[2]["applications"][0]["submissionStateLabel"] == "Received, not sent yet"
    assert problems[4]["department"] == {"identifier": "pensions"}
    assert problems[6]["field"] == "rating"


async def test_an_accepted_submission_has_no_problems() -> None:
    payload = await both("c")
    assert payload["problems"] == []
    assert payload["submission"]["receiptNumber"] == "CH7K3M9QXT2VDAB"
    assert payload["hints"] == [{"condition": "Age 60", "found": "Age: 59"}]
