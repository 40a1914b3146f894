"""`hub adapter record` records every page, and the codes that mean `no rows`."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from adapters.contract import Capability
from adapters.manifest import find_departments, load_department
from adapters.workbench.contract_tests.subjects import Subject
from adapters.workbench.quality.assessment import assess
from adapters.workbench.recording import record
from adapters.workbench.recording.columns import columns_of
from adapters.workbench.recording.pseudonyms import Pseudonyms
from adapters.workbench.recording.replacement import Replacer
from adapters.workbench.replay.addresses import NOWHERE, load_with_placeholders, redirected
from adapters.workbench.replay.server import RecordedReply, replaying
from hub.cli.adapter.samples import record_sample
from hub.cli.console import CliError

MANIFEST = """
manifest: 1
department: licences
label: {en: Licences}
identity: {scheme: LICENCEE}
connector:
  kind: rest
  base_url: http://127.0.0.1:9
  envelope: {ok: code=OK7X, code: code, message: says, empty: [E04]}
capabilities:
  applications_by_citizen:
    call:
      path: /list
      query: {who: "{key}", page: "{page}"}
      pages: {by: page, count: pages}
    rows: rows
    key: who
    record: application
records:
  application:
    applicationReferenceNumber: no
    applicationStatus: {value: SUBMITTED}
    departmentStatus: {fields: {code: {value: NEW}, label: {value: New}}}
    serviceCode: {value: LIC-ONE}
    requestedDatetime: {value: 2026-01-02}
    applicantKey: who
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "department.yaml").write_text(MANIFEST)
    return tmp_path


def page(number: int) -> RecordedReply:
    row = f'{{"no": "A/2026/000417{number}", "who": "LIC0017733"}}'
    body = f'{{"code": "OK7X", "says": "fine", "pages": 3, "rows": [{row}]}}'
    headers = {"Content-Type": "application/json"}
    return RecordedReply(body.encode(), headers=headers, when=f"page={number}")


def test_every_numbered_page_is_recorded_and_replayed(folder: Path) -> None:
    pages = [page(number) for number in (3, 2, 1)]
    with replaying(*pages) as server:
        record_sample(
            folder, "applications_by_citizen", ["LIC0017733"], None, server.url, Console(quiet=True)
        )
    samples = yaml.safe_load((folder / "samples" / "samples.yaml").read_text())["samples"]
    entry = samples["applications_by_citizen.json"]
    assert entry["records"] == 3
    assert [each["when"] for each in entry["also"]] == ["page=3", "page=2"]
    report = asyncio.run(assess(Subject.load(folder)))
    outcomes = {criterion.name: result.outcome.value for criterion, result in report.results}
    assert (outcomes["reads"], outcomes["keys"]) == ("done", "done")


async def test_two_recordings_at_the_same_time_do_not_mix(folder: Path) -> None:
    pages = [page(number) for number in (3, 2, 1)]
    with replaying(*pages) as one, replaying(*pages) as other:
        manifests = [redirected(load_department(folder), server.url) for server in (one, other)]
        recordings = await asyncio.gather(
            *(
                record(each, Capability.APPLICATIONS_BY_CITIZEN, ["LIC0017733"])
                for each in manifests
            )
        )
    assert [each.calls for each in recordings] == [3, 3]


def test_placeholders_do_not_change_the_environment(folder: Path) -> None:
    manifest = folder / "department.yaml"
    manifest.write_text(manifest.read_text().replace("http://127.0.0.1:9", "${env:HUB_UNSET_URL}"))
    before = dict(os.environ)
    assert load_with_placeholders(folder).file.connector.model_dump()["base_url"] == NOWHERE
    assert dict(os.environ) == before


@pytest.mark.parametrize("body", [b"<html><body>Welcome</body></html>", b'{"code": "OK7X"'])
def test_a_reply_that_can_not_be_read_is_not_recorded(folder: Path, body: bytes) -> None:
    with (
        replaying(RecordedReply(body, headers={"Content-Type": "application/json"})) as server,
        pytest.raises(CliError, match="can't be read"),
    ):
        record_sample(
            folder, "applications_by_citizen", ["LIC0017733"], None, server.url, Console(quiet=True)
        )
    assert not (folder / "samples").exists()


@pytest.mark.parametrize("where", ["connector", "call"])
def test_the_code_that_means_no_rows_is_kept(where: str) -> None:
    food = next(folder for folder in find_departments() if folder.name == "food")
    manifest = load_department(food)
    file = manifest.file.model_copy(deep=True)
    capability = Capability.APPLICATIONS_BY_CITIZEN
    if where == "call":
        file.capabilities[capability].call["outcome"] = {"code": "Hdr/RET_CD", "empty": ["E04"]}
    columns = columns_of(replace(manifest, file=file), capability)
    reply = {"code": "E04"} if where == "connector" else {"RET_CD": "E04"}
    assert Replacer(columns, Pseudonyms()).replace_json(reply) == reply
