"""Generates the JSON Schemas with which editors complete and check manifests.

They are generated from the models that read the files, so that new settings are included
automatically. A text may be written as a number or truth value (`02`, `NO`): the hub reads every
scalar as text.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, get_args

import orjson
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema
from strawberry.utils.str_converters import to_camel_case

from adapters.connectors.kinds import KINDS
from adapters.contract import Capability
from adapters.manifest.codes import ENUMS, CodesFile
from adapters.manifest.model import VERSION, DepartmentFile
from adapters.manifest.service_centres import CentresFile
from adapters.manifest.services import ServicesFile
from adapters.mapping.rules import StrictModel
from adapters.mapping.targets import RECORD_TYPES, targets_of
from adapters.writes import WriteCapability

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FILES: Mapping[str, type[StrictModel]] = {
    "manifest.schema.json": DepartmentFile,
    "codes.schema.json": CodesFile,
    "services.schema.json": ServicesFile,
    "service_centres.schema.json": CentresFile,
}
_SCALAR: JsonSchemaValue = {"type": ["string", "number", "boolean"]}
_TEXT_LIST: JsonSchemaValue = {"type": "array", "items": _SCALAR}
# JSON Schema of what a manifest contains, by name of the validator that converts it.
_WRITTEN: Mapping[str, JsonSchemaValue] = {
    "_seconds": {"type": "string", "pattern": r"^\d+(\.\d+)?(ms|s|m|h|d)$"},
    "_bytes": {"type": "string", "pattern": r"^\d+\s*(B|KiB|MiB)$"},
    "_share": {"type": "string", "pattern": r"^\d+(\.\d+)?%$"},
    "_clock": {"type": "string", "pattern": r"^\d\d:\d\d$"},
    "_by_reference": {"type": "string", "pattern": r"\$\{(env|file):"},
}
_SHORT_FOR: Mapping[str, JsonSchemaValue] = {
    "paths_only": _TEXT_LIST,
    "rule_from_path": {"anyOf": [_SCALAR, _TEXT_LIST]},
}


class _Generator(GenerateJsonSchema):
    """Generates schemas of files as they are written, before the models convert them."""

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        return {**super().str_schema(schema), **_SCALAR}

    def int_schema(self, schema: core_schema.IntSchema) -> JsonSchemaValue:
        return {**super().int_schema(schema), "type": ["integer", "string"]}

    def float_schema(self, schema: core_schema.FloatSchema) -> JsonSchemaValue:
        return {**super().float_schema(schema), "type": ["number", "string"]}

    def bool_schema(self, schema: core_schema.BoolSchema) -> JsonSchemaValue:
        return {"type": ["boolean", "string"]}

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> JsonSchemaValue:
        return {"type": "string"}

    def function_before_schema(
        self, schema: core_schema.BeforeValidatorFunctionSchema
    ) -> JsonSchemaValue:
        inner = super().function_before_schema(schema)
        function = schema["function"]["function"]
        if hasattr(function, "__self__"):
            # A method of the model: it does not change how the value is written.
            return inner
        name = getattr(function, "__name__", "")
        if name in _WRITTEN:
            return dict(_WRITTEN[name])
        if name == "list_from_one" and inner.get("type") == "array":
            return {"anyOf": [inner["items"], inner]}
        # All other validators expand a short form.
        return {"anyOf": [dict(_SHORT_FOR.get(name, _SCALAR)), inner]}

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Leave out the default: it is a value of the model, not as written in a file."""
        return self.generate_inner(schema["schema"])

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        made.pop("title", None)
        summary, attributes = _described(schema["cls"])
        if summary:
            made["description"] = summary
        for name, described in made.get("properties", {}).items():
            described.pop("title", None)
            if name in attributes:
                described["description"] = attributes[name]
        return made


def _described(model: type) -> tuple[str, dict[str, str]]:
    """Return the summary and the attributes in a model's docstring."""
    summary, _, listed = (model.__doc__ or "").partition("Attributes:")
    attributes = {
        name.strip().rstrip("_"): " ".join(words.split())
        for names, words in re.findall(r"^ {8}([\w, ]+): (.*(?:\n {9,}.*)*)", listed, re.MULTILINE)
        for name in names.split(",")
    }
    return " ".join(summary.split()), attributes


