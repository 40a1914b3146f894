"""What the policy says about each personal field that an operation selects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_interface_type,
    is_object_type,
)

from hub.access.policy.policy import Policy
from hub.access.policy.terms import Decision, Level, Relation, SubmissionRule
from hub.access.principal import Role
from schema.personal import FieldClass
from schema.personal_fields import BACKREF, classes_of_field, record_type_of
from schema.submission_mutation import SUBMITS
from schema.submission_state import SubmissionKind

Fields = GraphQLObjectType | GraphQLInterfaceType


@dataclass(frozen=True, slots=True)
class ExplainedField:
    """What a principal sees of one class of personal data in a field.

    Attributes:
        path: response keys from the root of the operation.
        field_class: the class; a field can have several.
        purpose: code of the purpose for which it is read.
        in_record: the decision when one record is read.
        in_list: the decision in a list.
    """

    path: tuple[str, ...]
    field_class: FieldClass
    purpose: str
    in_record: Decision
    in_list: Decision


@dataclass(frozen=True, slots=True)
class ExplainedSubmission:
    """Whether a principal may submit something with a mutation.

    Attributes:
        key: response key of the mutation.
        kind: what it submits.
        rule: the rule that allows it; None if none does.
    """

    key: str
    kind: SubmissionKind
    rule: SubmissionRule | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the selection is.

    Attributes:
        path: response keys from the root.
        purpose: code of the purpose.
        hidden: the decisions that hide the object around, for a record and in a list.
    """

    path: tuple[str, ...]
    purpose: str
    hidden: tuple[Decision | None, Decision | None] = (None, None)


class PolicyExplainer:
    """Explains operations for one role, relation and purpose.

    Args:
        policy: the policy.
        schema: the schema with its directives.
        role: role of the principal.
        relation: relation of the principal to the person.
        purpose: code of the purpose, for fields without a purpose of their own.
    """

    def __init__(
        self, policy: Policy, schema: GraphQLSchema, role: Role, relation: Relation, purpose: str
    ) -> None:
        self._policy = policy
        self._schema = schema
        self._role = role
        self._relation = relation
        self._purpose = purpose

    def fields_of(self, document: DocumentNode) -> list[ExplainedField]:
        """Return the personal fields that the operations of a valid document select, by class."""
        self._read_fragments(document)
        found: dict[tuple[tuple[str, ...], FieldClass], ExplainedField] = {}
        for operation in document.definitions:
            if isinstance(operation, OperationDefinitionNode):
                root = self._schema.get_root_type(operation.operation)
                is_query = operation.operation is OperationType.QUERY
                assert root is not None
                for field in self._root_fields(root, operation.selection_set, is_query=is_query):
                    found.setdefault((field.path, field.field_class), field)
        return list(found.values())

    def submissions_of(self, document: DocumentNode) -> list[ExplainedSubmission]:
        """Return the mutations of a valid document that submit something."""
        self._read_fragments(document)
        root = self._schema.mutation_type
        found = []
        for operation in document.definitions:
            if (
                not isinstance(operation, OperationDefinitionNode)
                or operation.operation is not OperationType.MUTATION
                or root is None
            ):
                continue
            for _, node in self._selected(root, operation.selection_set):
                definition = root.fields.get(node.name.value)
                source = None if definition is None else definition.extensions.get(BACKREF)
                kind = None if source is None else source.metadata.get(SUBMITS)
                if kind is not None:
                    given = (kind, self._role, self._relation, self._purpose)
                    key = node.alias.value if node.alias is not None else node.name.value
                    rule = self._policy.submission_rule(*given)
                    found.append(ExplainedSubmission(key, kind, rule))
        return found

    def _read_fragments(self, document: DocumentNode) -> None:
        self._fragments: Mapping[str, FragmentDefinitionNode] = {
            each.name.value: each
            for each in document.definitions
            if isinstance(each, FragmentDefinitionNode)
        }

    def _root_fields(
        self, root: Fields, selections: SelectionSetNode, *, is_query: bool
    ) -> Iterator[ExplainedField]:
        for parent, node in self._selected(root, selections):
            own = self._policy.purpose_of_root_field(node.name.value) if is_query else None
            place = _Place((), self._purpose if own is None else own.code)
            yield from self._field(parent, node, place)

    def _selected(
        self, parent: Fields, selections: SelectionSetNode
    ) -> Iterator[tuple[Fields, FieldNode]]:
        """Yield the selected fields, each with its type; fragments can narrow the type."""
        for each in selections.selections:
            if isinstance(each, FieldNode):
                yield parent, each
                continue
            inner: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(each, FragmentSpreadNode):
                inner = self._fragments[each.name.value]
            else:
                assert isinstance(each, InlineFragmentNode)
                inner = each
            condition = inner.type_condition
            narrowed = parent if condition is None else self._schema.get_type(condition.name.value)
            if _has_fields(narrowed):
                yield from self._selected(narrowed, inner.selection_set)

    def _field(self, parent: Fields, node: FieldNode, place: _Place) -> Iterator[ExplainedField]:
        definition = parent.fields.get(node.name.value)
        if definition is None:
            return
        key = node.alias.value if node.alias is not None else node.name.value
        classes = classes_of_field(definition)
        here = replace(place, path=(*place.path, key))
        for each in classes:
            decisions = self._decisions(each, place)
            yield ExplainedField(here.path, each, place.purpose, *decisions)
        if node.selection_set is not None:
            below = replace(here, hidden=self._hidden_below(definition, classes, place))
            named = get_named_type(definition.type)
            if _has_fields(named):
                for inner, child in self._selected(named, node.selection_set):
                    yield from self._field(inner, child, below)

    def _decisions(self, field_class: FieldClass, place: _Place) -> tuple[Decision, Decision]:
        """Return the decisions for a record and in a list."""
        given = (field_class, self._role, self._relation, place.purpose)
        in_record, in_list = place.hidden
        return (
            in_record or self._policy.decision(*given, in_list=False),
            in_list or self._policy.decision(*given, in_list=True),
        )

    def _hidden_below(
        self, definition: GraphQLField, classes: Sequence[FieldClass], place: _Place
    ) -> tuple[Decision | None, Decision | None]:
        """Return the decisions that hide the whole object in a field, if there are any."""
        named = get_named_type(definition.type)
        record_type = record_type_of(named) if _has_fields(named) else None
        of_record = getattr(record_type, "RECORD_CLASS", None)
        deciding = [of_record] if of_record is not None else classes
        if len(deciding) != 1:
            return place.hidden
        in_record, in_list = self._decisions(deciding[0], place)
        return (
            in_record if in_record.level is Level.NONE else None,
            in_list if in_list.level is Level.NONE else None,
        )


def _has_fields(named: GraphQLNamedType | None) -> TypeGuard[Fields]:
    return is_object_type(named) or is_interface_type(named)
