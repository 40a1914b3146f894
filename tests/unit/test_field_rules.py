"""Field rules that split and join values and convert legacy fonts."""

import datetime as dt
from typing import Any

import msgspec
import pytest

from adapters.mapping import FieldRule, MappingContext, RuleError, compile_reader
from adapters.mapping.access import Shape, ShapeConflictError
from schema.application import Application
from schema.benefit import Benefit
from schema.citizen import Citizen
from schema.language import Text
from schema.person import PersonName, Script
from schema.provenance import SourceWarning
from tests.unit.test_mapping import BASE, CONTEXT, IST, ORIGIN, read, rules_of

CITIZEN = {"memberIdentifier": "M", "familyIdentifier": "M"}


def citizen(
    row: dict[str, Any], context: MappingContext = CONTEXT, **rules: Any
) -> tuple[Citizen, list[SourceWarning]]:
    notes: list[SourceWarning] = []
    reader = compile_reader(Citizen, rules_of({**CITIZEN, **rules}), context)
    made = reader({"M": "1", **row}, ORIGIN, notes, {})
    assert isinstance(made, Citizen)
    return made, notes


def wrong(**rules: Any) -> RuleError:
    with pytest.raises(RuleError) as caught:
        compile_reader(Application, rules_of({**BASE, **rules}), CONTEXT)
    return caught.value


@pytest.mark.parametrize(("row", "expected"), [
    ({"A": {"122792": "RAM"}}, "RAM"),
    ({"A": {"122866": "DEVI"}}, "DEVI"),
    ({"A": {"122792": "-", "122866": "DEVI"}}, "DEVI"),
    ({"A": {"122792": None}}, None),
    ({}, None),
])  # fmt: skip
def test_the_first_of_several_paths_with_a_value_is_used(
    row: dict[str, Any], expected: str | None
) -> None:
    rule = {"path": ["A/122792", "A/122866"]}
    assert read(row, applicantName=rule)[0].applicant_name == expected


@pytest.mark.parametrize(
    ("raw", "part", "expected"),
    [
        ("2~Female", 2, "Female"),
        ("2~Female", 1, "2"),
        ("2~Female", -1, "Female"),
        ("2", 2, None),
        ("2~", 2, None),
        ("2~-", 2, None),
        (None, 1, None),
    ],
)
def test_a_part_of_a_packed_text_is_read(raw: str | None, part: int, expected: str | None) -> None:
    record, notes = read({"G": raw}, statusNotes={"path": "G", "split": {"by": "~", "part": part}})
    assert record.status_notes == expected
    assert notes == []


def test_a_packed_code_is_translated() -> None:
    rules = {"path": "G", "split": {"by": "~", "part": 1}, "codes": "status"}
    record, notes = read({"G": " 02 ~Verification"}, applicationStatus=rules)
    assert record.application_status.name == "UNDER_PROCESS"
    assert notes == []


TIMELINE = {
    "path": "H",
    "split": {"entries": "^", "by": "~", "names": ["what", "code", "by"]},
    "fields": {
        "action": "what",
        "applicationStatus": {"path": "code", "codes": "status"},
        "remarks": "by",
    },
}


def test_a_packed_text_becomes_a_list_of_objects() -> None:
    record, notes = read({"H": "Received~02~CLERK^Sent~2~-^"}, timeline=TIMELINE)
    assert [(e.action, e.application_status.name, e.remarks) for e in record.timeline] == [
        (Text("Received"), "UNDER_PROCESS", "CLERK"),
        (Text("Sent"), "REJECTED", None),
    ]
    assert notes == []
    assert read({"H": None}, timeline=TIMELINE)[0].timeline == []
    assert read({"H": ""}, timeline=TIMELINE)[0].timeline == []


def test_more_parts_than_names_are_a_warning() -> None:
    record, notes = read({"H": "a~02~c~d"}, timeline=TIMELINE)
    assert record.timeline == []
    assert [(n.code, n.field_path, n.raw) for n in notes] == [
        ("INVALID_VALUE", "timeline", "a~02~c~d")
    ]


def test_a_packed_text_becomes_an_object() -> None:
    rule = {
        "path": "P",
        "split": {"by": "|", "names": ["post", "office"]},
        "fields": {"designation": "post", "locationName": "office"},
    }
    pending = read({"P": "Patwari|Nissing"}, pendingWith=rule)[0].pending_with
    assert pending is not None
    assert (pending.designation, pending.location_name) == (Text("Patwari"), Text("Nissing"))
    assert read({"P": " "}, pendingWith=rule)[0].pending_with is None


