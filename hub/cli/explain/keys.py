"""Counts the keys that fields send to each department, as the executor and the link join them."""

import contextlib
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from graphql import GraphQLError
from graphql.execution.values import VariableValues, get_argument_values

from adapters.contract import Capability
from hub.cli.explain.fields import objects_in
from hub.cli.explain.ports import FieldRead, FieldSource
from hub.execution.plan import FieldPlan
from hub.federation.conflicts import OF_CITIZENS
from hub.federation.directory import Directory
from schema.errors import HubError

Call = tuple[str, Capability]
"""A department, and the capability that is called."""

ReadId = Callable[[str], tuple[str, str] | None]
"""Returns the type and the local id in an id; None if it is not an id, or has an unknown key."""

KeyT = TypeVar("KeyT", bound=Hashable)

CAPABILITIES: Mapping[str, Capability] = {
    "Citizen": Capability.CITIZENS_BY_IDENTIFIER,
    "Family": Capability.FAMILIES_BY_IDENTIFIER,
    "Application": Capability.APPLICATIONS_BY_REFERENCE,
    "Grievance": Capability.GRIEVANCES_BY_REGISTRATION_NUMBER,
    "Benefit": Capability.BENEFITS_BY_CITIZEN,
    "Certificate": Capability.CERTIFICATES_BY_CITIZEN,
}
"""The capability that finds a node, by its type."""
REGISTRY = (Capability.CITIZENS_BY_IDENTIFIER, Capability.FAMILIES_BY_IDENTIFIER)


@dataclass(frozen=True, slots=True)
class ExplainedBranch:
    """A field that may wait, and the objects for which it is resolved.

    Attributes:
        field: the field.
        parents: number of objects.
        path: path of response keys.
    """

    field: FieldPlan
    parents: int
    path: tuple[str, ...]


