"""Documents, eligibility and texts of submissions are checked before they are accepted."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from strawberry import UNSET

from adapters.writes import Misfit, MisfitReason
from hub.durable.attachments.model import Attachment
from hub.federation.submissions.acceptance import Acceptance
from hub.federation.submissions.eligibility import hints_of, needs_income
from hub.federation.submissions.evidence import check_attachments, check_evidence
from hub.federation.submissions.inputs import Texts, digest_of
from schema.certificate import CertificateType
from schema.citizen import Citizen
from schema.errors import HubError
from schema.family import Family
from schema.form import AttributeCondition, EvidenceGroup, EvidenceType
from schema.keys import CitizenKeyInput
from schema.language import Language, Text
from schema.node import to_global_id
from schema.person import BirthDatePrecision, Sex
from schema.problem_codes import ProblemCode
from schema.problem_messages import PROBLEM_MESSAGES, problem_message
from schema.scalars import Paise
from schema.service import Eligibility, IncomeScope, Money
from schema.submission_inputs import (
    MAX_ATTRIBUTES,
    MAX_KEY,
    AttributeValueInput,
    GiveFeedbackInput,
    SubmitApplicationInput,
    check_lengths,
)
from schema.submission_note import note_of
from schema.submission_problem import AttributeProblem, EvidenceProblem, InputProblem
from schema.submission_state import SubmissionKind, SubmissionState
from tests.support.ids import IDS

TOO_LONG = MisfitReason.TOO_LONG

NOW = dt.datetime(2026, 11, 29, tzinfo=dt.UTC)
TODAY = NOW.date()
DOCUMENT = Attachment("a" * 32, "ID", "id.pdf", "application/pdf", 1000, "0" * 64, NOW)


def evidence(code: str, **values: object) -> EvidenceType:
    given: dict[str, object] = {
        "required": True,
        "group": None,
        "media_types": ["application/pdf"],
        "max_size_bytes": 5000,
        "name_text": Text(code, f"{code} हि"),
        **values,
    }
    return EvidenceType(code=code, **given)  # type: ignore[arg-type]


async def nothing(_: CertificateType) -> bool:
    return False


def codes(problems: list[EvidenceProblem]) -> list[tuple[str | None, str]]:
    return [(each.evidence, each.code.value) for each in problems]


async def test_a_required_document_is_named() -> None:
    (problem,) = await check_evidence([evidence("ID")], {}, [], nothing)
    assert (problem.evidence, problem.code) == ("ID", ProblemCode.REQUIRED)
    assert problem.message_text == Text(
        "Please attach this document: ID.", "कृपया यह दस्तावेज़ जोड़ें: ID हि।"
    )
    assert await check_evidence([evidence("ID")], {}, [DOCUMENT], nothing) == []
    assert await check_evidence([evidence("ID", required=False)], {}, [], nothing) == []


async def test_a_document_is_needed_only_under_its_condition() -> None:
    condition = AttributeCondition(attribute="trade", one_of=["OTHER"])
    needed = [evidence("ID", visible_if=condition)]
    assert await check_evidence(needed, {"trade": "MASON"}, [], nothing) == []
    found = await check_evidence(needed, {"trade": "OTHER"}, [], nothing)
    assert codes(found) == [("ID", "REQUIRED")]
    sent = await check_evidence(needed, {"trade": "MASON"}, [DOCUMENT], nothing)
    assert codes(sent) == [("ID", "UNKNOWN_EVIDENCE")]


async def test_one_document_of_a_group_is_enough() -> None:
    group = EvidenceGroup(key="AGE", name_text=Text("Proof of age"))
    needed = [evidence("ID", group=group), evidence("SCHOOL", group=group, required=False)]
    found = await check_evidence(needed, {}, [], nothing)
    assert codes(found) == [("AGE", "REQUIRED")]
    assert "Proof of age" in found[0].message_text.en
    school = replace(DOCUMENT, evidence="SCHOOL")
    assert await check_evidence(needed, {}, [school], nothing) == []


async def test_a_valid_certificate_replaces_a_document() -> None:
    wanted = CertificateType.INCOME_CERTIFICATE

    async def has_certificate(asked: CertificateType) -> bool:
        return asked is wanted

    needed = [evidence("INCOME", satisfied_by_certificate=wanted)]
    assert await check_evidence(needed, {}, [], has_certificate) == []
    assert codes(await check_evidence(needed, {}, [], nothing)) == [("INCOME", "REQUIRED")]


async def test_the_format_and_size_of_a_document_are_those_of_the_service() -> None:
    photo = replace(DOCUMENT, media_type="image/png")
    found = await check_evidence([evidence("ID")], {}, [photo], nothing)
    assert codes(found) == [("ID", "MEDIA_TYPE_NOT_ALLOWED")]
    large = replace(DOCUMENT, size_bytes=5001)
    assert codes(await check_evidence([evidence("ID")], {}, [large], nothing)) == [
        ("ID", "FILE_TOO_LARGE")
    ]
    other = replace(DOCUMENT, evidence="")
    assert await check_evidence([], {}, [other], nothing) == []


def test_attachments_of_others_used_and_unknown_ones_have_the_same_problem() -> None:
    used = replace(DOCUMENT, attachment_id="b" * 32, receipt="CH1")
    found = {DOCUMENT.attachment_id: DOCUMENT, used.attachment_id: used}
    mine = to_global_id(IDS, "Attachment", DOCUMENT.attachment_id)
    given = [
        mine,
        to_global_id(IDS, "Attachment", used.attachment_id),
        to_global_id(IDS, "Attachment", "c" * 32),
        to_global_id(IDS, "Citizen", DOCUMENT.attachment_id),
        DOCUMENT.attachment_id,
        "",
        mine,
    ]
    usable, problems = check_attachments(IDS, given, found)
    assert usable == [DOCUMENT]
    assert [each.code.value for each in problems] == ["ATTACHMENT_NOT_AVAILABLE"] * 5 + ["REPEATED"]
    assert [each.attachment for each in problems] == given[1:]


def test_the_documents_of_a_submission_have_a_size_together() -> None:
    files = [replace(DOCUMENT, attachment_id=name * 32, size_bytes=10 << 20) for name in "abc"]
    given = [to_global_id(IDS, "Attachment", each.attachment_id) for each in files]
    found = {each.attachment_id: each for each in files}
    usable, problems = check_attachments(IDS, given, found)
    assert usable == files[:2]
    assert [(each.code.value, each.attachment) for each in problems] == [
        ("FILE_TOO_LARGE", given[2])
    ]


def condition(**values: object) -> Eligibility:
    return Eligibility(condition_text=Text("The condition"), **values)  # type: ignore[arg-type]


WOMAN = Citizen(
    member_identifier="7KNL042101",
    family_identifier="7KNL0421",
    sex=Sex.FEMALE,
    birth_date=dt.date(1966, 11, 30),
    birth_date_precision=BirthDatePrecision.DAY,
)
POOR = Family(
    family_identifier="7KNL0421",
    head_identifier="7KNL042101",
    annual_income=Money(amount=Paise(18_000_000)),
    members=[],
)


@pytest.mark.parametrize(
    ("eligibility", "found"),
    [
        (condition(min_age=59), None),
        (condition(min_age=60), "Age in the family registry: 59"),
        (condition(max_age=58), "Age in the family registry: 59"),
        (condition(min_age=60, sex=Sex.MALE), None),
        (condition(sex=Sex.MALE), "In the family registry: Female"),
        (condition(sex=Sex.FEMALE), None),
        (condition(max_yearly_income=Money(amount=Paise(18_000_000))), None),
        (
            condition(max_yearly_income=Money(amount=Paise(17_999_900))),
            "Yearly income in the family registry: Rs 180,000",
        ),
        (
            condition(max_yearly_income=Money(amount=Paise(1)), income_of=IncomeScope.APPLICANT),
            None,
        ),
        (condition(), None),
    ],
)
def test_a_condition_that_the_record_does_not_meet_is_a_hint(
    eligibility: Eligibility, found: str | None
) -> None:
    hints = hints_of([eligibility], WOMAN, POOR, TODAY)
    assert [each.found_text and each.found_text.en for each in hints] == ([found] if found else [])


def test_a_value_that_is_not_known_gives_no_hint() -> None:
    unknown = Citizen(member_identifier="7KNL042101", family_identifier="7KNL0421")
    strict = condition(min_age=60, max_yearly_income=Money(amount=Paise(1)))
    assert hints_of([strict], unknown, None, TODAY) == []
    # A birth date of which only the year is known could be any day of it.
    of_year = replace(WOMAN, birth_date_precision=BirthDatePrecision.YEAR)
    assert hints_of([condition(min_age=60)], of_year, None, TODAY) == []
    assert hints_of([condition(min_age=61)], of_year, None, TODAY) != []
    assert needs_income([strict])
    assert not needs_income([condition(min_age=60)])


def test_texts_are_cleaned_and_have_problems_of_their_own_fields() -> None:
    texts = Texts()
    texts.add("answer", "  yes \n no ", required=True)
    texts.add("reason", None)
    texts.add("record_field", "a\nb", "recordField", lines=False)
    texts.add("new_value", " ", "newValue", required=True)
    assert texts.values == {"answer": "yes \n no"}
    assert [(each.input_field, each.code.value) for each in texts.problems] == [
        ("recordField", "UNREADABLE_TEXT"),
        ("newValue", "REQUIRED"),
    ]


def feedback(**values: object) -> GiveFeedbackInput:
    given: dict[str, object] = {
        "request": "SJE-OAS/2026/000123",
        "rating": 5,
        "idempotency_key": "k",
        "language": Language.HI,
        **values,
    }
    return GiveFeedbackInput(**given)  # type: ignore[arg-type]


def application(citizen: CitizenKeyInput, **values: object) -> SubmitApplicationInput:
    given: dict[str, object] = {
        "service": "SJE-OAS",
        "attributes": [],
        "idempotency_key": "k",
        **values,
    }
    return SubmitApplicationInput(citizen=citizen, **given)  # type: ignore[arg-type]


def test_a_digest_covers_the_whole_input_except_the_key() -> None:
    first = digest_of("giveFeedback", feedback(), IDS)
    assert first == digest_of("giveFeedback", feedback(idempotency_key="other"), IDS)
    for other in (feedback(rating=4), feedback(comments="x"), feedback(language=Language.EN)):
        assert digest_of("giveFeedback", other, IDS) != first
    assert digest_of("fileAppeal", feedback(), IDS) != first
    # A lone half of a surrogate pair must not stop it.
    digest_of("giveFeedback", feedback(comments="\ud800"), IDS)


def test_an_id_and_a_member_number_name_the_same_citizen() -> None:
    by_number = CitizenKeyInput(member_identifier="7KNL042101", id=UNSET)
    by_id = CitizenKeyInput(id=to_global_id(IDS, "Citizen", "7KNL042101"), member_identifier=UNSET)
    digests = {digest_of("s", application(each), IDS) for each in (by_number, by_id)}
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (feedback(idempotency_key=""), "`idempotencyKey` is empty"),
        (feedback(idempotency_key="k" * (MAX_KEY + 1)), "has 101 characters; the limit is 100"),
        (feedback(comments="x" * 4001), "`comments` has 4001 characters"),
        (
            application(
                CitizenKeyInput(member_identifier="7KNL042101", id=UNSET),
                attributes=[AttributeValueInput(code="a", value="1", values=None)]
                * (MAX_ATTRIBUTES + 1),
            ),
            "`attributes` has 201 entries",
        ),
        (
            application(
                CitizenKeyInput(member_identifier="7KNL042101", id=UNSET),
                attributes=[AttributeValueInput(code="a", value="1" * 10_001, values=None)],
            ),
            "`value` has 10001 characters",
        ),
        (
            application(CitizenKeyInput(member_identifier="7" * 200, id=UNSET)),
            "`memberIdentifier` has 200 characters",
        ),
    ],
)
def test_inputs_that_are_too_long_are_refused(given: object, message: str) -> None:
    with pytest.raises(HubError, match=message):
        check_lengths(given)


def test_every_code_has_a_sentence_in_both_languages() -> None:
    with_own_sentence = {each for each in ProblemCode if each.name.startswith("FILE_")}
    assert PROBLEM_MESSAGES.keys() | with_own_sentence == set(ProblemCode)
    for code in PROBLEM_MESSAGES:
        text = problem_message(code, limit=5, least=1, most=5)
        assert text.hi
        assert "{" not in text.en + text.hi


def test_a_note_says_what_happens_next() -> None:
    department = Text("Labour Department", "श्रम विभाग")
    for state in SubmissionState:
        note = note_of(state, department, None, has_task=False)
        assert "Labour Department" in note.en
        assert "श्रम विभाग" in (note.hi or "")
    later = note_of(SubmissionState.NOT_SENT, department, NOW, has_task=False)
    assert later.en.endswith("We try again on 29-11-2026 05:30.")
    by_hand = note_of(SubmissionState.NOT_SENT, department, None, has_task=True)
    assert "Our staff will forward it" in by_hand.en


@pytest.mark.parametrize("code", ProblemCode)
def test_every_code_is_documented(code: ProblemCode) -> None:
    page = Path(__file__).parents[2] / "docs" / "submissions.md"
    assert f"`{code.name}`" in page.read_text(encoding="utf-8")


def test_only_what_the_sender_wrote_is_reported_as_a_misfit() -> None:
    misfits = [
        Misfit("name", TOO_LONG, 40),
        Misfit("grounds", MisfitReason.TOO_SHORT, 20),
        Misfit("applicant_name_local", TOO_LONG, 60),
        Misfit("rating", MisfitReason.NO_CODE),
        Misfit("reason", TOO_LONG, 10),
    ]
    services = SimpleNamespace(misfits=lambda *_: misfits)
    acceptance = Acceptance(services, None)  # type: ignore[arg-type]
    prepared = SimpleNamespace(
        kind=SubmissionKind.APPEAL,
        department="power",
        service=None,
        values={"name": "x"},
        facts={"grounds": "x", "applicant_name_local": "x"},
    )
    problems = acceptance.misfits(prepared, {"reason"})  # type: ignore[arg-type]
    attribute, field, rating = problems
    assert isinstance(attribute, AttributeProblem)
    assert attribute.attribute == "name"
    assert attribute.code is ProblemCode.TOO_LONG_FOR_DEPARTMENT
    assert isinstance(field, InputProblem)
    assert (field.input_field, field.code) == ("grounds", ProblemCode.TOO_SHORT)
    assert field.message_text.en == "Please enter at least 20 characters."
    assert isinstance(rating, InputProblem)
    assert (rating.input_field, rating.code) == ("rating", ProblemCode.NOT_AN_OPTION)