def test_a_list_that_is_spread_over_an_object_is_collected() -> None:
    rule = {
        "path": "A/122930",
        "format": "json",
        "numbered": {"count": "f1"},
        "fields": {
            "action": "122931",
            "remarks": "122932",
            "applicationStatus": {"path": "122933", "codes": "status"},
        },
    }
    packed = '{"f1":"2","122931_1":"SURESH","122933_1":"02","122931_2":"POOJA","122933_2":"2"}'
    record, notes = read({"A": {"122930": packed}}, timeline=rule)
    assert [event.action for event in record.timeline] == [Text("SURESH"), Text("POOJA")]
    assert notes == []
    assert read({"A": {}}, timeline=rule)[0].timeline == []
    for hostile in ('{"f1":"1000000000"}', '{"f1":"-1"}', '{"f1":"many"}', "[1]", "{"):
        record, notes = read({"A": {"122930": hostile}}, timeline=rule)
        assert record.timeline == []
        assert [note.field_path for note in notes] == ["timeline"]


def test_concat_leaves_out_absent_values() -> None:
    rule = {"concat": ["F", "M", "L"]}
    assert read({"F": "RAM", "M": "-", "L": " DEVI "}, applicantName=rule)[0].applicant_name == (
        "RAM DEVI"
    )
    assert read({"F": "", "L": None}, applicantName=rule)[0].applicant_name is None
    with_comma = {"concat": {"paths": ["F", "L"], "with": ", "}}
    assert read({"F": "A", "L": "B"}, applicantName=with_comma)[0].applicant_name == "A, B"


def test_objects_with_several_paths_are_not_shared_between_rows() -> None:
    rules = {"pendingWith": {"fields": {"designation": "D", "locationName": {"path": ["O", "P"]}}}}
    reader = compile_reader(Application, rules_of({**BASE, **rules}), CONTEXT)
    shared: dict[Any, Any] = {}
    places = []
    for row in ({"D": "Patwari", "P": "Nissing"}, {"D": "Patwari", "P": "Karnal"}):
        made = reader({"NO": "A-1", "ST": "02", **row}, ORIGIN, [], shared)
        assert isinstance(made, Application)
        assert made.pending_with is not None
        places.append(made.pending_with.location_name)
    assert places == [Text("Nissing"), Text("Karnal")]


@pytest.mark.parametrize(
    ("rule", "raw", "expected"),
    [
        ({"trim": "*"}, "**RAM**", "RAM"),
        ({"trim": {"start": "0"}}, "000120", "120"),
        ({"trim": {"end": "."}}, "RAM...", "RAM"),
        ({"trim": {"start": "0"}}, "0000", None),
        ({"pad": {"to": 6}}, "132", "000132"),
        ({"pad": {"to": 6}}, 132, "000132"),
        ({"pad": {"to": 5, "with": "X", "at": "end"}}, "AB", "ABXXX"),
        ({"pad": {"to": 2}}, "1320", "1320"),
        ({"pad": {"to": 6}}, " ", None),
        ({"absent_when": ["0", "NIL"]}, " NIL ", None),
        ({"absent_when": "0"}, "0", None),
        ({"absent_when": ["0"]}, "00", "00"),
    ],
)
def test_padding_and_absent_when(rule: dict[str, Any], raw: object, expected: str | None) -> None:
    record, notes = read({"R": raw}, statusNotes={"path": "R", **rule})
    assert record.status_notes == expected
    assert notes == []


@pytest.mark.parametrize(
    "raw",
    ["01/01/1753", dt.date(1753, 1, 1), dt.datetime(1753, 1, 1)],
)
def test_a_day_can_mean_no_value(raw: object) -> None:
    rule = {"path": "D", "format": "dd/mm/yyyy", "absent_when": ["1753-01-01"]}
    assert citizen({"D": raw}, birthDate=rule) == citizen({"D": None}, birthDate=rule)
    assert read({"D": raw}, requestedDatetime=rule)[0].requested_datetime is None
    there, notes = citizen({"D": "02/01/1753"}, birthDate=rule)
    assert there.birth_date == dt.date(1753, 1, 2)
    assert notes == []


def test_a_day_can_mean_no_value_in_the_whole_department() -> None:
    context = MappingContext("pensions", frozenset({"", "1900-01-01"}), IST, {}, {})
    rule = {"path": "D", "format": "ddmmyyyy"}
    assert citizen({"D": "01011900"}, context, birthDate=rule)[0].birth_date is None
    assert citizen({"D": "02011900"}, context, birthDate=rule)[0].birth_date == dt.date(1900, 1, 2)


