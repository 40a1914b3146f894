"""The policy: what each role sees of people, and what it may do."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import product
from pathlib import Path

from hub.access.policy.terms import (
    NO_RULE,
    Action,
    Combination,
    Decision,
    Level,
    Limit,
    Purpose,
    Relation,
    Rule,
    SubmissionRule,
)
from hub.access.policy.view import View, compile_view
from hub.access.principal import Role
from schema.personal import FieldClass
from schema.submission_state import SubmissionKind


class Policy:
    """Decides on classes of personal data. What no rule allows is forbidden.

    Args:
        path: the policy file.
        purposes: purposes by code.
        actions: the roles that may do each action.
        rules: the first rule that applies to a role, a relation and a purpose decides.
        limits: apply after the rules. They lower the levels of classes.
        submissions: what may be submitted. The first rule that applies decides.
    """

    def __init__(
        self,
        path: Path,
        purposes: Mapping[str, Purpose],
        actions: Mapping[Action, frozenset[Role]],
        rules: Sequence[Rule],
        limits: Sequence[Limit] = (),
        submissions: Sequence[SubmissionRule] = (),
    ) -> None:
        self.path = path
        self.purposes = purposes
        self.rules = rules
        self._actions = actions
        self._limits = limits
        self._rule_of: dict[Combination, Rule] = {}
        for rule in rules:
            for each in combinations_of(rule, purposes):
                self._rule_of.setdefault(each, rule)
        self._submission_rules: dict[tuple[Combination, SubmissionKind], SubmissionRule] = {}
        for submission_rule in submissions:
            for each in combinations_of(submission_rule, purposes):
                for kind in submission_rule.kinds:
                    self._submission_rules.setdefault((each, kind), submission_rule)
        self._views: dict[tuple[type, Role, Relation, str, bool], View] = {}

    def decision(
        self,
        field_class: FieldClass,
        role: Role,
        relation: Relation,
        purpose: str,
        *,
        in_list: bool,
    ) -> Decision:
        """Return what a principal sees of the values of a class.

        Args:
            in_list: whether the record is one of several that the operation reads.
        """
        rule = self._rule_of.get(Combination(role, relation, purpose))
        if rule is None:
            return NO_RULE
        level = (rule.in_lists if in_list else rule.fields)[field_class]
        name, line = rule.name, rule.line
        for limit in self._limits:
            applies = field_class in limit.fields and purpose not in limit.except_purposes
            if applies and limit.at_most < level:
                level, name, line = limit.at_most, limit.name, limit.line
        return Decision(level, name, line, None if level is Level.NONE else rule.legal_basis)

    def view(
        self, record_type: type, role: Role, relation: Relation, purpose: str, *, in_list: bool
    ) -> View:
        """Return the view of a record type, which masks records."""
        key = (record_type, role, relation, purpose, in_list)
        found = self._views.get(key)
        if found is None:
            levels = tuple(
                self.decision(each, role, relation, purpose, in_list=in_list).level
                for each in FieldClass
            )
            found = self._views[key] = compile_view(record_type, levels)
        return found

    def purposes_of(self, role: Role) -> Sequence[Purpose]:
        """Return the purposes that a request of this role can state."""
        return [
            each for each in self.purposes.values() if role in each.roles and not each.root_field
        ]

    def purpose(self, code: str) -> Purpose | None:
        """Return the purpose with this code, or None."""
        return self.purposes.get(code)

    def default_purpose(self, role: Role) -> Purpose | None:
        """Return the purpose of a request that states none; None if the role must state one."""
        return next((each for each in self.purposes.values() if role in each.default_for), None)

    def purpose_of_root_field(self, name: str) -> Purpose | None:
        """Return the purpose that a field of `Query` always has; None for most fields."""
        return next((each for each in self.purposes.values() if each.root_field == name), None)

    def covers(self, purpose: str, department: str) -> bool:
        """Return whether the purpose covers the department. It must not be called otherwise."""
        found = self.purposes.get(purpose)
        if found is None:
            return False
        return found.departments is None or department in found.departments

    def needs_consent(self, role: Role, purpose: str) -> bool:
        """Return whether a person's consent would show a principal more than it sees without."""

        def level(each: FieldClass, relation: Relation) -> Level:
            return self.decision(each, role, relation, purpose, in_list=False).level

        return any(
            level(each, Relation.ON_BEHALF) > level(each, Relation.UNRELATED) for each in FieldClass
        )

    def may(self, role: Role, action: Action) -> bool:
        """Return whether the role may do the action."""
        return role in self._actions.get(action, frozenset())

    def submission_rule(
        self, kind: SubmissionKind, role: Role, relation: Relation, purpose: str
    ) -> SubmissionRule | None:
        """Return the rule that allows a submission; None if none does."""
        return self._submission_rules.get((Combination(role, relation, purpose), kind))

    def submits_for(self, kind: SubmissionKind, role: Role, purpose: str) -> frozenset[Relation]:
        """Return the relations in which the role may submit something of this kind."""
        return frozenset(
            each for each in Relation if self.submission_rule(kind, role, each, purpose) is not None
        )

    def grants_everything(self) -> str | None:
        """Return the name of a rule that shows everybody's data plain to a role; None if none does.

        Production refuses such a policy.
        """
        for combination, rule in self._rule_of.items():
            if combination.relation is not Relation.UNRELATED:
                continue
            levels = [
                self.decision(
                    each, combination.role, combination.relation, combination.purpose, in_list=True
                ).level
                for each in FieldClass
                if each is not FieldClass.AADHAAR
            ]
            if all(level is Level.PLAIN for level in levels):
                return rule.name
        return None

    @property
    def digest(self) -> str:
        """SHA-256 of the policy file, in hexadecimal."""
        return sha256(self.path.read_bytes()).hexdigest()

    def combinations(self) -> Iterator[Combination]:
        """Yield all roles, relations and purposes in their order, also those without a rule."""
        for role, relation, purpose in product(Role, Relation, self.purposes):
            yield Combination(role, relation, purpose)


def combinations_of(
    rule: Rule | SubmissionRule, purposes: Mapping[str, Purpose]
) -> Iterator[Combination]:
    """Yield what a rule applies to: the role must be one that may use the purpose."""
    for role, relation, code in product(rule.roles, rule.relations, rule.purposes):
        purpose = purposes.get(code)
        if purpose is not None and role in purpose.roles:
            yield Combination(role, relation, code)
