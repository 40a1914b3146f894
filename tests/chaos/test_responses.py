"""Flaws of a response: each way to be wrong must be noticed."""

from typing import Any

import httpx
import pytest

from mocks.lab.chaos.ground_truth import GroundTruth
from mocks.lab.chaos.responses import Flaw, Part, PartKey, ResponseReader, find_flaws


def row(number: str, status: str = "DELIVERED", code: str = "04") -> dict[str, Any]:
    return {
        "department": {"identifier": "pensions"},
        "applicationReferenceNumber": number,
        "applicationStatus": status,
        "departmentStatus": {"code": code, "label": "Sanctioned"},
        "requestedDatetime": "2026-01-02T00:00:00+05:30",
    }


def parts(
    rows: list[dict[str, Any]], state: str | None = "LIVE", name: str | None = "RAM DEVI"
) -> dict[PartKey, Part]:
    sources = [{"department": {"identifier": "pensions"}, "state": state}] if state else []
    citizen = {
        "personName": name and {"fullName": name},
        "applications": {"sources": sources, "nodes": rows},
    }
    return ResponseReader("registry").read({"data": {"citizen": citizen}})


EXPECTED = parts([row("SJE-1"), row("SJE-2")])


def test_the_order_of_rows_does_not_matter() -> None:
    assert find_flaws(EXPECTED, parts([row("SJE-2"), row("SJE-1")])) == ()


@pytest.mark.parametrize("state", ["LIVE", "CACHED", "STALE"])
def test_a_cached_row_is_as_good_as_a_live_row(state: str) -> None:
    assert find_flaws(EXPECTED, parts([row("SJE-1"), row("SJE-2")], state)) == ()


@pytest.mark.parametrize("state", ["LIVE", "CACHED"])
def test_a_row_that_is_missing_in_silence_is_wrong(state: str) -> None:
    assert find_flaws(EXPECTED, parts([row("SJE-1")], state)) == (
        Flaw(
            "pensions",
            frozenset({state}),
            (f"applications: SJE-2 is missing, reported as {state}",),
        ),
    )


@pytest.mark.parametrize("state", ["INCOMPLETE", "STALE", "UNAVAILABLE"])
def test_a_missing_row_is_not_wrong_if_it_is_reported(state: str) -> None:
    (flaw,) = find_flaws(EXPECTED, parts([row("SJE-1")], state))
    assert flaw == Flaw("pensions", frozenset({state}))


def test_a_part_without_rows_is_found_with_the_reported_state() -> None:
    assert find_flaws(EXPECTED, parts([], None)) == (Flaw("pensions", frozenset()),)
    assert find_flaws(EXPECTED, parts([], "UNAVAILABLE")) == (
        Flaw("pensions", frozenset({"UNAVAILABLE"})),
    )


def test_a_changed_row_is_wrong() -> None:
    (flaw,) = find_flaws(EXPECTED, parts([row("SJE-1", "REJECTED"), row("SJE-2")]))
    assert flaw.wrong == ("applications: SJE-1 differs from the population",)


def test_an_invented_row_is_wrong() -> None:
    (flaw,) = find_flaws(EXPECTED, parts([row("SJE-1"), row("SJE-2"), row("SJE-3")]))
    assert flaw.wrong == ("applications: SJE-3 is invented",)


def test_a_row_of_an_unexpected_department_is_wrong() -> None:
    stray = {**row("REV-1"), "department": {"identifier": "certificates"}}
    (flaw,) = find_flaws(EXPECTED, parts([row("SJE-1"), row("SJE-2"), stray]))
    assert flaw.department == "certificates"
    assert flaw.wrong


def test_a_row_whose_status_is_unknown_is_not_wrong() -> None:
    (flaw,) = find_flaws(EXPECTED, parts([row("SJE-1", "UNKNOWN", "97"), row("SJE-2")]))
    assert flaw == Flaw("pensions", frozenset({"LIVE", "UNKNOWN_CODE"}))
    other = {**row("SJE-1", "UNKNOWN", "97"), "requestedDatetime": None}
    (flaw,) = find_flaws(EXPECTED, parts([other, row("SJE-2")]))
    assert flaw.wrong


def benefit(status: str, paid_on: str = "2026-11-01") -> dict[PartKey, Part]:
    payment = {"paymentStatus": status, "paidOn": paid_on}
    row = {
        "department": {"identifier": "pensions"},
        "benefitNumber": "P-1",
        "enrollmentStatus": "ACTIVE",
        "payments": [{"paymentStatus": "SUCCEEDED", "paidOn": "2026-10-01"}, payment],
    }
    sources = [{"department": {"identifier": "pensions"}, "state": "LIVE"}]
    citizen = {"personName": None, "benefits": {"sources": sources, "nodes": [row]}}
    return ResponseReader("registry").read({"data": {"citizen": citizen}})