@pytest.mark.parametrize(
    ("day", "clock", "formats", "expected"),
    [
        ("03/11/2026", "25/11/2026 10:42:07", "dd/mm/yyyy HH:MM:SS", (10, 42, 7)),
        ("03/11/2026", "10:42", ["HH:MM", "HHMMSS"], (10, 42, 0)),
        ("03/11/2026", "104207", ["HH:MM", "HHMMSS"], (10, 42, 7)),
        ("03/11/2026", dt.time(10, 42), "HH:MM", (10, 42, 0)),
        (dt.datetime(2026, 11, 3), dt.datetime(2026, 11, 25, 10, 42), "HH:MM", (10, 42, 0)),
        ("03/11/2026", "", "HH:MM", (0, 0, 0)),
    ],
)
def test_a_date_and_its_time_are_read_from_two_fields(
    day: object, clock: object, formats: Any, expected: tuple[int, int, int]
) -> None:
    rule = {"path": "D", "format": "dd/mm/yyyy", "time": {"path": "T", "format": formats}}
    record, notes = read({"D": day, "T": clock}, requestedDatetime=rule)
    assert record.requested_datetime == dt.datetime(2026, 11, 3, *expected, tzinfo=IST)
    assert notes == []


def test_a_time_without_a_date_is_null_and_a_wrong_time_is_a_warning() -> None:
    rule = {"path": "D", "format": "dd/mm/yyyy", "time": {"path": "T", "format": "HH:MM"}}
    assert read({"T": "10:42"}, requestedDatetime=rule)[0].requested_datetime is None
    _record, notes = read({"D": "03/11/2026", "T": "25:00"}, requestedDatetime=rule)
    assert [(n.code, n.field_path, n.raw) for n in notes] == [
        ("INVALID_VALUE", "requestedDatetime", "03/11/2026")
    ]


def names(raw: str, *steps: str) -> PersonName | None:
    fields = {
        "fullName": {"path": "N", "script": [step for step in steps if step != "detect"]},
        "script": {"path": "N", "script": [*steps, "detect"]},
    }
    made, notes = citizen({"N": raw}, personNameLocal={"fields": fields})
    assert notes == []
    return made.person_name_local


@pytest.mark.parametrize(
    ("raw", "steps", "expected"),
    [
        ("jke nsoh", ["kruti-dev"], ("राम देवी", Script.DEVANAGARI)),
        ("jke nsoh", ["mixed"], ("राम देवी", Script.DEVANAGARI)),
        ("jke nsoh", [], ("jke nsoh", Script.LEGACY_FONT)),
        ("राम देवी", ["mixed"], ("राम देवी", Script.DEVANAGARI)),
        ("RAM DEVI", ["mixed"], ("RAM DEVI", Script.LATIN)),
        ("Ram Devi", ["mixed"], ("Ram Devi", Script.LATIN)),
        # The same letter as one character, and as letter and sign.
        ("\u0915\u093c\u0930", ["nfc"], ("\u0915\u093c\u0930", Script.DEVANAGARI)),
        ("\u0958\u0930", ["nfc"], ("\u0915\u093c\u0930", Script.DEVANAGARI)),
    ],
)  # fmt: skip
def test_scripts_are_detected_and_converted(
    raw: str, steps: list[str], expected: tuple[str, Script]
) -> None:
    name = names(raw, *steps)
    assert name is not None
    assert (name.full_name, name.script) == expected


@pytest.mark.parametrize(
    ("raw", "paise"),
    [
        ("3,00,000.00", 30_000_000),
        ("Rs. 3,000/-", 300_000),
        ("Rs 12,34,567", 123_456_700),
        ("₹300.5", 30_050),
        ("INR 1,234,567.00", 123_456_700),
        ("-300", -30_000),
        ("000030.00", 3_000),
        (3000, 300_000),
    ],
)
def test_money_as_people_write_it(raw: object, paise: int) -> None:
    money, notes = _money(raw, "rupees")
    assert money == paise
    assert notes == []


def test_amounts_in_paise_may_have_leading_zeros() -> None:
    assert _money("000300000", "paise") == (300_000, [])


