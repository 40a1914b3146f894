"""The fields of an operation that make a call necessary, for `hub explain`."""

from collections.abc import Iterable, Iterator

from hub.execution.plan import FieldKind, FieldPlan, ObjectPlan, ValueKind, ValuePlan


def objects_in(value: ValuePlan) -> Iterable[ObjectPlan]:
    """Return the possible objects of a value, or of the elements of a list."""
    while value.item is not None:
        value = value.item
    return value.objects.values()


def fields_read(value: ValuePlan, type_name: str | None = None) -> list[str]:
    """Return the fields that are read from a value, as paths such as `nodes.applicationStatus`.

    A field that waits for other calls is included without the fields below it: the value contains
    the numbers for these calls.

    Args:
        value: the value of the field that makes the call.
        type_name: the object type, if the value may have several and this one is known.
    """
    plans = [each for each in objects_in(value) if type_name in (None, each.type_name)]
    return list(dict.fromkeys(path for plan in plans for path in _paths(plan)))


def _paths(plan: ObjectPlan) -> Iterator[str]:
    for field in plan.fields:
        if field.kind is FieldKind.TYPENAME:
            continue
        below = list(_below(field))
        if below:
            yield from (f"{field.key}.{path}" for path in below)
        else:
            yield field.key


def _below(field: FieldPlan) -> Iterator[str]:
    """Yield the paths below a field, if its value is a part of the object that has the field."""
    if field.slot >= 0 or field.source is None or field.value.kind is ValueKind.LEAF:
        return
    base = field.source.base_resolver
    # A resolver with `info` takes its value from elsewhere, for example from the catalogue.
    if base is None or base.info_parameter is None:
        yield from fields_read(field.value)
