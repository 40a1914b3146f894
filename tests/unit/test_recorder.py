"""`hub adapter record` keeps dates and keys readable, records logins, and shows warnings."""

import asyncio
import base64
import datetime as dt
import json
import re
from io import StringIO
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from adapters.contract import Capability
from adapters.manifest import load_department
from adapters.workbench.contract_tests.subjects import Mode, Subject
from adapters.workbench.quality import CRITERIA, CriterionOutcome
from adapters.workbench.quality.assessment import check_criterion
from adapters.workbench.recording.columns import ColumnKind, Columns, columns_of
from adapters.workbench.recording.dates import is_date_of_column, moved
from adapters.workbench.recording.pseudonyms import LeakError, Pseudonyms
from adapters.workbench.recording.replacement import Replacer
from adapters.workbench.replay.server import RecordedReply, ReplayServer, replaying
from adapters.workbench.write_calls import why_it_may_write
from hub.cli.adapter.quality import test_adapters as rate_adapters
from hub.cli.adapter.samples import record_sample
from hub.cli.console import CliError
from tests.unit.departments import MANIFEST, write_department

BY_REFERENCE = "applications_by_reference"
JSON = {"Content-Type": "application/json"}
DATED = MANIFEST.replace("requestedDatetime, ", "").replace(
    "    statusNotes: note\n",
    "    statusNotes: note\n    requestedDatetime: {{path: applied, format: FORMAT}}\n",
)


def dated(root: Path, date_format: str = "iso", name: str = "forests") -> Path:
    return write_department(root, name, manifest=DATED.replace("FORMAT", date_format))


def recorded(
    folder: Path, key: str, *replies: RecordedReply, yes_it_reads: bool = False
) -> tuple[str, str, ReplayServer]:
    """Record one sample; return its text, what was printed, and the server."""
    shown = StringIO()
    with replaying(*replies) as server:
        record_sample(
            folder,
            BY_REFERENCE,
            [key],
            None,
            server.url,
            Console(file=shown, width=200),
            yes_it_reads=yes_it_reads,
        )
    sample = next((folder / "samples").glob(f"{BY_REFERENCE}.*"))
    return sample.read_text(), shown.getvalue(), server


def row_reply(**more: object) -> RecordedReply:
    row = {"no": "FOR-4711002", "st": "1", "note": "x", **more}
    return RecordedReply(json.dumps([row]).encode(), headers=JSON)


# Dates


@pytest.mark.parametrize(
    ("value", "date_format"),
    [
        ("2026-02-03+05:30", "iso"),
        ("2026-02-03Z", "iso"),
        ("2026-02-03", "iso"),
        ("2026-02-05T10:00:00+05:30", "iso"),
        ("2026-02-05T10:00:00.123+05:30", "iso"),
        ("20260203", "yyyymmdd"),
        ("03-Feb-2026", "dd-mon-yyyy"),
    ],
)
def test_a_recent_date_is_kept(value: str, date_format: str, tmp_path: Path) -> None:
    folder = dated(tmp_path, date_format)
    text, shown, _ = recorded(folder, "FOR-4711002", row_reply(applied=value))
    assert json.loads(text)[0]["applied"] == value
    assert "1 record, no warning" in shown
    assert "not read as" not in shown


@pytest.mark.parametrize(
    "value",
    [
        1770000000,
        1770000000000,
        "1770000000",
        "/Date(1770000000000)/",
        "Tue, 03 Feb 2026 10:00:00 GMT",
        "Tuesday 3 February 2026",
    ],
)
def test_a_moment_in_another_form_is_kept(value: object, tmp_path: Path) -> None:
    columns = columns_of(load_department(dated(tmp_path)), Capability(BY_REFERENCE))
    replaced = Replacer(columns, Pseudonyms()).replace_json({"applied": value})
    assert replaced == {"applied": value}


def test_a_date_in_xml_with_a_zone_is_kept() -> None:
    columns = Columns({"Applied": ColumnKind.DATE}, frozenset(), frozenset())
    xml = b"<R><Applied>2026-02-03+05:30</Applied><Other>2026-02-03+05:30</Other></R>"
    written = Replacer(columns, Pseudonyms()).replace_xml(xml).decode()
    assert written.count("2026-02-03+05:30") == 2


