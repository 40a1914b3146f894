"""What the harness sees in an answer: it must notice every way of being wrong."""

from typing import Any

import pytest

from hub.cli.chaos.answers import AnswerReader, Flaw, Place, Slot, flaws_in


def row(number: str, status: str = "DELIVERED", code: str = "04") -> dict[str, Any]:
    return {
        "agencyResponsible": {"identifier": "pensions"},
        "applicationReferenceNumber": number,
        "applicationStatus": status,
        "departmentStatus": {"code": code, "label": "Sanctioned"},
        "requestedDatetime": "2026-01-02T00:00:00+05:30",
    }


def answer(
    rows: list[dict[str, Any]], state: str | None = "LIVE", name: str | None = "RAM DEVI"
) -> dict[Place, Slot]:
    sources = [{"department": "pensions", "state": state}] if state else []
    citizen = {
        "name": name and {"fullName": name},
        "applications": {"sources": sources, "nodes": rows},
    }
    return AnswerReader("registry").read({"data": {"citizen": citizen}})


CALM = answer([row("SJE-1"), row("SJE-2")])


def test_the_same_answer_is_whole() -> None:
    assert flaws_in(CALM, answer([row("SJE-2"), row("SJE-1")])) == ()


@pytest.mark.parametrize("state", ["LIVE", "CACHED", "STALE"])
def test_a_copy_is_as_good_as_a_live_row(state: str) -> None:
    assert flaws_in(CALM, answer([row("SJE-1"), row("SJE-2")], state)) == ()


def test_a_lost_row_is_seen_with_what_is_told() -> None:
    assert flaws_in(CALM, answer([row("SJE-1")], "LIVE")) == (
        Flaw("pensions", frozenset({"LIVE"})),
    )
    assert flaws_in(CALM, answer([], None)) == (Flaw("pensions", frozenset()),)
    assert flaws_in(CALM, answer([], "UNAVAILABLE")) == (
        Flaw("pensions", frozenset({"UNAVAILABLE"})),
    )


def test_a_changed_row_is_wrong() -> None:
    (flaw,) = flaws_in(CALM, answer([row("SJE-1", "REJECTED"), row("SJE-2")]))
    assert flaw.wrong == ("applications: SJE-1 is not as the population has it",)


def test_an_invented_row_is_wrong() -> None:
    (flaw,) = flaws_in(CALM, answer([row("SJE-1"), row("SJE-2"), row("SJE-3")]))
    assert flaw.wrong == ("applications: SJE-3 is invented",)


def test_a_department_that_nobody_expected_is_wrong() -> None:
    stray = {**row("REV-1"), "agencyResponsible": {"identifier": "certificates"}}
    (flaw,) = flaws_in(CALM, answer([row("SJE-1"), row("SJE-2"), stray]))
    assert flaw.department == "certificates"
    assert flaw.wrong


def test_an_unknown_code_says_itself_that_it_is_unknown() -> None:
    (flaw,) = flaws_in(CALM, answer([row("SJE-1", "UNKNOWN", "97"), row("SJE-2")]))
    assert flaw == Flaw("pensions", frozenset({"LIVE", "UNKNOWN_CODE"}))
    other = {**row("SJE-1", "UNKNOWN", "97"), "requestedDatetime": None}
    (flaw,) = flaws_in(CALM, answer([other, row("SJE-2")]))
    assert flaw.wrong


def test_without_the_registry_the_person_is_missing() -> None:
    (flaw,) = flaws_in(CALM, answer([row("SJE-1"), row("SJE-2")], name=None))
    assert (flaw.department, flaw.wrong) == ("registry", ())


def test_a_records_error_tells_the_state() -> None:
    tracked = {"applicationReferenceNumber": "SJE-1", "applicationStatus": "DELIVERED"}
    calm = AnswerReader("pensions").read({"data": {"trackApplication": tracked}})
    failed = {
        "data": {"trackApplication": None},
        "errors": [
            {
                "path": ["trackApplication"],
                "extensions": {"code": "DEPARTMENT_MAINTENANCE", "department": "pensions"},
            }
        ],
    }
    assert flaws_in(calm, AnswerReader("pensions").read(failed)) == (
        Flaw("pensions", frozenset({"MAINTENANCE"})),
    )
