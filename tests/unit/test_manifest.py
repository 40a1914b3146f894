"""Manifest errors name file, line, key and remedy, and prevent `hub serve` from starting."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.assembly import assemble, build_adapter
from adapters.manifest import ManifestError, find_departments, load_department, load_departments
from adapters.manifest.document import read_document

DEPARTMENTS = {path.name: path for path in find_departments()}


@pytest.fixture
def edited(tmp_path: Path) -> Callable[..., Path]:
    """Copy a department's folder and replace one text in one of its files."""

    def edit(name: str, old: str, new: str, file: str = "department.yaml") -> Path:
        folder = tmp_path / name
        shutil.copytree(DEPARTMENTS[name], folder)
        shared = DEPARTMENTS[name].parent / "shared"
        shutil.copytree(shared, tmp_path / "shared", dirs_exist_ok=True)
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return edit


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(ManifestError) as caught:
        build_adapter(load_department(folder))
    return [str(problem).replace(str(folder), "…") for problem in caught.value.problems]


def line_of(folder: Path, text: str, file: str = "department.yaml") -> int:
    lines = (folder / file).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_our_own_manifests_are_valid() -> None:
    manifests = load_departments(find_departments())
    assert {m.file.department for m in manifests} == set(DEPARTMENTS)
    for manifest in manifests:
        build_adapter(manifest)


MISTAKES = [
    ("limits:", "limts:", "limts", "there is no key 'limts' here; did you mean 'limits'?"),
    ("operation: GetPensions", "operaton: GetPensions", "operaton", "did you mean 'operation'?"),
    ("operation: GetPensions", "operation: GetPension", "GetPension",
     "pension.wsdl has no operation 'GetPension'; did you mean 'GetPensions'?"),
    ("deadline: 4s", "deadline: 4", "deadline", "write a duration with its unit"),
    ("concurrency: 6", "concurrency: none", "concurrency", "'none' is not valid"),
    ("kind: soap", "kind: soup", "kind: soup", "use one of 'rest', 'soap', 'database'"),
    ("benefits_by_citizen:", "benefit_by_citizen:", "benefit_by_citizen", "did you mean"),
    ("record: pension", "record: penson", "record: penson", "did you mean 'pension'?"),
    ("statusNotes: Remarks", "statusNote: Remarks", "statusNote:", "did you mean 'statusNotes'?"),
    ("codes: pension_status", "codes: pension_state", "pension_state", "did you mean"),
    ("format: dd/mm/yyyy", "format: dd/mmm/yyyy", "dd/mmm/yyyy", "is not a date format"),
    ("identity: {scheme: PENSION_PPO}", "", "", "the key 'identity' is missing; add it"),
    ("key: BeneficiaryNo", "", "applications_by_citizen", "a look-up needs `key`"),
    ('BeneficiaryNo: "{keys}"', 'BeneficiaryNo: "{kyes}"', "call:", "did you mean 'keys'?"),
    ("manifest: 1", "manifest: 2", "manifest: 2", "upgrade the hub"),
    ("reference: SJE-(", "reference: SJE-((", "reference", "correct the regular expression"),
    ("${env:HUB_PENSIONS_URL:-http://127.0.0.1:9102}", "${env:NO_SUCH_NAME}", "endpoint",
     "the environment variable NO_SUCH_NAME is not set; export NO_SUCH_NAME"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "line", "words"), MISTAKES)
def test_a_mistake_names_its_line_and_remedy(
    old: str, new: str, line: str, words: str, edited: Callable[..., Path]
) -> None:
    folder = edited("pensions", old, new)
    problems = problems_of(folder)
    expected = line_of(folder, line or "manifest: 1")
    matching = [problem for problem in problems if words in problem]
    assert matching, problems
    assert matching[0].startswith(f"…/department.yaml:{expected}: "), problems


def test_a_wrong_code_names_its_line(edited: Callable[..., Path]) -> None:
    folder = edited("pensions", "meaning: DELIVERED", "meaning: DELIVERD", "codes.yaml")
    (problem,) = problems_of(folder)
    line = line_of(folder, "DELIVERD", "codes.yaml")
    assert problem.startswith(f"…/codes.yaml:{line}: tables.application_status.codes.06: ")
    assert problem.endswith("did you mean 'DELIVERED'?")


def test_a_duplicate_code_is_reported(edited: Callable[..., Path]) -> None:
    folder = edited("pensions", "      02: {", "      01: {", "codes.yaml")
    (problem,) = problems_of(folder)
    assert "the key '01' is written twice" in problem


def test_all_problems_are_reported_at_once(edited: Callable[..., Path]) -> None:
    """Problems of values, rules, calls, code tables, the catalogue and `adapter.py`."""
    folder = edited("pensions", "deadline: 4s, concurrency: 6", "deadline: 4, concurrency: six")
    for file, old, new in [
        ("department.yaml", "statusNotes: Remarks", "statusNote: Remarks"),
        ("department.yaml", "actionNo: ActionNo", "actoinNo: ActionNo"),
        ("department.yaml", "unit: rupees", "unit: rupee"),
        ("department.yaml", "operation: GetPensions", "operaton: GetPensions"),
        ("department.yaml", "- assistanceUnit\n", "- asistanceUnit\n"),
        ("codes.yaml", "meaning: DELIVERED", "meaning: DELIVERD"),
        ("codes.yaml", "enum: SubmissionChannel", "enum: SubmisionChannel"),
        ("services.yaml", "produces:", "produce:"),
    ]:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    (folder / "adapter.py").write_text("def f(a, b): pass\n", encoding="utf-8")
    reported = problems_of(folder)
    for words in (
        "limits.deadline:", "limits.concurrency:", "'statusNote'; did you mean 'statusNotes'",
        "'actoinNo'", "'rupee' is not valid; use 'rupees' or 'paise'",
        "'operaton' here; did you mean 'operation'",
        "'asistanceUnit'; did you mean 'assistanceUnit'", "'DELIVERD'", "'SubmisionChannel'",
        "'produce'", "f does not take exactly one argument",
    ):  # fmt: skip
        assert len([each for each in reported if words in each]) == 1, (words, reported)
    # In addition, `operation` and `produces` are missing. Nothing else follows.
    assert len(reported) == 13, reported


