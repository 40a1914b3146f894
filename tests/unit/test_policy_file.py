"""Mistakes in a policy file are reported together, each with its line and a remedy."""

from pathlib import Path

import pytest

from hub.access.policy import Level, Policy, PolicyError, Relation, load_policy
from hub.access.policy.file import BUILT_IN
from hub.access.principal import Role
from schema.personal import FieldClass
from schema.submission_state import SubmissionKind

VALID = """\
purposes:
  OWN:
    title: {en: Own data, hi: अपनी जानकारी}
    departments: "*"
    roles: [CITIZEN]
    defaultFor: [CITIZEN]
  WORK:
    title: {en: Work, hi: कार्य}
    departments: [pensions]
    roles: [OFFICER]
actions:
  ADMINISTER: [ADMIN]
limits:
- name: law
  fields: [INCOME]
  atMost: NONE
  exceptPurposes: [OWN]
rules:
- name: self
  roles: [CITIZEN]
  relations: [SELF]
  purposes: [OWN]
  legalBasis: STATE_BENEFIT
  fields: {"*": PLAIN}
- name: office
  roles: [OFFICER]
  relations: [OWN_DEPARTMENT]
  purposes: [WORK]
  legalBasis: STATE_BENEFIT
  fields: {"*": MASKED, APPLICATION: PLAIN, INCOME: PLAIN, REMARKS: PLAIN}
  inLists: {NAME: NONE, REMARKS: NONE}
"""


def policy_of(folder: Path, text: str) -> Policy:
    file = folder / "policy.yaml"
    file.write_text(text, encoding="utf-8")
    return load_policy(file)


def mistakes(folder: Path, text: str) -> list[str]:
    """Return the problems of a policy file, each without its path."""
    with pytest.raises(PolicyError) as caught:
        policy_of(folder, text)
    return [str(each).partition("policy.yaml:")[2] for each in caught.value.problems]


def level(policy: Policy, field_class: FieldClass, *, in_list: bool = False) -> Level:
    given = (field_class, Role.OFFICER, Relation.OWN_DEPARTMENT, "WORK")
    return policy.decision(*given, in_list=in_list).level


def test_the_built_in_file_is_valid() -> None:
    assert load_policy().path == BUILT_IN


def test_a_star_stands_for_classes_that_are_not_named(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, VALID)
    assert level(policy, FieldClass.APPLICATION) is Level.PLAIN
    assert level(policy, FieldClass.NAME) is Level.MASKED
    # A benefit has no masked form.
    assert level(policy, FieldClass.BENEFIT) is Level.NONE


def test_levels_of_lists_replace_those_of_a_record(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, VALID)
    assert level(policy, FieldClass.NAME, in_list=True) is Level.NONE
    assert level(policy, FieldClass.REMARKS, in_list=True) is Level.NONE
    assert level(policy, FieldClass.APPLICATION, in_list=True) is Level.PLAIN
    assert level(policy, FieldClass.CONTACT, in_list=True) is Level.MASKED


def test_a_limit_lowers_what_a_rule_says_and_is_named(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, VALID)
    given = (FieldClass.INCOME, Role.OFFICER, Relation.OWN_DEPARTMENT, "WORK")
    decision = policy.decision(*given, in_list=False)
    assert (decision.level, decision.rule, decision.line) == (Level.NONE, "law", 14)
    own = policy.decision(FieldClass.INCOME, Role.CITIZEN, Relation.SELF, "OWN", in_list=False)
    assert (own.level, own.rule, own.line) == (Level.PLAIN, "self", 19)


def test_what_no_rule_allows_is_forbidden(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, VALID)
    for role, relation, purpose in (
        (Role.CITIZEN, Relation.FAMILY, "OWN"),
        (Role.OFFICER, Relation.OWN_DEPARTMENT, "OWN"),
        (Role.OFFICER, Relation.OWN_DEPARTMENT, "NO_SUCH_PURPOSE"),
    ):
        decision = policy.decision(FieldClass.NAME, role, relation, purpose, in_list=False)
        assert decision.level is Level.NONE
        assert decision.rule == ""


HIDING_RULE = """\
- name: hiding
  roles: [OFFICER]
  relations: {relations}
  purposes: [WORK]
  fields: {{"*": NONE}}
"""


