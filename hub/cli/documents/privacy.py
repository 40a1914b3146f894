"""The personal data that trusted documents read: `hub documents privacy`."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from graphql import REMOVE, DirectiveNode, Visitor, VisitorAction, visit
from graphql.execution.values import VariableValues
from rich.table import Table

from adapters.manifest import Manifest, ManifestError, find_departments
from adapters.workbench.replay.addresses import load_with_placeholders
from hub.cli.console import CliError, out
from hub.cli.documents.checks import operation_names
from hub.cli.documents.registration import new_documents
from hub.cli.explain.waves import PlanExplainer
from hub.execution.documents import DocumentError, Documents
from hub.execution.plan import FieldPlan, ObjectPlan, OperationPlan, ValuePlan
from hub.execution.trusted_documents import TrustedDocument
from hub.settings import Settings
from schema.personal_fields import classes_of_field

ROWS = 2
"""Assumed rows of a list. The number changes the calls, but not the departments."""
NO_PURPOSE = "any purpose"
BY_VARIABLES = "departments that variables name"


@dataclass(frozen=True, slots=True, order=True)
class PersonalRead:
    """A field with personal data that a document reads.

    Attributes:
        document: id of the document.
        purpose: code of its purpose, or `NO_PURPOSE`.
        department: identifier of the department that has the data.
        field_class: class of the data.
        field: type and name of the field.
    """

    document: str
    purpose: str
    department: str
    field_class: str
    field: str


class _Unconditional(Visitor):
    """Removes `@skip` and `@include`: a document may read what it sometimes reads."""

    def enter_directive(self, node: DirectiveNode, *_: object) -> VisitorAction:
        return REMOVE if node.name.value in ("skip", "include") else None


def reads_of_documents(
    documents: Iterable[TrustedDocument], settings: Settings
) -> set[PersonalRead]:
    """Return what the documents read.

    Raises:
        CliError: a document has mistakes, or a manifest can't be read.
    """
    try:
        folders = find_departments(settings.departments, settings.only_departments)
        manifests = [load_with_placeholders(folder) for folder in folders]
    except ManifestError as error:
        raise CliError(str(error)) from None
    runner = new_documents()
    return {read for each in documents for read in _reads_of(each, runner, manifests)}


def _reads_of(
    document: TrustedDocument, runner: Documents, manifests: Sequence[Manifest]
) -> Iterator[PersonalRead]:
    purpose = document.purpose or NO_PURPOSE
    for plan in _plans_of(document, runner):
        explainer = PlanExplainer(manifests, ROWS, VariableValues({}, {}), lambda _id: None)
        departments = {
            step.field: sorted({call.department for call in step.calls}) or [BY_VARIABLES]
            for step in explainer.explain(plan).steps
        }
        for department, field in _personal_fields(plan.roots, (), departments):
            assert field.definition is not None
            for each in classes_of_field(field.definition):
                name = f"{field.parent_type}.{field.name}"
                yield PersonalRead(document.name, purpose, department, each.name, name)


def _plans_of(document: TrustedDocument, runner: Documents) -> Iterator[OperationPlan]:
    names = operation_names(document, runner)
    try:
        for name in names:
            prepared = runner.prepare(document.text, name)
            fragments = prepared.fragments.items()
            whole = replace(
                prepared,
                operation=visit(prepared.operation, _Unconditional()),
                fragments={key: visit(each, _Unconditional()) for key, each in fragments},
                conditions=(),
                plans={},
            )
            plan = runner.plan_of(whole, {})
            if plan is not None:
                yield plan
    except DocumentError as error:
        message = error.errors[0].message
        raise CliError(f"{document.place}: {message} Run `hub documents check`.") from None


def _personal_fields(
    fields: Sequence[FieldPlan],
    inherited: Sequence[str],
    departments: Mapping[str, Sequence[str]],
) -> Iterator[tuple[str, FieldPlan]]:
    """Yield each field with a definition below, and each department that has its data.

    Args:
        inherited: the departments of the object that has the fields.
        departments: the departments that a field calls, by its type and name.
    """
    for field in fields:
        if field.definition is None:
            continue
        own = departments.get(f"{field.parent_type}.{field.name}", inherited)
        yield from ((department, field) for department in own)
        for plan in _objects_in(field.value):
            yield from _personal_fields(plan.fields, own, departments)


def _objects_in(value: ValuePlan) -> Iterable[ObjectPlan]:
    while value.item is not None:
        value = value.item
    return value.objects.values()


def print_reads(reads: Iterable[PersonalRead], *, as_json: bool) -> None:
    """Print a table per document: class, fields and departments."""
    if as_json:
        print(json.dumps([asdict(each) for each in sorted(reads)], indent=2))
        return
    by_document: dict[tuple[str, str], list[PersonalRead]] = defaultdict(list)
    for each in sorted(reads):
        by_document[each.document, each.purpose].append(each)
    if not by_document:
        out.print("These documents read no personal data.")
    for (document, purpose), found in by_document.items():
        out.print(_table(f"{document}, for {purpose}", found))


def _table(title: str, reads: Iterable[PersonalRead]) -> Table:
    table = Table("class", "fields", "departments", title=title, title_justify="left")
    by_class: dict[str, list[PersonalRead]] = defaultdict(list)
    for each in reads:
        by_class[each.field_class].append(each)
    for field_class, found in by_class.items():
        fields = dict.fromkeys(each.field for each in found)
        departments = dict.fromkeys(each.department for each in found)
        table.add_row(field_class, ", ".join(fields), ", ".join(departments))
    return table


def print_additions(
    now: Iterable[PersonalRead], before: Iterable[PersonalRead], *, as_json: bool
) -> bool:
    """Print what the documents read now and did not read before; return whether there is any."""
    added = sorted(frozenset(now) - frozenset(before))
    if as_json:
        print(json.dumps([asdict(each) for each in added], indent=2))
        return bool(added)
    grouped: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for each in added:
        key = each.document, each.purpose, each.field, each.field_class
        grouped[key].append(each.department)
    for (document, purpose, field, field_class), departments in grouped.items():
        sources = ", ".join(departments)
        line = f"{document} adds {field} ({field_class}) from {sources} for {purpose}."
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    if not added:
        out.print("The documents read no more personal data than before.")
    return bool(added)
