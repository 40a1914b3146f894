"""The criteria of gold and platinum."""

import asyncio
import datetime as dt
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapters.connectors.files import FilesSettings
from adapters.contract import Capability
from adapters.manifest import find_departments
from adapters.workbench.benchmark import digest_of, measure, read_benchmark, write_benchmark
from adapters.workbench.contract_tests import checks
from adapters.workbench.contract_tests.subjects import Mode, Subject
from adapters.workbench.quality import CRITERIA, CriterionOutcome, CriterionResult, Tier
from adapters.workbench.quality.assessment import assess, check_criterion
from adapters.workbench.replay.addresses import with_calls, with_connector
from adapters.workbench.replay.samples import Sample, SampleEntry
from adapters.workbench.replay.server import RecordedReply, replaying
from adapters.workbench.replay.stages import CanNotReplayError
from hub.cli.adapter.benchmark import bench_adapters
from hub.cli.console import CliError, err, out

FOLDERS = {folder.name: folder for folder in find_departments()}
CHANGES = Capability.APPLICATIONS_CHANGES_SINCE
BY_NAME = {criterion.name: criterion for criterion in CRITERIA}
CHANGED = {"applicationNo": "F-1", "citizenNo": "C-1", "status": "N"}
FORESTS = """
manifest: 1
department: forests
label: {en: Forests}
identity: {scheme: FOREST_NUMBER}
connector: {kind: rest, base_url: "http://127.0.0.1:9"}
limits: {deadline: 3s, concurrency: 2, reply_bytes: 1MiB}
maintenance: []
capabilities:
  applications_changes_since:
    call: {path: /changes, query: {from: "CRITERION"}}
    rows: data
    record: application
records:
  application:
    applicationReferenceNumber: applicationNo
    applicationStatus: {path: status, codes: application_status}
    departmentStatus: {fields: {code: status}}
    updatedDatetime: updated
    applicantKey: citizenNo
"""


def copied(name: str, to: Path) -> Path:
    shutil.copytree(FOLDERS[name].parent / "shared", to / "shared", dirs_exist_ok=True)
    return Path(shutil.copytree(FOLDERS[name], to / name))


def found(criterion: str, subject: Subject) -> CriterionResult:
    return asyncio.run(check_criterion(BY_NAME[criterion], subject, {}))


def changes_of(name: str) -> tuple[Subject, Sample]:
    subject = Subject.load(FOLDERS[name])
    return subject, subject.samples_of(CHANGES)[0]


def called(subject: Subject, call: dict[str, Any]) -> Subject:
    return replace(subject, manifest=with_calls(subject.manifest, {CHANGES: call}))


@pytest.mark.parametrize("name", ["pensions", "scholarships", "certificates", "employment"])
def test_one_department_of_each_connector_reaches_gold(name: str) -> None:
    report = asyncio.run(assess(Subject.load(FOLDERS[name])))
    assert report.tier >= Tier.GOLD, report.missing


def test_each_capability_only_reads() -> None:
    """A write belongs to `WriteCapability`, which the criterion `writes` checks."""
    assert all(re.search("_by_|_search$|_changes_since$|^find_", each) for each in Capability)


def test_a_department_without_changes_does_not_reach_gold() -> None:
    result = found("changes", Subject.load(FOLDERS["water"]))
    assert result.outcome is CriterionOutcome.MISSING
    assert "quality.yaml" in result.remedy


def test_changes_without_a_sample_are_missing() -> None:
    subject, _ = changes_of("certificates")
    result = found("changes", replace(subject, samples=()))
    assert (result.outcome, result.why) == (
        CriterionOutcome.MISSING,
        f"there is no sample of {CHANGES}",
    )


def test_changes_out_of_order_break_the_contract(tmp_path: Path) -> None:
    subject, sample = changes_of("civil-registration")
    path = tmp_path / sample.path.name
    path.write_text(json.dumps(json.loads(sample.path.read_bytes())[::-1]))
    unordered = called(subject, {"sql": "SELECT * FROM anything"})
    with pytest.raises(checks.ContractBrokenError, match="oldest first"):
        asyncio.run(checks.changes_can_be_followed(unordered, replace(sample, path=path)))


