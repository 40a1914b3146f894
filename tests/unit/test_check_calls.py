"""`hub check`: calls, paths, statements and patterns that can't work."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from adapters.connectors.database import DatabaseCall
from adapters.manifest import ManifestError, load_department
from adapters.workbench.check import CheckFinding, Severity, check
from adapters.workbench.check.control_characters import control_character_in
from adapters.workbench.check.statements import faults_of, selected_columns
from tests.unit.departments import MANIFEST, write_department

WSDL = Path(__file__).parent / "check_inputs" / "application-wsdl"
QUERY = 'query: {no: "{keys}"}'


def found(folder: Path, *rules: str) -> list[CheckFinding]:
    return [each for each in check([folder]).findings if each.rule in rules]


def texts(findings: list[CheckFinding]) -> list[str]:
    """Return the findings as text; C is the only capability."""
    shown = [f"{each.severity.value} {each.key}: {each.message}" for each in findings]
    return [text.replace("capabilities.applications_by_reference", "C") for text in shown]


# Decisions


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("path: /applications", "path: /DECIDE-tenant/applications"), "call.path"),
        (("statusNotes: note", "statusNotes: DECIDE"), "statusNotes"),
        (("scheme: FOREST_NO", "scheme: DECIDE_NUMBER"), "identity.scheme"),
    ],
)
def test_a_decision_that_was_left_is_an_error(
    change: tuple[str, str], key: str, tmp_path: Path
) -> None:
    (finding,) = found(write_department(tmp_path, change=change), "decide")
    assert finding.severity is Severity.ERROR
    assert finding.key.endswith(key)


def test_decisions_left_in_other_files_and_broken_manifests_are_errors(tmp_path: Path) -> None:
    services = "services:\n  DECIDE-1:\n    name: {en: a}\n    description: DECIDE\n"
    folder = write_department(
        tmp_path, change=("deadline: 2s", "deadline: 2"), services_yaml=services
    )
    findings = found(folder, "decide", "manifest")
    assert {each.path.name for each in findings if each.rule == "decide"} == {"services.yaml"}
    assert "limits.deadline" in [each.key for each in findings]


def test_comments_that_still_say_decide_are_a_warning(tmp_path: Path) -> None:
    change = ("reference: FOR", "# DECIDE: form\nreference: FOR")
    (finding,) = found(write_department(tmp_path, change=change), "decide")
    assert finding.severity is Severity.WARNING
    assert finding.message == "1 comments still say DECIDE, the first in line 5"


# Placeholders


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("{keys | upper}", "{keys | upper} is not a placeholder"),
        ("{keys|max_bytes:20}", "{keys|max_bytes:20} is not a placeholder"),
        ("{Keys}", "{Keys} is not a placeholder"),
        ("{keys:dd/mm/yyyy}", "wrong filter or date format in a placeholder"),
        ("{keys|zeros x}", "wrong filter or date format in a placeholder"),
        ("{kays}", "unknown placeholder {kays}"),
        ("{since}", "unknown placeholder {since}"),
    ],
)
def test_a_placeholder_that_can_not_be_filled_is_an_error(
    value: str, message: str, tmp_path: Path
) -> None:
    folder = write_department(tmp_path, change=(QUERY, f'query: {{no: "{value}"}}'))
    with pytest.raises(ManifestError) as caught:
        load_department(folder)
    assert message in str(caught.value)


@pytest.mark.parametrize("value", ["{keys|upper|join ;}", "a {keys}", '{"no": "{keys}"}', "{ }"])
def test_other_braces_are_accepted(value: str, tmp_path: Path) -> None:
    query = f"query: {{no: {json.dumps(value)}, all: '{{keys}}'}}"
    folder = write_department(tmp_path, change=(QUERY, query))
    assert load_department(folder)


@pytest.mark.parametrize(
    ("date_format", "is_right"),
    [("dd/mm/yyyy", True), ("yyyy-mm-ddTHH:MM:SSZ", True), ("DD/MM/YYYY", False),
     ("dd-mm-yy", False), ("yyyy-mm-dd hh:mm:ss", False)],
)  # fmt: skip
def test_a_date_format_that_is_not_filled_is_an_error(
    date_format: str, is_right: bool, tmp_path: Path
) -> None:
    more = f"""capabilities:
  applications_changes_since:
    call: {{path: /changes, query: {{from: "{{since:{date_format}}}"}}}}
    record: application
