"""The models of the policy file, and the terms of the policy that they are read to."""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from adapters.manifest.texts import TextModel
from adapters.mapping.rules import StrictModel
from hub.access.policy.terms import (
    LegalBasis,
    Level,
    Purpose,
    Relation,
    Rule,
    SubmissionRule,
)
from hub.access.principal import Role
from schema.personal import MASKABLE, FieldClass
from schema.submission_state import SubmissionKind

ALL = "*"
"""All roles, relations, purposes, departments, or all classes that are not named."""


def _all_of(enum: type[Enum]) -> BeforeValidator:
    def expand(value: Any) -> Any:
        return [each.value for each in enum] if value == ALL else value

    return BeforeValidator(expand)


LevelName = Literal["PLAIN", "MASKED", "NONE"]
Roles = Annotated[list[Role], _all_of(Role)]
Relations = Annotated[list[Relation], _all_of(Relation), Field(min_length=1)]
Names = Annotated[list[str], BeforeValidator(lambda value: [ALL] if value == ALL else value)]


class PurposeModel(StrictModel):
    """One entry of `purposes`."""

    title: TextModel
    departments: Names
    roles: Roles = Field(min_length=1)
    defaultFor: Roles = []  # noqa: N815
    rootField: str | None = None  # noqa: N815


class RuleModel(StrictModel):
    """One entry of `rules`."""

    name: str = Field(min_length=1)
    roles: Roles = Field(min_length=1)
    relations: Relations
    purposes: Names = Field(min_length=1)
    legalBasis: LegalBasis | None = None  # noqa: N815
    fields: dict[str, LevelName]
    inLists: dict[str, LevelName] = {}  # noqa: N815


class SubmissionRuleModel(StrictModel):
    """One entry of `submissions`."""

    name: str = Field(min_length=1)
    roles: Roles = Field(min_length=1)
    relations: Relations
    purposes: Names = Field(min_length=1)
    kinds: Names = Field(min_length=1)


class LimitModel(StrictModel):
    """One entry of `limits`."""

    name: str = Field(min_length=1)
    fields: list[str] = Field(min_length=1)
    atMost: LevelName  # noqa: N815
    exceptPurposes: list[str] = []  # noqa: N815


class PolicyFile(StrictModel):
    """The policy file."""

    purposes: dict[str, PurposeModel]
    actions: dict[str, Roles]
    limits: list[LimitModel] = []
    rules: list[RuleModel]
    submissions: list[SubmissionRuleModel] = []


def purpose_of(code: str, model: PurposeModel) -> Purpose:
    """Return the purpose in an entry of `purposes`."""
    return Purpose(
        code,
        model.title.text,
        None if ALL in model.departments else frozenset(model.departments),
        frozenset(model.roles),
        frozenset(model.defaultFor),
        model.rootField,
    )


def rule_of(model: RuleModel, line: int, file: PolicyFile) -> Rule:
    """Return the rule in an entry of `rules` that begins on a line of the file."""
    fields = {each: level_in(model.fields, each, Level.NONE) for each in FieldClass}
    return Rule(
        model.name,
        line,
        frozenset(model.roles),
        frozenset(model.relations),
        frozenset(file.purposes if ALL in model.purposes else model.purposes),
        fields,
        {
            each: min(level, level_in(model.inLists, each, Level.PLAIN))
            for each, level in fields.items()
        },
        model.legalBasis,
    )


def submission_rule_of(model: SubmissionRuleModel, line: int, file: PolicyFile) -> SubmissionRule:
    """Return the rule in an entry of `submissions` that begins on a line of the file."""
    every_kind = ALL in model.kinds
    return SubmissionRule(
        model.name,
        line,
        frozenset(model.roles),
        frozenset(model.relations),
        frozenset(file.purposes if ALL in model.purposes else model.purposes),
        frozenset(each for each in SubmissionKind if every_kind or each.name in model.kinds),
    )


def level_in(given: Mapping[str, LevelName], field_class: FieldClass, missing: Level) -> Level:
    """Return the level of a class. A class without a masked form is hidden where it is MASKED."""
    name = given.get(field_class.name, given.get(ALL))
    level = missing if name is None else Level[name]
    return Level.NONE if level is Level.MASKED and field_class not in MASKABLE else level
