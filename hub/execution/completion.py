"""The slow path: completes values exactly as the GraphQL specification says (6.4.3).

It handles the values that generated builders reject: errors, unexpected nulls and wrong types. A
null in a non-null field becomes `NULLED`; `bubble` then nulls the nearest nullable parent.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import GraphQLError
from graphql.pyutils import inspect

from hub.execution.plan import FieldKind, FieldPlan, ObjectPlan, Pending, ValueKind, ValuePlan

Steps = tuple[str | int, ...]


class _Nulled:
    """Marks a null in a non-null field."""


NULLED = _Nulled()


def complete(
    value: Any, plan: ValuePlan, field: FieldPlan, steps: Steps, pending: Pending, run: Any
) -> Any:
    """Complete a resolved value, or an exception.

    Args:
        steps: path of the value below the response object that is being completed.
        pending: for each branch below, the objects it has to be resolved for; extended here.
        run: the run, which records errors.

    Returns:
        The value for the response, or `NULLED`.
    """
    if isinstance(value, Exception):
        run.note(steps, field, value)
        return None if plan.nullable else NULLED
    try:
        completed = _complete(value, plan, field, steps, pending, run)
    except Exception as error:
        run.note(steps, field, error)
        return None if plan.nullable else NULLED
    if completed is None and not plan.nullable:
        message = f"Cannot return null for non-nullable field {field.parent_type}.{field.name}."
        run.note(steps, field, TypeError(message))
        return NULLED
    return completed


def _complete(
    value: Any, plan: ValuePlan, field: FieldPlan, steps: Steps, pending: Pending, run: Any
) -> Any:
    if value is None:
        return None
    if plan.kind is ValueKind.LEAF:
        assert plan.serialize is not None
        serialized = plan.serialize(value)
        if serialized is None:
            raise TypeError(
                f"Expected `{plan.type_name}.coerce_output_value({inspect(value)})`"
                f" to return non-nullable value, returned: None"
            )
        return serialized
    if plan.kind is ValueKind.LIST:
        if not isinstance(value, Iterable) or isinstance(value, str | bytes | dict):
            name = f"{field.parent_type}.{field.name}"
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{name}'.")
        assert plan.item is not None
        return [
            complete(each, plan.item, field, (*steps, index), pending, run)
            for index, each in enumerate(value)
        ]
    objects = plan.objects
    found = objects.get(None) or objects.get(type(value))
    if found is None:
        raise GraphQLError(
            f"Abstract type '{plan.type_name}' was resolved to a type that does not implement it."
        )
    return _complete_object(value, found, steps, pending, run)


def _complete_object(
    value: Any, plan: ObjectPlan, steps: Steps, pending: Pending, run: Any
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    run.concrete[id(result)] = plan
    for field in plan.fields:
        if field.kind is FieldKind.TYPENAME:
            result[field.key] = plan.type_name
            continue
        if field.slot >= 0:
            result[field.key] = None
            pending[field.slot].append((value, result))
            continue
        below = (*steps, field.key)
        try:
            raw = run.resolve(field, value)
        except Exception as error:
            raw = error
        result[field.key] = complete(raw, field.value, field, below, pending, run)
    return result


def bubble(value: Any, plan: ValuePlan, concrete: Mapping[int, ObjectPlan]) -> Any:
    """Propagate every `NULLED` in a completed value to its nearest nullable parent.

    `concrete` is the chosen plan for each response object of an abstract type, by `id()`.

    Returns:
        The value, or `NULLED` if the value itself must not be null.
    """
    if value is NULLED:
        return None if plan.nullable else NULLED
    if value is None:
        return None
    if plan.kind is ValueKind.LIST:
        assert plan.item is not None
        elements = [bubble(each, plan.item, concrete) for each in value]
        if any(each is NULLED for each in elements):
            return None if plan.nullable else NULLED
        return elements
    if plan.kind is ValueKind.OBJECT:
        for field in (plan.objects.get(None) or concrete[id(value)]).fields:
            value[field.key] = bubble(value[field.key], field.value, concrete)
            if value[field.key] is NULLED:
                return None if plan.nullable else NULLED
    return value