"""
    folder = write_department(tmp_path, change=("capabilities:\n", more.replace("{", "{")))
    if is_right:
        assert load_department(folder)
        return
    with pytest.raises(ManifestError, match="yyyy, mm, month"):
        load_department(folder)


@pytest.mark.parametrize(
    ("headers", "count"),
    [("X-Id: '{keys}'", 1), ("X-Id: '{request_id}'", 1), ("X-Key: '${env:HUB_K:-k}'", 0),
     ("X-Id: plain", 0)],
)  # fmt: skip
def test_a_placeholder_in_a_header_of_the_connector_is_an_error(
    headers: str, count: int, tmp_path: Path
) -> None:
    url = "base_url: http://127.0.0.1:1"
    folder = write_department(tmp_path, change=(url, f"{url}\n  headers: {{{headers}}}"))
    assert [each.key.partition(".")[0] for each in found(folder, "placeholders")] == (
        ["connector"] * count
    )


# Paths


@pytest.mark.parametrize("path", [".", "./rows", "rows/", "a//b", "$.rows", "'*'", "''", "$"])
def test_a_path_that_leads_nowhere_is_an_error(path: str, tmp_path: Path) -> None:
    change = ("    key: no\n", f"    key: no\n    rows: {path}\n")
    folder = write_department(tmp_path, change=change)
    with pytest.raises(ManifestError, match=r"capabilities\.applications_by_reference\.rows"):
        load_department(folder)


def with_sample(folder: Path, content: object) -> Path:
    (folder / "samples").mkdir()
    sample = folder / "samples" / "applications_by_reference.json"
    sample.write_text(json.dumps(content))
    return folder


GOOD = {"data": [{"no": "1", "st": "1", "note": None}]}


@pytest.mark.parametrize(
    ("rows", "more", "content", "expected"),
    [
        ("data", "", GOOD, []),
        ("dato", "", GOOD, ["error C.rows: no row is found in "
                            "applications_by_reference.json at 'dato'"]),
        ("data", "    total: count\n", GOOD, ["error C.total: "
                                              "no sample has the path 'count'"]),
        ("data", "", {"data": [{"no": "1", "st": "1"}]},
         ["warning records.application.statusNotes: no sample has the path 'note'"]),
        ("data", "", {"data": [{"no": "1", "state": "1", "note": ""}]},
         ["error records.application.applicationStatus: no sample has the path 'st'",
          "error records.application.departmentStatus: no sample has the path 'st'"]),
    ],
)  # fmt: skip
def test_paths_that_no_sample_has_are_reported(
    rows: str, more: str, content: object, expected: list[str], tmp_path: Path
) -> None:
    change = ("    key: no\n", f"    key: no\n    rows: {rows}\n{more}")
    folder = with_sample(write_department(tmp_path, change=change), content)
    findings = texts(found(folder, "paths"))
    assert [text for text in findings if "departmentStatus" not in text] == [
        text for text in expected if "departmentStatus" not in text
    ]


def test_an_error_or_an_empty_sample_is_not_searched_for_paths(tmp_path: Path) -> None:
    folder = with_sample(write_department(tmp_path), [])
    listing = folder / "samples" / "samples.yaml"
    listing.write_text("samples: {applications_by_reference.json: {records: 0}}\n")
    assert found(folder, "paths") == []


# SOAP


def soap_department(root: Path, *changes: tuple[str, str]) -> Path:
    manifest = """manifest: 1
department: min-soap
label: {en: Min}
identity: {scheme: MIN_ID}
reference: A\\d+
connector: {kind: soap, wsdl: s.wsdl, endpoint: "http://127.0.0.1:1/"}
capabilities:
  applications_by_reference:
    call: {operation: GetApplication, arguments: {
      UserName: hub, Password: "${env:HUB_MIN_PASSWORD:-x}", ApplicationNo: "{key}"}}
    key: ApplicationNo
    record: application
records:
  application:
    applicationReferenceNumber: ApplicationNo
    applicationStatus: {path: Status, codes: application_status}
    departmentStatus: {fields: {code: Status, label: Status}}
