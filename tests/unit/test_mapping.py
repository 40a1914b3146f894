"""Field rules: their values, their warnings, and the errors of wrong rules."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapters.mapping import (
    Code,
    CodeTable,
    FieldRule,
    MappingContext,
    RuleError,
    compile_reader,
)
from adapters.mapping.generated_code import MissingFieldError, raw_text
from schema.application import Application
from schema.benefit import Benefit, EnrollmentStatus
from schema.certificate_document import CertificateFile
from schema.citizen import Citizen
from schema.language import Text
from schema.provenance import Origin, SourceWarning
from schema.status import ApplicationStatus

IST = ZoneInfo("Asia/Kolkata")
ORIGIN = Origin("pensions", "soap", dt.datetime(2026, 11, 24, tzinfo=dt.UTC), 5, "test")


STATUS = CodeTable(
    "status",
    ApplicationStatus,
    [
        Code("02", ApplicationStatus.UNDER_PROCESS, Text("Under Verification", "सत्यापन जारी")),
        Code("2", ApplicationStatus.REJECTED, Text("Rejected")),
    ],
)
ENROLLMENT = CodeTable("enrollment", EnrollmentStatus, [Code("A", EnrollmentStatus.ACTIVE, None)])
SCHEME = CodeTable("scheme", None, [Code("01", None, Text("SJE-OAS"))])
CONTEXT = MappingContext(
    department="pensions",
    absent=frozenset({"", "NA", "-", "00/00/0000"}),
    timezone=IST,
    tables={"status": STATUS, "enrollment": ENROLLMENT, "scheme": SCHEME},
    records={},
)

BASE: dict[str, Any] = {
    "applicationReferenceNumber": "NO",
    "applicationStatus": {"path": "ST", "codes": "status"},
    "departmentStatus": {"fields": {"code": "ST", "label": {"path": "ST", "label_of": "status"}}},
}


def rules_of(written: dict[str, Any]) -> dict[str, FieldRule]:
    rules = {}
    for name, rule in written.items():
        given = {"path": rule} if isinstance(rule, str) else rule
        rules[name] = FieldRule.model_validate(given)
    return rules


def read(row: dict[str, Any], **rules: Any) -> tuple[Application, list[SourceWarning]]:
    notes: list[SourceWarning] = []
    reader = compile_reader(Application, rules_of({**BASE, **rules}), CONTEXT)
    record = reader({"NO": "A-1", "ST": "02", **row}, ORIGIN, notes, {})
    assert isinstance(record, Application)
    return record, notes


def test_codes_are_texts_and_keep_leading_zeros() -> None:
    two, _ = read({"ST": "02"})
    plain, _ = read({"ST": "2"})
    assert two.application_status is ApplicationStatus.UNDER_PROCESS
    assert plain.application_status is ApplicationStatus.REJECTED
    assert two.department_status.code == "02"
    assert two.department_status.label == Text("Under Verification", "सत्यापन जारी")


def test_an_unknown_code_is_unknown_with_a_warning() -> None:
    record, notes = read({"ST": "97"})
    assert record.application_status is ApplicationStatus.UNKNOWN
    assert (record.department_status.code, record.department_status.label) == ("97", None)
    assert [(n.code, n.field_path, n.raw) for n in notes] == [
        ("UNKNOWN_CODE", "applicationStatus", "97")
    ]


@pytest.mark.parametrize("nothing", [None, "", "  ", "NA", "-", " - "])
def test_every_text_for_no_value_is_null(nothing: str | None) -> None:
    record, notes = read(
        {"R": nothing, "D": nothing},
        statusNotes="R",
        dueDate={"path": "D", "format": "dd/mm/yyyy"},
    )
    assert record.status_notes is None
    assert record.stored_due_date is None
    assert notes == []


def test_blanks_in_texts_are_trimmed_and_squeezed() -> None:
    record, _ = read({"R": "  RAM   DEVI "}, statusNotes="R")
    assert record.status_notes == "RAM DEVI"


@pytest.mark.parametrize(
    ("raw", "date_format", "expected"),
    [
        ("03/11/2026", "dd/mm/yyyy", dt.datetime(2026, 11, 3, tzinfo=IST)),
        (
            "03-11-2026 10:42:07",
            "dd-mm-yyyy HH:MM:SS",
            dt.datetime(2026, 11, 3, 10, 42, 7, tzinfo=IST),
        ),
        ("20261103", "yyyymmdd", dt.datetime(2026, 11, 3, tzinfo=IST)),
        ("2026-11-03T05:12:07Z", "iso", dt.datetime(2026, 11, 3, 5, 12, 7, tzinfo=dt.UTC)),
    ],
)
def test_dates_are_read_in_every_format(raw: str, date_format: str, expected: dt.datetime) -> None:
    record, notes = read({"D": raw}, requestedDatetime={"path": "D", "format": date_format})
    assert record.requested_datetime == expected
    assert notes == []


@pytest.mark.parametrize("raw", ["31/02/2026", "3/11/2026", "2026-11-03", "१३/११/२०२६", {"a": 1}])
def test_an_invalid_date_affects_only_its_field(raw: object) -> None:
    record, notes = read({"D": raw}, requestedDatetime={"path": "D", "format": "dd/mm/yyyy"})
    assert record.requested_datetime is None
    assert record.application_reference_number == "A-1"
    assert [(n.code, n.field_path, n.raw) for n in notes] == [
        ("INVALID_VALUE", "requestedDatetime", raw_text(raw))
    ]


def test_several_date_formats_are_tried() -> None:
    formats = {"path": "D", "format": ["dd/mm/yyyy", "dd-mm-yyyy"]}
    assert read({"D": "03-11-2026"}, requestedDatetime=formats)[0].requested_datetime is not None


def test_an_object_without_values_is_null() -> None:
    pending = {"path": "P", "fields": {"designation": "D", "locationName": "O"}}
    for nothing in (None, {}, {"D": "", "O": "NA"}, ""):
        assert read({"P": nothing}, pendingWith=pending)[0].pending_with is None
    record, _ = read({"P": {"D": "Patwari"}}, pendingWith=pending)
    assert record.pending_with is not None
    assert record.pending_with.designation == Text("Patwari")


def test_a_single_element_without_a_list_is_a_list_of_one() -> None:
    timeline = {
        "path": "H/E",
        "fields": {"action": "A", "applicationStatus": {"path": "S", "codes": "status"}},
    }
    event = {"A": "Forward", "S": "02"}
    assert len(read({"H": {"E": event}}, timeline=timeline)[0].timeline) == 1
    assert len(read({"H": {"E": [event, event]}}, timeline=timeline)[0].timeline) == 2
    assert read({"H": None}, timeline=timeline)[0].timeline == []
    record, _ = read({"H": {"E": [event, {"S": "02"}]}}, timeline=timeline)
    assert [each.action for each in record.timeline] == [Text("Forward"), None]


def test_a_departments_texts_are_translated_by_a_code_table() -> None:
    status = {"fields": {"code": "ST", "label": {"path": "TXT", "translated_by": "status"}}}
    texts = ("Rejected ", "Under  Verification", "Special Case", "विशेष", "NA")
    labels = [
        read({"ST": "02", "TXT": text}, departmentStatus=status)[0].department_status.label
        for text in texts
    ]
    assert labels == [
        Text("Rejected"),
        Text("Under Verification", "सत्यापन जारी"),
        Text("Special Case"),
        Text("विशेष"),
        None,
    ]


def test_only_texts_for_citizens_are_translated() -> None:
    with pytest.raises(RuleError, match="serviceCode has no translation"):
        read({}, serviceCode={"path": "S", "translated_by": "scheme"})


def test_a_value_of_the_wrong_type_affects_only_its_field() -> None:
    timeline = {
        "path": "H/E",
        "fields": {"action": "A", "applicationStatus": {"path": "S", "codes": "status"}},
    }
    record, notes = read({"H": "nothing like it"}, timeline=timeline)
    assert record.timeline == []
    assert notes[0].code == "INVALID_VALUE"


def test_a_row_without_a_required_number_is_refused() -> None:
    reader = compile_reader(Application, rules_of(BASE), CONTEXT)
    with pytest.raises(MissingFieldError, match="applicationReferenceNumber"):
        reader({"ST": "02"}, ORIGIN, [], {})


@pytest.mark.parametrize(
    ("raw", "unit", "paise"),
    [("3000.00", "rupees", 300_000), (12, "rupees", 1_200), ("45", "paise", 45)],
)
def test_money_is_read_in_paise(raw: object, unit: str, paise: int) -> None:
    rules = rules_of(
        {
            "benefitNumber": "N",
            "holderKey": "N",
            "enrollmentStatus": {"path": "S", "codes": "enrollment"},
            "departmentStatus": {"fields": {"code": "S"}},
            "benefitValue": {"path": "M", "unit": unit},
        }
    )
    record = compile_reader(Benefit, rules, CONTEXT)({"N": "1", "S": "A", "M": raw}, ORIGIN, [], {})
    assert isinstance(record, Benefit)
    assert record.benefit_value is not None
    assert record.benefit_value.amount == paise


def test_truth_values_are_read() -> None:
    rules = rules_of(
        {
            "memberIdentifier": "M",
            "familyIdentifier": "M",
            "isDisabled": "D",
            "isDeceased": {"path": "L", "true_when": ["DECEASED"]},
        }
    )
    reader = compile_reader(Citizen, rules, CONTEXT)
    citizen = reader({"M": "1", "D": "N", "L": "DECEASED"}, ORIGIN, [], {})
    assert isinstance(citizen, Citizen)
    assert (citizen.is_disabled, citizen.is_deceased) == (False, True)
    notes: list[SourceWarning] = []
    reader({"M": "1", "D": "perhaps"}, ORIGIN, notes, {})
    assert notes[0].raw == "perhaps"


def test_a_truth_value_is_written_as_json_writes_it() -> None:
    record, notes = read({"R": True}, statusNotes="R")
    assert (record.status_notes, notes) == ("true", [])
    rules = rules_of(
        {
            "memberIdentifier": "M",
            "familyIdentifier": "M",
            "isDisabled": "M",
            "isDeceased": {"path": "L", "true_when": ["true"]},
        }
    )
    reader = compile_reader(Citizen, rules, CONTEXT)
    citizen = reader({"M": "1", "L": True}, ORIGIN, [], {})
    assert isinstance(citizen, Citizen)
    assert citizen.is_deceased is True


@pytest.mark.parametrize(
    ("rules", "message", "remedy"),
    [
        ({"statusNote": "R"}, "no field 'statusNote'", "did you mean 'statusNotes'?"),
        ({"channel": "S"}, "needs a value of SubmissionChannel", "codes"),
        ({"channel": {"path": "S", "codes": "chanel"}}, "no table 'chanel'", "use one of"),
        ({"channel": {"path": "S", "codes": "status"}}, "contains ApplicationStatus", "table"),
        ({"channel": {"value": "KIOSC"}}, "no value 'KIOSC'", "did you mean 'KIOSK'?"),
        ({"requestedDatetime": {"path": "D", "format": "dd/mmm/yyyy"}}, "not a date", "dd mm"),
        ({"timeline": {"fields": {"action": "A"}}}, "is a list", "path"),
        ({"timeline": {"path": "H", "record": "event"}}, "no record 'event'", "use one of"),
        ({"pendingWith": "P"}, "consists of fields", "fields"),
        ({"statusNotes": {"default": "x"}}, "neither `path` nor `value`", "add"),
    ],
)
def test_a_wrong_rule_is_reported_with_its_remedy(
    rules: dict[str, Any], message: str, remedy: str
) -> None:
    with pytest.raises(RuleError) as caught:
        compile_reader(Application, rules_of({**BASE, **rules}), CONTEXT)
    assert message in caught.value.message
    assert remedy in caught.value.remedy


def test_a_record_needs_its_required_fields() -> None:
    with pytest.raises(RuleError, match="requires"):
        compile_reader(Application, rules_of({"statusNotes": "R"}), CONTEXT)


@pytest.mark.parametrize(
    "raw", [b"%PDF-1.4", memoryview(b"%PDF-1.4"), "JVBERi0xLjQ=", "JVBERi\n0xLjQ="]
)
def test_a_file_is_bytes_or_base64(raw: object) -> None:
    assert read_file(raw).content == b"%PDF-1.4"


@pytest.mark.parametrize("raw", [b"", "", None, "no base64!", 4])
def test_a_file_without_usable_content_is_refused(raw: object) -> None:
    with pytest.raises(MissingFieldError, match="content"):
        read_file(raw)


def read_file(raw: object) -> CertificateFile:
    rules = rules_of({"certificateNumber": "N", "holderKey": "N", "content": "F"})
    reader = compile_reader(CertificateFile, rules, CONTEXT)
    record = reader({"N": "1", "F": raw}, ORIGIN, [], {})
    assert isinstance(record, CertificateFile)
    return record