def test_the_schema_inside_a_dataset_is_kept() -> None:
    columns = Columns({}, frozenset(), frozenset())
    schema = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="HOLDER_NM"/>'
        "</xs:schema>"
    )
    row = '<T xmlns:d="urn:schemas-microsoft-com:xml-msdata" d:rowOrder="10417">SITA</T>'
    xml = f"<R>{schema}{row}</R>".encode()
    written = Replacer(columns, Pseudonyms()).replace_xml(xml).decode()
    assert schema in written
    assert "10417" in written
    assert "SITA" not in written


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("1958-02-03+05:30", r"195\d-\d\d-\d\d\+05:30"),
        ("03-Feb-1958", r"\d\d-[A-Z][a-z]{2}-195\d"),
        ("3 FEBRUARY 1958", r"\d{1,2} [A-Z]+ 195\d"),
        ("03/02/58", r"\d\d/\d\d/5\d"),
        ("19580203", r"195\d{5}"),
        ("19580203101500", r"195\d{5}101500"),
        ("-375562800", r"-\d{9}"),
        ("1958-02-03T00:00:00.000Z", r"195\d-\d\d-\d\dT00:00:00.000Z"),
    ],
)
def test_a_birth_date_becomes_another_date_of_the_same_form(value: str, form: str) -> None:
    columns = Columns({"dob": ColumnKind.BIRTH}, frozenset(), frozenset())
    (made,) = Replacer(columns, Pseudonyms()).replace_json([{"dob": value}])
    assert made["dob"] != value
    assert re.fullmatch(form, made["dob"])
    assert is_date_of_column(made["dob"])


@pytest.mark.parametrize("value", ["9876543210", "98765432", "12-34-56", "AB-03-02-1958-77"])
def test_a_number_in_an_unknown_column_is_no_date(value: str) -> None:
    columns = Columns({}, frozenset(), frozenset())
    (made,) = Replacer(columns, Pseudonyms()).replace_json([{"x": value}])
    assert made["x"] != value


@pytest.mark.parametrize("value", ["00/00/0000", "0001-01-01T00:00:00", "9999-12-31"])
def test_a_date_that_means_no_date_is_kept(value: str) -> None:
    assert moved(value, dt.timedelta(days=99)) == value


def test_a_day_that_means_no_value_in_a_field_is_kept(tmp_path: Path) -> None:
    manifest = DATED.replace("format: FORMAT", 'format: dd/mm/yyyy, absent_when: "1900-01-01"')
    folder = write_department(tmp_path, manifest=manifest)
    columns = columns_of(load_department(folder), Capability(BY_REFERENCE))
    replaced = Replacer(columns, Pseudonyms()).replace_json(
        [{"applied": "01/01/1900"}, {"applied": "01/02/1990"}]
    )
    assert replaced[0]["applied"] == "01/01/1900"
    assert replaced[1]["applied"] != "01/02/1990"


# Keys


@pytest.mark.parametrize(
    ("pattern", "key"),
    [
        (r"FOR-\d+", "FOR-4711002"),
        (r"FORESTS/\d{4}/[A-Z]{2}\d{6}", "FORESTS/2026/KN470012"),
        (r"[A-C]\d{2}-(19|20)\d\d-\d{5}", "B21-2025-47110"),
        (r"\d\d-\d\d-\d{4}", "12-03-2026"),
        (r".*", "4711"),
    ],
)
def test_the_key_in_the_listing_is_the_one_in_the_sample(
    pattern: str, key: str, tmp_path: Path
) -> None:
    folder = dated(tmp_path)
    path = folder / "department.yaml"
    path.write_text(path.read_text().replace(r"FOR-\d+", json.dumps(pattern)))
    text, shown, _ = recorded(folder, key, row_reply(no=key))
    listing = yaml.safe_load((folder / "samples" / "samples.yaml").read_text())["samples"]
    (listed,) = listing[f"{BY_REFERENCE}.json"]["keys"]
    assert json.loads(text)[0]["no"] == listed
    assert re.fullmatch(pattern, listed)
    assert "not read as" not in shown


# Warnings


def test_warnings_are_shown_as_loudly_as_records(tmp_path: Path) -> None:
    _, shown, _ = recorded(dated(tmp_path), "FOR-4711002", row_reply(applied="someday", st="9"))
    assert "1 record, 2 WARNINGS; keys" in shown
    assert (
        "  INVALID_VALUE requestedDatetime: 'applied' has a value like 'aaaaaaa'; correct the rule "
        "`records.application.requestedDatetime`" in shown
    )
    assert "  UNKNOWN_CODE applicationStatus: 'st' is '9'; add it to the table 'status'" in shown
    assert "someday" not in shown


# Secrets and logins