"""
    for old, new in changes:
        assert old in manifest
        manifest = manifest.replace(old, new)
    folder = root / "min-soap"
    shutil.copytree(WSDL, folder)
    (folder / "department.yaml").write_text(manifest)
    return folder


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([], []),
        ([("    key:", "    rows: Aplication\n    key:")],
         ["error C.rows: the reply of GetApplication in s.wsdl "
          "has no 'Aplication' in the path 'Aplication'"]),
        ([("    key: ApplicationNo", "    key: ApplNo")],
         ["error C.key: the reply of GetApplication in s.wsdl "
          "has no 'ApplNo' in the path 'ApplNo'"]),
        ([("UserName: hub, ", "")],
         ["error C.call.arguments: GetApplication requires the "
          "argument 'UserName'"]),
        ([("UserName: hub", "User: hub, UserName: hub")],
         ["error C.call.arguments.User: GetApplication has no "
          "argument 'User'"]),
        ([("{operation: GetApplication,", "{operation: GetApplication, headers: {Branch: x},")],
         ["error C.call.headers.Branch: GetApplication has no header part 'Branch'"]),
        ([('"http://127.0.0.1:1/"}', '"http://127.0.0.1:1/", session: {token: Status, '
           "argument: UserName, login: {operation: GetApplication, arguments: "
           "{ApplicationNo: x}}}}"),
          ("UserName: hub, ", "")],
         ["error connector.session.login.arguments: GetApplication requires the argument "
          "'Password'"]),
        ([("label: Status}}", "label: StatusText}}")],
         ["error records.application.departmentStatus.label: the reply of GetApplication in s.wsdl "
          "has no 'StatusText' in the path 'StatusText'"]),
    ],
)  # fmt: skip
def test_a_soap_call_is_compared_with_the_wsdl(
    changes: list[tuple[str, str]], expected: list[str], tmp_path: Path
) -> None:
    assert texts(found(soap_department(tmp_path, *changes), "paths", "arguments")) == expected


def test_a_required_argument_inside_an_argument_is_missed(tmp_path: Path) -> None:
    changes = (('UserName: hub, Password: "${env:HUB_MIN_PASSWORD:-x}", ApplicationNo: "{key}"',
                'Query: {No: "{key}"}'),)  # fmt: skip
    folder = soap_department(tmp_path, *changes)
    path = folder / "s.wsdl"
    old = path.read_text()
    start, end = old.index('<x:element name="UserName"'), old.index("</x:sequence>")
    inner = (
        '<x:element name="Query"><x:complexType><x:sequence><x:element name="No" type="x:string"/>'
        '<x:element name="Lang" type="x:string"/><x:element name="Extra" type="x:string" '
        'minOccurs="0"/><x:choice><x:element name="A" type="x:string"/><x:element name="B" '
        'type="x:string"/></x:choice></x:sequence></x:complexType></x:element>'
    )
    path.write_text(old[:start] + inner + old[end:])
    assert texts(found(folder, "arguments")) == [
        "error C.call.arguments.Query: Query requires the argument 'Lang'"
    ]


# OpenAPI

OPENAPI = """openapi: 3.0.3
info: {title: Forests, version: "1"}
servers: [{url: "http://127.0.0.1:1"}]
paths:
  /applications:
    get:
      operationId: listApplications
      parameters:
        - {name: 'no', in: query, required: true, schema: {type: string}}
        - {name: lang, in: query, required: REQUIRED, schema: {type: string}}
      responses:
        "200":
          description: all
          content: {application/json: {schema: {type: object, properties: {data: {type: array,
            items: {type: object, properties: {'no': {type: string}, st: {type: string},
              note: {type: string}}}}}}}}
