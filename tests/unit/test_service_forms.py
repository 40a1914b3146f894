"""The catalogue of services: texts in two languages, and the checks of application forms."""

import dataclasses
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.manifest import ManifestError, find_departments, load_department
from adapters.manifest.document import read_document
from adapters.manifest.form_patterns import fault_of_pattern
from adapters.manifest.service_centres import CentresFile
from adapters.manifest.services import ServicesFile
from adapters.manifest.texts import texts_in
from adapters.workbench.check import Severity, check
from schema.citizen import Citizen
from schema.form import MemberField
from schema.language import Language
from schema.service import Service
from tests.support.graphql_schema import SCHEMA
from tests.support.own_manifests import MANIFESTS
from tests.unit.departments import write_department

DEVANAGARI = re.compile("[\u0900-\u097f]")
LATIN_WORD = re.compile(r"[A-Za-z]{3,}")
LATIN_IN_HINDI = {"IFSC"}

FORM = """services:
  FOR-ONE:
    name: {en: Tree permit, hi: वृक्ष अनुमति}
    description: {en: Permission to cut a tree., hi: वृक्ष काटने की अनुमति।}
    produces: {en: Permit, hi: अनुमति पत्र}
    eligibility:
      - {text: {en: Adults only., hi: केवल वयस्क।}, min_age: 18, max_age: 90}
      - {text: {en: The poor., hi: गरीब।}, max_yearly_income: 100, income_of: FAMILY}
    document_groups: {LAND: {en: Proof of land, hi: भूमि का प्रमाण}}
    documents:
      - {code: DEED, name: {en: Deed, hi: विलेख}, group: LAND}
      - {code: FARD, name: {en: Fard, hi: फर्द}, group: LAND, satisfied_by: RECORD_OF_RIGHTS}
      - {code: PHOTO, name: {en: Photo, hi: फोटो}, visible_if: {attribute: tree, equals: OTHER}}
    attributes:
      - code: tree
        datatype: SINGLE_VALUE_LIST
        label: {en: Tree, hi: वृक्ष}
        options: [{key: NEEM, name: {en: Neem, hi: नीम}}, {key: OTHER, name: {en: Other, hi: अन्य}}]
      - code: other_tree
        label: {en: Which, hi: कौन सा}
        visible_if: {attribute: tree, one_of: [OTHER]}
      - {code: girth, datatype: NUMBER, label: {en: Girth, hi: घेरा}, min: 1, max: 900}
      - {code: plot, label: {en: Plot, hi: प्लॉट}, min_length: 1, max_length: 9, pattern: "[0-9]+"}
      - {code: born, datatype: DATE, label: {en: Birth, hi: जन्म}, prefill_from: BIRTH_DATE}
"""


def services() -> list[Service]:
    return [each for manifest in MANIFESTS for each in manifest.services]


def files() -> Iterator[tuple[Path, ServicesFile | CentresFile]]:
    for folder in find_departments():
        path = folder / "services.yaml"
        yield path, ServicesFile.model_validate(read_document(path).content)
        path = folder / "service_centres.yaml"
        if path.exists():
            yield path, CentresFile.model_validate(read_document(path).content)


def test_every_text_of_the_catalogue_exists_in_both_languages() -> None:
    for path, file in files():
        for at, text in texts_in(file):
            where = f"{path.parent.name}: {'.'.join(map(str, at))}"
            assert DEVANAGARI.search(text.hi or ""), f"{where} has no text in Hindi"
            assert not DEVANAGARI.search(text.en), f"{where} has Hindi in its English text"
            words = set(LATIN_WORD.findall(text.hi or "")) - LATIN_IN_HINDI
            assert not words, f"{where} has English words in its Hindi text: {words}"


def test_one_english_name_has_one_hindi_name() -> None:
    """Groups of services, posts, documents and options are translated the same everywhere."""
    found: dict[tuple[str, str], set[str | None]] = defaultdict(set)
    for _, file in files():
        for at, text in texts_in(file):
            found[str(at[-1]), text.en].add(text.hi)
    assert {key: hindi for key, hindi in found.items() if len(hindi) > 1} == {}


