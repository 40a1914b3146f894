"""Samples of writes: the recorded request and outcome are compared with the adapter's."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.manifest import ManifestError
from adapters.workbench.contract_tests.checks import ContractBrokenError, write_is_sent_as_recorded
from adapters.workbench.contract_tests.subjects import Subject
from adapters.workbench.quality.assessment import check_criterion
from adapters.workbench.quality.criterion import CriterionOutcome
from adapters.workbench.quality.gold import GOLD
from tests.connectors.writing_department import FIND, RECEIPT, VALUES, write_manifest

CONNECTOR = {"kind": "rest", "base_url": "http://127.0.0.1:9"}
WRITE: Mapping[str, Any] = {
    "call": {"path": "/permits", "body": {"ref": "{receipt}", "form": "{fields}"}},
    "reply": {
        "reference": "number",
        "rules": [{"path": "code", "one_of": ["E1"], "means": "REFUSED"}],
    },
}
SENT = {
    "ref": RECEIPT,
    "form": {"name": "Asha Devi", "trade": "12", "born": "29/02/1980", "declared": "Y"},
}
SEND = {
    "receipt": RECEIPT,
    "submitted_at": "2026-11-28T16:55:00+05:30",
    "service": "FOR-1",
    "values": VALUES,
}
DONE: Mapping[str, Any] = {
    "send": SEND,
    "request": "sent.json",
    "line": "POST /permits",
    "reference": "F/1",
}
WRITES = GOLD[0]


def department(
    folder: Path,
    entry: Mapping[str, Any] | None = DONE,
    reply: object = None,
    sent: object = None,
    **more: Any,
) -> Path:
    """Write a department with one sample of a write; return its folder."""
    made = write_manifest(folder, CONNECTOR, {"submit_application": {**WRITE, **more}})
    samples = made / "samples"
    samples.mkdir()
    if entry is not None:
        listing = {"writes": {"submit_application.json": dict(entry)}}
        (samples / "samples.yaml").write_text(yaml.safe_dump(listing))
        (samples / "submit_application.json").write_text(json.dumps(reply or {"number": "F/1"}))
        if "request" in entry:
            (samples / "sent.json").write_text(json.dumps(sent or SENT))
    return made


async def check(folder: Path) -> None:
    subject = Subject.load(folder)
    (sample,) = subject.writes
    await write_is_sent_as_recorded(subject, sample)


async def test_a_sample_with_the_same_request_and_outcome_passes(tmp_path: Path) -> None:
    await check(department(tmp_path))


REFUSED = {"send": SEND, "error": "DEPARTMENT_REFUSED", "not_done": "true"}


async def test_a_refusal_is_compared_too(tmp_path: Path) -> None:
    await check(department(tmp_path, REFUSED, {"code": "E1"}))


@pytest.mark.parametrize(
    ("entry", "reply", "sent", "words"),
    [
        (DONE, {"number": "F/2"}, None, 'gives {"reference": "F/2"'),
        (DONE, {"code": "E1"}, None, '"error": "DEPARTMENT_REFUSED"'),
        (REFUSED, {"number": "F/1"}, None, '"reference": "F/1"'),
        ({**REFUSED, "not_done": "false"}, {"code": "E1"}, None, '"not_done": true'),
        (DONE, None, {**SENT, "ref": "CH1"}, "is not sent.json"),
        ({**DONE, "line": "PUT /permits"}, None, None, "is POST /permits, not PUT /permits"),
        ({**DONE, "already_there": "true"}, None, None, '"already_there": false'),
    ],
)
async def test_a_difference_breaks_the_contract(
    entry: Mapping[str, Any], reply: object, sent: object, words: str, tmp_path: Path
) -> None:
    with pytest.raises(ContractBrokenError) as caught:
        await check(department(tmp_path, entry, reply, sent))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({**DONE, "request": "gone.json"}, "there is no file 'gone.json'"),
        ({**DONE, "send": {}}, "the key 'receipt' is missing"),
        ({**DONE, "colour": "red"}, "there is no key 'colour'"),
    ],
)
def test_mistakes_in_the_listing_are_reported(
    entry: Mapping[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(ManifestError, match=words):
        Subject.load(department(tmp_path, entry))


def test_a_reply_to_a_write_must_be_listed_with_its_submission(tmp_path: Path) -> None:
    made = department(tmp_path, None)
    (made / "samples" / "submit_application.json").write_text("{}")
    with pytest.raises(ManifestError, match="list it under `writes`"):
        Subject.load(made)


async def outcome(folder: Path) -> tuple[CriterionOutcome, str]:
    result = await check_criterion(WRITES, Subject.load(folder), {})
    return result.outcome, result.why


async def test_the_criterion_requires_that_a_lost_write_can_be_found_or_repeated(
    tmp_path: Path,
) -> None:
    found, why = await outcome(department(tmp_path))
    assert found is CriterionOutcome.MISSING
    assert "nobody knows whether the department has submit_application" in why


async def test_the_criterion_requires_a_sample_of_each_write(tmp_path: Path) -> None:
    repeatable: dict[str, Any] = {"repeatable": "true"}
    assert await outcome(department(tmp_path, **repeatable)) == (CriterionOutcome.DONE, "")
    other = tmp_path / "other"
    other.mkdir()
    found, why = await outcome(department(other, None, **repeatable))
    assert (found, why) == (
        CriterionOutcome.MISSING,
        "there is no sample of submit_application",
    )


async def test_a_look_up_by_the_receipt_number_makes_a_write_safe(tmp_path: Path) -> None:
    made = write_manifest(
        tmp_path, CONNECTOR, {"submit_application": WRITE}, capabilities={"find_submission": FIND}
    )
    found, why = await outcome(made)
    assert (found, why) == (CriterionOutcome.MISSING, "there is no sample of submit_application")


async def test_a_broken_sample_fails_the_criterion(tmp_path: Path) -> None:
    found, why = await outcome(department(tmp_path, DONE, {"number": "F/2"}))
    assert found is CriterionOutcome.FAILED
    assert "F/2" in why