def test_changes_of_the_same_moment_are_followed_without_a_keyset() -> None:
    subject, sample = changes_of("certificates")
    loose = called(subject, {"sql": "SELECT 1", "watermark": "upd_ts"})
    asyncio.run(checks.changes_can_be_followed(loose, sample))


def forests(tmp_path: Path, since: str, *moments: str | None) -> tuple[Subject, Sample]:
    folder = tmp_path / "forests"
    (folder / "samples").mkdir(parents=True)
    (folder / "department.yaml").write_text(FORESTS.replace("CRITERION", since))
    codes = {"application_status": {"enum": "ApplicationStatus", "codes": {"N": "SUBMITTED"}}}
    (folder / "codes.yaml").write_text(json.dumps({"tables": codes}))
    rows = [{**CHANGED, "updated": moment} for moment in moments]
    (folder / "samples" / f"{CHANGES}.json").write_text(json.dumps({"data": rows}))
    subject = Subject.load(folder)
    return subject, subject.samples[0]


def test_changes_over_http_can_be_followed(tmp_path: Path) -> None:
    subject, sample = forests(tmp_path, "{since:yyyy-mm-dd}", "2026-11-20T10:00:00+05:30")
    asyncio.run(checks.changes_can_be_followed(subject, sample))


def test_a_request_without_the_moment_breaks_the_contract(tmp_path: Path) -> None:
    subject, sample = forests(tmp_path, "always", "2026-11-20T10:00:00+05:30")
    with pytest.raises(checks.ContractBrokenError, match="does not contain the moment"):
        asyncio.run(checks.changes_can_be_followed(subject, sample))


def test_a_change_without_a_time_breaks_the_contract(tmp_path: Path) -> None:
    subject, sample = forests(tmp_path, "{since:yyyy-mm-dd}", None)
    with pytest.raises(checks.ContractBrokenError, match="has no time"):
        asyncio.run(checks.changes_can_be_followed(subject, sample))


def test_a_department_that_loses_changes_breaks_the_contract(tmp_path: Path) -> None:
    """It returns the whole week, but nothing from the middle of the week on."""
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    days = [now - dt.timedelta(days=ago) for ago in (3, 2, 1)]
    subject, sample = forests(tmp_path, "{since:yyyy-mm-dd}", *(day.isoformat() for day in days))
    # The connector writes the day in Indian time.
    middle = days[1].astimezone(ZoneInfo("Asia/Kolkata")).date().isoformat()
    nothing = RecordedReply(b'{"data": []}', when=f"from={middle}")
    with replaying(nothing, RecordedReply(sample.path.read_bytes())) as server:
        result = found("changes", replace(subject, mode=Mode.MOCK, url=server.url))
    assert result.outcome is CriterionOutcome.FAILED
    assert "the first change is not that one" in result.why


def test_changes_of_the_department_out_of_order_break_the_contract(tmp_path: Path) -> None:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    days = [(now - dt.timedelta(days=ago)).isoformat() for ago in (1, 3)]
    subject, _ = forests(tmp_path, "{since:yyyy-mm-dd}", *days[::-1])
    other = json.dumps({"data": [{**CHANGED, "updated": day} for day in days]}).encode()
    with replaying(RecordedReply(other)) as server:
        result = found("changes", replace(subject, mode=Mode.MOCK, url=server.url))
    assert result.outcome is CriterionOutcome.FAILED
    assert "oldest first" in result.why


def deliveries() -> tuple[Subject, list[Sample]]:
    subject = Subject.load(FOLDERS["employment"])
    return subject, [each for each in subject.samples if each.path.suffix == ".csv"]


def test_one_delivery_reports_no_change() -> None:
    subject, samples = deliveries()
    with pytest.raises(CanNotReplayError, match="fewer than two deliveries"):
        asyncio.run(checks.newest_delivered_row_counts(subject, samples[:1]))
    with pytest.raises(CanNotReplayError, match="no row differs"):
        asyncio.run(checks.newest_delivered_row_counts(subject, samples[:2]))