def test_a_person_without_the_registry_is_found_with_the_reported_state() -> None:
    def person(name: str | None, state: str) -> dict[PartKey, Part]:
        citizen = {"personName": name and {"fullName": name}, "sourceStatus": {"state": state}}
        return ResponseReader("registry").read({"data": {"citizen": citizen}})

    expected = person("RAM DEVI", "LIVE")
    assert find_flaws(expected, person("RAM DEVI", "CACHED")) == ()
    assert find_flaws(expected, person(None, "CIRCUIT_OPEN")) == (
        Flaw("registry", frozenset({"CIRCUIT_OPEN"})),
    )


def test_a_payment_whose_status_is_unknown_is_not_wrong() -> None:
    expected = benefit("SUCCEEDED")
    assert find_flaws(expected, benefit("UNKNOWN")) == (
        Flaw("pensions", frozenset({"LIVE", "UNKNOWN_CODE"})),
    )
    for other in (benefit("RETURNED"), benefit("UNKNOWN", "2026-11-02")):
        (flaw,) = find_flaws(expected, other)
        assert flaw.wrong == ("benefits: P-1 differs from the population",)


def test_without_the_registry_the_person_is_missing() -> None:
    (flaw,) = find_flaws(EXPECTED, parts([row("SJE-1"), row("SJE-2")], name=None))
    assert (flaw.department, flaw.wrong) == ("registry", ())


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("DEPARTMENT_MAINTENANCE", "MAINTENANCE"),
        ("CIRCUIT_OPEN", "CIRCUIT_OPEN"),
        ("DEPARTMENT_TIMEOUT", "UNAVAILABLE"),
        ("DEPARTMENT_INCOMPLETE_REPLY", "INCOMPLETE"),
        ("UNUSABLE_ROW", "INCOMPLETE"),
    ],
)
def test_the_error_of_a_record_shows_the_state(code: str, state: str) -> None:
    tracked = {"applicationReferenceNumber": "SJE-1", "applicationStatus": "DELIVERED"}
    expected = ResponseReader("pensions").read({"data": {"trackApplication": tracked}})
    failed = {
        "data": {"trackApplication": None},
        "errors": [
            {
                "path": ["trackApplication"],
                "extensions": {"code": code, "department": "pensions"},
            }
        ],
    }
    assert find_flaws(expected, ResponseReader("pensions").read(failed)) == (
        Flaw("pensions", frozenset({state})),
    )


def test_a_record_that_is_not_found_is_missing_in_silence() -> None:
    tracked = {"applicationReferenceNumber": "SJE-1", "applicationStatus": "DELIVERED"}
    expected = ResponseReader("pensions").read({"data": {"trackApplication": tracked}})
    error = {"path": ["trackApplication"], "extensions": {"code": "NOT_FOUND"}}
    response = {"data": {"trackApplication": None}, "errors": [error]}
    (flaw,) = find_flaws(expected, ResponseReader("pensions").read(response))
    assert flaw.wrong == ("trackApplication: record is missing, reported as NOT_FOUND",)


def truth_of(monkeypatch: pytest.MonkeyPatch, person: dict[str, Any]) -> GroundTruth:
    """Return the truth about a population of one person."""

    def reply(request: httpx.Request) -> httpx.Response:
        is_sample = request.url.path == "/population/sample"
        return httpx.Response(200, json={"memberIds": ["M1"]} if is_sample else person)

    client = httpx.Client(base_url="http://population", transport=httpx.MockTransport(reply))
    monkeypatch.setattr(httpx, "Client", lambda **_: client)
    return GroundTruth("http://population", 1, ["pensions"])


def test_rows_of_the_population_that_a_response_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    lists: dict[str, Any] = {"benefits": [], "certificates": [], "grievances": []}
    applications = [
        {"applicationReferenceNumber": f"SJE-{number}", "department": "pensions"}
        for number in (1, 2, 3)
    ]
    truth = truth_of(monkeypatch, {"memberId": "M1", "applications": applications, **lists})
    received = parts([row("SJE-1"), row("SJE-2")])
    assert list(truth.missing("dashboard", received, {"id": "M1"})) == [
        "applications of pensions: SJE-3 is missing"
    ]
    window = {"department": "pensions", "first": 5}
    assert list(truth.missing("worklist", received, window)) == [
        "worklist of pensions: 2 rows of 3 were received"
    ]
    assert list(truth.missing("worklist", received, {**window, "first": 2})) == []