@pytest.mark.parametrize(
    "raw",
    [
        "3.000,00",
        "3,00,00",
        ",300",
        "Rs.",
        "3 000",
        "1E999999999",
        "Infinity",
        "NaN",
        "300.005",
        "$3",
    ],
)
def test_an_invalid_amount_is_a_warning(raw: str) -> None:
    money, notes = _money(raw, "rupees")
    assert money is None
    assert [(n.code, n.raw) for n in notes] == [("INVALID_VALUE", raw)]


def _money(raw: object, unit: str) -> tuple[int | None, list[SourceWarning]]:
    rules = rules_of(
        {
            "benefitNumber": "N",
            "holderKey": "N",
            "enrollmentStatus": {"path": "S", "codes": "enrollment"},
            "departmentStatus": {"fields": {"code": "S"}},
            "benefitValue": {"path": "V", "unit": unit},
        }
    )
    notes: list[SourceWarning] = []
    row = {"N": "1", "S": "A", "V": raw}
    made = compile_reader(Benefit, rules, CONTEXT)(row, ORIGIN, notes, {})
    assert isinstance(made, Benefit)
    return (made.benefit_value.amount if made.benefit_value else None), notes


@pytest.mark.parametrize(
    ("expression", "row", "expected"),
    [
        ("row.F + ' ' + row.L", {"F": "RAM", "L": "DEVI"}, "RAM DEVI"),
        ("has(row.L) && row.L != '' ? row.L : row.F", {"F": "RAM"}, "RAM"),
        ("row.X.split('~')[1]", {"X": "2~Female"}, "Female"),
        ("row.N > 3 ? 'many' : 'few'", {"N": 4}, "many"),
        ("row.E.filter(e, e.t == 'now')[0].v", {"E": [{"t": "now", "v": "x"}]}, "x"),
        ("'122' in row ? row['122'] : ''", {"122": "x"}, "x"),
        ("row.X.matches('^[0-9]+$') ? row.X : ''", {"X": "12"}, "12"),
        ("row.D", {"D": dt.date(2026, 11, 3)}, "2026-11-03"),
        ("row.F.lowerAscii()", {"F": "RAM"}, "ram"),
        ("null", {}, None),
        ("''", {}, None),
    ],
)
def test_an_expression_returns_its_value(
    expression: str, row: dict[str, Any], expected: str | None
) -> None:
    record, notes = read(row, statusNotes={"expr": expression})
    assert record.status_notes == expected
    assert notes == []


def test_the_value_of_an_expression_is_read_as_the_fields_type() -> None:
    rules = {"expr": "row.D + '/' + row.Y", "format": "dd/mm/yyyy"}
    record, _ = read({"D": "03/11", "Y": "2026"}, requestedDatetime=rules)
    assert record.requested_datetime == dt.datetime(2026, 11, 3, tzinfo=IST)
    code = {"expr": "row.ST == '02' && row.X == 'R' ? '2' : row.ST", "codes": "status"}
    assert read({"X": "R"}, applicationStatus=code)[0].application_status.name == "REJECTED"


def test_a_failing_expression_affects_only_its_field_and_quotes_no_row() -> None:
    record, notes = read({"F": "secret"}, statusNotes={"expr": "row.MISSING + row.F"})
    assert record.status_notes is None
    assert [(n.code, n.field_path, n.raw) for n in notes] == [
        ("INVALID_VALUE", "statusNotes", None)
    ]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("row.", "Syntax error"),
        ("rwo.A", "'rwo'"),
        ("row.A.foo()", "no function 'foo'"),
        ("__import__('os')", "no function '__import__'"),
        ("row.L.map(x, row.L.map(y, x))", "more than once"),
        ("'" + "a" * 1000 + "'", "longer than"),
        ("(" * 900, "at "),
    ],
)
def test_a_wrong_expression_is_an_error_at_load_time(expression: str, message: str) -> None:
    error = wrong(statusNotes={"expr": expression})
    assert error.key_path == ("statusNotes", "expr")
    assert message in error.message


def test_structs_can_not_be_used_for_expressions_which_need_the_whole_row() -> None:
    rules = rules_of({**BASE, "statusNotes": {"expr": "row.F"}})
    with pytest.raises(ShapeConflictError):
        compile_reader(Application, rules, CONTEXT, shape=Shape())