"""


@pytest.mark.parametrize(
    ("change", "required", "expected"),
    [
        (("", ""), "false", []),
        (("", ""), "true", ["error C.call: listApplications in "
                            "openapi.yaml requires the argument 'lang'"]),
        (("{no: ", "{number: hi, no: "), "false",
         ["error C.call.query.number: listApplications in "
          "openapi.yaml has no argument 'number'"]),
        (("path: /applications", "path: /application"), "false",
         ["error C.call.path: openapi.yaml has no GET "
          "/application"]),
        (("rows: data", "rows: items"), "false",
         ["error C.rows: the reply of listApplications in "
          "openapi.yaml has no 'items' in the path 'items'"]),
        ((QUERY, QUERY + ", pages: {count: meta/n}"), "false",
         ["error C.call.pages.count: the reply of listApplications in openapi.yaml has no 'meta' "
          "in the path 'meta/n'"]),
        (("statusNotes: note", "statusNotes: notes"), "false",
         ["warning records.application.statusNotes: the reply of listApplications in openapi.yaml "
          "has no 'notes' in the path 'notes'"]),
    ],
)  # fmt: skip
def test_a_rest_call_is_compared_with_the_openapi_document(
    change: tuple[str, str], required: str, expected: list[str], tmp_path: Path
) -> None:
    manifest = MANIFEST.replace("    key: no\n", "    rows: data\n    key: no\n")
    document = OPENAPI.replace("REQUIRED", required)
    folder = write_department(tmp_path, manifest=manifest, openapi_yaml=document)
    path = folder / "department.yaml"
    assert change[0] in path.read_text()
    path.write_text(path.read_text().replace(*change, 1))
    assert texts(found(folder, "paths", "arguments")) == expected


def test_a_document_on_one_line_is_compared(tmp_path: Path) -> None:
    compact = json.dumps(yaml.safe_load(OPENAPI.replace("REQUIRED", "true")))
    folder = write_department(tmp_path)
    (folder / "openapi.json").write_text(compact)
    assert "requires the argument 'lang'" in " ".join(texts(found(folder, "arguments")))


def test_a_call_is_compared_with_the_longest_path_that_fits(tmp_path: Path) -> None:
    longer = yaml.safe_load(OPENAPI.replace("REQUIRED", "true"))
    shorter = longer["paths"].pop("/applications")
    longer["paths"] = {
        "/applications": shorter,
        "/forests/{district}/applications": {
            "get": {**shorter["get"], "parameters": shorter["get"]["parameters"][:1]}
        },
    }
    folder = write_department(tmp_path, openapi_yaml=yaml.safe_dump(longer))
    path = folder / "department.yaml"
    text = path.read_text()
    assert "path: /applications" in text
    path.write_text(text.replace("path: /applications", "path: /forests/7/applications"))
    assert texts(found(folder, "arguments")) == []


# Databases


@pytest.mark.parametrize(
    ("dialect", "sql", "is_right"),
    [
        ("sqlite", "SELECT no, st FROM appl WHERE no IN :keys", True),
        ("sqlite", "SELECT a.no, b.st FROM appl a JOIN log b ON b.no = a.no WHERE 1", True),
        ("sqlite", "SELECT no, st FROM appl JOIN log USING (no) WHERE kind = 'x:y'", True),
        ("sqlite", 'SELECT "आवेदन" AS no FROM appl', True),
        ("sqlite", "SELECT no FORM appl", False),
        ("sqlite", "SELECT NVL(no, '') FROM appl", False),
        ("sqlite", "SELECT TOP 5 no FROM appl", False),
        ("sqlite", "SELECT no FROM appl WHERE z.no = :key", False),
        ("sqlite", "SELECT no FROM appl; DELETE FROM appl", False),
        ("postgresql", "SELECT no FROM appl WHERE no = ANY(CAST(:keys AS text[])) LIMIT 5", True),
        ("postgresql", "SELECT no FORM appl", False),
        ("postgresql", "SELECT `no` FROM appl", False),
        ("postgresql", "SELECT no FROM appl WHERE ROWNUM < 5", False),
        ("postgresql", "SELECT no FROM appl WHERE st = 'ROWNUM'", True),
        ("oracle", "SELECT no FROM appl WHERE no IN :keys FETCH FIRST 5 ROWS ONLY", True),
        ("oracle", "SELECT no FROM appl LIMIT 5", False),
        ("oracle", "SELECT no FROM appl;", False),
        ("mssql", "SELECT TOP 5 no FROM appl WHERE no IN :keys", True),
        ("mssql", "SELECT no FROM appl LIMIT 5", False),
        ("mysql", "SELECT `no` FROM appl LIMIT 5", True),
        ("mysql", "SELECT no::text FROM appl", False),
    ],
)  # fmt: skip
def test_a_statement_that_its_dialect_rejects_is_found(
    dialect: str, sql: str, is_right: bool
) -> None:
    assert (list(faults_of(sql, dialect, DatabaseCall(sql={"any": sql}))) == []) is is_right


def test_a_keyset_must_be_selected() -> None:
    call = DatabaseCall(sql={"any": "SELECT no FROM appl"}, keyset=["id"])
    assert list(faults_of(call.sql["any"], "sqlite", call)) == ["no such column: id"]


DATABASE = MANIFEST.replace(
    "kind: rest\n  base_url: http://127.0.0.1:1", "kind: database\n  url: sqlite:///forests.db"
).replace('{{path: /applications, query: {{no: "{{keys}}"}}}}', '{{sql: "SQL"}}')


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT no, st, note FROM appl WHERE no IN :keys", []),
        ("SELECT * FROM appl WHERE no IN :keys", []),
        ("SELECT no, st AS note FROM appl WHERE no IN :keys",
         ["error records.application.applicationStatus: the statement has no 'st' in the path 'st'",
          "error records.application.departmentStatus.code: the statement has no 'st' in the path "
          "'st'",
          "error records.application.departmentStatus.label: the statement has no 'st' in the path "
          "'st'"]),
        ("SELECT no, st, note FROM appl WHERE no IN :keys,",
         ["error C.call.sql: SQLite rejects it: near ',': syntax error"]),
        ("DELETE FROM appl WHERE no IN :keys",
         ["warning C.call: the statement contains DELETE "
          "FROM"]),
    ],
)  # fmt: skip
def test_statements_are_checked_for_their_columns(
    sql: str, expected: list[str], tmp_path: Path
) -> None:
    folder = write_department(tmp_path, manifest=DATABASE.replace("SQL", sql))
    findings = found(folder, "paths", "sql", "writes")
    assert [text.replace('"', "'") for text in texts(findings)] == expected


def test_names_are_folded_as_the_database_folds_them() -> None:
    call = DatabaseCall(sql={"any": 'SELECT ApplNo, "ApplDt" FROM t'})
    assert set(selected_columns(call, "postgresql://h/d").inner) == {"applno", "ApplDt"}
    assert set(selected_columns(call, "sqlite:///d").inner) == {"ApplNo", "ApplDt"}
    whole = DatabaseCall(sql={"any": "SELECT * FROM t"})
    assert selected_columns(whole, "sqlite:///d").is_open


def test_what_was_not_checked_is_said(tmp_path: Path) -> None:
    sql = "SELECT no, st, note FROM appl WHERE no = ANY(:keys)"
    manifest = DATABASE.replace("sqlite:///forests.db", "postgresql://127.0.0.1/f")
    folder = write_department(tmp_path, manifest=manifest.replace("SQL", sql))
    (note,) = found(folder, "sql")
    assert (note.severity, note.key) == (Severity.NOTE, "connector.url")
    assert "PostgreSQL were parsed only" in note.message


# Patterns, credentials, writes


@pytest.mark.parametrize(
    ("pattern", "example"),
    [
        (r"FOR-\d+", None),
        (r"[A-Z]{3}/\d{4}/\w+", None),
        (r"(?:A|B)\d{2,4}(?:-[a-z ])?", None),
        (r"अ\d+", None),
        (r"FOR.*", "FOR\x00"),
        (r"[^/]+/\d+", "\x00/0"),
        (r"(A|B\s\d)+", "B\t0"),
        (r"\d{2}(-\S{3})?", "00-\x0000"),
        (r"(?!.*\x00)X.", "X\x01"),
    ],
)
def test_a_pattern_that_admits_control_characters_is_found(
    pattern: str, example: str | None
) -> None:
    result = control_character_in(pattern)
    assert (result[1] if result else None) == example


@pytest.mark.parametrize(
    ("pattern", "severity"),
    [("FOR-.+", Severity.ERROR), (r"'FOR\s?\d+'", Severity.WARNING), (r"FOR-\d+", None)],
)
def test_a_pattern_with_control_characters_is_reported(
    pattern: str, severity: Severity | None, tmp_path: Path
) -> None:
    folder = write_department(tmp_path, change=(r"reference: FOR-\d+", f"reference: {pattern}"))
    assert [each.severity for each in found(folder, "patterns")] == ([severity] if severity else [])


def test_a_variable_that_is_not_set_is_a_warning(tmp_path: Path) -> None:
    change = ("base_url: http://127.0.0.1:1", "base_url: ${env:HUB_FORESTS_NOWHERE_URL}")
    (finding,) = found(write_department(tmp_path, change=change), "manifest")
    assert finding.severity is Severity.WARNING
    assert finding.message == "the environment variable HUB_FORESTS_NOWHERE_URL is not set"


@pytest.mark.parametrize(
    ("path", "warns"),
    [("/applications/search", False), ("/updateStatus", True), ("/applications/submit", True)],
)
def test_a_call_that_looks_like_a_write_is_a_warning(
    path: str, warns: bool, tmp_path: Path
) -> None:
    change = ("path: /applications", f"path: {path}")
    findings = found(write_department(tmp_path, change=change), "writes")
    assert bool(findings) is warns
