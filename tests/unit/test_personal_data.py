"""Every attribute and field with personal data has a class, and derived fields those they read."""

import dataclasses
from typing import Any, ClassVar

import pytest
import strawberry
from graphql import GraphQLObjectType, get_named_type

from hub.access.policy import Level
from hub.access.policy.attributes import attributes_of, is_personal
from hub.access.policy.view import compile_view
from schema.batch import READS, READS_CATALOGUE, BatchExtension, reads
from schema.contract import export
from schema.personal import MASKABLE, FieldClass, classes
from schema.personal_fields import (
    BACKREF,
    classes_of_field,
    declare_personal_fields,
    record_type_of,
)
from tests.unit.personal_records import GRAPHQL_SCHEMA, RECORD_TYPES

WITHOUT_PERSONAL_DATA = {
    "AttributeCondition",
    "AttributeOption",
    "AudienceFacet",
    "ContactPoint",
    "Cost",
    "Department",
    "DepartmentCount",
    "DepartmentFacet",
    "DepartmentText",
    "DiscardDraftPayload",
    "Eligibility",
    "EraseCopiesPayload",
    "EvidenceGroup",
    "GrievanceCategory",
    "EvidenceType",
    "GroupFacet",
    "LifeEventFacet",
    "Money",
    "Mutation",
    "PageInfo",
    "PauseDepartmentPayload",
    "Provenance",
    "Purpose",
    "Query",
    "ResumeDepartmentPayload",
    "Service",
    "ServiceAttribute",
    "ServiceCentre",
    "ServiceFacets",
    "SourceFault",
    "SourceInternals",
    "SourceStatus",
    "StatusGroupCount",
    "UnappliedFilter",
}
"""Types with public or technical values, or values as personal as the field that returns them."""
SHOWN_TO_PARTIES = {
    "ConfirmConsentPayload",
    "Consent",
    "ConsentPayload",
    "Nomination",
    "NominationPayload",
    "RequestConsentPayload",
    "SendOneTimeCodePayload",
}
"""Types that the policy does not decide on: only the citizen and the requester see a consent."""


def unclassified(record_type: type) -> set[str]:
    """Return the attributes of a type that have no class and are not declared as not personal."""
    not_personal: frozenset[str] = getattr(record_type, "NOT_PERSONAL", frozenset())
    return set(attributes_of(record_type)) - set(getattr(record_type, "CLASSES", {})) - not_personal


def fields_without_class(named: GraphQLObjectType) -> set[str]:
    """Return the fields of a type that show personal data, but have no directive."""
    record_type = record_type_of(named)
    personal = set(getattr(record_type, "CLASSES", {}))
    found = set()
    for name, definition in named.fields.items():
        source = definition.extensions[BACKREF]
        if classes_of_field(definition) or READS_CATALOGUE in source.metadata:
            continue
        is_batch = any(isinstance(each, BatchExtension) for each in source.extensions)
        keys: frozenset[str] = (
            getattr(record_type, "KEYS", frozenset()) if is_batch else frozenset()
        )
        read = [source.python_name] if source.base_resolver is None else source.metadata.get(READS)
        if read is None or set(read) & personal - keys:
            found.add(name)
    return found


def personal_objects() -> list[GraphQLObjectType]:
    return [
        named
        for named in GRAPHQL_SCHEMA.type_map.values()
        if isinstance(named, GraphQLObjectType) and is_personal(record_type_of(named))
    ]


def all_personal_types() -> list[type]:
    """Return the record types, and the types of the objects in them."""
    found: dict[type, None] = {}

    def add(record_type: type) -> None:
        if record_type not in found:
            found[record_type] = None
            for each in attributes_of(record_type).values():
                if is_personal(each.type):
                    add(each.type)

    for each in (*RECORD_TYPES, *map(record_type_of, personal_objects())):
        add(each)
    return list(found)


@pytest.mark.parametrize("record_type", all_personal_types(), ids=lambda each: each.__name__)
def test_every_attribute_has_a_class_or_is_declared_as_not_personal(record_type: type) -> None:
    assert unclassified(record_type) == set()
    declared = set(getattr(record_type, "CLASSES", {}))
    assert declared & getattr(record_type, "NOT_PERSONAL", frozenset()) == set()
    names = declared | getattr(record_type, "NOT_PERSONAL", frozenset())
    assert names == set(attributes_of(record_type)), "a declared attribute does not exist"
    assert getattr(record_type, "KEYS", frozenset()) <= declared
    assert getattr(record_type, "OWN_VIEW", frozenset()) <= names


def test_an_attribute_without_a_class_is_found() -> None:
    @strawberry.type
    class Ration:
        CLASSES: ClassVar = classes({FieldClass.BENEFIT: ["shop"]})

        shop: str
        card: str

    assert unclassified(Ration) == {"card"}


@pytest.mark.parametrize("named", personal_objects(), ids=lambda each: each.name)
def test_every_field_with_personal_data_has_the_directive(named: GraphQLObjectType) -> None:
    assert fields_without_class(named) == set()


