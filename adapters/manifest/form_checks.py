"""Checks `services.yaml` for mistakes between its keys, which its models do not find."""

from collections.abc import Iterable, Iterator

from adapters.manifest.document import Document, KeyPath
from adapters.manifest.form_patterns import fault_of_pattern
from adapters.manifest.problems import Problem
from adapters.manifest.services import (
    AttributeModel,
    ConditionModel,
    EligibilityModel,
    EvidenceModel,
    ServiceModel,
    ServicesFile,
)
from adapters.mapping.rules import did_you_mean
from schema.certificate import CertificateType
from schema.form import AttributeType, MemberField
from schema.person import MaritalStatus, Sex

LISTS = frozenset({AttributeType.SINGLE_VALUE_LIST, AttributeType.MULTI_VALUE_LIST})
TEXTS = frozenset({AttributeType.STRING, AttributeType.TEXT})
ENUM_OF = {MemberField.SEX: Sex, MemberField.MARITAL_STATUS: MaritalStatus}
_Fault = tuple[KeyPath, str, str]
"""Key path, message and remedy."""


def check_services(file: ServicesFile, document: Document) -> list[Problem]:
    """Return the problems of all services: their forms, documents and conditions."""
    return [
        document.problem(("services", code, *at), message, remedy)
        for code, service in file.services.items()
        for at, message, remedy in _faults(service)
    ]


def _faults(service: ServiceModel) -> Iterator[_Fault]:
    yield from _repeated("attributes", [each.code for each in service.attributes], "code")
    yield from _repeated("documents", [each.code for each in service.documents], "code")
    above: dict[str, AttributeModel] = {}
    for number, attribute in enumerate(service.attributes):
        at: KeyPath = ("attributes", number)
        for fault in _attribute_faults(attribute, above):
            yield (*at, *fault[0]), *fault[1:]
        above[attribute.code] = attribute
    for number, evidence in enumerate(service.documents):
        for fault in _evidence_faults(evidence, service, above):
            yield ("documents", number, *fault[0]), *fault[1:]
    groups = [each.group for each in service.documents]
    for key in service.document_groups:
        if groups.count(key) < 2:
            message = f"the group {key!r} has {groups.count(key)} documents"
            yield ("document_groups", key), message, "write `group` at two or more documents"
    for number, eligibility in enumerate(service.eligibility):
        for fault in _eligibility_faults(eligibility):
            yield ("eligibility", number, *fault[0]), *fault[1:]


def _repeated(name: str, keys: list[str], key: str) -> Iterator[_Fault]:
    for number, each in enumerate(keys):
        if each in keys[:number]:
            yield (name, number, key), f"{each!r} is used twice", "rename one of them"


def _attribute_faults(
    attribute: AttributeModel, above: dict[str, AttributeModel]
) -> Iterator[_Fault]:
    datatype, options = attribute.datatype, [each.key for each in attribute.options]
    if datatype in LISTS and not options:
        yield ("datatype",), "the list has no options", "add `options`"
    if datatype not in LISTS and options:
        yield ("options",), f"{datatype.name} has no options", "write a list as `datatype`"
    yield from _repeated("options", options, "key")
    yield from _misplaced(attribute, ("min", "max"), {AttributeType.NUMBER})
    yield from _misplaced(attribute, ("min_length", "max_length", "pattern"), TEXTS)
    yield from _wrong_order("min", attribute.min, attribute.max)
    yield from _wrong_order("min_length", attribute.min_length, attribute.max_length)
    fault_of = fault_of_pattern(attribute.pattern) if attribute.pattern else None
    if fault_of:
        yield ("pattern",), f"the pattern can't be used: {fault_of}", "write a simpler pattern"
    if attribute.required and not attribute.variable:
        yield ("required",), "a field that only shows a text can't be required", "remove `required`"
    if attribute.visible_if is not None:
        yield from _condition_faults(attribute.visible_if, above, "an earlier field")
    yield from _prefill_faults(attribute, options)


def _misplaced(
    attribute: AttributeModel, names: Iterable[str], allowed: Iterable[AttributeType]
) -> Iterator[_Fault]:
    if attribute.datatype in allowed:
        return
    for name in names:
        if getattr(attribute, name) is not None:
            types = " or ".join(sorted(each.name for each in allowed))
            yield (name,), f"{attribute.datatype.name} has no {name}", f"it is for {types} only"


def _wrong_order(name: str, least: float | None, most: float | None) -> Iterator[_Fault]:
    if least is not None and most is not None and least > most:
        yield (name,), f"{least:g} is more than {most:g}", "swap the limits"


def _condition_faults(
    condition: ConditionModel, known: dict[str, AttributeModel], what: str
) -> Iterator[_Fault]:
    attribute = known.get(condition.attribute)
    if attribute is None:
        message = f"{condition.attribute!r} is not {what} of the form"
        remedy = did_you_mean(condition.attribute, known) if known else "remove the condition"
        yield ("visible_if", "attribute"), message, remedy
        return
    options = [each.key for each in attribute.options]
    for value in condition.values if options else ():
        if value not in options:
            message = f"{value!r} is not an option of {attribute.code!r}"
            yield ("visible_if",), message, did_you_mean(value, options)


def _prefill_faults(attribute: AttributeModel, options: list[str]) -> Iterator[_Fault]:
    source, datatype = attribute.prefill_from, attribute.datatype
    if source is None:
        return
    if source in ENUM_OF:
        words = ENUM_OF[source].__members__
        if datatype is not AttributeType.SINGLE_VALUE_LIST or not set(options) <= set(words):
            message = f"{source.name} fills in a list with the keys {', '.join(words)} only"
            yield ("prefill_from",), message, "change `datatype` and `options`"
        return
    fits = {AttributeType.DATE} if source is MemberField.BIRTH_DATE else TEXTS
    if datatype not in fits:
        types = " or ".join(sorted(each.name for each in fits))
        message = f"{source.name} does not fill in {datatype.name}"
        yield ("prefill_from",), message, f"it is for {types} only"


def _evidence_faults(
    evidence: EvidenceModel, service: ServiceModel, attributes: dict[str, AttributeModel]
) -> Iterator[_Fault]:
    if evidence.group is not None and evidence.group not in service.document_groups:
        message = f"there is no group {evidence.group!r}"
        known = service.document_groups
        remedy = did_you_mean(evidence.group, known) if known else "add it to `document_groups`"
        yield ("group",), message, remedy
    if evidence.satisfied_by is CertificateType.UNKNOWN:
        yield ("satisfied_by",), "UNKNOWN is no type of certificate", "write a type, or remove it"
    if evidence.visible_if is not None:
        yield from _condition_faults(evidence.visible_if, attributes, "a field")


def _eligibility_faults(eligibility: EligibilityModel) -> Iterator[_Fault]:
    yield from _wrong_order("min_age", eligibility.min_age, eligibility.max_age)
    if (eligibility.max_yearly_income is None) != (eligibility.income_of is None):
        message = "`max_yearly_income` and `income_of` need each other"
        yield (), message, "write both, or neither"
