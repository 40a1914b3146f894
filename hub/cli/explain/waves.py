"""Calculates an operation's waves and their costs from its plan and the manifests."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from graphql import GraphQLError
from graphql.execution.values import VariableValues, get_argument_values

from adapters.contract import Capability
from adapters.manifest import Manifest
from adapters.manifest.limits import share_of
from adapters.workbench.benchmark import MeasuredSample, figures_of
from hub.cli.explain.ports import HUB, PORTS, FieldRead, FieldSource
from hub.execution.plan import FieldPlan, OperationPlan, ValueKind, ValuePlan
from hub.federation.conflicts import OF_CITIZENS
from hub.federation.directory import Directory
from schema.errors import HubError

MOST_PARENTS = 1_000_000


@dataclass(frozen=True, slots=True)
class DepartmentCalls:
    """The calls to one department for one field.

    Attributes:
        department: its identifier.
        capability: the capability that is called.
        keys: maximum number of keys.
        at_once: maximum number of keys in one call.
        calls: maximum number of calls.
        concurrency: maximum number of calls of one operation at the same time.
        longest_seconds: time until the last call has ended, if each takes its whole deadline.
        reading_ms: milliseconds to read one reply, from `hub adapter bench`. None if it was not
            measured, or the manifest has changed since.
    """

    department: str
    capability: str
    keys: int
    at_once: int
    calls: int
    concurrency: int
    longest_seconds: float
    reading_ms: float | None


@dataclass(frozen=True, slots=True)
class PlanStep:
    """A field that calls departments or the hub's store.

    Attributes:
        wave: number of its wave, from 1; the fields of a wave run at the same time.
        field: type and name of the field.
        path: path of response keys.
        parents: number of objects for which it is resolved, all together.
        source: the departments that are called, in words.
        calls: the calls to each department. Empty if the hub itself has the data, or if the
            departments are not known before the operation runs.
    """

    wave: int
    field: str
    path: str
    parents: int
    source: str
    calls: Sequence[DepartmentCalls]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The explanation of one operation.

    Attributes:
        executor: `plan` or `graphql-core`.
        rows: assumed number of rows in each list.
        steps: the fields that call departments or the hub's store, wave by wave.
    """

    executor: str
    rows: int
    steps: Sequence[PlanStep]

    @property
    def waves(self) -> int:
        return max((step.wave for step in self.steps), default=0)

    @property
    def calls(self) -> int:
        return sum(call.calls for step in self.steps for call in step.calls)

    @property
    def longest_seconds(self) -> float:
        """Upper limit in seconds: the sum of the slowest call of each wave.

        It assumes that every call takes its whole deadline.
        """
        return sum(
            max(
                (c.longest_seconds for s in self.steps if s.wave == wave for c in s.calls),
                default=0.0,
            )
            for wave in range(1, self.waves + 1)
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "executor": self.executor,
            "rowsOfAList": self.rows,
            "waves": self.waves,
            "calls": self.calls,
            "longestSeconds": self.longest_seconds,
            "longestSecondsAssume": "limits.deadline for every call",
            "steps": [asdict(step) for step in self.steps],
        }


class PlanExplainer:
    """Explains operations for given departments.

    Args:
        manifests: manifests of the departments.
        rows: assumed number of rows in each list.
        variables: the operation's variables; some may be missing.
    """

    def __init__(self, manifests: Sequence[Manifest], rows: int, variables: VariableValues) -> None:
        self._directory = Directory(manifests)
        self._rows = rows
        self._variables = variables
        self._figures: dict[str, Mapping[str, MeasuredSample]] = {}

    def explain(self, plan: OperationPlan) -> Explanation:
        """Return the waves of the plan and their calls."""
        steps = [step for root in plan.roots for step in self._field(root, 1, 1, ())]
        steps.sort(key=lambda step: step.wave)
        return Explanation("plan", self._rows, steps)

    def _field(
        self, field: FieldPlan, parents: int, wave: int, path: tuple[str, ...]
    ) -> Iterator[PlanStep]:
        here = (*path, field.key)
        reads = PORTS.get((field.parent_type, field.name), HUB)
        calls_department = reads.source is not FieldSource.HUB
        yield PlanStep(
            wave,
            f"{field.parent_type}.{field.name}",
            ".".join(here),
            parents,
            reads.source.value,
            self._calls(field, reads, parents) if calls_department else (),
        )
        yield from self._value(field.value, parents, wave, here)

    def _value(
        self, value: ValuePlan, parents: int, wave: int, path: tuple[str, ...]
    ) -> Iterator[PlanStep]:
        if value.kind is ValueKind.LIST and value.item is not None:
            many = min(parents * self._rows, MOST_PARENTS)
            yield from self._value(value.item, many, wave, path)
        elif value.kind is ValueKind.OBJECT:
            for plan in value.objects.values():
                for field in plan.fields:
                    if field.slot >= 0:
                        yield from self._field(field, parents, wave + 1, path)
                    else:
                        yield from self._value(field.value, parents, wave, (*path, field.key))

    def _calls(self, field: FieldPlan, reads: FieldRead, parents: int) -> list[DepartmentCalls]:
        if reads.source is FieldSource.OPERATION:
            named = self._arguments(field).get("departments") or ()
            return [
                self._of(name, capability, parents)
                for name in self._directory.manifests
                for capability in OF_CITIZENS
                if name in named and name in self._directory.with_capability(capability)
            ]
        if reads.capability is None:
            return []
        names = self._departments(field, reads, reads.capability)
        return [self._of(name, reads.capability, parents) for name in names]

    def _departments(
        self, field: FieldPlan, reads: FieldRead, capability: Capability
    ) -> Sequence[str]:
        able = self._directory.with_capability(capability)
        if reads.source is FieldSource.REGISTRY:
            return able[:1]
        arguments = self._arguments(field)
        if reads.source is FieldSource.ISSUER:
            find = (
                self._directory.department_of_reference
                if capability is Capability.APPLICATIONS_BY_REFERENCE
                else self._directory.department_of_registration_number
            )
            try:
                return [find(str(arguments[reads.number or ""]))]
            except (HubError, KeyError):
                return []
        given = arguments.get("department") or _object(arguments.get("filter")).get("department")
        return [name for name in able if given in (None, name)]

    def _arguments(self, field: FieldPlan) -> dict[str, Any]:
        assert field.definition is not None
        try:
            return get_argument_values(field.definition, field.nodes[0], self._variables)
        except GraphQLError:
            # A variable is missing, so the departments are unknown.
            return {}

    def _of(self, name: str, capability: Capability, parents: int) -> DepartmentCalls:
        file = self._directory.manifests[name].file
        at_once = 1 if capability.is_search else file.capabilities[capability].keys.at_once
        keys = 1 if capability.is_search else parents
        calls = math.ceil(keys / at_once)
        concurrency = share_of(file.limits.concurrency)
        rounds = math.ceil(calls / concurrency)
        return DepartmentCalls(
            name,
            capability.value,
            keys,
            at_once,
            calls,
            concurrency,
            round(rounds * file.limits.deadline, 3),
            self._reading_ms(name, capability),
        )

    def _reading_ms(self, name: str, capability: Capability) -> float | None:
        if self._directory.manifests[name].file.connector.kind == "files":
            # Files are read in the background, not during an operation.
            return None
        if name not in self._figures:
            self._figures[name] = figures_of(self._directory.manifests[name].folder)
        found = self._figures[name].get(capability.value)
        return found.median_ms if found is not None else None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
