"""Views mask records. Every personal attribute is tested with every role, relation and purpose."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from hub.access.policy import Level, Policy, load_policy
from hub.access.policy.attributes import Attribute, attributes_of, is_personal
from hub.access.policy.view import View, compile_view
from schema.application import Application, TimelineEvent
from schema.benefit import Benefit
from schema.certificate import Certificate
from schema.citizen import Citizen
from schema.codes import WarningCode
from schema.conflict import Conflict, ConflictList, PersonDetail
from schema.family import Family
from schema.person import Address, BirthDatePrecision, PersonName, Script
from schema.personal import FieldClass
from schema.provenance import SourceState, SourceStatus, SourceWarning
from tests.unit.personal_records import RECORD_TYPES, filled

POLICY = load_policy()
MASKED_FORMS: Mapping[tuple[FieldClass, Any], Callable[[Any], Any]] = {
    (FieldClass.NAME, str): lambda value: " ".join(
        w[0] + "*" * (len(w) - 1) for w in value.split()
    ),
    (FieldClass.IDENTIFIER, str): lambda value: "X" * (len(value) - 4) + value[-4:],
    (FieldClass.AADHAAR, str): lambda value: "X" * (len(value) - 4) + value[-4:],
    (FieldClass.CONTACT, str): lambda value: (
        None if "@" in value else "X" * (len(value) - 4) + value[-4:]
    ),
    (FieldClass.BIRTH_DATE, dt.date): lambda value: dt.date(value.year, 1, 1),
    (FieldClass.BIRTH_DATE, BirthDatePrecision): lambda _: BirthDatePrecision.YEAR,
}
"""What is left of a masked value. Masked values of other types are hidden."""


def levels(plain: Level = Level.PLAIN, **of_classes: Level) -> tuple[Level, ...]:
    """Return the level of each class: `plain`, unless another is given."""
    return tuple(of_classes.get(each.name, plain) for each in FieldClass)


def view_of(record_type: type, plain: Level = Level.PLAIN, **of_classes: Level) -> View:
    return compile_view(record_type, levels(plain, **of_classes))


def check(record: Any, shown: Any, level_of: dict[FieldClass, Level], where: str) -> None:
    """Check every attribute of what a view shows of a record."""
    record_type: Any = type(record)
    for each in attributes_of(record_type).values():
        before, after = record.__dict__.get(each.name), shown.__dict__.get(each.name)
        if before is None or each.name == "masking":
            continue
        at = f"{where}.{each.name}"
        level = min((level_of[one] for one in each.field_classes), default=Level.PLAIN)
        if each.is_key or each.has_own_view:
            assert after == before, at
        elif is_personal(each.type) and level is not Level.NONE:
            check_nested(each, before, after, level_of, at)
        elif level is Level.PLAIN:
            assert after == before, at
        else:
            assert after == expected(each, before, level), at


def check_nested(
    attribute: Attribute, before: Any, after: Any, level_of: dict[FieldClass, Level], at: str
) -> None:
    if not attribute.is_list:
        check(before, after, level_of, at)
        return
    if attribute.type is Conflict or (attribute.field_classes and not after):
        return
    assert len(before) == len(after), at
    for one, other in zip(before, after, strict=True):
        check(one, other, level_of, at)


def expected(attribute: Attribute, value: Any, level: Level) -> Any:
    """Return what may be left of a value that is not plain."""
    hidden: Any = [] if attribute.is_list else "XXXX" if attribute.is_required else None
    if level is Level.NONE or attribute.is_list:
        return hidden
    form = MASKED_FORMS.get((attribute.field_classes[0], attribute.type))
    return form(value) if form is not None else hidden


@pytest.mark.parametrize("record_type", RECORD_TYPES, ids=lambda each: each.__name__)
def test_every_attribute_for_every_role_relation_and_purpose(record_type: type) -> None:
    record, before = filled(record_type), filled(record_type).__dict__.copy()
    of_record = getattr(record_type, "RECORD_CLASS", None)
    for role, relation, purpose in POLICY.combinations():
        for in_list in (False, True):
            view = POLICY.view(record_type, role, relation, purpose, in_list=in_list)
            level_of = {
                each: POLICY.decision(each, role, relation, purpose, in_list=in_list).level
                for each in FieldClass
            }
            shown = view.apply(record)
            if shown is None:
                assert view.is_hidden
                hiding = [level_of[of_record]] if of_record else classes_of(record_type, level_of)
                assert Level.PLAIN not in hiding
            else:
                assert not view.is_hidden
                check(
                    record, shown, level_of, f"{role} {relation} {purpose} {record_type.__name__}"
                )
                assert of_record is None or level_of[of_record] is Level.PLAIN
                assert view.is_plain == (shown is record) or record_type is ConflictList
    # Records are shared between operations.
    assert record.__dict__.keys() == before.keys()
    check(record, record, dict.fromkeys(FieldClass, Level.PLAIN), "unchanged")


def classes_of(record_type: type, level_of: dict[FieldClass, Level]) -> list[Level]:
    return [
        level_of[one] for each in attributes_of(record_type).values() for one in each.field_classes
    ]


def test_a_plain_view_returns_the_record_itself() -> None:
    application = filled(Application)
    assert view_of(Application).apply(application) is application


def test_a_record_is_hidden_without_its_own_class() -> None:
    view = view_of(Application, APPLICATION=Level.NONE)
    assert view.is_hidden
    assert view.apply(filled(Application)) is None


def test_a_citizen_is_hidden_only_if_nothing_is_shown() -> None:
    assert view_of(Citizen, Level.NONE).is_hidden
    assert not view_of(Citizen, Level.NONE, NAME=Level.MASKED).is_hidden


def test_masked_forms() -> None:
    citizen = filled(
        Citizen,
        person_name=PersonName(full_name="RAM DEVI", script=Script.LATIN),
        phone_number="9876543210",
        email="ram@example.in",
        birth_date=dt.date(1954, 5, 17),
        birth_date_precision=None,
        home_address=Address(address_line1="House 4", locality="Bapoli", sub_region_name="Panipat"),
    )
    shown = view_of(Citizen, Level.MASKED, DISTRICT=Level.PLAIN).apply(citizen)
    assert shown is not None
    assert shown.person_name.full_name == "R** D***"
    assert shown.phone_number == "XXXXXX3210"
    assert shown.email is None
    assert shown.birth_date == dt.date(1954, 1, 1)
    assert shown.birth_date_precision is BirthDatePrecision.YEAR
    assert shown.home_address == Address(sub_region_name="Panipat")
    assert shown.sex is None


def test_objects_and_lists_in_a_record_are_masked_in_copies() -> None:
    application = filled(Application)
    shown = view_of(Application, REMARKS=Level.NONE).apply(application)
    assert shown is not None
    assert [each.remarks for each in shown.timeline] == [None, None]
    assert shown.timeline[0].action == application.timeline[0].action
    assert all(each.remarks is not None for each in application.timeline)


def test_an_attribute_that_was_not_read_stays_unread() -> None:
    application = filled(Application)
    del application.__dict__["applicant_name"]
    shown = view_of(Application, NAME=Level.MASKED).apply(application)
    assert shown is not None
    assert "applicant_name" not in shown.__dict__


@pytest.mark.parametrize(
    ("record_type", "number"),
    [
        (Family, "family_identifier"),
        (Benefit, "benefit_number"),
        (Certificate, "certificate_number"),
    ],
)
@pytest.mark.parametrize("level", [Level.MASKED, Level.NONE])
def test_a_masked_number_does_not_change_the_id(
    record_type: type, number: str, level: Level
) -> None:
    record = filled(record_type)
    shown: Any = view_of(record_type, IDENTIFIER=level).apply(record)
    assert getattr(shown, number) != getattr(record, number)
    assert shown.local_id() == record.local_id()
    # A port may copy a masked record.
    assert replace(shown).local_id() == record.local_id()


def identifiers_of(citizen: Citizen) -> list[str]:
    catalogue = SimpleNamespace(issuer_of=lambda _: None)
    info: Any = SimpleNamespace(
        context=SimpleNamespace(sources=SimpleNamespace(catalogue=catalogue))
    )
    resolver: Any = Citizen.__strawberry_definition__.get_field("identifiers")  # type: ignore[attr-defined]
    return [
        each.identifier_type.name for each in resolver.base_resolver.wrapped_func(citizen, info)
    ]


def test_identifiers_obey_the_view_although_the_keys_stay() -> None:
    citizen = filled(Citizen)
    own = ["PPP", "PPP_MEMBER", "AADHAAR_REF", "PENSION_PPO", "PENSION_PPO"]
    assert identifiers_of(citizen) == own
    hidden = view_of(Citizen, IDENTIFIER=Level.NONE).apply(citizen)
    assert hidden is not None
    assert identifiers_of(hidden) == ["AADHAAR_REF"]
    assert hidden.member_identifier == citizen.member_identifier
    without_aadhaar = view_of(Citizen, AADHAAR=Level.NONE).apply(citizen)
    assert without_aadhaar is not None
    assert "AADHAAR_REF" not in identifiers_of(without_aadhaar)


def test_hidden_payments_are_null_and_not_an_empty_list() -> None:
    shown = view_of(Benefit, PAYMENT=Level.NONE).apply(filled(Benefit))
    assert shown is not None
    resolver: Any = Benefit.__strawberry_definition__.get_field("payments")  # type: ignore[attr-defined]
    assert resolver.base_resolver.wrapped_func(shown) is None


def test_members_of_a_family_keep_their_own_view() -> None:
    family = filled(Family)
    shown = view_of(Family, NAME=Level.MASKED, INCOME=Level.NONE).apply(family)
    assert shown is not None
    assert shown.members[0].citizen is family.members[0].citizen


def warning(field: str | None, raw: str | None = "98765") -> SourceWarning:
    return SourceWarning(code=WarningCode.INVALID_VALUE, field_path=field, raw=raw)


def test_raw_values_of_warnings_are_removed_with_the_field() -> None:
    warnings = [
        warning("birthDate"),
        warning("homeAddress.locality"),
        warning("homeAddress.subRegionName"),
        warning("sex"),
        warning(None),
        warning("noSuchField"),
        warning("links"),
        warning("birthDate", raw=None),
    ]
    citizen = filled(Citizen, row_warnings=warnings)
    view = view_of(Citizen, BIRTH_DATE=Level.MASKED, ADDRESS=Level.MASKED, IDENTIFIER=Level.MASKED)
    shown = view.apply(citizen)
    assert shown is not None
    raw = [each.raw for each in shown.row_warnings]
    assert raw == [None, None, "98765", "98765", None, None, None, None]
    assert [each.field_path for each in shown.row_warnings] == [w.field_path for w in warnings]
    assert all(each.raw for each in warnings[:-1])


def test_warnings_about_elements_of_lists_are_masked() -> None:
    view = view_of(Application, REMARKS=Level.NONE)
    found = view.warnings([warning("timeline[2].remarks"), warning("timeline[2].actionNo")])
    assert [each.raw for each in found] == [None, "98765"]


def test_warnings_about_hidden_records_have_no_values() -> None:
    view = view_of(Application, APPLICATION=Level.NONE)
    assert [each.raw for each in view.warnings([warning("applicantName")])] == [None]


def test_warnings_use_the_names_of_the_manifest() -> None:
    view = view_of(Benefit, PAYMENT=Level.NONE, NAME=Level.NONE)
    found = view.warnings([warning("payments[0].amount"), warning("benefitValue")])
    assert [each.raw for each in found] == [None, "98765"]


def test_the_registry_status_in_a_record_is_masked_too() -> None:
    status = SourceStatus(
        department_identifier="registry", state=SourceState.STALE, warnings=[warning("birthDate")]
    )
    citizen = filled(Citizen, registry_status=status)
    shown = view_of(Citizen, BIRTH_DATE=Level.NONE).apply(citizen)
    assert shown is not None
    assert shown.registry_status is not None
    assert shown.registry_status.warnings[0].raw is None
    assert status.warnings[0].raw == "98765"


def test_conflicts_are_shown_if_their_detail_is_plain() -> None:
    conflicts = ConflictList(
        nodes=[Conflict(detail=each, score=50, values=[]) for each in PersonDetail],
        sources=[],
        is_complete=True,
    )
    view = view_of(ConflictList, NAME=Level.MASKED, LIFE_STATUS=Level.NONE)
    shown = view.apply(conflicts)
    assert shown is not None
    assert [each.detail.name for each in shown.nodes] == ["BIRTH_DATE", "DISTRICT"]


def test_a_type_without_classes_has_no_view() -> None:
    with pytest.raises(TypeError, match="SourceStatus declares no classes"):
        view_of(SourceStatus)


def test_views_are_shared_by_combinations_with_the_same_levels() -> None:
    policy: Policy = POLICY
    views = {
        id(policy.view(Application, role, relation, purpose, in_list=False))
        for role, relation, purpose in policy.combinations()
    }
    assert len(views) < 20


def test_a_timeline_step_alone_has_a_view() -> None:
    shown = view_of(TimelineEvent, REMARKS=Level.NONE).apply(filled(TimelineEvent))
    assert shown is not None
    assert shown.remarks is None
