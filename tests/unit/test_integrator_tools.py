"""The commands of an integrator: new, introspect, record, test and explain."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from graphql import GraphQLObjectType

from adapters.contract import Capability
from adapters.manifest import find_departments
from adapters.workbench.benchmark import read_benchmark
from adapters.workbench.check import Severity, check
from adapters.workbench.contract_tests.subjects import Subject, replies_of
from adapters.workbench.quality import CRITERIA, CriterionOutcome
from adapters.workbench.quality.assessment import assess
from adapters.workbench.recording import CanNotRecordError, record
from adapters.workbench.replay.addresses import load_with_placeholders, redirected
from adapters.workbench.replay.samples import SampleEntry, read_samples
from adapters.workbench.replay.server import ReplayServer
from adapters.workbench.replay.stages import CanNotReplayError
from adapters.workbench.replay.write_samples import SentWrite, WriteEntry
from hub.cli.adapter.skeletons import CONNECTORS
from hub.cli.adapter.starter import AdapterOptions, start_adapter
from hub.cli.console import CliError, out
from hub.cli.explain import explanation_of, print_explanation
from hub.cli.explain.ports import PORTS
from hub.cli.introspection import introspect
from hub.execution.compiler import BACKREF, _resolution_of
from tests.support.graphql_schema import SCHEMA
from tests.support.ids import global_id, read_id

FOLDERS = {folder.name: folder for folder in find_departments()}
WSDLS = [path for folder in FOLDERS.values() for path in folder.glob("*.wsdl")]
PAGE = (Path(__file__).parents[2] / "docs" / "adapter-testing.md").read_text()
QUERY = (
    "query($id: String!) { citizen(by: {memberIdentifier: $id}) { applications { totalCount } } }"
)


def options(to: Path, kind: str) -> AdapterOptions:
    return AdapterOptions(kind, "forest-permits", "Forests", None, None, to, None)


@pytest.mark.parametrize("kind", [each for each in CONNECTORS if each != "soap"])
def test_a_new_adapter_lacks_only_its_codes_and_its_decisions(kind: str, tmp_path: Path) -> None:
    start_adapter(options(tmp_path, kind), out)
    folder = tmp_path / "forest-permits"
    assert "DECIDE" in (folder / "department.yaml").read_text()
    errors = [each for each in check([folder]).findings if each.severity is Severity.ERROR]
    assert [(each.rule, each.message) for each in errors] == [
        ("codes", "the table 'application_status' is empty"),
        ("decide", "'DECIDE_NUMBER' is not decided"),
    ]


def test_a_new_adapter_overwrites_nothing(tmp_path: Path) -> None:
    start_adapter(options(tmp_path, "rest"), out)
    with pytest.raises(CliError, match="not empty"):
        start_adapter(options(tmp_path, "rest"), out)


@pytest.mark.parametrize("wsdl", WSDLS, ids=[path.stem for path in WSDLS])
def test_a_manifest_made_from_a_wsdl_loads(wsdl: Path, tmp_path: Path) -> None:
    folder = introspect("wsdl", str(wsdl), tmp_path / "it", "forest-permits", None, out)
    manifest = load_with_placeholders(folder)
    assert manifest.file.connector.kind == "soap"


def test_capabilities_are_guessed_from_a_wsdl(tmp_path: Path) -> None:
    wsdl = FOLDERS["pensions"] / "pension.wsdl"
    folder = introspect("wsdl", str(wsdl), tmp_path / "it", "forest-permits", None, out)
    assert Capability.APPLICATIONS_BY_CITIZEN in load_with_placeholders(folder).file.capabilities


def test_a_redirected_connector_keeps_its_secrets() -> None:
    manifest = load_with_placeholders(FOLDERS["labour"])
    other = redirected(manifest, "http://127.0.0.1:1")
    before, after = (each.file.connector.model_dump()["auth"] for each in (manifest, other))
    assert before != after
    assert before["client_secret"] == after["client_secret"]
    assert "//127.0.0.1:1/" in after["token_url"]


def test_a_packed_reply_is_not_recorded() -> None:
    manifest = load_with_placeholders(FOLDERS["food"])
    with pytest.raises(CanNotRecordError, match="packs all fields"):
        asyncio.run(record(manifest, Capability.APPLICATIONS_BY_CITIZEN, ["0699000001"]))


def test_the_reply_is_recorded_and_not_the_logout() -> None:
    (sample,) = (
        each
        for each in read_samples(FOLDERS["power"])
        if each.path.name == "applications_by_citizen.xml"
    )
    with ReplayServer(replies_of(sample, sample.path.read_bytes())) as server:
        manifest = redirected(load_with_placeholders(FOLDERS["power"]), server.url)
        keys = sample.entry.keys
        kept = asyncio.run(record(manifest, Capability.APPLICATIONS_BY_CITIZEN, keys))
        sent = " ".join(each.body for each in server.requests)
    assert "doLogout" in sent
    assert b"getApplicationsReturn" in kept.content
    assert kept.records == 1
    assert b"RAM DEVI" not in kept.content
    assert keys[0].encode() not in kept.content


def test_a_file_with_an_unknown_name_can_not_be_replayed(tmp_path: Path) -> None:
    subject = Subject.load(FOLDERS["employment"])
    sample = next(each for each in subject.samples if each.path.suffix == ".csv")
    misnamed = type(sample)(tmp_path / "x.csv", sample.capability, sample.entry, listed=True)
    misnamed.path.write_bytes(sample.path.read_bytes())
    with pytest.raises(CanNotReplayError, match=r"x\.csv"), subject.stage(misnamed):
        pass


def test_an_adapter_without_samples_is_below_bronze(tmp_path: Path) -> None:
    start_adapter(options(tmp_path, "rest"), out)
    report = asyncio.run(assess(Subject.load(tmp_path / "forest-permits")))
    outcomes = {criterion.name: result.outcome for criterion, result in report.results}
    assert outcomes["secrets"] is CriterionOutcome.DONE
    assert outcomes["samples"] is CriterionOutcome.MISSING
    assert not report.is_good


def test_a_plan_is_explained_with_and_without_variables() -> None:
    unknown = explanation_of(QUERY, {}, 10, read_id)
    known = explanation_of(QUERY, {"id": "7KNL042101"}, 10, read_id)
    assert known.executor == "plan"
    assert known.waves >= 2
    assert unknown.waves == known.waves
    assert json.loads(json.dumps(known.as_json()))


def test_an_explanation_states_its_assumptions(capsys: pytest.CaptureFixture[str]) -> None:
    known = explanation_of(QUERY, {"id": "7KNL042101"}, 10, read_id)
    assert "deadline" in known.as_json()["longestSecondsAssume"]
    kept = read_benchmark(FOLDERS["registry"])
    assert kept is not None
    measured = {each.median_ms for each in kept.samples if "by_identifier" in each.capability}
    calls = [call for step in known.steps for call in step.calls if call.department == "registry"]
    assert {call.reading_ms for call in calls} <= measured
    print_explanation(known, out)
    assert "whole `limits.deadline`" in " ".join(capsys.readouterr().out.split())


def test_a_benchmark_of_another_manifest_is_not_used(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDERS["registry"], tmp_path / "registry"))
    (folder / "codes.yaml").write_text((folder / "codes.yaml").read_text() + "\n")
    known = explanation_of(QUERY, {"id": "7KNL042101"}, 10, read_id, tmp_path)
    assert [call.reading_ms for step in known.steps for call in step.calls] == [None]


NODE = """query ($id: ID!) { node(id: $id) { id
    ... on Citizen { birthDate applications { totalCount nodes { service { name } dueDate } } }
    ... on Family { members { citizen { id } } } } }"""


@pytest.mark.parametrize(
    ("node", "capabilities", "fields"),
    [
        (
            global_id("Citizen", "7KNL042101"),
            {"citizens_by_identifier", "applications_by_citizen"},
            ["id", "birthDate", "applications"],
        ),
        (global_id("Family", "7KNL0421"), {"families_by_identifier"}, ["id", "members.citizen.id"]),
    ],
)
def test_the_id_of_a_node_decides_which_calls_are_explained(
    node: str, capabilities: set[str], fields: list[str]
) -> None:
    steps = explanation_of(NODE, {"id": node}, 10, read_id).steps
    assert {call.capability for step in steps for call in step.calls} == capabilities
    assert [call.fields for call in steps[0].calls] == [fields]
    for step in steps[1:]:
        for call in step.calls:
            assert call.fields == ["totalCount", "nodes.service", "nodes.dueDate"]


@pytest.mark.parametrize("variables", [{}, {"id": "under-another-key"}])
def test_a_node_of_unknown_type_is_explained_for_each_selected_type(
    variables: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    explanation = explanation_of(NODE, variables, 10, read_id)
    first = {call.capability for call in explanation.steps[0].calls}
    assert first == {"citizens_by_identifier", "families_by_identifier"}
    assert [step.field for step in explanation.steps[1:]] == ["Citizen.applications"]
    print_explanation(explanation, out)
    assert "for id, birthDate, applications" in capsys.readouterr().out


def test_every_field_that_calls_departments_is_explained() -> None:
    types = SCHEMA._schema.type_map.items()
    waiting = {
        (name, field)
        for name, each in types
        if isinstance(each, GraphQLObjectType) and not name.startswith("__")
        for field, definition in each.fields.items()
        if _resolution_of(definition.extensions[BACKREF])[0].waits
    }
    assert waiting == PORTS.keys()


@pytest.mark.parametrize("criterion", [each.name for each in CRITERIA])
def test_every_criterion_is_documented(criterion: str) -> None:
    assert f"| `{criterion}` |" in PAGE


@pytest.mark.parametrize(
    "key",
    sorted({name for each in (SampleEntry, WriteEntry, SentWrite) for name in each.model_fields}),
)
def test_every_key_of_a_sample_is_documented(key: str) -> None:
    assert f"`{key}`" in PAGE
