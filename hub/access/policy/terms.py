"""The terms of the policy: levels, relations, purposes, actions and rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum
from typing import NamedTuple

from hub.access.principal import Role
from schema.language import Text
from schema.personal import FieldClass
from schema.submission_state import SubmissionKind


class Level(IntEnum):
    """How much of a value a principal sees: nothing, its masked form, or all."""

    NONE = 0
    MASKED = 1
    PLAIN = 2


class Relation(StrEnum):
    """What a principal is to the person in a record.

    Attributes:
        SELF: the person.
        FAMILY_HEAD: the head of the person's family.
        GUARDIAN: a parent of the person, who is a minor.
        FAMILY: another adult of the person's family.
        NOMINEE: the person died, and had named the principal.
        ON_BEHALF: the person has given the principal a consent for this purpose.
        OWN_DEPARTMENT: an officer of the department and the district of the record.
        UNRELATED: none of these.
    """

    SELF = "SELF"
    FAMILY_HEAD = "FAMILY_HEAD"
    GUARDIAN = "GUARDIAN"
    FAMILY = "FAMILY"
    NOMINEE = "NOMINEE"
    ON_BEHALF = "ON_BEHALF"
    OWN_DEPARTMENT = "OWN_DEPARTMENT"
    UNRELATED = "UNRELATED"


class LegalBasis(StrEnum):
    """Why the law allows an access: a benefit or service of the State, or the person's consent."""

    STATE_BENEFIT = "STATE_BENEFIT"
    CONSENT = "CONSENT"


class Action(Enum):
    """What a role may do apart from reading records."""

    ADMINISTER = "ADMINISTER"
    """Pause and resume departments, and change other things about how the hub runs."""
    ERASE = "ERASE"
    """Erase the copies of a citizen's data."""
    REVOKE = "REVOKE"
    """Cut off a token, a person or a service centre."""
    READ_ACCESS_LOGS = "READ_ACCESS_LOGS"
    """Read the access logs of other people."""
    SEARCH_CITIZENS = "SEARCH_CITIZENS"
    """Search for people in the family registry."""
    READ_WORKLISTS = "READ_WORKLISTS"
    """Read the worklist of an office."""
    REQUEST_CONSENT = "REQUEST_CONSENT"
    """Request a citizen's consent, and confirm it with a one-time code."""
    SEE_INTERNALS = "SEE_INTERNALS"
    """See latencies, breakers and queues of departments."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What data is used for.

    Attributes:
        code: name in requests.
        title: text for citizens.
        departments: identifiers of the departments that the purpose covers; None for all.
        roles: roles that may use it.
        default_for: roles that have this purpose if a request states none.
        root_field: the field of `Query` that always has this purpose. No request can state it.
    """

    code: str
    title: Text
    departments: frozenset[str] | None
    roles: frozenset[Role]
    default_for: frozenset[Role] = frozenset()
    root_field: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What some roles see of people in some relations, for some purposes.

    Attributes:
        name: unique name.
        line: line in the policy file, from 1.
        roles: roles that it applies to.
        relations: relations that it applies to.
        purposes: codes of the purposes that it applies to.
        fields: level of each class when one record is read.
        in_lists: level of each class in lists.
        legal_basis: why the law allows it.
    """

    name: str
    line: int
    roles: frozenset[Role]
    relations: frozenset[Relation]
    purposes: frozenset[str]
    fields: Mapping[FieldClass, Level]
    in_lists: Mapping[FieldClass, Level]
    legal_basis: LegalBasis | None = None


@dataclass(frozen=True, slots=True)
class SubmissionRule:
    """What some roles may submit for people in some relations, for some purposes.

    Attributes:
        name: unique name.
        line: line in the policy file, from 1.
        roles: roles that it applies to.
        relations: relations that it applies to.
        purposes: codes of the purposes that it applies to.
        kinds: what they may submit.
    """

    name: str
    line: int
    roles: frozenset[Role]
    relations: frozenset[Relation]
    purposes: frozenset[str]
    kinds: frozenset[SubmissionKind]


@dataclass(frozen=True, slots=True)
class Limit:
    """The highest level of some classes, whatever a rule says.

    Attributes:
        name: unique name.
        line: line in the policy file, from 1.
        fields: the classes.
        at_most: the highest level.
        except_purposes: codes of the purposes without the limit.
    """

    name: str
    line: int
    fields: frozenset[FieldClass]
    at_most: Level
    except_purposes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policy says about a class for a role, a relation and a purpose.

    Attributes:
        level: how much the principal sees.
        rule: name of the rule or limit that decides; empty if no rule applies.
        line: its line in the policy file; 0 if no rule applies.
        legal_basis: why the law allows the access; None if it is not allowed.
    """

    level: Level
    rule: str = ""
    line: int = 0
    legal_basis: LegalBasis | None = None


NO_RULE = Decision(Level.NONE)


class Combination(NamedTuple):
    """One row of the policy's table: a role, a relation and the code of a purpose."""

    role: Role
    relation: Relation
    purpose: str
