"""Flaws of a response: each way to be wrong must be noticed."""

from typing import Any

import pytest

from mocks.lab.chaos.responses import Flaw, Part, PartKey, ResponseReader, find_flaws


def row(number: str, status: str = "DELIVERED", code: str = "04") -> dict[str, Any]:
    return {
        "agencyResponsible": {"identifier": "pensions"},
        "applicationReferenceNumber": number,
        "applicationStatus": status,
        "departmentStatus": {"code": code, "label": "Sanctioned"},
        "requestedDatetime": "2026-01-02T00:00:00+05:30",
    }


def parts(
    rows: list[dict[str, Any]], state: str | None = "LIVE", name: str | None = "RAM DEVI"
) -> dict[PartKey, Part]:
    sources = [{"department": "pensions", "state": state}] if state else []
    citizen = {
        "name": name and {"fullName": name},
        "applications": {"sources": sources, "nodes": rows},
    }
    return ResponseReader("registry").read({"data": {"citizen": citizen}})


EXPECTED = parts([row("SJE-1"), row("SJE-2")])


def test_the_order_of_rows_does_not_matter() -> None:
    assert find_flaws(EXPECTED, parts([row("SJE-2"), row("SJE-1")])) == ()


@pytest.mark.parametrize("state", ["LIVE", "CACHED", "STALE"])
def test_a_cached_row_is_as_good_as_a_live_row(state: str) -> None:
    assert find_flaws(EXPECTED, parts([row("SJE-1"), row("SJE-2")], state)) == ()


def test_a_missing_row_is_found_with_the_reported_state() -> None:
    assert find_flaws(EXPECTED, parts([row("SJE-1")], "LIVE")) == (
        Flaw("pensions", frozenset({"LIVE"})),
    )
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
    stray = {**row("REV-1"), "agencyResponsible": {"identifier": "certificates"}}
    (flaw,) = find_flaws(EXPECTED, parts([row("SJE-1"), row("SJE-2"), stray]))
    assert flaw.department == "certificates"
    assert flaw.wrong


def test_a_row_whose_status_is_unknown_is_not_wrong() -> None:
    (flaw,) = find_flaws(EXPECTED, parts([row("SJE-1", "UNKNOWN", "97"), row("SJE-2")]))
    assert flaw == Flaw("pensions", frozenset({"LIVE", "UNKNOWN_CODE"}))
    other = {**row("SJE-1", "UNKNOWN", "97"), "requestedDatetime": None}
    (flaw,) = find_flaws(EXPECTED, parts([other, row("SJE-2")]))
    assert flaw.wrong


def test_without_the_registry_the_person_is_missing() -> None:
    (flaw,) = find_flaws(EXPECTED, parts([row("SJE-1"), row("SJE-2")], name=None))
    assert (flaw.department, flaw.wrong) == ("registry", ())


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("DEPARTMENT_MAINTENANCE", "MAINTENANCE"),
        ("CIRCUIT_OPEN", "CIRCUIT_OPEN"),
        ("DEPARTMENT_TIMEOUT", "UNAVAILABLE"),
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
