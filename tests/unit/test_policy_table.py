"""The built-in policy decides exactly what the checked-in table says."""

from collections.abc import Iterator

import pytest

from hub.access.policy import Action, Level, Relation, load_policy
from hub.access.principal import Role
from schema.personal import MASKABLE, FieldClass
from schema.submission import CLASS_OF_KIND
from schema.submission_state import SubmissionKind
from tests.unit.policy_table import FILE, table_of

POLICY = load_policy()
FAMILY_ID_DATA = (FieldClass.FAMILY, FieldClass.INCOME)
SCHEMES_SERVICES_RECRUITMENT = {
    "OWN_DATA",
    "ASSISTED_APPLICATION",
    "APPLICATION_PROCESSING",
    "ELIGIBILITY_CHECK",
    "RECRUITMENT_CHECK",
}
PUBLIC = {"PUBLIC_TRACKING", "CERTIFICATE_VERIFICATION"}
OF_FIELDS = {*PUBLIC, "PERSON_SEARCH"}
"""The purposes that no request can state."""


def decisions() -> Iterator[tuple[Role, Relation, str, FieldClass, Level, Level]]:
    """Yield role, relation, purpose and class, and the levels for a record and in lists."""
    for role, relation, purpose in POLICY.combinations():
        for each in FieldClass:
            record, in_list = (
                POLICY.decision(each, role, relation, purpose, in_list=in_list).level
                for in_list in (False, True)
            )
            yield role, relation, purpose, each, record, in_list


def test_the_policy_is_the_one_in_the_table() -> None:
    """Accept a change with `python -m tests.unit.policy_table`."""
    assert table_of(POLICY) == FILE.read_text(encoding="utf-8")


def test_lists_never_show_more_than_one_record() -> None:
    assert all(in_list <= record for *_, record, in_list in decisions())


def test_only_classes_with_a_masked_form_are_masked() -> None:
    assert {each for *_, each, record, _ in decisions() if record is Level.MASKED} <= MASKABLE


def test_nobody_sees_an_aadhaar_reference_plain() -> None:
    assert not any(
        each is FieldClass.AADHAAR and record is Level.PLAIN for *_, each, record, _ in decisions()
    )


def test_family_id_data_is_for_schemes_services_and_recruitment_only() -> None:
    """Haryana Act 20 of 2021."""
    purposes = {
        purpose
        for _, _, purpose, each, record, _ in decisions()
        if each in FAMILY_ID_DATA and record is not Level.NONE
    }
    assert purposes <= SCHEMES_SERVICES_RECRUITMENT


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.APPLICATION, Role.ADMIN, Role.INTEGRATOR])
def test_roles_without_a_person_see_the_public_parts_only(role: Role) -> None:
    seen = {
        purpose
        for found, _, purpose, _, record, _ in decisions()
        if found is role and record is not Level.NONE
    }
    assert seen == PUBLIC


def test_strangers_see_nothing_plain_of_a_person() -> None:
    plain = {
        (role.value, each.name)
        for role, relation, purpose, each, record, _ in decisions()
        if relation is Relation.UNRELATED and record is Level.PLAIN and purpose not in PUBLIC
    }
    # The helpdesk and the search show no more than a status and a district.
    assert plain == {
        ("AUDITOR", "ACCESS_LOG"),
        ("HELPDESK", "APPLICATION"),
        ("HELPDESK", "DISTRICT"),
        ("HELPDESK", "GRIEVANCE"),
        ("OPERATOR", "DISTRICT"),
    }


def test_an_auditor_sees_access_logs_only() -> None:
    seen = {
        each
        for role, _, purpose, each, record, _ in decisions()
        if role is Role.AUDITOR and purpose not in PUBLIC and record is not Level.NONE
    }
    assert seen == {FieldClass.ACCESS_LOG}


def test_a_guardian_sees_a_child_as_itself() -> None:
    for each in FieldClass:
        own, child = (
            POLICY.decision(each, Role.CITIZEN, relation, "OWN_DATA", in_list=False).level
            for relation in (Relation.SELF, Relation.GUARDIAN)
        )
        assert own is child


def test_a_head_of_family_sees_no_certificates_and_grievances_of_adults() -> None:
    hidden = {
        each.name
        for each in FieldClass
        if POLICY.decision(
            each, Role.CITIZEN, Relation.FAMILY_HEAD, "OWN_DATA", in_list=False
        ).level
        is Level.NONE
    }
    assert {"CERTIFICATE", "DOCUMENT", "GRIEVANCE", "REMARKS", "ACCESS_LOG"} <= hidden


def test_what_is_shown_has_a_legal_basis() -> None:
    for role, relation, purpose in POLICY.combinations():
        for each in FieldClass:
            decision = POLICY.decision(each, role, relation, purpose, in_list=False)
            assert (decision.legal_basis is None) == (decision.level is Level.NONE)
            by_consent = relation is Relation.ON_BEHALF and purpose not in {
                *PUBLIC,
                "PERSON_SEARCH",
            }
            if decision.legal_basis is not None and by_consent:
                assert decision.legal_basis == "CONSENT"