def test_rules_that_split_values_can_read_structs() -> None:
    rules = rules_of(
        {
            **BASE,
            "statusNotes": {"path": ["A/1", "A/2"], "split": {"by": "~", "part": 2}},
            "timeline": TIMELINE,
            "applicantName": {"concat": ["A/F", "A/L"]},
        }
    )
    shape = Shape()
    reader = compile_reader(Application, rules, CONTEXT, shape=shape)
    wire = b'{"NO":"A-1","ST":"02","A":{"2":"x~y","F":"RAM","L":"DEVI"},"H":"a~02~c"}'
    row = msgspec.json.decode(wire, type=shape.struct())
    record = reader(row, ORIGIN, [], {})
    assert isinstance(record, Application)
    assert (record.status_notes, record.applicant_name) == ("y", "RAM DEVI")
    assert [event.remarks for event in record.timeline] == ["c"]


def test_a_function_of_the_department_is_called() -> None:
    def seen(row: Any) -> Any:
        return f"{row['F']}!"

    def fails(row: Any) -> Any:
        raise RuntimeError(row["F"])

    context = MappingContext("x", frozenset({""}), IST, CONTEXT.tables, {}, {"f": seen, "g": fails})
    rules = {**BASE, "statusNotes": {"function": "f"}, "applicantName": {"function": "g"}}
    notes: list[SourceWarning] = []
    reader = compile_reader(Application, rules_of(rules), context)
    record = reader({"NO": "A-1", "ST": "02", "F": "RAM"}, ORIGIN, notes, {})
    assert isinstance(record, Application)
    assert (record.status_notes, record.applicant_name) == ("RAM!", None)
    assert [(n.code, n.field_path, n.raw) for n in notes] == [
        ("INVALID_VALUE", "applicantName", None)
    ]


@pytest.mark.parametrize(
    ("rules", "key_path", "message"),
    [
        ({"statusNotes": {"function": "nope"}}, ("statusNotes", "function"), "no function 'nope'"),
        ({"statusNotes": {"path": "A", "numbered": {"count": "n"}}}, ("statusNotes", "numbered"),
         "can't be used for statusNotes, a text"),
        ({"statusNotes": {"path": "A", "time": {"path": "T"}}}, ("statusNotes", "time"), "a text"),
        ({"timeline": {**TIMELINE, "trim": "*"}}, ("timeline", "trim"), "a list"),
        ({"timeline": {**TIMELINE, "split": {"by": "~", "names": ["a"]}}}, ("timeline", "split"),
         "timeline is a list"),
        ({"statusNotes": {"path": "A", "split": {"by": "~", "names": ["a"]}}},
         ("statusNotes", "split"), "a single value"),
        ({"statusNotes": {"path": "A", "script": "detect"}}, ("statusNotes", "script"), "a script"),
        ({"statusNotes": {"trim": "*"}}, ("statusNotes",), "has no source"),
        ({"requestedDatetime": {"path": "D", "time": {"path": "T", "format": "HH.MM"}}},
         ("requestedDatetime", "time", "format"), "'HH.MM' is not a date format"),
        ({"requestedDatetime": {"path": "D", "format": "dd.mon", "absent_when": "1753-01-01"}},
         ("requestedDatetime", "format"), "'dd.mon' is not a date format"),
    ],
)  # fmt: skip
def test_a_rule_that_does_not_apply_to_its_field_is_an_error(
    rules: dict[str, Any], key_path: tuple[str, ...], message: str
) -> None:
    error = wrong(**rules)
    assert error.key_path == key_path
    assert message in error.message


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"path": "a", "value": "b"}, "keep one of `path` and `value`"),
        ({"otherwise": ["a"]}, "add a `path`"),
        ({"path": "a", "split": {"by": "~"}}, "write `part`"),
        ({"path": "a", "split": {"by": "~", "part": 0}}, "count parts from 1"),
        ({"path": "a", "split": {"part": 1}}, "write `by`"),
        ({"path": "a", "script": ["detect", "nfc"]}, "`detect` last"),
        ({"path": "a", "pad": {"to": 0}}, "greater than 0"),
        ({"path": "a", "pad": {"to": 5, "with": "ab"}}, "at most 1"),
        ({"path": []}, "string"),
        ({"expr": ""}, "at least 1"),
    ],
)
def test_a_rule_that_contradicts_itself_is_an_error(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FieldRule.model_validate(rule)


def test_every_wrong_rule_of_a_record_is_reported() -> None:
    error = wrong(
        statusNote="R",
        channel={"path": "S", "codes": "chanel"},
        timeline={**TIMELINE, "fields": {"actoin": "A", "action": {"expr": "nope"}}},
    )
    assert {each.key_path for each in error.all} == {
        ("statusNote",),
        ("channel", "codes"),
        ("timeline", "fields", "actoin"),
        ("timeline", "fields", "action", "expr"),
        ("timeline", "fields"),
    }
