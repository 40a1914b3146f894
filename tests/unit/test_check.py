"""`hub check`: what can be found in manifests before they run."""

import asyncio
import json
from pathlib import Path

import pytest

from adapters.manifest import find_departments, load_department
from adapters.workbench.check import CheckFinding, Severity, check
from adapters.workbench.check.cost import costs_of
from adapters.workbench.check.overlapping_patterns import compare, overlapping
from adapters.workbench.check.windows import WEEK, closed_for, overlap
from hub.cli.check_report import run_check
from hub.cli.console import CliError, out
from tests.unit.departments import CODES, MANIFEST, write_department


def found(folder: Path, *others: Path) -> list[CheckFinding]:
    return list(check([folder, *others]).findings)


def messages_of(findings: list[CheckFinding], severity: Severity | None = None) -> list[str]:
    return [each.message for each in findings if severity in (None, each.severity)]


def test_our_own_departments_pass_strictly() -> None:
    """Costs are not counted: they depend on the departments' systems."""
    report = check(find_departments())
    doubtful = [each for each in report.findings if each.severity is not Severity.NOTE]
    assert [each for each in doubtful if each.rule not in ("n+1", "time", "bytes")] == []
    assert {cost.department for cost in report.costs} == set(report.departments)


def test_a_good_department_has_only_notes(tmp_path: Path) -> None:
    findings = found(write_department(tmp_path))
    assert {each.severity for each in findings} == {Severity.NOTE}
    (note,) = findings
    assert note.message.startswith("no code means DRAFT, PAYMENT_PENDING")
    assert (note.path.name, note.line, note.key) == ("codes.yaml", 2, "tables.status")


def test_problems_of_every_file_and_department_are_reported_as_errors(tmp_path: Path) -> None:
    one = write_department(tmp_path, "one", change=("deadline: 2s", "deadline: 2"))
    other = write_department(tmp_path, "other", codes_yaml=CODES.replace("DELIVERED", "DONE"))
    findings = found(one, other)
    assert [(each.department, each.severity) for each in findings] == [
        ("one", Severity.ERROR),
        ("other", Severity.ERROR),
    ]


def test_two_departments_with_the_same_identifier_are_an_error(tmp_path: Path) -> None:
    text = MANIFEST.replace("department: {name}", "department: forests")
    one = write_department(tmp_path, "one", manifest=text)
    other = write_department(tmp_path, "other", manifest=text)
    errors = messages_of(found(one, other), Severity.ERROR)
    assert errors == [f"the department 'forests' is also defined in {one / 'department.yaml'}"]


def test_a_field_without_a_rule_is_a_warning(tmp_path: Path) -> None:
    folder = write_department(tmp_path, change=("[channel, ", "["))
    (warning,) = [each for each in found(folder) if each.severity is Severity.WARNING]
    assert warning.message == "Application has fields without a rule: channel"
    assert warning.remedy == "map them, or add `absent_fields: [channel]`"
    assert (warning.path.name, warning.key) == ("department.yaml", "records.application")


def test_an_absent_field_of_an_older_schema_is_a_warning(tmp_path: Path) -> None:
    change = ("absent_fields: [", "absent_fields: [source, ")
    (message,) = messages_of(found(write_department(tmp_path, change=change)), Severity.WARNING)
    assert message == "Application has no field 'source'"


def test_a_nested_field_without_a_rule_is_a_warning(tmp_path: Path) -> None:
    change = ("pendingWith,", "")
    rule = "records:\n  application:\n    pendingWith: {fields: {designation: d}}\n"
    folder = write_department(tmp_path, change=change)
    path = folder / "department.yaml"
    path.write_text(path.read_text().replace("records:\n  application:\n", rule))
    assert "Application has fields without a rule: pendingWith.locationName" in messages_of(
        found(folder)
    )


def test_unused_tables_and_records_are_warnings(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "more.yaml").write_text("tables:\n  of_others: {texts: {1: a}}\n")
    codes = f"include: ../shared/more.yaml\n{CODES}  mine: {{texts: {{1: a}}}}\n"
    folder = write_department(tmp_path, codes_yaml=codes)
    with (folder / "department.yaml").open("a") as file:
        file.write("  old:\n    applicationReferenceNumber: no\n")
    warnings = messages_of(found(folder), Severity.WARNING)
    assert warnings == [
        "no field rule or form uses the table 'mine'",
        "no capability uses the record 'old'",
    ]


def test_an_empty_code_table_is_an_error(tmp_path: Path) -> None:
    codes = "tables:\n  status: {enum: ApplicationStatus}\n"
    folder = write_department(tmp_path, codes_yaml=codes)
    assert messages_of(found(folder), Severity.ERROR) == ["the table 'status' is empty"]


