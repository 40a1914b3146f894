"""Calculates an operation's waves and their costs from its plan and the manifests."""

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from graphql.execution.values import VariableValues

from adapters.contract import Capability
from adapters.manifest import Manifest
from adapters.manifest.limits import share_of
from adapters.workbench.benchmark import MeasuredSample, figures_of
from hub.cli.explain.fields import fields_read, objects_in
from hub.cli.explain.keys import CAPABILITIES, ExplainedBranch, KeyCounter, ReadId
from hub.cli.explain.ports import HUB, PORTS, FieldRead, FieldSource
from hub.execution.plan import FieldKind, FieldPlan, ObjectPlan, OperationPlan, ValueKind, ValuePlan
from hub.execution.resolvers import group_of
from hub.federation.directory import Directory

MOST_PARENTS = 1_000_000
_TURNS = {FieldSource.BY_TYPE: 1, FieldSource.OPERATION: 2}


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
        fields: the fields that make the calls necessary, as paths below the step's path.
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
    fields: Sequence[str]
    reading_ms: float | None


@dataclass(frozen=True, slots=True)
class PlanStep:
    """A field that calls departments or the hub's store, with its aliases on the same level.

    Attributes:
        wave: number of its wave, from 1; the fields of a wave run at the same time.
        field: type and name of the field.
        path: path of response keys, of the first alias if there are several.
        aliases: number of aliases that are resolved together.
        parents: number of objects for which they are resolved, all together.
        source: the departments that are called, in words.
        calls: the calls to each department. Empty if the hub itself has the data, or if the
            departments are not known before the operation runs.
    """

    wave: int
    field: str
    path: str
    aliases: int
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
        cost: the estimated cost, which the hub compares with its limit and the caller's budget.
    """

    executor: str
    rows: int
    steps: Sequence[PlanStep]
    cost: int = 0

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
            "estimatedCost": self.cost,
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
        read_id: decrypts ids.
    """

    def __init__(
        self,
        manifests: Sequence[Manifest],
        rows: int,
        variables: VariableValues,
        read_id: ReadId,
    ) -> None:
        self._directory = Directory(manifests)
        self._rows = rows
        self._keys = KeyCounter(self._directory, variables, read_id)
        self._figures: dict[str, Mapping[str, MeasuredSample]] = {}

    def explain(self, plan: OperationPlan) -> Explanation:
        """Return the waves of the plan and their calls."""
        roots = [
            ExplainedBranch(root, 1, (root.key,))
            for root in plan.roots
            if root.kind is not FieldKind.TYPENAME
        ]
        levels = [[root] for root in roots] if plan.serial else [roots]
        steps = [step for level in levels for step in self._level(level, 1)]
        steps.sort(key=lambda step: step.wave)
        return Explanation("plan", self._rows, steps)

    def _level(self, branches: Sequence[ExplainedBranch], wave: int) -> Iterator[PlanStep]:
        """Yield the steps of branches that start at the same time, and those below them."""
        groups: dict[Hashable, list[ExplainedBranch]] = {}
        for branch in branches:
            group = group_of(branch.field, self._keys.arguments_of)
            groups.setdefault(group, []).append(branch)
        for members in sorted(groups.values(), key=_turn):
            yield self._step(members, wave)
            below = [each for member in members for each in self._below(member)]
            yield from self._level(below, wave + 1)

    def _step(self, group: Sequence[ExplainedBranch], wave: int) -> PlanStep:
        field = group[0].field
        reads = _reads(field)
        calls = [
            self._calls(department, capability, keys, self._fields(group, reads, capability))
            for (department, capability), keys in self._keys.count(group, reads).items()
            if keys
        ]
        return PlanStep(
            wave,
            f"{field.parent_type}.{field.name}",
            ".".join(group[0].path),
            len(group),
            sum(branch.parents for branch in group),
            reads.source.value,
            calls,
        )

    def _fields(
        self, group: Sequence[ExplainedBranch], reads: FieldRead, capability: Capability
    ) -> list[str]:
        """Return the fields of a group that one of its calls is necessary for."""
        of_type = None
        if reads.source is FieldSource.BY_TYPE:
            of_type = next(name for name, each in CAPABILITIES.items() if each is capability)
        paths = (path for each in group for path in fields_read(each.field.value, of_type))
        return list(dict.fromkeys(paths))

    def _below(self, branch: ExplainedBranch) -> Iterator[ExplainedBranch]:
        """Yield the branches directly below another."""
        field = branch.field
        reads = _reads(field)
        if reads.source is not FieldSource.BY_TYPE:
            yield from self._in_value(field.value, branch.parents, branch.path)
            return
        types = self._keys.types_of(branch, reads, self._rows)
        for plan in objects_in(field.value):
            objects = types[plan.type_name] + types[None]
            if objects:
                yield from self._in_object(plan, objects, branch.path)

    def _in_value(
        self, value: ValuePlan, parents: int, path: tuple[str, ...]
    ) -> Iterator[ExplainedBranch]:
        """Yield the branches directly below a value."""
        if value.kind is ValueKind.LIST and value.item is not None:
            yield from self._in_value(value.item, min(parents * self._rows, MOST_PARENTS), path)
        elif value.kind is ValueKind.OBJECT:
            for plan in value.objects.values():
                yield from self._in_object(plan, parents, path)

    def _in_object(
        self, plan: ObjectPlan, parents: int, path: tuple[str, ...]
    ) -> Iterator[ExplainedBranch]:
        for field in plan.fields:
            here = (*path, field.key)
            if field.slot >= 0:
                yield ExplainedBranch(field, parents, here)
            else:
                yield from self._in_value(field.value, parents, here)

    def _calls(
        self, name: str, capability: Capability, keys: int, fields: Sequence[str]
    ) -> DepartmentCalls:
        file = self._directory.manifests[name].file
        at_once = 1 if capability.is_search else file.capabilities[capability].keys.at_once
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
            fields,
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


def _reads(field: FieldPlan) -> FieldRead:
    return PORTS.get((field.parent_type, field.name), HUB)


def _turn(group: Sequence[ExplainedBranch]) -> int:
    """Return the position of a group among those that start at the same time.

    A later group does not send the keys that an earlier one has sent, so the order changes the
    number of calls. The hub sorts ids by type before it calls a department, and it compares records
    after the other fields have made their calls.
    """
    return _TURNS.get(_reads(group[0].field).source, 0)
