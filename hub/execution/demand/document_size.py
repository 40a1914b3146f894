"""Counts what a document selects after its fragments are expanded, in linear time.

Each fragment is counted once, and its counts are added wherever it is spread. So fragments that
spread each other twice, forty levels deep, take microseconds and not 2^40 steps.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from graphql import (
    DefinitionNode,
    DirectiveNode,
    DocumentNode,
    ExecutableDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from hub.execution.demand.limits import Limits

DefinitionT = TypeVar("DefinitionT", bound=ExecutableDefinitionNode)

MAX_NESTING = 100
"""Maximum number of fields, inline fragments and fragment spreads inside each other. The counting
is recursive, as are graphql-core and the compiler of plans."""
SPLIT = "Split the operation into several."


@dataclass(slots=True)
class Size:
    """What a selection set selects, with its fragments expanded.

    Attributes:
        nesting: levels of fields, inline fragments and fragment spreads.
        depth: levels of fields.
        fields: number of fields.
        own_fields: number of fields on the first level.
        aliases: number of fields with an alias.
        directives: number of directives.
    """

    nesting: int = 0
    depth: int = 0
    fields: int = 0
    own_fields: int = 0
    aliases: int = 0
    directives: int = 0

    def add(self, other: "Size", nested_fields: int) -> None:
        """Add the size of a selection set inside this one, below `nested_fields` fields (0, 1)."""
        self.nesting = max(self.nesting, other.nesting + 1)
        self.depth = max(self.depth, other.depth + nested_fields)
        self.fields += other.fields
        self.aliases += other.aliases
        self.directives += other.directives
        if not nested_fields:
            self.own_fields += other.own_fields


def check_document(document: DocumentNode, limits: Limits) -> int:
    """Check all operations and fragments of a document.

    Returns:
        The number of fields of its largest operation.

    Raises:
        GraphQLError: they exceed a limit, or a fragment spreads itself.
    """
    operations = _of_type(document.definitions, OperationDefinitionNode)
    fragments = _of_type(document.definitions, FragmentDefinitionNode)
    limits.check("operations", len(operations), "operations", "Send one operation.")
    limits.check("fragments", len(fragments), "fragments", "Send only those that are used.")
    sizes = _Sizes({each.name.value: each for each in fragments}, limits)
    fields = 0
    for operation in operations:
        size = sizes.of_definition(operation)
        size.directives += sum(
            len(each.directives or ()) for each in operation.variable_definitions or ()
        )
        _check(size, operation, limits)
        fields = max(fields, size.fields)
    for fragment in fragments:
        _check(sizes.of_fragment(fragment), fragment, limits)
    return fields


def _check(size: Size, node: ExecutableDefinitionNode, limits: Limits) -> None:
    name = f"`{node.name.value}`" if node.name else "the operation"
    expanded = f"in {name}, fragments expanded"
    if isinstance(node, OperationDefinitionNode):
        limits.check("root_fields", size.own_fields, f"root fields {expanded}", SPLIT, node)
    limits.check("fields", size.fields, f"fields {expanded}", SPLIT, node)
    limits.check("aliases", size.aliases, f"aliases {expanded}", SPLIT, node)
    limits.check("directives", size.directives, f"directives {expanded}", "Remove some.", node)


class _Sizes:
    """Calculates sizes, and remembers those of fragments."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode], limits: Limits) -> None:
        self._fragments = fragments
        self._limits = limits
        self._known: dict[str, Size] = {}
        self._open: set[str] = set()

    def of_definition(self, node: ExecutableDefinitionNode) -> Size:
        size = self._of_set(node.selection_set, 1, 0)
        size.directives += len(node.directives or ())
        return size

    def of_fragment(
        self,
        fragment: FragmentDefinitionNode,
        nesting: int = 0,
        depth: int = 0,
        spread: FragmentSpreadNode | None = None,
    ) -> Size:
        """Return the size of a fragment.

        Args:
            nesting: nesting of the spread, which is not part of the fragment.
            depth: depth of the spread.
            spread: the spread; None for the fragment by itself.
        """
        name = fragment.name.value
        size = self._known.get(name)
        if size is None:
            if name in self._open:
                raise GraphQLError(
                    f"The fragment `{name}` spreads itself. Remove one of the spreads.",
                    spread or fragment,
                )
            self._open.add(name)
            size = self._of_set(fragment.selection_set, nesting + 1, depth)
            size.directives += len(fragment.directives or ())
            self._known[name] = size
            self._open.discard(name)
        node = spread or fragment
        self._check_nesting(nesting + size.nesting, node)
        self._check_depth(depth + size.depth, node)
        return size

    def _of_set(self, selection_set: SelectionSetNode, nesting: int, depth: int) -> Size:
        size = Size()
        for node in selection_set.selections:
            directives: Sequence[DirectiveNode] = node.directives or ()
            size.directives += len(directives)
            if isinstance(node, FieldNode):
                size.fields += 1
                size.own_fields += 1
                size.aliases += node.alias is not None
                size.depth = size.depth or 1
                if depth >= self._limits.depth:
                    self._check_depth(depth + 1, node)
                if node.selection_set:
                    self._check_nesting(nesting, node)
                    size.add(self._of_set(node.selection_set, nesting + 1, depth + 1), 1)
            elif isinstance(node, InlineFragmentNode):
                self._check_nesting(nesting, node)
                size.add(self._of_set(node.selection_set, nesting + 1, depth), 0)
            elif isinstance(node, FragmentSpreadNode):
                self._check_nesting(nesting, node)
                fragment = self._fragments.get(node.name.value)
                # Validation reports an unknown fragment.
                if fragment is not None:
                    size.add(self.of_fragment(fragment, nesting, depth, node), 0)
        return size

    def _check_depth(
        self, depth: int, node: FieldNode | FragmentSpreadNode | FragmentDefinitionNode
    ) -> None:
        self._limits.check(
            "depth", depth, "nested fields, fragments expanded", "Read the inner part by id.", node
        )

    def _check_nesting(
        self,
        nesting: int,
        node: FieldNode | InlineFragmentNode | FragmentSpreadNode | FragmentDefinitionNode,
    ) -> None:
        if nesting > MAX_NESTING:
            raise GraphQLError(
                f"Fields and fragments are nested more than {MAX_NESTING} levels deep.", node
            )


def _of_type(definitions: Iterable[DefinitionNode], kind: type[DefinitionT]) -> list[DefinitionT]:
    return [each for each in definitions if isinstance(each, kind)]