def test_deliveries_without_an_identity_break_the_contract() -> None:
    subject, samples = deliveries()
    settings = subject.manifest.file.connector
    assert isinstance(settings, FilesSettings)
    files = {k: rule.model_copy(update={"identity": []}) for k, rule in settings.files.items()}
    changed = with_connector(subject.manifest, settings.model_copy(update={"files": files}))
    with pytest.raises(checks.ContractBrokenError, match="identity"):
        asyncio.run(checks.newest_delivered_row_counts(replace(subject, manifest=changed), samples))


@pytest.mark.parametrize("name", ["pensions", "scholarships", "certificates", "employment"])
def test_a_benchmark_is_valid_until_the_manifest_changes(name: str, tmp_path: Path) -> None:
    folder = copied(name, tmp_path)
    (folder / "benchmark.json").unlink(missing_ok=True)
    assert found("benchmarked", Subject.load(folder)).outcome is CriterionOutcome.MISSING
    seen: list[str] = []
    subject = Subject.load(folder)
    measured = asyncio.run(measure(subject, 2, lambda sample, _: seen.append(sample.name)))
    write_benchmark(folder, measured)
    assert read_benchmark(folder) == measured
    assert {each.capability for each in measured.samples} >= set(subject.look_ups)
    assert all(each.records and each.median_ms <= each.p90_ms for each in measured.samples)
    assert {Path(each.sample).stem for each in measured.samples} <= set(seen)
    assert found("benchmarked", subject).outcome is CriterionOutcome.DONE
    with (folder / "codes.yaml").open("a") as codes:
        codes.write("# Even a comment makes the benchmark invalid.\n")
    assert found("benchmarked", subject).outcome is CriterionOutcome.MISSING


def test_files_that_do_not_affect_reading_are_not_in_the_digest(tmp_path: Path) -> None:
    folder = copied("water", tmp_path)
    before = digest_of(folder)
    (folder / "services.yaml").unlink()
    shutil.rmtree(folder / "samples")
    assert digest_of(folder) == before
    (folder / "water.wsdl").write_text("<other/>")
    assert digest_of(folder) != before


def test_a_broken_benchmark_fails_its_criterion(tmp_path: Path) -> None:
    folder = copied("water", tmp_path)
    (folder / "benchmark.json").write_text("{")
    assert found("benchmarked", Subject.load(folder)).outcome is CriterionOutcome.FAILED


def test_a_benchmark_of_other_capabilities_is_not_enough(tmp_path: Path) -> None:
    folder = copied("water", tmp_path)
    whole = asyncio.run(measure(Subject.load(folder), 1))
    write_benchmark(folder, whole.model_copy(update={"samples": whole.samples[:1]}))
    result = found("benchmarked", Subject.load(folder))
    assert result.outcome is CriterionOutcome.MISSING
    assert "applications_by_reference" in result.why


def test_a_benchmark_needs_a_sample_with_records(tmp_path: Path) -> None:
    subject = Subject.load(copied("water", tmp_path))
    empty = replace(subject.samples[0], entry=SampleEntry(records=0))
    with pytest.raises(CanNotReplayError, match="no sample with records"):
        asyncio.run(measure(replace(subject, samples=(empty,)), 1))


def test_the_command_writes_and_prints_the_benchmark(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied("water", tmp_path)
    (folder / "benchmark.json").unlink(missing_ok=True)
    bench_adapters([folder], 1, as_json=True, out=out, err=err)
    (printed,) = json.loads(capsys.readouterr().out)
    kept = read_benchmark(folder)
    assert kept is not None
    assert printed == kept.model_dump(mode="json")


def test_a_benchmark_that_can_not_be_written_is_an_error(tmp_path: Path) -> None:
    folder = copied("water", tmp_path)
    (folder / "benchmark.json").unlink(missing_ok=True)
    (folder / "benchmark.json").mkdir()
    with pytest.raises(CliError, match="can't be written"):
        bench_adapters([folder], 1, as_json=True, out=out, err=err)