def test_purposes_have_texts_in_both_languages() -> None:
    for each in POLICY.purposes.values():
        assert each.title.en
        assert each.title.hi


@pytest.mark.parametrize(
    ("role", "codes"),
    [
        (Role.CITIZEN, ["OWN_DATA"]),
        (Role.OPERATOR, ["ASSISTED_APPLICATION"]),
        (
            Role.OFFICER,
            [
                "APPLICATION_PROCESSING",
                "ELIGIBILITY_CHECK",
                "RECRUITMENT_CHECK",
                "GRIEVANCE_REDRESSAL",
            ],
        ),
        (Role.HELPDESK, ["GRIEVANCE_REDRESSAL", "HELPDESK_SUPPORT"]),
        (Role.AUDITOR, ["AUDIT"]),
        (Role.ANONYMOUS, []),
    ],
)
def test_a_role_can_state_its_own_purposes(role: Role, codes: list[str]) -> None:
    """The purposes of public fields can't be stated, otherwise they would open other fields."""
    assert [each.code for each in POLICY.purposes_of(role)] == codes


def test_the_public_fields_have_purposes_of_their_own() -> None:
    names = ("trackApplication", "verifyCertificate", "citizens", "citizen")
    found = [POLICY.purpose_of_root_field(each) for each in names]
    codes = [None if each is None else each.code for each in found]
    assert codes == ["PUBLIC_TRACKING", "CERTIFICATE_VERIFICATION", "PERSON_SEARCH", None]


def test_citizens_need_not_state_a_purpose() -> None:
    default = POLICY.default_purpose(Role.CITIZEN)
    assert default is not None
    assert default.code == "OWN_DATA"
    assert POLICY.default_purpose(Role.OFFICER) is None


def test_a_purpose_covers_its_departments_only() -> None:
    assert POLICY.covers("OWN_DATA", "power")
    assert POLICY.covers("ELIGIBILITY_CHECK", "pensions")
    assert not POLICY.covers("ELIGIBILITY_CHECK", "power")
    assert not POLICY.covers("AUDIT", "registry")
    assert not POLICY.covers("NO_SUCH_PURPOSE", "registry")


@pytest.mark.parametrize(
    ("role", "purpose", "expected"),
    [
        (Role.OPERATOR, "ASSISTED_APPLICATION", True),
        (Role.OFFICER, "ELIGIBILITY_CHECK", True),
        (Role.OFFICER, "APPLICATION_PROCESSING", False),
        (Role.HELPDESK, "HELPDESK_SUPPORT", False),
        (Role.HELPDESK, "GRIEVANCE_REDRESSAL", True),
        (Role.CITIZEN, "OWN_DATA", False),
        (Role.OPERATOR, "ELIGIBILITY_CHECK", False),
    ],
)
def test_some_purposes_need_consent(role: Role, purpose: str, *, expected: bool) -> None:
    assert POLICY.needs_consent(role, purpose) is expected


@pytest.mark.parametrize(
    ("action", "roles"),
    [
        (Action.ADMINISTER, {Role.ADMIN}),
        (Action.ERASE, {Role.ADMIN}),
        (Action.REVOKE, {Role.ADMIN}),
        (Action.READ_ACCESS_LOGS, {Role.AUDITOR}),
        (Action.SEARCH_CITIZENS, {Role.OPERATOR, Role.HELPDESK}),
        (Action.READ_WORKLISTS, {Role.OFFICER}),
        (Action.REQUEST_CONSENT, {Role.OPERATOR, Role.OFFICER, Role.HELPDESK}),
        (Action.SEE_INTERNALS, {Role.ADMIN, Role.INTEGRATOR}),
    ],
)
def test_roles_of_actions(action: Action, roles: set[Role]) -> None:
    assert {each for each in Role if POLICY.may(each, action)} == roles


def test_nobody_submits_anything_for_strangers() -> None:
    for role, relation, purpose in POLICY.combinations():
        for kind in SubmissionKind:
            if POLICY.submission_rule(kind, role, relation, purpose) is not None:
                assert relation not in (Relation.UNRELATED, Relation.FAMILY)


def test_who_may_submit_something_sees_it_plain() -> None:
    """Otherwise the answer of a mutation would hide what it has stored."""
    for role, relation, purpose in POLICY.combinations():
        for kind in SubmissionKind:
            if POLICY.submission_rule(kind, role, relation, purpose) is None:
                continue
            shown = POLICY.decision(
                CLASS_OF_KIND[kind], role, relation, purpose, in_list=False
            ).level
            assert shown is Level.PLAIN, (role, relation, kind)


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.APPLICATION, Role.AUDITOR, Role.ADMIN])
def test_some_roles_submit_nothing(role: Role) -> None:
    for kind in SubmissionKind:
        for purpose in POLICY.purposes:
            assert not POLICY.submits_for(kind, role, purpose)


def test_the_built_in_policy_does_not_grant_everything() -> None:
    assert POLICY.grants_everything() is None