class KeyCounter:
    """Counts the keys of one operation.

    Args:
        directory: the departments.
        variables: the operation's variables; some may be missing.
        read_id: decrypts ids.
    """

    def __init__(self, directory: Directory, variables: VariableValues, read_id: ReadId) -> None:
        self._directory = directory
        self._read_id = read_id
        self._variables = variables
        # A key that is looked up twice at the same time is sent once (coalescing). Keys are those
        # in arguments, and the paths of the objects that have a number.
        self._sent: dict[Call, set[Hashable]] = defaultdict(set)

    def count(self, group: Sequence[ExplainedBranch], reads: FieldRead) -> Mapping[Call, int]:
        """Return the maximum number of keys of each call.

        Args:
            group: branches that are resolved together.
            reads: what their field reads.
        """
        if reads.number is not None:
            return self._count_numbers(group, reads)
        found: dict[Call, int] = {}
        for call in self._calls(group[0].field, reads):
            if call[1].is_search:
                found[call] = len(group)
                continue
            parents = {branch.path[:-1]: branch.parents for branch in group}
            found[call] = sum(parents[path] for path in self._not_sent(call, parents))
        return found

    def _not_sent(self, call: Call, keys: Iterable[KeyT]) -> set[KeyT]:
        """Return the keys that the call must send, and note them."""
        new = set(keys)
        if self._directory.manifests[call[0]].file.limits.coalesce:
            new -= self._sent[call]
            self._sent[call] |= new
        return new

    def arguments_of(self, field: FieldPlan) -> dict[str, Any]:
        """Return the field's arguments.

        Raises:
            GraphQLError: a variable is missing.
        """
        assert field.definition is not None
        return get_argument_values(field.definition, field.nodes[0], self._variables)

    def known_arguments(self, field: FieldPlan) -> Mapping[str, Any]:
        """Return the field's arguments; none if a variable is missing."""
        try:
            return self.arguments_of(field)
        except GraphQLError:
            return {}

    def _calls(self, field: FieldPlan, reads: FieldRead) -> Iterator[Call]:
        """Yield the calls for the numbers that the parents have, or for a search."""
        arguments = self.known_arguments(field)
        if reads.source is FieldSource.OPERATION:
            named = arguments.get("departments") or ()
            for department in self._directory.manifests:
                for capability in OF_CITIZENS:
                    able = self._directory.with_capability(capability)
                    if department in named and department in able:
                        yield department, capability
        elif reads.capability is not None:
            able = self._directory.with_capability(reads.capability)
            if reads.source is FieldSource.REGISTRY:
                able = able[:1]
            elif reads.source is FieldSource.OF_CERTIFICATE:
                issuers = self._directory.with_capability(Capability.CERTIFICATES_BY_CITIZEN)
                able = [name for name in able if name in issuers]
            chosen = self._chosen_departments(arguments)
            yield from (
                (name, reads.capability) for name in able if chosen is None or name in chosen
            )

    def _count_numbers(
        self, group: Sequence[ExplainedBranch], reads: FieldRead
    ) -> Mapping[Call, int]:
        """Return the number of different keys in the arguments of each call."""
        keys: dict[Call, set[Hashable]] = defaultdict(set)
        for branch in group:
            given = self.known_arguments(branch.field).get(reads.number or "")
            if given is None and reads.source is FieldSource.REGISTRY:
                # Each missing variable may be a different key.
                given = branch.path
            if isinstance(given, Mapping):
                given = self._number_in(given)
            for key in given if isinstance(given, list) else [given]:
                if reads.source is FieldSource.BY_TYPE and self._type_of(key) is None:
                    for call in self._possible_calls(branch.field):
                        keys[call].add((branch.path, key))
                elif (found := self._call_of(key, reads)) is not None:
                    keys[found[0]].add(found[1])
        return {call: len(self._not_sent(call, each)) for call, each in keys.items()}

    def types_of(self, branch: ExplainedBranch, reads: FieldRead, rows: int) -> Counter[str | None]:
        """Return the number of objects of each type that a field with ids returns.

        Args:
            branch: the field.
            reads: what it reads.
            rows: assumed number of ids in a list, if the variable is missing.

        Returns:
            The numbers by type; the key None for ids whose type is not known.
        """
        given = self.known_arguments(branch.field).get(reads.number or "")
        if isinstance(given, list):
            return Counter(map(self._type_of, given))
        missing_list = given is None and branch.field.value.item is not None
        return Counter({self._type_of(given): rows if missing_list else 1})

    def _type_of(self, key: Hashable) -> str | None:
        """Return the type in an id; None if it is missing or can't be decrypted."""
        found = self._read_id(str(key)) if key is not None else None
        return found[0] if found is not None else None

    def _possible_calls(self, field: FieldPlan) -> Iterator[Call]:
        """Yield the calls for an id of unknown type: one per selected type of the registry.

        Departments of other types are not known before the operation runs.
        """
        for plan in objects_in(field.value):
            capability = CAPABILITIES.get(plan.type_name)
            if capability in REGISTRY and any(each.name != "id" for each in plan.fields):
                with contextlib.suppress(HubError):
                    yield self._directory.registry(capability), capability

    def _number_in(self, key: Mapping[str, Any]) -> str:
        """Return the number in a key such as `CitizenKeyInput`, or an id that is not readable.

        Two keys of one citizen are the same number, so they are sent once.
        """
        (given,) = key.values()
        if "id" in key:
            _, given = self._read_id(str(given)) or ("", given)
        return str(given)

    def _call_of(self, key: Hashable, reads: FieldRead) -> tuple[Call, Hashable] | None:
        """Return the call for a key in an argument, and the key as it is sent; None if unknown."""
        capability = reads.capability
        if reads.source is FieldSource.BY_TYPE:
            type_name, local_id = self._read_id(str(key)) or ("", "")
            capability = CAPABILITIES.get(type_name)
            key = local_id.partition(":")[2] or local_id
            if capability in OF_CITIZENS:
                department, _, rest = local_id.partition("|")
                able = self._directory.with_capability(capability)
                holder = rest.partition("|")[0]
                return ((department, capability), holder) if department in able else None
        if capability is None:
            return None
        try:
            if capability is Capability.APPLICATIONS_BY_REFERENCE:
                department = self._directory.department_of_reference(str(key))
            elif capability is Capability.GRIEVANCES_BY_REGISTRATION_NUMBER:
                department = self._directory.department_of_registration_number(str(key))
            elif capability is Capability.CERTIFICATES_BY_NUMBER:
                department = self._directory.department_of_certificate(str(key))
            else:
                department = self._directory.registry(capability)
        except HubError:
            return None
        return (department, capability), key

    def _chosen_departments(self, arguments: Mapping[str, Any]) -> list[str] | None:
        """Return the identifiers of the departments in the arguments of a list; None for all."""
        wanted = arguments.get("filter")
        chosen = wanted.get("departments") if isinstance(wanted, Mapping) else None
        if chosen is None and (single := arguments.get("department")) is not None:
            chosen = [single]
        if chosen is None:
            return None
        return [(self._read_id(str(each)) or ("", str(each)))[1] for each in chosen]