def with_login(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HUB_FORESTS_PASSWORD", "hub-Passw0rd-77")
    auth = """auth:
    kind: session
    login: {{url: "http://127.0.0.1:1/auth/login", token: data/token, body: {{user: hub,
      password: "${{env:HUB_FORESTS_PASSWORD}}"}}}}
    header: Authorization
    prefix: "Bearer "
"""
    manifest = DATED.replace("limits:", f"  {auth}limits:").replace("FORMAT", "iso")
    return write_department(root, manifest=manifest)


def test_a_login_is_recorded_with_its_secrets_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = with_login(tmp_path, monkeypatch)
    token = "eyJhbGciOiJI.eyJzdWIiOiJodWIi.c2lnbmF0dXJl"
    login = RecordedReply(
        json.dumps({"data": {"token": token}}).encode(), headers=JSON, when="/auth/login"
    )
    echo = {"note": f"signed in with {token} and hub-Passw0rd-77", "applied": "2026-02-03"}
    text, shown, _ = recorded(folder, "FOR-4711002", login, row_reply(**echo))
    written = text + (folder / "samples" / f"{BY_REFERENCE}-login.json").read_text()
    assert token not in written
    assert "Passw0rd" not in written
    listing = yaml.safe_load((folder / "samples" / "samples.yaml").read_text())["samples"]
    assert listing[f"{BY_REFERENCE}.json"]["also"] == [
        {"when": "/auth/login", "reply": f"{BY_REFERENCE}-login.json"}
    ]
    assert f"The other replies are in {BY_REFERENCE}-login.json" in shown
    assert "not read as" not in shown


def test_a_cookie_of_a_login_is_recorded_with_another_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = with_login(tmp_path, monkeypatch)
    path = folder / "department.yaml"
    text = path.read_text().replace("token: data/token", "token_cookie: SID")
    path.write_text(text)
    headers = {**JSON, "Set-Cookie": "SID=a1b2c3d4e5f6; Path=/"}
    login = RecordedReply(b"{}", headers=headers, when="/auth/login")
    recorded(folder, "FOR-4711002", login, row_reply(applied="2026-02-03"))
    listing = (folder / "samples" / "samples.yaml").read_text()
    assert "SID=" in listing
    assert "a1b2c3d4e5f6" not in listing
    criterion = next(each for each in CRITERIA if each.name == "reads")
    result = asyncio.run(check_criterion(criterion, Subject.load(folder), {}))
    assert result.outcome is CriterionOutcome.DONE


def test_a_sample_with_a_credential_is_not_written() -> None:
    columns = Columns({"st": ColumnKind.CODE}, frozenset(), frozenset())
    replacer = Replacer(columns, Pseudonyms(), {"5173"})
    with pytest.raises(LeakError, match="credential"):
        replacer.replace_json({"st": 5173.5, "5173": "x"})


# Bronze


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([{"no": "FOR-1", "st": "1", "applied": "2026-02-03"}], ""),
        ([{"no": "FOR-1", "st": "1", "applied": None}], "every date is null (requestedDatetime)"),
        ([], "there is no record"),
    ],
)
def test_bronze_needs_a_record_with_a_date(rows: list[object], why: str, tmp_path: Path) -> None:
    folder = dated(tmp_path)
    (folder / "samples").mkdir()
    (folder / "samples" / f"{BY_REFERENCE}.json").write_text(json.dumps(rows))
    listing = f"samples: {{{BY_REFERENCE}.json: {{records: {len(rows)}}}}}\n"
    (folder / "samples" / "samples.yaml").write_text(listing)
    criterion = next(each for each in CRITERIA if each.name == "samples")
    result = asyncio.run(check_criterion(criterion, Subject.load(folder), {}))
    assert result.why == (f"{why} in the samples of {BY_REFERENCE}" if why else "")
    expected = CriterionOutcome.MISSING if why else CriterionOutcome.DONE
    assert result.outcome is expected


# Writes


@pytest.mark.parametrize(
    ("call", "is_write"),
    [
        ("path: /applications", False),
        ("path: '/applications/{keys}/status'", False),
        ("path: /applications/updateStatus", True),
        ("path: /api/cancel", True),
        ("path: /api, query: {action: submitApplication, no: '{keys}'}", True),
        ("path: /applications, method: POST, body: {no: '{keys}'}", True),
        ("path: /applications/search, method: POST, body: {no: '{keys}'}", False),
    ],
)
def test_a_rest_call_that_looks_like_a_write_is_recognised(
    call: str, is_write: bool, tmp_path: Path
) -> None:
    change = ('path: /applications, query: {no: "{keys}"}', call)
    manifest = load_department(write_department(tmp_path, change=change))
    assert bool(why_it_may_write(manifest, Capability(BY_REFERENCE))) is is_write