def test_the_first_rule_decides(tmp_path: Path) -> None:
    rule = HIDING_RULE.format(relations="[OWN_DEPARTMENT]")
    text = VALID.replace("relations: [OWN_DEPARTMENT]", 'relations: "*"')
    policy = policy_of(tmp_path, text.replace("rules:\n", f"rules:\n{rule}"))
    assert level(policy, FieldClass.APPLICATION) is Level.NONE
    other = (FieldClass.APPLICATION, Role.OFFICER, Relation.ON_BEHALF, "WORK")
    assert policy.decision(*other, in_list=False).rule == "office"


def test_a_rule_that_never_applies_is_reported(tmp_path: Path) -> None:
    rule = HIDING_RULE.format(relations='"*"')
    assert mistakes(tmp_path, VALID.replace("rules:\n", f"rules:\n{rule}")) == [
        "30: rules.2: this rule never applies: earlier rules decide first (hiding); move it "
        "before them, or remove it"
    ]


def test_a_rule_that_shows_everybody_to_a_role_is_found(tmp_path: Path) -> None:
    text = VALID.replace("relations: [SELF]", 'relations: "*"')
    assert policy_of(tmp_path, text).grants_everything() == "self"
    masked = text.replace('fields: {"*": PLAIN}', 'fields: {"*": PLAIN, CONTACT: MASKED}')
    assert policy_of(tmp_path, masked).grants_everything() is None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "REMARKS: PLAIN}",
            "REMARK: PLAIN}",
            ["30: rules.1.fields.REMARK: there is no class 'REMARK'; did you mean 'REMARKS'?"],
        ),
        (
            "fields: [INCOME]",
            "fields: [INCOMES]",
            ["15: limits.0.fields.0: there is no class 'INCOMES'; did you mean 'INCOME'?"],
        ),
        (
            "roles: [OFFICER]\n  relations",
            "roles: [OFICER]\n  relations",
            ["26: rules.1.roles.0: 'OFICER' is not valid; did you mean 'OFFICER'?"],
        ),
        (
            "relations: [SELF]",
            "relations: [MYSELF]",
            ["21: rules.0.relations.0: 'MYSELF' is not valid; did you mean 'SELF'?"],
        ),
        (
            "purposes: [WORK]",
            "purposes: [WORKS]",
            ["28: rules.1.purposes.0: there is no purpose 'WORKS'; did you mean 'WORK'?"],
        ),
        (
            "exceptPurposes: [OWN]",
            "exceptPurposes: [OWNS]",
            ["17: limits.0.exceptPurposes.0: there is no purpose 'OWNS'; did you mean 'OWN'?"],
        ),
        (
            "name: office",
            "name: self",
            [
                "25: rules.1.name: the name 'self' is used twice; rename one (the first is on "
                "line 19)"
            ],
        ),
        (
            "purposes: [WORK]",
            "purposes: [OWN]",
            [
                "25: rules.1: no role of this rule may use any of its purposes; add the role to "
                "`roles` of the purpose, or remove the rule"
            ],
        ),
        (
            "{en: Work, hi: कार्य}",
            "{en: Work}",
            ["8: purposes.WORK.title: the purpose WORK has no text in Hindi; add `hi: …`"],
        ),
        (
            "    title: {en: Work, hi: कार्य}\n",
            "",
            ["7: purposes.WORK.title: the key 'title' is missing; add it"],
        ),
        (
            "APPLICATION: PLAIN, I",
            "APPLICATION: MASKED, I",
            ["30: rules.1.fields.APPLICATION: APPLICATION has no masked form; use PLAIN or NONE"],
        ),
        (
            "inLists: {NAME: NONE",
            "inLists: {NAME: PLAIN",
            [
                "31: rules.1.inLists.NAME: lists show more of NAME than one record (MASKED); use "
                "MASKED or less"
            ],
        ),
        (
            '  legalBasis: STATE_BENEFIT\n  fields: {"*": PLAIN}',
            '  fields: {"*": PLAIN}',
            [
                "19: rules.0: this rule shows personal data without a legal basis; add "
                "`legalBasis: STATE_BENEFIT` or CONSENT"
            ],
        ),
        (
            "defaultFor: [CITIZEN]",
            "defaultFor: [OPERATOR]",
            [
                "6: purposes.OWN.defaultFor: OPERATOR has this purpose by default, but may not "
                "use it; add OPERATOR to `roles`"
            ],
        ),
        (
            "roles: [OFFICER]\nactions",
            "roles: [OFFICER, CITIZEN]\n    defaultFor: [CITIZEN]\nactions",
            [
                "11: purposes.WORK.defaultFor: CITIZEN has two purposes by default; remove it "
                "here, or from OWN"
            ],
        ),
        (
            "departments: [pensions]",
            "departments: [pensions]\n    rootField: trackApplications",
            [
                "10: purposes.WORK.rootField: `Query` has no field 'trackApplications'; did you "
                "mean 'trackApplication'?"
            ],
        ),
        (
            "    departments: [pensions]",
            "    rootField: me\n    departments: [pensions]\n    roles: [OFFICER]\n  MORE:\n"
            "    title: {en: More, hi: अधिक}\n    rootField: me\n    departments: []",
            [
                "14: purposes.MORE.rootField: the field 'me' has two purposes; remove it here, or "
                "from WORK"
            ],
        ),
        (
            "ADMINISTER: [ADMIN]",
            "ADMINISTRATE: [ADMIN]",
            [
                "12: actions.ADMINISTRATE: there is no action 'ADMINISTRATE'; did you mean "
                "'ADMINISTER'?"
            ],
        ),
        (
            'fields: {"*": PLAIN}',
            'fields: {"*": SHOWN}',
            ["24: rules.0.fields.*: 'SHOWN' is not valid; use 'PLAIN', 'MASKED' or 'NONE'"],
        ),
        (
            "relations: [SELF]",
            "relation: [SELF]",
            [
                "19: rules.0.relations: the key 'relations' is missing; add it",
                "21: rules.0.relation: there is no key 'relation' here; did you mean 'relations'?",
            ],
        ),
    ],
)
def test_a_mistake_is_reported_with_its_line_and_a_remedy(
    tmp_path: Path, old: str, new: str, expected: list[str]
) -> None:
    assert VALID.count(old) == 1
    assert mistakes(tmp_path, VALID.replace(old, new)) == expected


