"""The built-in policy as a table: every class × role × relation × purpose.

To accept a change of the policy: `python -m tests.unit.policy_table`.
"""

from collections import defaultdict
from collections.abc import Iterable
from enum import Enum
from pathlib import Path

from hub.access.policy import Level, Policy, Relation, load_policy
from hub.access.principal import Role
from schema.personal import FieldClass
from schema.submission_state import SubmissionKind

FILE = Path(__file__).with_name("policy_table.txt")
Cells = tuple[str, ...]
HEAD = """\
# Each cell: the level for one record, and in lists if it differs. P plain, m masked, - nothing.
# A role, relation and purpose without a row sees nothing. * stands for all roles or relations.
# Accept a change of the policy with: python -m tests.unit.policy_table
"""
SUBMISSIONS_HEAD = """
# What may be submitted, and for whom. A combination without a row may submit nothing.
"""
LETTERS = {Level.PLAIN: "P", Level.MASKED: "m", Level.NONE: "-"}


def table_of(policy: Policy) -> str:
    """Return the table of a policy. Roles and relations with the same cells share a row."""
    relations: dict[tuple[Role, str, Cells], list[Relation]] = defaultdict(list)
    for role, relation, purpose in policy.combinations():
        cells = _cells(policy, role, relation, purpose)
        if any(each != "-" for each in cells[:-1]):
            relations[role, purpose, cells].append(relation)
    roles: dict[tuple[str, str, Cells], list[Role]] = defaultdict(list)
    for (role, purpose, cells), related in relations.items():
        roles[purpose, _names(related, Relation), cells].append(role)
    rows = [("PURPOSE", "ROLES", "RELATIONS", *(each.name for each in FieldClass), "RULES")]
    order = list(policy.purposes)
    for (purpose, related_names, cells), each_role in roles.items():
        rows.append((purpose, _names(each_role, Role), related_names, *cells))
    rows[1:] = sorted(rows[1:], key=lambda row: (order.index(row[0]), row[1:]))
    return HEAD + _table(rows) + SUBMISSIONS_HEAD + _table(_submission_rows(policy))


def _submission_rows(policy: Policy) -> list[Cells]:
    """Return the rows of what may be submitted: one for each purpose, role and relation."""
    rows: list[Cells] = [("PURPOSE", "ROLE", "RELATION", "KINDS", "RULES")]
    for role, relation, purpose in policy.combinations():
        rules = {
            kind.name: rule.name
            for kind in SubmissionKind
            if (rule := policy.submission_rule(kind, role, relation, purpose)) is not None
        }
        if rules:
            kinds = "*" if len(rules) == len(SubmissionKind) else "+".join(rules)
            names = ", ".join(dict.fromkeys(rules.values()))
            rows.append((purpose, role.value, relation.value, kinds, names))
    return rows


def _table(rows: list[Cells]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return "".join(_line(row, widths) for row in rows)


def _cells(policy: Policy, role: Role, relation: Relation, purpose: str) -> Cells:
    cells, rules = [], dict[str, None]()
    for each in FieldClass:
        record, in_list = (
            policy.decision(each, role, relation, purpose, in_list=in_list)
            for in_list in (False, True)
        )
        letters = LETTERS[record.level], LETTERS[in_list.level]
        cells.append(letters[0] if letters[0] == letters[1] else "/".join(letters))
        if record.legal_basis is not None:
            rules[f"{record.rule} ({record.legal_basis})"] = None
    return (*cells, ", ".join(rules))


def _names(found: list[Role] | list[Relation], enum: type[Enum]) -> str:
    return "*" if len(found) == len(enum) else "+".join(found)


def _line(row: Iterable[str], widths: list[int]) -> str:
    *cells, last = row
    return " ".join([*map(str.ljust, cells, widths), last]) + "\n"


if __name__ == "__main__":
    FILE.write_text(table_of(load_policy()), encoding="utf-8")
