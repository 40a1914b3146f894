"""What fields cost: the directives `@cost` and `@listSize`, declared on all fields by rule.

The directives follow the IBM GraphQL cost specification in the form of Apollo's `@cost` and
`@listSize`. Without `@cost`, an object costs 1 and a scalar 0. `hub.execution.demand.cost`
calculates with them, and `docs/demand.md` explains the numbers.
"""

from collections.abc import Iterator
from typing import Any

import strawberry
from graphql import (
    GraphQLField,
    GraphQLOutputType,
    get_named_type,
    is_composite_type,
    is_list_type,
    is_object_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.schema_directive import Location
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from schema.batch import READS_CATALOGUE, BatchExtension, LookUpExtension
from schema.connections import DEFAULT_PAGE_SIZE
from schema.submission_mutation import SUBMITS

BACKREF = GraphQLCoreConverter.DEFINITION_BACKREF
CALL_WEIGHT = 10
"""Weight of a field that may call a department, for each of its objects."""
MUTATION_WEIGHT = 20
SUBMISSION_WEIGHT = 1_000
"""Weight of a mutation that submits something. Departments, operators and citizens have work from
each submission, so the budget of one person is enough for some hundred in a minute."""
SEARCH_WEIGHT = 20
"""Weight of the argument `search`, which compares all texts of the catalogue."""
DEFAULT_SIZE = 10
SIZES = {
    "departments": 20,
    "citizens": 5,
    "groups": 20,
    "lifeEvents": 20,
    "services": 30,
    "timeline": 20,
}
"""Sizes of lists without an argument for the size, by name, if they are not about `DEFAULT_SIZE`.

By name only, because object types share the fields that they inherit."""
SLICING_ARGUMENTS = ("first", "last", "ids")
PAGE_FIELDS = ("nodes", "edges")


@strawberry.schema_directive(
    locations=[Location.ARGUMENT_DEFINITION, Location.FIELD_DEFINITION, Location.OBJECT],
    name="cost",
    description="What a field or a given argument adds to the cost of an operation (IBM cost "
    "specification).",
)
class Cost:
    weight: int


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="listSize",
    description="How many rows a list has at most (IBM cost specification): the largest of the "
    "`slicingArguments` that are given, otherwise `assumedSize`. `sizedFields` are the lists "
    "inside the field that this applies to, if the field is not a list itself. "
    "`requireOneSlicingArgument` is true by default.",
)
class ListSize:
    assumed_size: int | None = strawberry.UNSET
    slicing_arguments: list[str] | None = strawberry.UNSET
    sized_fields: list[str] | None = strawberry.UNSET
    require_one_slicing_argument: bool | None = strawberry.UNSET


def declare_costs(schema: strawberry.Schema) -> None:
    """Add `@cost` and `@listSize` to the fields and arguments of a schema.

    A second call replaces the directives of the first, because schemas share their fields.
    """
    core = schema._schema
    for object_type in core.type_map.values():
        if not is_object_type(object_type) or BACKREF not in object_type.extensions:
            continue
        for name, definition in object_type.fields.items():
            source: StrawberryField = definition.extensions[BACKREF]
            is_mutation = object_type is core.mutation_type
            _replace(source, [*_costs(source, is_mutation), *_sizes(name, definition)])
            for argument in source.arguments:
                _replace(argument, [Cost(weight=SEARCH_WEIGHT)] if _is_search(argument) else [])


def _replace(declared: StrawberryField | StrawberryArgument, directives: list[object]) -> None:
    kept = [each for each in declared.directives if not isinstance(each, Cost | ListSize)]
    declared.directives = [*kept, *directives]


def _costs(source: StrawberryField, is_mutation: bool) -> Iterator[Cost]:
    if is_mutation:
        yield Cost(weight=SUBMISSION_WEIGHT if SUBMITS in source.metadata else MUTATION_WEIGHT)
    elif _may_call(source):
        yield Cost(weight=CALL_WEIGHT)


def _may_call(source: StrawberryField) -> bool:
    if any(isinstance(each, BatchExtension | LookUpExtension) for each in source.extensions):
        return READS_CATALOGUE not in source.metadata
    return source.is_async and READS_CATALOGUE not in source.metadata


def _is_search(argument: StrawberryArgument) -> bool:
    return argument.python_name == "search"


def _sizes(name: str, definition: GraphQLField) -> Iterator[ListSize]:
    slicing = [each for each in SLICING_ARGUMENTS if each in definition.args]
    if _is_list_of_objects(definition.type):
        if slicing:
            yield ListSize(slicing_arguments=slicing)
        elif name not in PAGE_FIELDS:
            yield ListSize(assumed_size=SIZES.get(name, DEFAULT_SIZE))
    elif slicing:
        fields: dict[str, Any] = getattr(get_named_type(definition.type), "fields", {})
        yield ListSize(
            assumed_size=DEFAULT_PAGE_SIZE,
            slicing_arguments=slicing,
            sized_fields=[each for each in PAGE_FIELDS if each in fields],
            require_one_slicing_argument=False,
        )


def _is_list_of_objects(output_type: GraphQLOutputType) -> bool:
    inner: Any = getattr(output_type, "of_type", None)
    if is_list_type(output_type):
        return is_composite_type(get_named_type(output_type))
    return inner is not None and _is_list_of_objects(inner)