def test_all_mistakes_are_reported_at_once(tmp_path: Path) -> None:
    text = (
        VALID.replace("fields: [INCOME]", "fields: [INCOMES]")
        .replace("REMARKS: PLAIN}", "REMARK: PLAIN}")
        .replace("purposes: [WORK]", "purposes: [WORKS]")
    )
    assert [each.partition(":")[0] for each in mistakes(tmp_path, text)] == ["15", "28", "30"]


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"policy.yaml:1: the file can't be read"):
        load_policy(tmp_path / "policy.yaml")


def test_yaml_that_is_not_valid_is_reported(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "rules: [") != []
    assert mistakes(tmp_path, "rules: *") != []


SUBMISSIONS = """
submissions:
- name: own-submissions
  roles: [CITIZEN]
  relations: [SELF]
  purposes: [OWN]
  kinds: [APPLICATION, GRIEVANCE]
- name: own-department
  roles: [OFFICER]
  relations: [OWN_DEPARTMENT]
  purposes: [WORK]
  kinds: "*"
"""


def test_rules_about_submissions_are_read(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, VALID + SUBMISSIONS)
    application, appeal = SubmissionKind.APPLICATION, SubmissionKind.APPEAL
    rule = policy.submission_rule(application, Role.CITIZEN, Relation.SELF, "OWN")
    assert rule is not None
    assert (rule.name, rule.line) == ("own-submissions", len(VALID.splitlines()) + 3)
    assert policy.submission_rule(appeal, Role.CITIZEN, Relation.SELF, "OWN") is None
    assert policy.submits_for(appeal, Role.OFFICER, "WORK") == {Relation.OWN_DEPARTMENT}
    assert policy.submits_for(application, Role.CITIZEN, "WORK") == frozenset()
    # A policy without the section allows nothing.
    assert not policy_of(tmp_path, VALID).submits_for(application, Role.CITIZEN, "OWN")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "GRIEVANCE]",
            "GRIEVANCES]",
            "submissions.0.kinds.1: there is no kind of submission 'GRIEVANCES'; did you mean "
            "'GRIEVANCE'?",
        ),
        (
            "purposes: [OWN]\n  kinds",
            "purposes: [OWNS]\n  kinds",
            "submissions.0.purposes.0: there is no purpose 'OWNS'; did you mean 'OWN'?",
        ),
        (
            "purposes: [OWN]\n  kinds",
            "purposes: [WORK]\n  kinds",
            "submissions.0: no role of this rule may use any of its purposes; add the role to "
            "`roles` of the purpose, or remove the rule",
        ),
        (
            "name: own-department",
            "name: own-submissions",
            "submissions.1.name: the name 'own-submissions' is used twice; rename one",
        ),
    ],
)
def test_mistakes_in_rules_about_submissions_are_reported(
    tmp_path: Path, old: str, new: str, expected: str
) -> None:
    assert old in SUBMISSIONS
    (found,) = mistakes(tmp_path, VALID + SUBMISSIONS.replace(old, new))
    assert expected in found
