"""Reads the policy file. Each mistake is reported with file, line and remedy, all at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from adapters.manifest.document import Document, KeyPath, read_document
from adapters.manifest.problems import ManifestError, Problem
from adapters.manifest.texts import TextModel
from adapters.manifest.validation import validate
from adapters.mapping.rules import StrictModel, did_you_mean
from hub.access.policy.policy import Policy, combinations_of
from hub.access.policy.terms import Action, LegalBasis, Level, Limit, Purpose, Relation, Rule
from hub.access.principal import Role
from schema.personal import MASKABLE, FieldClass

BUILT_IN = Path(__file__).parent.with_name("policy.yaml")
ALL = "*"
"""All roles, relations, purposes, departments, or all classes that are not named."""


class PolicyError(Exception):
    """The policy file is not usable.

    Attributes:
        problems: all mistakes, sorted by line. As text: `file:line: key: message; remedy`.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda each: (each.line, each.key))
        super().__init__("\n".join(map(str, self.problems)))


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


def load_policy(path: Path | None = None) -> Policy:
    """Return the policy in a file.

    Args:
        path: the file; None for the built-in policy.

    Raises:
        PolicyError: the file has mistakes.
    """
    try:
        document = read_document(path or BUILT_IN)
    except ManifestError as error:
        raise PolicyError(error.problems) from None
    problems: list[Problem] = []
    file = validate(PolicyFile, document.content, document, problems)
    if file is None:
        raise PolicyError(problems)
    problems += _Checks(file, document).run()
    if problems:
        raise PolicyError(problems)
    return _policy_of(file, document)


def _policy_of(file: PolicyFile, document: Document) -> Policy:
    return Policy(
        document.path,
        {code: _purpose_of(code, model) for code, model in file.purposes.items()},
        {Action(name): frozenset(roles) for name, roles in file.actions.items()},
        [
            _rule_of(model, document.line_of(("rules", number)), file)
            for number, model in enumerate(file.rules)
        ],
        [
            Limit(
                model.name,
                document.line_of(("limits", number)),
                frozenset(FieldClass[each] for each in model.fields),
                Level[model.atMost],
                frozenset(model.exceptPurposes),
            )
            for number, model in enumerate(file.limits)
        ],
    )


def _purpose_of(code: str, model: PurposeModel) -> Purpose:
    return Purpose(
        code,
        model.title.text,
        None if ALL in model.departments else frozenset(model.departments),
        frozenset(model.roles),
        frozenset(model.defaultFor),
        model.rootField,
    )


def _rule_of(model: RuleModel, line: int, file: PolicyFile) -> Rule:
    fields = {each: _level(model.fields, each, Level.NONE) for each in FieldClass}
    return Rule(
        model.name,
        line,
        frozenset(model.roles),
        frozenset(model.relations),
        frozenset(file.purposes if ALL in model.purposes else model.purposes),
        fields,
        {
            each: min(level, _level(model.inLists, each, Level.PLAIN))
            for each, level in fields.items()
        },
        model.legalBasis,
    )


def _level(given: Mapping[str, LevelName], field_class: FieldClass, missing: Level) -> Level:
    """Return the level of a class. A class without a masked form is hidden where it is MASKED."""
    name = given.get(field_class.name, given.get(ALL))
    level = missing if name is None else Level[name]
    return Level.NONE if level is Level.MASKED and field_class not in MASKABLE else level