def test_a_document_has_one_name_in_all_services() -> None:
    names: dict[str, set[str]] = defaultdict(set)
    for service in services():
        for evidence in service.evidence:
            names[evidence.code].add(evidence.name_text.en)
    assert {code: each for code, each in names.items() if len(each) > 1} == {}


def test_every_service_has_a_form_documents_or_conditions() -> None:
    for service in services():
        assert service.attributes, service.code
        assert service.eligibility, service.code
        assert service.group_text, service.code


def test_no_field_of_the_catalogue_is_empty_in_all_services() -> None:
    filled: dict[str, bool] = {}

    def visit(value: Any) -> None:
        if isinstance(value, list):
            for each in value:
                visit(each)
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            for each in dataclasses.fields(value):
                # A field with a resolver has no value of its own.
                found = value.__dict__.get(each.name) if hasattr(value, "__dict__") else None
                name = f"{type(value).__name__}.{each.name}"
                if each.init:
                    filled[name] = filled.get(name, False) or found not in (None, [])
                visit(found)

    visit(services())
    assert "EvidenceType.satisfied_by_certificate" in filled
    assert [name for name, is_filled in filled.items() if not is_filled] == ["Text.en", "Text.hi"]


def test_services_are_returned_in_both_languages() -> None:
    (service,) = [each for each in services() if each.code == "LAB-WEL"]
    (scheme,) = [each for each in service.attributes if each.code == "scheme"]
    names = {each.key: each.name_text for each in scheme.options}
    assert names["SEWING_MACHINE"].in_language(Language.EN) == "Sewing machine"
    assert names["SEWING_MACHINE"].in_language(Language.HI) == "सिलाई मशीन"


def test_every_member_field_is_a_field_of_citizen() -> None:
    graphql = SCHEMA._schema.type_map[Citizen.__name__]
    for member in MemberField:
        first, *others = member.name.split("_")
        name = first.lower() + "".join(word.title() for word in others)
        assert name in graphql.fields, f"Citizen has no field {name}"  # type: ignore[attr-defined]


def test_a_form_without_mistakes_loads(tmp_path: Path) -> None:
    (service,) = load_department(write_department(tmp_path, services_yaml=FORM)).services
    deed, fard, photo = service.evidence
    assert deed.group is not None
    assert fard.group is not None
    assert (deed.group.key, fard.group.key, photo.group) == ("LAND", "LAND", None)
    assert photo.visible_if is not None
    assert photo.visible_if.one_of == ["OTHER"]
    assert [each.order for each in service.attributes] == [1, 2, 3, 4, 5]


MISTAKES = [
    ("code: girth", "code: plot", "label: {en: Plot", "'plot' is used twice"),
    ("code: FARD", "code: DEED", "Fard", "'DEED' is used twice"),
    ("key: OTHER", "key: NEEM", "key: NEEM", "'NEEM' is used twice"),
    ("datatype: SINGLE_VALUE_LIST", "datatype: STRING", "options:", "STRING has no options"),
    ("NUMBER", "MULTI_VALUE_LIST", "MULTI_VALUE_LIST", "the list has no options; add `options`"),
    ("NUMBER", "INTEGER", "INTEGER", "'INTEGER' is not valid"),
    ("NUMBER", "TEXT", "min: 1", "TEXT has no min; it is for NUMBER only"),
    ("min: 1, max: 900", "min: 950, max: 900", "min: 950", "950 is more than 900; swap the limits"),
    ("min_length: 1", "min_length: 10", "min_length: 10", "10 is more than 9; swap the limits"),
    ('"[0-9]+"', '"[0-9"', "pattern", "it is not a regular expression"),
    ('"[0-9]+"', '"([0-9]+)*"', "pattern", "contains alternatives or another repeat"),
    ("attribute: tree, one_of", "attribute: tre, one_of", "one_of",
     "'tre' is not an earlier field of the form; did you mean 'tree'?"),
    ("attribute: tree, one_of: [OTHER]", "attribute: plot, equals: 1", "attribute: plot",
     "'plot' is not an earlier field"),
    ("one_of: [OTHER]", "one_of: [OTHR]", "OTHR", "'OTHR' is not an option of 'tree'"),
    ("one_of: [OTHER]", "one_of: [OTHER], equals: NEEM", "one_of",
     "write either `equals` or `one_of`"),
    ("attribute: tree, equals", "attribute: bush, equals", "PHOTO", "'bush' is not a field"),
    ("group: LAND, satisfied_by", "group: LND, satisfied_by", "LND", "there is no group 'LND'"),
    ("group: LAND, satisfied_by", "satisfied_by", "document_groups", "'LAND' has 1 documents"),
    ("RECORD_OF_RIGHTS", "UNKNOWN", "FARD", "UNKNOWN is no type of certificate"),
    ("min_age: 18", "min_age: 95", "min_age: 95", "95 is more than 90"),
    (", income_of: FAMILY", "", "The poor", "`max_yearly_income` and `income_of` need each other"),
    ("code: plot, ", "code: plot, variable: false, required: true, ", "plot",
     "a field that only shows a text can't be required"),
    ("prefill_from: BIRTH_DATE", "prefill_from: EMAIL", "EMAIL", "EMAIL does not fill in DATE"),
    ("prefill_from: BIRTH_DATE", "prefill_from: SEX", "prefill_from: SEX",
     "SEX fills in a list with the keys MALE, FEMALE"),
    ("hi: विलेख", 'hi: ""', "DEED", "is not valid"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "where", "message"), MISTAKES)
