"""Operations that reach records of a person in every way, and what their responses show."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import get_named_type, is_leaf_type

from hub.access.policy import Level
from hub.access.policy.masks import CONCEALED
from schema.personal import FieldClass
from schema.personal_fields import classes_of_field
from tests.support.ids import global_id, read_id
from tests.support.people import Person
from tests.unit.personal_records import GRAPHQL_SCHEMA

TYPES: Mapping[str, Any] = GRAPHQL_SCHEMA.type_map
RECORDS = ("Citizen", "Family", "Application", "Benefit", "Certificate", "Grievance")
NOT_FOLLOWED = {*RECORDS, "ConflictList", "Department", "Draft", "Service", "Submission"}
"""Records, and objects that have tests of their own or nothing personal."""
NOT_COMPARED = {"provenance", "sourceStatus", "identifiers", "document", "conflicts"}
"""Fields that differ between equal operations, or that have tests of their own."""
IN_CITIZEN = {
    "Application": "applications { nodes { X } }",
    "Benefit": "benefits { nodes { X } }",
    "Certificate": "certificates { nodes { X } }",
    "Grievance": "grievances { nodes { X } }",
    "Family": "family { X }",
    "Citizen": "family { head { X } members { citizen { X } } }",
}
TO_CITIZEN = (
    "citizen(by: {memberIdentifier: $key}) { X }",
    "node(id: $citizen) { ... on Citizen { X } }",
    "nodes(ids: [$citizen]) { ... on Citizen { X } }",
    "family(by: {familyIdentifier: $family}) { members { citizen { X } } }",
    "node(id: $family_id) { ... on Family { members { citizen { X } } } }",
    "application(reference: $application) { applicant { X } }",
    "node(id: $application_id) { ... on Application { applicant { X } } }",
    "certificate(number: $certificate) { application { applicant { X } } }",
)
TO_RECORD = {
    "Citizen": (),
    "Family": (
        "family(by: {familyIdentifier: $family}) { X }",
        "node(id: $family_id) { ... on Family { X } }",
    ),
    "Application": (
        "application(reference: $application) { X }",
        "node(id: $application_id) { ... on Application { X } }",
        "certificate(number: $certificate) { application { X } }",
    ),
    "Benefit": ("node(id: $benefit_id) { ... on Benefit { X } }",),
    "Certificate": (
        "certificate(number: $certificate) { X }",
        "node(id: $certificate_id) { ... on Certificate { X } }",
    ),
    "Grievance": (
        "grievance(registrationNumber: $grievance) { X }",
        "node(id: $grievance_id) { ... on Grievance { X } }",
    ),
}


def leaves_of(type_name: str) -> str:
    """Return a selection of all fields of a record, and of the objects in it."""
    found = []
    for name, definition in TYPES[type_name].fields.items():
        named = get_named_type(definition.type)
        if name in NOT_COMPARED or named.name in NOT_FOLLOWED or named.name.endswith("Connection"):
            continue
        found.append(name if is_leaf_type(named) else f"{name} {{ {leaves_of(named.name)} }}")
    return " ".join(found)


def keys_of(person: Person) -> dict[str, str]:
    """Return the variables of operations about a person."""
    department, (application, *_) = next(each for each in person.references.items() if each[1])
    keys = {
        "key": person.member,
        "citizen": global_id("Citizen", person.member),
        "family": person.family,
        "family_id": global_id("Family", person.family),
        "application": application,
        "application_id": global_id("Application", f"{department}:{application}"),
    }
    if person.certificates:
        keys["certificate"] = person.certificates[0].rpartition("|")[2]
        keys["certificate_id"] = global_id("Certificate", person.certificates[0])
    if benefits := [each for found in person.benefits.values() for each in found]:
        keys["benefit_id"] = global_id("Benefit", benefits[0])
    if person.grievances:
        keys["grievance"] = person.grievances[0]
        keys["grievance_id"] = global_id("Grievance", f"helpdesk:{person.grievances[0]}")
    return keys


def operations_about(person: Person) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield operations that read a person's records, with variables, for both executors."""
    keys = keys_of(person)
    for type_name in RECORDS:
        shown = f"__typename id {leaves_of(type_name)}"
        paths = [each for each in TO_CITIZEN if type_name == "Citizen"]
        paths += [each.replace("X", IN_CITIZEN[type_name]) for each in TO_CITIZEN]
        for path in [*paths, *TO_RECORD[type_name]]:
            names = re.findall(r"\$(\w+)", path)
            if not set(names) <= set(keys):
                continue
            is_id = {name: name == "citizen" or name.endswith("_id") for name in names}
            types = ", ".join(f"${each}: {'ID!' if is_id[each] else 'String!'}" for each in is_id)
            text = path.replace("X", shown)
            given = {each: keys[each] for each in names}
            yield f"query ({types}) {{ {text} }}", given
            yield f"query ({types}) {{ __schema {{ queryType {{ name }} }} {text} }}", given


@dataclass(frozen=True)
class Value:
    """A leaf value in a response.

    Attributes:
        value: the value.
        own: the classes of its field.
        around: the classes of the fields around it.
    """

    value: Any
    own: frozenset[FieldClass]
    around: frozenset[FieldClass]

    def is_allowed(self, level_of: Callable[[FieldClass], Level]) -> bool:
        """Return whether the value may be shown, if this is the level of each class."""
        if self.value is None or self.value == CONCEALED:
            return True
        if Level.NONE in map(level_of, self.own | self.around):
            return False
        return Level.MASKED not in map(level_of, self.own) or _is_masked(str(self.value))


@dataclass
class Shown:
    """A record in a response, with its leaf values by path."""

    type_name: str
    local_id: str
    values: dict[str, Value] = field(default_factory=dict)


def shown_in(data: Any) -> Iterator[Shown]:
    """Yield the records in the data of a response."""
    if isinstance(data, list):
        for each in data:
            yield from shown_in(each)
    elif isinstance(data, dict) and "__typename" in data:
        type_name, local_id = read_id(data["id"]) or ("", "")
        assert type_name == data["__typename"]
        yield Shown(type_name, local_id, dict(_values_in(type_name, data, "", frozenset())))
    elif isinstance(data, dict):
        for each in data.values():
            yield from shown_in(each)


def _values_in(
    type_name: str, data: Any, path: str, around: frozenset[FieldClass]
) -> Iterator[tuple[str, Value]]:
    for name, given in data.items():
        if name in ("__typename", "id"):
            continue
        definition = TYPES[type_name].fields[name]
        own = frozenset(classes_of_field(definition))
        for index, each in enumerate(given if isinstance(given, list) else [given]):
            step = f"{path}.{name}.{index}"
            if isinstance(each, dict):
                inner = get_named_type(definition.type).name
                yield from _values_in(inner, each, step, around | own)
            else:
                yield step, Value(each, own, around)


def _is_masked(value: str) -> bool:
    return value == "YEAR" or value.endswith("-01-01") or bool(re.match(r"XX|\S?\*|\S$", value))