def schema_of(name: str) -> dict[str, Any]:
    """Return a JSON Schema.

    Args:
        name: file name of the schema, a key of `FILES`.
    """
    model = FILES[name]
    calls = list(_call_models()) if model is DepartmentFile else []
    references, whole = models_json_schema(
        [(each, "validation") for each in (model, *calls)], schema_generator=_Generator
    )
    definitions = whole["$defs"]
    _strip(definitions)
    top = definitions[_name_in(references[model, "validation"])]
    if model is DepartmentFile:
        _add_version(top)
        _name_keys(top, "capabilities", "CapabilityModel", Capability)
        _name_keys(top, "writes", "WriteModel", WriteCapability)
        _add_calls(references, top)
        definitions["FieldRule"]["properties"]["path"]["anyOf"].append(_TEXT_LIST)
        _add_fields(definitions["RecordModel"])
        for settings in KINDS:
            _allow_references(definitions, settings.__name__, set())
    if model is CodesFile:
        definitions["CodeTableModel"]["properties"]["enum"] = {"enum": sorted(ENUMS)}
    used = {key: value for key, value in definitions.items() if value is not top}
    return {"$schema": DIALECT, "title": name.split(".")[0], **top, "$defs": used}


def _call_models() -> Iterator[type[StrictModel]]:
    for kind in KINDS.values():
        yield kind.call
        if kind.write is not None:
            yield kind.write


def written(name: str) -> str:
    """Return the content of a schema file."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(schema_of(name), option=options).decode()


def _name_in(reference: Mapping[str, Any]) -> str:
    return str(reference["$ref"]).rsplit("/", 1)[-1]


def _strip(definitions: dict[str, Any]) -> None:
    """Remove titles, which only repeat the name of a key."""
    for each in _schemas_in(definitions):
        if isinstance(each.get("title"), str):
            del each["title"]


def _add_version(top: dict[str, Any]) -> None:
    top["properties"]["manifest"] |= {"enum": [int(VERSION), VERSION]}


def _name_keys(top: dict[str, Any], section: str, model: str, names: Iterable[StrEnum]) -> None:
    """Name the keys of a section, which all have the same model."""
    top["properties"][section] = {
        "type": "object",
        "description": top["properties"][section].get("description", ""),
        "properties": {each.value: {"$ref": f"#/$defs/{model}"} for each in names},
        "additionalProperties": False,
    }


def _add_calls(references: Mapping[Any, Any], top: dict[str, Any]) -> None:
    """Add the keys of `call`, which depend on the connector."""

    def with_call(model: type[StrictModel]) -> dict[str, Any]:
        return {"additionalProperties": {"properties": {"call": references[model, "validation"]}}}

    top["allOf"] = [
        {
            "if": {
                "properties": {"connector": {"properties": {"kind": {"enum": _words(settings)}}}},
                "required": ["connector"],
            },
            "then": {
                "properties": {
                    "capabilities": with_call(kind.call),
                    **({"writes": with_call(kind.write)} if kind.write is not None else {}),
                }
            },
        }
        for settings, kind in KINDS.items()
    ]


def _words(settings: type[StrictModel]) -> list[str]:
    return list(get_args(settings.model_fields["kind"].annotation))


def _allow_references(definitions: Mapping[str, Any], name: str, seen: set[str]) -> None:
    """Allow a reference wherever a connector's text must match a pattern."""
    if name in seen:
        return
    seen.add(name)
    for each in _schemas_in(definitions[name]):
        if "pattern" in each and "env|file" not in each["pattern"]:
            each["pattern"] = rf"({each['pattern']})|\$\{{"
        if "$ref" in each:
            _allow_references(definitions, _name_in(each), seen)


def _schemas_in(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        for each in schema.values():
            yield from _schemas_in(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _schemas_in(each)


def _add_fields(record: dict[str, Any]) -> None:
    """Add the fields of all record types, because the type of a record is not known here."""
    rule = record["additionalProperties"]
    for record_type in RECORD_TYPES.values():
        descriptions = {
            getattr(field, "graphql_name", None) or to_camel_case(field.name): description
            for field in dataclasses.fields(record_type)
            if (description := getattr(field, "description", None))
        }
        for target in targets_of(record_type).values():
            described = descriptions.get(target.name)
            entry = {**rule, "description": described} if described else dict(rule)
            record["properties"].setdefault(target.name, entry)
