"""Validates documents in bounded time, and leaves no garbage for the garbage collector."""

from collections.abc import Collection, Sequence

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OverlappingFieldsCanBeMergedRule,
    ParallelVisitor,
    TypeInfo,
    TypeInfoVisitor,
    ValidationContext,
    Visitor,
    specified_rules,
    visit,
)
from graphql.validation import MaxIntrospectionDepthRule

from schema.codes import ErrorCode
from schema.errors import HubError

MAX_VALIDATION_ERRORS = 20
MERGE_STEPS = 20_000
"""Maximum number of steps to compare fields with the same key. One takes about 2 µs. graphql-core
allows 500,000, which is more than a second."""


class ValidationStoppedError(Exception):
    """Validation stops: enough errors are known."""


class BoundedOverlapRule(OverlappingFieldsCanBeMergedRule):
    """Compares fields with the same key, at most `MERGE_STEPS` steps."""

    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self.rule_context.remaining_complexity_budget = MERGE_STEPS


RULES: Sequence[type[ASTValidationRule]] = (
    *(
        BoundedOverlapRule if rule is OverlappingFieldsCanBeMergedRule else rule
        for rule in specified_rules
    ),
    MaxIntrospectionDepthRule,
)


def validate_bounded(
    schema: GraphQLSchema,
    document: DocumentNode,
    rules: Collection[type[ASTValidationRule]] = RULES,
    *,
    hide_suggestions: bool = False,
) -> list[GraphQLError]:
    """Return the first errors of a document; an empty list if it is valid.

    The document must have passed `check_document`, which bounds its size and nesting. This does the
    same as graphql-core's `validate`. But it deletes the rules' references to the document
    afterwards. They are cyclic, so documents would stay in memory until a full garbage collection.
    """
    errors: list[GraphQLError] = []

    def report(error: GraphQLError) -> None:
        errors.append(error)
        if len(errors) >= MAX_VALIDATION_ERRORS:
            raise ValidationStoppedError

    info = TypeInfo(schema)
    context = ValidationContext(schema, document, info, report, hide_suggestions)
    visitors: list[Visitor] = [rule(context) for rule in rules]
    parallel = ParallelVisitor(visitors)
    root = TypeInfoVisitor(info, parallel)
    try:
        visit(document, root)
    except ValidationStoppedError:
        pass
    except GraphQLError:
        # The rule of overlapping fields has used up its steps.
        errors.append(_too_many_overlaps(document))
    except RecursionError:
        errors.append(GraphQLError("The document is nested too deeply."))
    for each in (*visitors, parallel, root, context, info):
        vars(each).clear()
    return errors


def _too_many_overlaps(document: DocumentNode) -> GraphQLError:
    first = next(d for d in document.definitions if not isinstance(d, FragmentDefinitionNode))
    message = (
        f"More than {MERGE_STEPS:,} steps are necessary to compare fields with the same key. "
        "Select each field once."
    )
    return GraphQLError(message, first, original_error=HubError(ErrorCode.LIMIT_EXCEEDED, message))