def test_problems_of_all_departments_are_reported_at_once(
    edited: Callable[..., Path], tmp_path: Path
) -> None:
    one = edited("pensions", "deadline: 4s", "deadline: 4")
    other = edited("registry", "path: /citizens/search", "path: citizens")
    third = edited("scholarships", "statusNotes: remarks", "statusNote: remarks")
    with pytest.raises(ManifestError) as caught:
        assemble([one, other, third])
    assert {problem.path.parent.name for problem in caught.value.problems} == {
        "pensions", "registry", "scholarships",
    }  # fmt: skip


def test_a_manifest_of_a_later_version_is_one_problem(edited: Callable[..., Path]) -> None:
    folder = edited("pensions", "manifest: 1", "manifest: 7")
    path = folder / "department.yaml"
    text = path.read_text(encoding="utf-8").replace("limits:", "bounds:").replace("keys:", "by:")
    path.write_text(text, encoding="utf-8")
    (problem,) = problems_of(folder)
    assert "this hub reads manifests of version 1: upgrade the hub" in problem


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("${env:HUB_SCHOLARSHIPS_API_KEY:-demo-scholarship-key}", "s3cret", "headers.X-Api-Key"),
        ("X-Api-Key: ${env:HUB_SCHOLARSHIPS_API_KEY:-demo-scholarship-key}",
         "Authorization: Bearer s3cret", "headers.Authorization"),
        ("${env:HUB_SCHOLARSHIPS_URL:-http://127.0.0.1:9103}", "http://hub:s3cret@127.0.0.1/",
         "base_url"),
    ],
)  # fmt: skip
def test_a_literal_credential_is_an_error(
    old: str, new: str, key: str, edited: Callable[..., Path]
) -> None:
    (problem,) = problems_of(edited("scholarships", old, new))
    assert f"connector.{key}: " in problem
    assert "is written in the file; write ${env:HUB_SCHOLARSHIPS_" in problem
    assert "s3cret" not in problem


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("[statusNotes]", "statusNotes has a rule; remove it from here"),
        ("[statusNote]", "Application has no field 'statusNote'; did you mean 'statusNotes'?"),
        ("[applicationStatus]", "Application requires applicationStatus; remove it from here"),
        ("[pendingWith.locationName]", "pendingWith.locationName has a rule"),
        ("[pendingWith.office]", "PendingWith has no field 'office'"),
        ("[statusNotes.x]", "statusNotes has no fields"),
    ],
)
def test_a_wrong_absent_field_is_an_error(
    fields: str, words: str, edited: Callable[..., Path]
) -> None:
    old = "records:\n  application:\n"
    folder = edited("pensions", old, f"{old}    absent_fields: {fields}\n")
    (problem,) = problems_of(folder)
    assert words in problem
    assert problem.startswith(f"…/department.yaml:{line_of(folder, 'absent_fields')}: ")


def test_an_unknown_filter_is_an_error(edited: Callable[..., Path]) -> None:
    folder = edited("scholarships", 'studentIds: "{keys}"', 'studentIds: "{keys|shout}"')
    (problem,) = problems_of(folder)
    assert "there is no filter `shout`; use one of: boolean, code, join, kruti_dev" in problem


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: &x [1]\nb: *x\n", "anchors"),
        (b"a: *x\n", "aliases"),
        (b"a: !!python/name:os.system x\n", "tags"),
        (b"a: 1\n---\nb: 1\n", "a second document"),
        (b"a: [1\n", "expected"),
        (b"\xff\xfe", "not UTF-8"),
        (b"? [a]\n: b\n", "a key must be plain text"),
        (b"a: " + b"[" * 60 + b"]" * 60, "levels deep"),
        (b"#" * (2 << 20), "keep it under"),
    ],
)
def test_hostile_yaml_is_an_error(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "department.yaml"
    path.write_bytes(content)
    with pytest.raises(ManifestError) as caught:
        read_document(path)
    assert words in str(caught.value)


def test_a_service_of_two_departments_is_an_error(
    edited: Callable[..., Path], tmp_path: Path
) -> None:
    folder = edited("scholarships", "WEL-AMC:", "SJE-OAS:", "services.yaml")
    with pytest.raises(ManifestError, match="also defined in"):
        load_departments([DEPARTMENTS["pensions"], folder])


def test_a_secret_is_read_from_a_file(edited: Callable[..., Path], tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("s3cret\n", encoding="utf-8")
    old = "${env:HUB_SCHOLARSHIPS_API_KEY:-demo-scholarship-key}"
    manifest = load_department(edited("scholarships", old, f"${{file:{secret}}}"))
    assert manifest.file.connector.headers["X-Api-Key"] == "s3cret"  # type: ignore[union-attr]