class _Checks:
    """Finds mistakes in a policy file that its model does not find."""

    def __init__(self, file: PolicyFile, document: Document) -> None:
        self._file = file
        self._document = document

    def run(self) -> Iterator[Problem]:
        yield from self._purposes()
        yield from self._actions()
        yield from self._names()
        for number, limit in enumerate(self._file.limits):
            at: KeyPath = ("limits", number)
            yield from self._unknown(limit.fields, _CLASSES, (*at, "fields"), "class")
            purposes = limit.exceptPurposes
            yield from self._unknown(
                purposes, self._file.purposes, (*at, "exceptPurposes"), "purpose"
            )
            for name in limit.fields:
                if limit.atMost == "MASKED" and _has_no_mask(name):
                    yield self._document.problem((*at, "atMost"), *_no_masked_form(name))
        for number, rule in enumerate(self._file.rules):
            yield from self._rule(rule, ("rules", number))
        yield from self._unreachable()

    def _purposes(self) -> Iterator[Problem]:
        for code, purpose in self._file.purposes.items():
            at: KeyPath = ("purposes", code)
            if purpose.title.hi is None:
                message = f"the purpose {code} has no text in Hindi"
                yield self._document.problem((*at, "title"), message, "add `hi: …`")
            for role in purpose.defaultFor:
                if role not in purpose.roles:
                    message = f"{role} has this purpose by default, but may not use it"
                    remedy = f"add {role} to `roles`"
                    yield self._document.problem((*at, "defaultFor"), message, remedy)

    def _actions(self) -> Iterator[Problem]:
        known = [each.value for each in Action]
        for name in self._file.actions:
            if name not in known:
                message = f"there is no action {name!r}"
                remedy = did_you_mean(name, known)
                yield self._document.problem(("actions", name), message, remedy)

    def _names(self) -> Iterator[Problem]:
        first: dict[str, int] = {}
        sections: Sequence[tuple[str, Sequence[LimitModel | RuleModel]]] = (
            ("limits", self._file.limits),
            ("rules", self._file.rules),
        )
        for section, models in sections:
            for number, name in enumerate(each.name for each in models):
                line = self._document.line_of((section, number))
                known = first.setdefault(name, line)
                if known != line:
                    message = f"the name {name!r} is used twice"
                    remedy = f"rename one (the first is on line {known})"
                    yield self._document.problem((section, number, "name"), message, remedy)

    def _rule(self, rule: RuleModel, at: KeyPath) -> Iterator[Problem]:
        purposes = [each for each in rule.purposes if each != ALL]
        yield from self._unknown(purposes, self._file.purposes, (*at, "purposes"), "purpose")
        for key, given in (("fields", rule.fields), ("inLists", rule.inLists)):
            names = [each for each in given if each != ALL]
            yield from self._unknown(names, _CLASSES, (*at, key), "class", is_mapping=True)
            for name, level in given.items():
                if level == "MASKED" and _has_no_mask(name):
                    yield self._document.problem((*at, key, name), *_no_masked_form(name))
        for name, level in rule.inLists.items():
            if name in _CLASSES:
                in_record = _level(rule.fields, _CLASSES[name], Level.NONE)
                if Level[level] > in_record:
                    message = f"lists show more of {name} than one record ({in_record.name})"
                    remedy = f"use {in_record.name} or less"
                    yield self._document.problem((*at, "inLists", name), message, remedy)

        if rule.legalBasis is None and set(rule.fields.values()) - {"NONE"}:
            message = "this rule shows personal data without a legal basis"
            yield self._document.problem(at, message, "add `legalBasis: STATE_BENEFIT` or CONSENT")

    def _unknown(
        self,
        names: Iterable[str],
        known: Iterable[str],
        at: KeyPath,
        kind: str,
        *,
        is_mapping: bool = False,
    ) -> Iterator[Problem]:
        for number, name in enumerate(names):
            if name not in known:
                key_path = (*at, name if is_mapping else number)
                message = f"there is no {kind} {name!r}"
                yield self._document.problem(key_path, message, did_you_mean(name, known))

    def _unreachable(self) -> Iterator[Problem]:
        purposes = {code: _purpose_of(code, model) for code, model in self._file.purposes.items()}
        taken: dict[Any, str] = {}
        for number, model in enumerate(self._file.rules):
            at: KeyPath = ("rules", number)
            rule = _rule_of(model, 0, self._file)
            if not rule.purposes <= purposes.keys():
                continue
            combinations = list(combinations_of(rule, purposes))
            if not combinations:
                message = "no role of this rule may use any of its purposes"
                remedy = "add the role to `roles` of the purpose, or remove the rule"
                yield self._document.problem(at, message, remedy)
            elif all(each in taken for each in combinations):
                earlier = ", ".join(dict.fromkeys(taken[each] for each in combinations))
                message = f"this rule never applies: earlier rules decide first ({earlier})"
                yield self._document.problem(at, message, "move it before them, or remove it")
            for each in combinations:
                taken.setdefault(each, rule.name)


_CLASSES = {each.name: each for each in FieldClass}


def _has_no_mask(name: str) -> bool:
    return name in _CLASSES and _CLASSES[name] not in MASKABLE


def _no_masked_form(name: str) -> tuple[str, str]:
    return f"{name} has no masked form", "use PLAIN or NONE"
