"""Finds mistakes in a policy file that its model does not find."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from strawberry.types import get_object_definition
from strawberry.utils.str_converters import to_camel_case

from adapters.manifest.document import Document, KeyPath
from adapters.manifest.problems import Problem
from adapters.mapping.rules import did_you_mean
from hub.access.policy.model import (
    ALL,
    LimitModel,
    PolicyFile,
    RuleModel,
    SubmissionRuleModel,
    level_in,
    purpose_of,
    rule_of,
    submission_rule_of,
)
from hub.access.policy.policy import combinations_of
from hub.access.policy.terms import Action, Level
from hub.access.principal import Role
from schema.personal import MASKABLE, FieldClass
from schema.query import Query
from schema.submission_state import SubmissionKind

NO_ROLE = "no role of this rule may use any of its purposes"
NO_ROLE_REMEDY = "add the role to `roles` of the purpose, or remove the rule"
_CLASSES = {each.name: each for each in FieldClass}


class PolicyChecks:
    """Checks one policy file."""

    def __init__(self, file: PolicyFile, document: Document) -> None:
        self._file = file
        self._document = document

    def run(self) -> Iterator[Problem]:
        """Yield all mistakes."""
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
        for number, submission_rule in enumerate(self._file.submissions):
            yield from self._submission_rule(submission_rule, ("submissions", number))
        yield from self._unreachable()

    def _purposes(self) -> Iterator[Problem]:
        defaults: dict[Role, str] = {}
        owners: dict[str, str] = {}
        for code, purpose in self._file.purposes.items():
            at: KeyPath = ("purposes", code)
            if purpose.title.hi is None:
                message = f"the purpose {code} has no text in Hindi"
                yield self._document.problem((*at, "title"), message, "add `hi: …`")
            for role in purpose.defaultFor:
                message = remedy = ""
                if role not in purpose.roles:
                    message = f"{role} has this purpose by default, but may not use it"
                    remedy = f"add {role} to `roles`"
                elif defaults.setdefault(role, code) != code:
                    message = f"{role} has two purposes by default"
                    remedy = f"remove it here, or from {defaults[role]}"
                if message:
                    yield self._document.problem((*at, "defaultFor"), message, remedy)
            if purpose.rootField is not None:
                yield from self._root_field(purpose.rootField, (*at, "rootField"), code, owners)

    def _root_field(
        self, name: str, at: KeyPath, code: str, owners: dict[str, str]
    ) -> Iterator[Problem]:
        fields = get_object_definition(Query, strict=True).fields
        known = [to_camel_case(each.python_name) for each in fields]
        if name not in known:
            message = f"`Query` has no field {name!r}"
            yield self._document.problem(at, message, did_you_mean(name, known))
        elif owners.setdefault(name, code) != code:
            message = f"the field {name!r} has two purposes"
            yield self._document.problem(at, message, f"remove it here, or from {owners[name]}")

    def _actions(self) -> Iterator[Problem]:
        known = [each.value for each in Action]
        for name in self._file.actions:
            if name not in known:
                message = f"there is no action {name!r}"
                remedy = did_you_mean(name, known)
                yield self._document.problem(("actions", name), message, remedy)

    def _names(self) -> Iterator[Problem]:
        first: dict[str, int] = {}
        sections: Sequence[tuple[str, Sequence[LimitModel | RuleModel | SubmissionRuleModel]]] = (
            ("limits", self._file.limits),
            ("rules", self._file.rules),
            ("submissions", self._file.submissions),
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
                in_record = level_in(rule.fields, _CLASSES[name], Level.NONE)
                if Level[level] > in_record:
                    message = f"lists show more of {name} than one record ({in_record.name})"
                    remedy = f"use {in_record.name} or less"
                    yield self._document.problem((*at, "inLists", name), message, remedy)

        if rule.legalBasis is None and set(rule.fields.values()) - {"NONE"}:
            message = "this rule shows personal data without a legal basis"
            yield self._document.problem(at, message, "add `legalBasis: STATE_BENEFIT` or CONSENT")

    def _submission_rule(self, rule: SubmissionRuleModel, at: KeyPath) -> Iterator[Problem]:
        purposes = [each for each in rule.purposes if each != ALL]
        yield from self._unknown(purposes, self._file.purposes, (*at, "purposes"), "purpose")
        kinds = [each for each in rule.kinds if each != ALL]
        known = [each.name for each in SubmissionKind]
        yield from self._unknown(kinds, known, (*at, "kinds"), "kind of submission")
        known_purposes = {
            code: purpose_of(code, model) for code, model in self._file.purposes.items()
        }
        read = submission_rule_of(rule, 0, self._file)
        if read.purposes <= known_purposes.keys() and not list(
            combinations_of(read, known_purposes)
        ):
            yield self._document.problem(at, NO_ROLE, NO_ROLE_REMEDY)

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
        purposes = {code: purpose_of(code, model) for code, model in self._file.purposes.items()}
        taken: dict[Any, str] = {}
        for number, model in enumerate(self._file.rules):
            at: KeyPath = ("rules", number)
            rule = rule_of(model, 0, self._file)
            if not rule.purposes <= purposes.keys():
                continue
            combinations = list(combinations_of(rule, purposes))
            if not combinations:
                yield self._document.problem(at, NO_ROLE, NO_ROLE_REMEDY)
            elif all(each in taken for each in combinations):
                earlier = ", ".join(dict.fromkeys(taken[each] for each in combinations))
                message = f"this rule never applies: earlier rules decide first ({earlier})"
                yield self._document.problem(at, message, "move it before them, or remove it")
            for each in combinations:
                taken.setdefault(each, rule.name)


def _has_no_mask(name: str) -> bool:
    return name in _CLASSES and _CLASSES[name] not in MASKABLE


def _no_masked_form(name: str) -> tuple[str, str]:
    return f"{name} has no masked form", "use PLAIN or NONE"