@pytest.mark.parametrize(
    ("name", "content", "messages"),
    [
        ("applications_by_reference.json", '[{"no": "1", "st": "1"}, {"no": "2", "st": "9"}]',
         ["the code '9' of applicationStatus is in no code table"]),
        ("applications_by_reference-one.json", '{"no": "1", "st": "9"}',
         ["the code '9' of applicationStatus is in no code table"]),
        ("applications_by_reference.json", '[{"no": "1", "st": "1"}, {"st": "1"}, 5]', []),
        ("applications_by_reference-fault.json", '[{"no": "1", "st": "9"}]', []),
        ("notes.json", '[{"no": "1", "st": "9"}]', []),
        ("applications_by_reference.json", '{"no"', ["the rows of this sample were not found"]),
        ("applications_by_reference.xml", "<!DOCTYPE x [<!ENTITY a SYSTEM '/etc/passwd'>]><a>&a;",
         ["the rows of this sample were not found"]),
    ],
)  # fmt: skip
def test_unknown_codes_in_json_samples_are_reported(
    name: str, content: str, messages: list[str], tmp_path: Path
) -> None:
    folder = write_department(tmp_path)
    (folder / "samples").mkdir()
    (folder / "samples" / name).write_text(content)
    findings = [each for each in found(folder) if each.rule == "samples"]
    assert [m in t for m, t in zip(messages, messages_of(findings), strict=True)] == [True] * len(
        messages
    )


def test_unknown_codes_in_xml_samples_are_reported(tmp_path: Path) -> None:
    folder = write_department(tmp_path, change=("    key: no\n", "    key: no\n    rows: R/A\n"))
    (folder / "samples").mkdir()
    rows = "<A><no>1</no><st>1</st></A><A><no>2</no><st>9</st></A>"
    xml = f"<s:E xmlns:s='urn:s'><s:B><x:R xmlns:x='urn:x'>{rows}</x:R></s:B></s:E>"
    (folder / "samples" / "applications_by_reference.xml").write_text(xml)
    assert "the code '9' of applicationStatus is in no code table" in messages_of(found(folder))


@pytest.mark.parametrize(
    ("change", "severity", "message"),
    [
        (('"{{keys}}"}}}}\n    keys: {{at_once: 50}}', '"{{key}}"}}}}'), Severity.WARNING,
         "one call for each key: 50 keys are 50 calls, at worst 50 s"),
        (("deadline: 2s", "deadline: 11s"), Severity.WARNING,
         "50 keys take at worst 11 s; operations end after 10 s"),
        (("reply_bytes: 1MiB", "reply_bytes: 300MiB"), Severity.WARNING,
         "1 replies may have 300 MiB together"),
        (("concurrency: 4", "concurrency: 4, rows: 5"), None, ""),
    ],
)  # fmt: skip
def test_high_costs_are_warnings(
    change: tuple[str, str], severity: Severity | None, message: str, tmp_path: Path
) -> None:
    folder = write_department(tmp_path)
    path = folder / "department.yaml"
    old, new = (each.replace("{{", "{").replace("}}", "}") for each in change)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    warnings = [each for each in found(folder) if each.severity is not Severity.NOTE]
    assert [(each.severity, each.message) for each in warnings] == (
        [(severity, message)] if severity else []
    )


def test_one_key_per_call_is_a_note_if_it_costs_little(tmp_path: Path) -> None:
    folder = write_department(tmp_path)
    path = folder / "department.yaml"
    text = path.read_text().replace("{keys}", "{key}").replace("    keys: {at_once: 50}\n", "")
    path.write_text(text.replace("concurrency: 4", "concurrency: 50"))
    (note,) = [each for each in found(folder) if each.rule == "n+1"]
    assert (note.severity, note.remedy) == (Severity.NOTE, "")
    (cost,) = costs_of(load_department(folder))
    assert (cost.at_once, cost.calls, cost.seconds) == (1, 50, 4.0)


def test_pages_multiply_the_number_of_calls(tmp_path: Path) -> None:
    call = ("    key: no\n", "    key: no\n    total: n\n")
    folder = write_department(tmp_path, change=call)
    path = folder / "department.yaml"
    query = 'query: {no: "{keys}"}'
    path.write_text(path.read_text().replace(query, f"{query}, pages: {{count: n, most: 7}}"))
    (cost,) = costs_of(load_department(folder))
    assert (cost.calls, cost.bytes) == (7, 7 << 20)