@pytest.mark.parametrize(
    ("sql", "is_write"),
    [
        ("SELECT * FROM t WHERE no IN :keys", False),
        ("WITH a AS (SELECT 1) SELECT 'DELETE FROM t' FROM a WHERE no IN :keys", False),
        ("SELECT * FROM t WHERE no IN :keys FOR UPDATE", True),
        ("WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a WHERE no IN :keys", True),
        ("UPDATE t SET st = 1 WHERE no IN :keys", True),
        ("BEGIN close(:keys); END", True),
    ],
)
def test_a_statement_that_writes_is_recognised(sql: str, is_write: bool, tmp_path: Path) -> None:
    manifest = MANIFEST.replace("kind: rest", "kind: database")
    manifest = manifest.replace("base_url: http://127.0.0.1:1", "url: sqlite:///x.db")
    old = 'call: {{path: /applications, query: {{no: "{{keys}}"}}}}'
    assert old in manifest
    folder = write_department(
        tmp_path, manifest=manifest.replace(old, f'call: {{{{sql: "{sql}"}}}}')
    )
    found = why_it_may_write(load_department(folder), Capability(BY_REFERENCE))
    assert bool(found) is is_write


def test_a_write_is_recorded_only_with_yes_it_reads(tmp_path: Path) -> None:
    change = ("path: /applications", "path: /applications/updateStatus")
    folder = write_department(tmp_path, change=change)
    with replaying(row_reply()) as server:
        with pytest.raises(CliError, match=r"'update' in the path .* --yes-it-reads"):
            record_sample(folder, BY_REFERENCE, ["FOR-1"], None, server.url, Console(quiet=True))
        assert server.requests == []
    text, _, server = recorded(folder, "FOR-4711002", row_reply(), yes_it_reads=True)
    assert len(server.requests) == 1
    assert "no" in json.loads(text)[0]


def test_no_write_is_recorded(tmp_path: Path) -> None:
    folder = write_department(tmp_path)
    with pytest.raises(CliError, match="submit_application is a write, and no write is recorded"):
        record_sample(folder, "submit_application", ["1"], None, None, Console(quiet=True))


def test_a_recorded_sample_is_listed_before_the_writes(tmp_path: Path) -> None:
    folder = write_department(tmp_path)
    (folder / "samples").mkdir()
    listing = folder / "samples" / "samples.yaml"
    writes = "writes:\n  give_feedback.json:\n    send: {receipt: CH1, submitted_at: 2026-11-28}\n"
    listing.write_text(f"samples:\n{writes}")
    for _ in range(2):
        recorded(folder, "FOR-4711002", row_reply())
    text = listing.read_text()
    assert text.endswith(writes)
    assert text.count(f"{BY_REFERENCE}.json") == 1


def test_an_error_reply_is_recorded_with_its_code(tmp_path: Path) -> None:
    folder = write_department(tmp_path)
    refusal = RecordedReply(b'{"error": "no"}', 500, headers=JSON)
    _, shown, _ = recorded(folder, "FOR-4711002", *[refusal] * 5)
    listing = yaml.safe_load((folder / "samples" / "samples.yaml").read_text())
    (entry,) = listing["samples"].values()
    assert (entry["error"], entry["status"]) == ("DEPARTMENT_FAULT", 500)
    assert "DEPARTMENT_FAULT" in shown


def test_a_live_test_refuses_what_looks_like_a_write(tmp_path: Path) -> None:
    query = 'path: /applications, query: {no: "{keys}"}'
    call = "path: /applications, method: POST, body: {no: '{keys}'}"
    folder = write_department(tmp_path, change=(query, call))
    with replaying(RecordedReply(b"[]", headers=JSON)) as server:
        path = folder / "department.yaml"
        path.write_text(path.read_text().replace("http://127.0.0.1:1", server.url))
        quiet = Console(quiet=True)

        def rate(*, yes_it_reads: bool) -> int:
            return rate_adapters(
                [folder], Mode.LIVE, None, yes_it_reads=yes_it_reads, as_json=False, out=quiet
            )

        with pytest.raises(CliError, match="it is a POST"):
            rate(yes_it_reads=False)
        assert server.requests == []
        rate(yes_it_reads=True)
        assert server.requests


@pytest.mark.parametrize("content", [b"%PDF-1.4 Ram Devi", "UmFtIERldmk="])
def test_a_file_is_replaced_by_an_empty_page(content: object) -> None:
    columns = Columns({"pdf": ColumnKind.FILE}, frozenset(), frozenset())
    (made,) = Replacer(columns, Pseudonyms()).replace_json([{"pdf": content}])
    assert base64.b64decode(made["pdf"]).startswith(b"%PDF-")
    assert b"Ram" not in base64.b64decode(made["pdf"])