def test_a_mistake_in_a_form_is_reported_with_its_line(
    tmp_path: Path, old: str, new: str, where: str, message: str
) -> None:
    assert old in FORM
    text = FORM.replace(old, new, 1)
    lines = [number for number, line in enumerate(text.splitlines(), 1) if where in line]
    with pytest.raises(ManifestError) as caught:
        load_department(write_department(tmp_path, services_yaml=text))
    problems = [each for each in caught.value.problems if message in str(each)]
    assert problems, str(caught.value)
    assert problems[0].path.name == "services.yaml"
    assert problems[0].line in lines
    assert problems[0].key.startswith("services.FOR-ONE.")


@pytest.mark.parametrize(
    "pattern",
    [
        "[0-9]{9,18}",
        "[6-9][0-9]{9}",
        "[A-Z]{4}0[A-Z0-9]{6}",
        "(?:[0-9]{3}-){2}[0-9]+",
        "a|b",
        "[^@]+@[^@]+",
    ],
)
def test_a_quick_pattern_may_be_used(pattern: str) -> None:
    assert fault_of_pattern(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        ("(a+)+", "another repeat"),
        ("(a|aa)*", "alternatives"),
        ("(a?){30}", "another repeat"),
        (".*.*.*=", "no limit"),
        ("a?b?c?d?e?", "variable length"),
        (r"(a)\1", "reference to a group"),
        ("(?=a)b", "look-ahead"),
        ("^a$", "anchor"),
        ("(?P<x>a)", "browsers do not know"),
        ("(?i)a", "browsers do not know"),
        ("a" * 201, "longer than"),
        ("(", "not a regular expression"),
    ],
)
def test_a_pattern_that_is_slow_or_unknown_to_browsers_is_refused(pattern: str, fault: str) -> None:
    assert fault in (fault_of_pattern(pattern) or "")


def test_missing_hindi_is_a_warning_with_file_line_and_service(tmp_path: Path) -> None:
    text = FORM.replace("{en: Tree permit, hi: वृक्ष अनुमति}", "Tree permit").replace(
        "hi: नीम", "hi: Neem"
    )
    folder = write_department(tmp_path, services_yaml=text)
    (warning,) = [each for each in check([folder]).findings if each.rule == "languages"]
    assert warning.severity is Severity.WARNING
    assert (warning.path, warning.line) == (folder / "services.yaml", 3)
    assert warning.key == "services.FOR-ONE"
    assert warning.message == ("FOR-ONE has no text in Hindi for name, attributes.0.options.0.name")
    (service,) = load_department(folder).services
    assert service.name_text.in_language(Language.HI) == "Tree permit"


def test_a_department_without_a_hindi_name_is_a_warning(tmp_path: Path) -> None:
    folder = write_department(tmp_path, change=("{en: Forests, hi: वन विभाग}", "Forests"))
    (warning,) = [each for each in check([folder]).findings if each.rule == "languages"]
    assert (warning.path.name, warning.key) == ("department.yaml", "label")
    assert warning.message == "label has no text in Hindi"