@pytest.mark.parametrize(
    ("windows", "messages"),
    [
        ("[{closes: '22:00', opens: '06:00'}]", []),
        ("[{closes: '22:00', opens: '06:00'}, {closes: '05:00', opens: '07:00'}]", ["overlaps"]),
        ("[{closes: '22:00', opens: '06:00', days: [Sun]}, "
         "{closes: '05:00', opens: '07:00', days: [Mon]}]", ["overlaps"]),
        ("[{closes: '22:00', opens: '06:00', days: [Sun]}, "
         "{closes: '05:00', opens: '07:00', days: [Tue]}]", []),
        ("[{closes: '22:00', opens: '06:00'}, {closes: '06:00', opens: '07:00'}]", []),
        ("[{closes: '00:00', opens: '00:00'}]", ["close the department for the whole week"]),
        ("[{from: '2026-12-01', until: '2026-12-03'}, "
         "{from: '2026-12-02T23:00:00+05:30', until: '2026-12-05T00:00:00+05:30'}]", ["overlaps"]),
        ("[{from: '2026-12-01', until: '2026-12-02'}, "
         "{from: '2026-12-02', until: '2026-12-05'}]", []),
    ],
)  # fmt: skip
def test_overlapping_maintenance_windows_are_reported(
    windows: str, messages: list[str], tmp_path: Path
) -> None:
    folder = write_department(tmp_path)
    with (folder / "department.yaml").open("a") as file:
        file.write(f"maintenance: {windows}\n")
    findings = [each for each in found(folder) if each.rule == "windows"]
    assert [m in t for m, t in zip(messages, messages_of(findings), strict=True)] == [True] * len(
        messages
    )


def test_windows_may_cross_the_end_of_the_week() -> None:
    assert overlap([(WEEK - 60, WEEK + 60)], [(0, 30)])
    assert not overlap([(WEEK - 60, WEEK + 60)], [(60, 90)])
    assert closed_for([(WEEK - 60, WEEK + 60), (30, 90)]) == 150


def test_overlapping_number_patterns_are_warnings(tmp_path: Path) -> None:
    one = write_department(tmp_path, "one")
    two = write_department(tmp_path, "two", change=("FOR-\\d+", "'[A-Z]{3}-\\d{4}'"))
    three = write_department(tmp_path, "three", change=("FOR-\\d+", "GAR-\\d+"))
    warnings = [f for f in found(one, two, three) if f.severity is Severity.WARNING]
    assert {(w.department, w.key, w.message) for w in warnings} == {
        (
            "two",
            "reference",
            "a number may match both this pattern and that of one, which is called",
        ),
        (
            "three",
            "reference",
            "a number may match both this pattern and that of two, which is called",
        ),
    }


def test_comparing_patterns_takes_limited_time() -> None:
    assert compare([r"A-\d+", r"B-\d+", r"[AB]-1{3}", r"(?=A)x", r"^A$"]) == [(0, 2), (1, 2)]
    assert overlapping([r"A-\d+"]) == []
    # The second pattern compiles to an automaton with 2^24 states.
    assert overlapping([r"(a|b)*a", r"(a|b)*a(a|b){23}"], seconds=1.5) is None


def test_a_look_up_without_a_number_pattern_is_a_warning(tmp_path: Path) -> None:
    folder = write_department(tmp_path, change=("reference: FOR-\\d+\n", ""))
    (warning,) = messages_of(found(folder), Severity.WARNING)
    assert warning == "this capability is never called, because the department has no `reference`"


def test_the_command_fails_on_errors_and_with_strict_on_warnings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_department(tmp_path, change=("[channel, ", "["))
    assert run_check(str(folder), strict=False, as_json=False, out=out) == 0
    assert run_check(str(tmp_path), strict=True, as_json=False, out=out) == 1
    shown = capsys.readouterr().out
    assert "warning " in shown
    assert "1 department checked: 0 errors, 1 warning, 1 note." in shown
    broken = write_department(tmp_path, change=("deadline: 2s", "deadline: 2"))
    assert run_check(str(broken), strict=False, as_json=True, out=out) == 1
    (finding,) = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["severity"], finding["key"], finding["line"]) == ("error", "limits.deadline", 9)


def test_the_command_accepts_names_of_departments(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_check("pensions", strict=True, as_json=True, out=out) == 0
    assert json.loads(capsys.readouterr().out)["departments"] == ["pensions"]
    with pytest.raises(CliError, match="there is no department 'pension': did you mean 'pensions'"):
        run_check("pension", strict=False, as_json=False, out=out)
    with pytest.raises(CliError, match="contains no department"):
        run_check(str(Path(__file__).parent), strict=False, as_json=False, out=out)


async def test_check_runs_in_a_thread_beside_an_event_loop() -> None:
    report = await asyncio.to_thread(check, find_departments()[:1])
    assert report.findings