def test_a_field_with_personal_data_without_the_directive_is_found() -> None:
    @strawberry.type
    class Ration:
        CLASSES: ClassVar = classes({FieldClass.BENEFIT: ["shop"], FieldClass.IDENTIFIER: ["card"]})

        shop: str
        card: strawberry.Private[str]

        @strawberry.field(metadata=reads("card"))
        def last_four(self) -> str:
            return self.card[-4:]

        @strawberry.field
        def both(self) -> str:
            return self.shop + self.card

    @strawberry.type
    class Query:
        ration: Ration

    schema = strawberry.Schema(query=Query)
    named: Any = schema._schema.get_type("Ration")
    assert fields_without_class(named) == {"shop", "lastFour", "both"}

    declare_personal_fields(schema)
    assert fields_without_class(named) == set()
    assert classes_of_field(named.fields["lastFour"]) == [FieldClass.IDENTIFIER]
    # A resolver that does not say what it reads could read everything.
    assert classes_of_field(named.fields["both"]) == [FieldClass.IDENTIFIER, FieldClass.BENEFIT]


def test_types_of_the_schema_declare_whether_they_have_personal_data() -> None:
    undeclared = {
        name
        for name, named in GRAPHQL_SCHEMA.type_map.items()
        if isinstance(named, GraphQLObjectType)
        and not name.startswith("__")
        and not name.endswith(("Connection", "Edge"))
        and not is_personal(record_type_of(named))
    }
    assert undeclared <= WITHOUT_PERSONAL_DATA | SHOWN_TO_PARTIES, "declare CLASSES or NOT_PERSONAL"


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("Citizen.personName", "NAME"),
        ("Citizen.sexLabel", "DEMOGRAPHIC"),
        ("Citizen.identifiers", "IDENTIFIER AADHAAR BENEFIT"),
        ("Citizen.applications", "APPLICATION"),
        ("Citizen.conflicts", "NAME BIRTH_DATE ADDRESS DISTRICT LIFE_STATUS"),
        ("Application.daysLeft", "APPLICATION"),
        ("Application.statusNotes", "REMARKS"),
        ("Grievance.statusGroupLabel", "GRIEVANCE"),
        ("CitizenRequest.statusGroup", "APPLICATION GRIEVANCE"),
        ("Certificate.application", "APPLICATION CERTIFICATE"),
        ("Benefit.payments", "PAYMENT"),
        ("Benefit.programmeName", "BENEFIT"),
        ("Identifier.identifierValue", "IDENTIFIER"),
        ("Application.department", ""),
        ("Service.department", ""),
    ],
)
def test_a_field_has_the_classes_of_what_it_reads(field: str, expected: str) -> None:
    type_name, _, name = field.partition(".")
    named: Any = GRAPHQL_SCHEMA.type_map[type_name]
    found = classes_of_field(named.fields[name])
    assert " ".join(each.name for each in found) == expected


def test_a_resolver_has_at_least_the_classes_of_the_attributes_that_it_reads() -> None:
    for named in personal_objects():
        record_type = record_type_of(named)
        given = getattr(record_type, "CLASSES", {})
        for definition in named.fields.values():
            source = definition.extensions[BACKREF]
            is_batch = any(isinstance(each, BatchExtension) for each in source.extensions)
            for each in source.metadata.get(READS, ()):
                if is_batch and each in getattr(record_type, "KEYS", ()):
                    continue
                of_attribute = given.get(each, ())
                expected = of_attribute if isinstance(of_attribute, tuple) else (of_attribute,)
                assert set(expected) <= set(classes_of_field(definition)), definition


def test_the_contract_declares_the_directive_and_its_classes() -> None:
    text = export()
    assert "directive @personal(classes: [FieldClass!]!) on FIELD_DEFINITION" in text
    assert "enum FieldClass {" in text
    assert "  phoneNumber: String @personal(classes: [CONTACT])" in text


@pytest.mark.parametrize("record_type", all_personal_types(), ids=lambda each: each.__name__)
def test_a_record_is_hidden_or_valid_whatever_the_policy_says(record_type: type) -> None:
    """Required attributes have a neutral value, or they belong to the class of the record."""
    of_record = getattr(record_type, "RECORD_CLASS", None)
    assert of_record not in MASKABLE
    for lowest in Level:
        for kept in FieldClass:
            levels = tuple(
                Level.PLAIN if each in (of_record, kept) else lowest for each in FieldClass
            )
            compile_view(record_type, levels)


def test_attributes_that_order_lists_are_plain_in_every_visible_record() -> None:
    for record_type in all_personal_types():
        of_record = getattr(record_type, "RECORD_CLASS", None)
        if of_record is None or not dataclasses.is_dataclass(record_type):
            continue
        keys = getattr(record_type, "KEYS", ())
        for name in getattr(record_type, "ALWAYS_READ", ()):
            attribute = attributes_of(record_type)[name]
            assert name in keys or attribute.field_classes == (of_record,), (record_type, name)


def test_lists_on_a_citizen_name_the_class_of_their_records() -> None:
    citizen: Any = GRAPHQL_SCHEMA.type_map["Citizen"]
    for name in ("applications", "benefits", "certificates", "grievances", "family"):
        assert get_named_type(citizen.fields[name].type)
        assert len(classes_of_field(citizen.fields[name])) == 1
