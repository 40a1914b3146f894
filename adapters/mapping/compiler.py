"""Compiles a set of field rules to one generated function that reads a row into a record.

The function reads each field in a `try` statement of its own. A value that does not fit becomes a
warning with the field's name and the raw value; all other fields are unaffected.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from adapters.mapping import generated_code, values
from adapters.mapping.access import (
    NOTHING,
    Access,
    MappedField,
    MappingAccess,
    Shape,
    StructAccess,
)
from adapters.mapping.generated_code import EMPTY, FunctionSource
from adapters.mapping.raw_values import RawValues, is_composed
from adapters.mapping.record_rules import (
    rules_within,
    wanted_rules,
    wrong_names,
)
from adapters.mapping.rules import FieldRules, MappingContext, RuleError
from adapters.mapping.scalars import ScalarWriter
from adapters.mapping.targets import Target, has_field, targets_of
from schema.needed_fields import ALL_FIELDS, NeededFields
from schema.provenance import Origin, Record, SourceWarning

SharedObjects = dict[tuple[Any, ...] | str, Any]
RowReader = Callable[[Any, Origin, list[SourceWarning], SharedObjects], Record | None]
"""Function that reads one row. Returns the record, or None if the row contains none.

The last argument is one dict for all rows of a reply. It stores objects that are equal in several
rows, and texts that need no cleaning. Raises `MissingFieldError` if a required field is absent.
"""


def compile_reader(
    record_type: type,
    rules: FieldRules,
    context: MappingContext,
    needed: NeededFields = ALL_FIELDS,
    *,
    for_merging: bool = True,
    row: str | None = None,
    shape: Shape | None = None,
) -> RowReader:
    """Return a function that reads one row of the department.

    Args:
        record_type: type of the record.
        rules: rules of its fields.
        context: data of the department that all rules use.
        needed: fields to read. Required fields and the owner's key (`OWNER`) are always read.
        for_merging: also read the fields that the hub needs to merge records (`ALWAYS_READ`).
        row: path from the row to the record, if the row is an envelope.
        shape: if given, rows are structs of this shape instead of mappings. The fields that the
            function reads are added to it.

    Raises:
        RuleError: a rule is wrong. `others` lists further errors.
        ShapeConflictError: the rules can't be applied to structs.
    """
    source = _RecordSource(context, needed, for_merging)
    access: Access = MappingAccess() if shape is None else StructAccess(shape, source.fresh)
    if row is not None:
        content, access = access.object("row", row)
        source.add(1, f"row = {content}")
        source.add(1, "if row is None: return None")
    built = source.record(record_type, rules, "row", access, (), (), indent=1)
    if source.errors:
        source.errors[0].others = tuple(source.errors[1:])
        raise source.errors[0]
    source.add_checks(built, indent=1)
    source.add_construction(built, "made", indent=1)
    source.add(1, "return made")
    filename = f"<{context.department}: {record_type.__name__}>"
    return cast("RowReader", source.function("read", "row, origin, notes, shared", filename))


@dataclass(frozen=True, slots=True)
class _Built:
    """An object that can be constructed: generated code has read its field values.

    Attributes:
        type: class of the object.
        entries: expression of each attribute's value.
        variables: one variable per mapped field.
        required: dotted field name of each variable that must not be None.
    """

    type: type
    entries: Mapping[str, str]
    variables: list[str]
    required: dict[str, str]


class _RecordSource(FunctionSource):
    """Writes the code that reads records, and the objects and lists in them."""

    def __init__(self, context: MappingContext, needed: NeededFields, for_merging: bool) -> None:
        super().__init__(
            {
                "EMPTY": EMPTY,
                "NOTHING": NOTHING,
                "MissingFieldError": generated_code.MissingFieldError,
                "as_list": values.as_list,
                "new": object.__new__,
                "from_json": values.from_json,
                "note_invalid": generated_code.note_invalid,
                "note_unknown_code": generated_code.note_unknown_code,
            }
        )
        self._context = context
        self._needed = needed
        self._for_merging = for_merging
        self._scalars = ScalarWriter(self, context)
        self._raw_values = RawValues(self, context)
        self.errors: list[RuleError] = []

    def record(
        self,
        record_type: type,
        rules: FieldRules,
        base: str,
        access: Access,
        key_path: tuple[str, ...],
        field_path: tuple[str, ...],
        *,
        indent: int,
    ) -> _Built:
        """Add the code that reads the fields of a record, or of an object in it."""
        targets = targets_of(record_type)
        self.errors += wrong_names(record_type, rules, targets, key_path)
        # Each object needs empty lists of its own.
        lists = (each for each in targets.values() if each.kind == "list" and not each.required)
        entries = {each.attribute: "[]" for each in lists}
        variables: list[str] = []
        required: dict[str, str] = {}
        for name, rule in wanted_rules(
            record_type, rules, self._needed, for_merging=self._for_merging
        ).items():
            target = targets[name]
            path = (*field_path, name)
            field = MappedField(target, rule, base, access, (*key_path, name), path)
            try:
                variable = self._field(field, indent)
            except RuleError as error:
                # The function will not be used, but the other rules must be checked too.
                self.errors.append(error)
                continue
            variables.append(variable)
            if target.required:
                required[variable] = ".".join(path)
            value = variable
            if target.default is not None:
                value = (
                    f"{self.named('default', target.default)} if {variable} is None else {variable}"
                )
            entries[target.attribute] = value
        if has_field(record_type, "department_identifier"):
            entries["department_identifier"] = repr(self._context.department)
        if has_field(record_type, "origin"):
            entries |= {"origin": "origin", "row_warnings": "notes or ()"}
        return _Built(record_type, entries, variables, required)

    def add_checks(self, built: _Built, *, indent: int) -> None:
        for variable, field in built.required.items():
            self.add(indent, f"if {variable} is None: raise MissingFieldError({field!r})")

    def add_construction(self, built: _Built, variable: str, *, indent: int) -> None:
        """Add the code that constructs an object.

        A plain dataclass is constructed without its `__init__`, which would set every field.
        Attributes without an entry have the default on the class.
        """
        name = self.named(built.type.__name__, built.type)
        if hasattr(built.type, "__slots__"):
            given = ", ".join(f"{key}={value}" for key, value in built.entries.items())
            self.add(indent, f"{variable} = {name}({given})")
            return
        self.add(indent, f"{variable} = new({name})")
        # Setting attributes one by one takes a third of the time of a dict update.
        for key, value in built.entries.items():
            self.add(indent, f"{variable}.{key} = {value}")

    def _field(self, field: MappedField, indent: int) -> str:
        """Add the code that reads one field; return the variable of its value."""
        variable, kind = self.fresh("v"), field.target.kind
        self.add(indent, "try:")
        if kind == "object":
            self._object(field, variable, indent + 1)
        elif kind == "list":
            self._list(field, variable, indent + 1)
        else:
            self._scalars.add(field, self._raw_values.value(field), variable, indent + 1)
        self.add(indent, "except Exception:")
        self.add(indent + 1, f"{variable} = {'[]' if kind == 'list' else 'None'}")
        # Without a path the raw value would be the whole row, which is too much for a warning.
        raw_in = field.base if field.rule.path is not None else "None"
        steps = field.access.steps(field.rule.path)
        self.add(indent + 1, f"note_invalid(notes, {field.dotted!r}, {raw_in}, {steps!r})")
        return variable

    def _object(self, field: MappedField, variable: str, indent: int) -> None:
        rules, key_path = rules_within(
            field.rule, field.target, self._context.records, field.key_path
        )
        inner = self.fresh("o")
        found, access = self._raw_values.object(field)
        self.add(indent, f"{inner} = {found}")
        self.add(indent, f"if not {inner}: {variable} = None")
        self.add(indent, "else:")
        indent += 1
        shared = self._shared_key(field.target, rules, inner, access)
        if shared is not None:
            key = self.fresh("key")
            self.add(indent, f"{key} = {shared}")
            self.add(indent, f"{variable} = shared.get({key})")
            self.add(indent, f"if {variable} is None:")
            indent += 1
        built = self.record(
            field.target.type, rules, inner, access, key_path, field.path, indent=indent
        )
        all_absent = " and ".join(f"{each} is None" for each in built.variables) or "False"
        self.add(indent, f"if {all_absent}: {variable} = None")
        self.add(indent, "else:")
        self.add_checks(built, indent=indent + 1)
        self.add_construction(built, variable, indent=indent + 1)
        if shared is not None:
            # An object with a warning is read for each row, so that each row has the warning.
            self.add(indent + 1, f"if {key} and not notes: shared[{key}] = {variable}")

    def _shared_key(
        self, target: Target, rules: FieldRules, inner: str, access: Access
    ) -> str | None:
        """Return an expression of the key under which rows share an object: its texts.

        Return None if the object can't be shared. The expression is None for a row in which a
        value is not a text, because 1 and True would be the same key.
        """
        targets = targets_of(target.type)
        paths = dict.fromkeys(rule.path for rule in rules.values() if rule.path is not None)
        made_of_texts = all(
            name in targets
            and targets[name].kind in ("text", "bilingual")
            and not is_composed(rule)
            for name, rule in rules.items()
        )
        if not (getattr(target.type, "SHARED", False) and made_of_texts and paths):
            return None
        raws = {path: self.fresh("r") for path in paths}
        texts = " and ".join(
            f"({raw} := {access.value(inner, path)}).__class__ is str" for path, raw in raws.items()
        )
        return f"({self.fresh('shared')!r}, {', '.join(raws.values())}) if {texts} else None"

    def _list(self, field: MappedField, variable: str, indent: int) -> None:
        found, access = self._raw_values.elements(field)
        rules, key_path = rules_within(
            field.rule, field.target, self._context.records, field.key_path
        )
        element, made = self.fresh("e"), self.fresh("m")
        self.add(indent, f"{variable} = []")
        self.add(indent, f"for {element} in {found}:")
        self.add(indent + 1, "try:")
        built = self.record(
            field.target.type, rules, element, access, key_path, field.path, indent=indent + 2
        )
        self.add_checks(built, indent=indent + 2)
        self.add_construction(built, made, indent=indent + 2)
        self.add(indent + 2, f"{variable}.append({made})")
        self.add(indent + 1, "except MissingFieldError as e:")
        # No raw value: a struct and a mapping of the same element would show different ones.
        self.add(indent + 2, "note_invalid(notes, str(e), None, ())")
