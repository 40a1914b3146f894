"""Generates random queries and mutations with fragments, aliases, directives and variables."""

from dataclasses import dataclass, field
from random import Random
from typing import Literal

from graphql import (
    GraphQLField,
    GraphQLInputType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

from schema.connections import encode_cursor
from tests.support.ids import IDS, global_id

OBJECTS = [
    ("Citizen", "7KNL042101"), ("Family", "7KNL0421"), ("Service", "SJE-OAS"),
    ("Department", "pensions"), ("Citizen", "0x"),
]  # fmt: skip


def keyed(fields: str) -> list[str]:
    """Return inputs with these fields and several idempotency keys, of which one is empty."""
    return [f'{{{fields}, idempotencyKey: "{key}"}}' for key in ("a", "b", "c", "d", "")]


# Values for arguments by name or type: valid, unknown and invalid ones.
VALUES: dict[str, list[str]] = {
    "id": [
        *(f'"{global_id(*each)}"' for each in OBJECTS), '"7KNL042101"', '"Zzz"',
    ],
    "ids": [
        str([*(global_id(*each) for each in OBJECTS[:3]), "wrong"]).replace("'", '"'), "[]",
        str([global_id(*each) for each in OBJECTS[2:]]).replace("'", '"'),
    ],
    "CitizenKeyInput": [
        '{memberIdentifier: "7KNL042101"}', '{memberIdentifier: "9XXX"}',
        *(f'{{id: "{global_id(*each)}"}}' for each in OBJECTS[:3]), '{id: "wrong"}',
    ],
    "FamilyKeyInput": [
        '{familyIdentifier: "7KNL0421"}', '{familyIdentifier: "9XXX"}',
        *(f'{{id: "{global_id(*each)}"}}' for each in OBJECTS[:3]), '{id: "wrong"}',
    ],
    "DepartmentKeyInput": [
        '{identifier: "pensions"}', '{identifier: "nowhere"}',
        *(f'{{id: "{global_id(*each)}"}}' for each in OBJECTS[2:]), '{id: "wrong"}',
    ],
    "reference": ['"SJE-OAS/2026/000001"', '"SJE-OAS/2026/000003"', '"nothing"'],
    "phoneLast4": ['"0123"', '"9999"', '"12"'],
    "registrationNumber": ['"CMOFF/2026/0001234"', '"CMOFF/2026/7"'],
    "code": ['"SJE-OAS"', '"NONE"'],
    "number": ['"HR-INC-2026-001235"', '"FAIL"'],
    "issueDate": ['"2026-09-14"', '"2026-09-15"', '"wrong"'],
    "first": ["1", "2", "20", "0", "1000"],
    "last": ["null", "1", "12", "20", "0", "1000"],
    "before": ["null", '"bm90aGluZw"', f'"{encode_cursor(IDS, (2.0, "x:1"))}"'],
    "waitAtMostMs": ["null", "0", "1500", "-1", "70000"],
    "after": ["null", '"bm90aGluZw"', f'"{encode_cursor(IDS, (2.0, "offset"))}"'],
    "search": ['{name: "RAM", familyIdentifier: "7KNL0421"}', '{name: "FAIL"}'],
    "filter": ['{departments: "pensions"}', '{}', '{departments: ["nowhere"]}',
               '{departments: ["scholarships"], status: [DELIVERED], overdue: true}',
               '{desk: "Patwari", requestedBetween: {from: "2026-11-01"}, text: "dev"}'],
    "near": ["null", "{latitude: 29.7, longitude: 76.7}", "{latitude: 290, longitude: 0}"],
    "department": ["null", '"pensions"', '"nowhere"'],
    "group": ["null", '"Pensions"', '"पेंशन"'],
    "service": ["null", '"SJE-OAS"', '"NONE"'],
    "district": ["null", '"Karnal"', '"करनाल"', '"nowhere"'],
    "postalCode": ["null", '"132024"', '"12"'],
    "departments": ["null", "[]", '["pensions", "power"]', '["nowhere"]'],
    "receiptNumber": ['"CH7K3M9QXT2VDAB"', '"ch7k3m9qxt2vdac"', '"nothing"'],
    "draft": [f'"{global_id("Draft", "d1")}"', f'"{global_id(*OBJECTS[0])}"', '"wrong"'],
    "SubmitApplicationInput": [
        *keyed('citizen: {memberIdentifier: "7KNL042101"}, service: "SJE-OAS", attributes: '
               '[{code: "age", value: "60"}, {code: "days", values: ["MON"]}]'),
        *keyed('citizen: {memberIdentifier: "9XXX"}, service: "SJE-OAS", attributes: [], '
               'documents: ["wrong"], confirmDuplicate: true, language: EN'),
    ],
    "SaveDraftInput": keyed('citizen: {memberIdentifier: "7KNL042101"}, service: "SJE-OAS", '
                            'attributes: [{code: "age", value: "60"}]'),
    "RespondToQueryInput": keyed('application: "SJE-OAS/2026/000001", answer: "Yes"'),
    "WithdrawApplicationInput": keyed('application: "CH7K3M9QXT2VDAB", reason: null'),
    "FileGrievanceInput": keyed('citizen: {memberIdentifier: "7KNL042101"}, category: "WATER", '
                                'text: "No water", department: "pensions"'),
    "FileAppealInput": [
        *keyed('application: "SJE-OAS/2026/000001", level: FIRST, grounds: "Late"'),
        *keyed('application: "SJE-OAS/2026/000001", level: THIRD, grounds: "Late"'),
    ],
    "GiveFeedbackInput": keyed('request: "CMOFF/2026/0001234", rating: 5'),
    "RequestCorrectionInput": keyed('citizen: {memberIdentifier: "7KNL042101"}, '
                                    'recordField: "Citizen.birthDate", newValue: "1960-01-01"'),
    "PauseDepartmentInput": ['{department: "pensions"}', '{department: "nowhere"}',
              '{department: "pensions", until: "2020-01-01T00:00:00+05:30"}',
              '{department: "pensions", note: null}'],
}  # fmt: skip
TEXT_SEARCH = ["null", '"pension"', '"zzz"']


@dataclass
class OperationMaker:
    """Generates operations. The same seed generates the same operations."""

    schema: GraphQLSchema
    random: Random
    most_depth: int = 6
    variables: dict[str, tuple[str, str]] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    count: int = 0

    def make(self, kind: Literal["query", "mutation"] = "query") -> tuple[str, dict[str, bool]]:
        """Return a document and the values of its variables."""
        self.variables, self.fragments, self.count = {}, [], 0
        root = self.schema.query_type if kind == "query" else self.schema.mutation_type
        assert root is not None
        body = self.selections(root, 0)
        flags = {f"flag{n}": self.random.random() < 0.5 for n in range(2)}
        declared = ", ".join(f"${name}: Boolean!" for name in flags)
        # Always used, because an unused variable makes the document invalid.
        used = "".join(f"f{n}: __typename @include(if: ${name}) " for n, name in enumerate(flags))
        document = f"{kind} ({declared}) {{ {used} {body} }} {' '.join(self.fragments)}"
        return document, flags

    def selections(self, parent: GraphQLNamedType, depth: int) -> str:
        parts: list[str] = []
        if is_abstract_type(parent):
            parts.append("__typename")
            possible = list(self.schema.get_possible_types(parent))
            for concrete in self.random.sample(possible, min(3, len(possible))):
                body = self.selections(concrete, depth + 1)
                parts += [f"... on {concrete.name} {{ {body} }}"]
            if self.random.random() < 0.5:
                parts.append("id")
            return " ".join(parts)
        assert isinstance(parent, GraphQLObjectType)
        fields = list(parent.fields.items())
        for name, definition in self.random.sample(
            fields, min(len(fields), self.random.randint(1, 5))
        ):
            text = self.field(name, definition, depth)
            if text:
                parts.append(text)
        if not parts or self.random.random() < 0.15:
            parts.append("__typename")
        if self.random.random() < 0.2:
            return self.as_fragment(parent, " ".join(parts))
        return " ".join(parts)

    def as_fragment(self, parent: GraphQLObjectType, body: str) -> str:
        condition = self.directive()
        if self.random.random() < 0.5:
            return f"... on {parent.name} {condition} {{ {body} }} __typename"
        self.count += 1
        name = f"Part{self.count}"
        self.fragments.append(f"fragment {name} on {parent.name} {{ {body} }}")
        again = f"...{name}" if self.random.random() < 0.3 else ""
        return f"...{name} {condition} {again} __typename"

    def field(self, name: str, definition: GraphQLField, depth: int) -> str:
        inner = get_named_type(definition.type)
        if not is_leaf_type(inner) and depth >= self.most_depth:
            return ""
        arguments = self.arguments(name, definition)
        self.count += 1
        alias = f"a{self.count}: " if arguments or self.random.random() < 0.15 else ""
        body = "" if is_leaf_type(inner) else f" {{ {self.selections(inner, depth + 1)} }}"
        text = f"{alias}{name}{arguments} {self.directive()}{body}"
        # Select the field twice, so that the executor has to merge both.
        return f"{text} {text}" if self.random.random() < 0.1 else text

    def arguments(self, field_name: str, definition: GraphQLField) -> str:
        given = []
        for name, argument in definition.args.items():
            required = is_non_null_type(argument.type)
            if required or self.random.random() < 0.3:
                given.append(f"{name}: {self.value(field_name, name, argument.type)}")
        return f"({', '.join(given)})" if given else ""

    def value(self, field_name: str, name: str, input_type: GraphQLInputType) -> str:
        if field_name == "services" and name == "search":
            return self.random.choice(TEXT_SEARCH)
        named = get_named_type(input_type)
        if name in VALUES:
            return self.random.choice(VALUES[name])
        if named.name in VALUES:
            return self.random.choice(VALUES[named.name])
        if is_enum_type(named):
            word: str = self.random.choice(list(named.values))
            if is_list_type(input_type):
                return self.random.choice(["null", f"[{word}]"])
            return word
        return self.random.choice(["true", "false", "null"])

    def directive(self) -> str:
        if self.random.random() > 0.12:
            return ""
        word = self.random.choice(["skip", "include"])
        return f"@{word}(if: {self.random.choice(['true', 'false', '$flag0', '$flag1'])})"
