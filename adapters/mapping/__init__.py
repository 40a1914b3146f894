"""Compiles field rules into Python functions when a manifest is loaded."""

from adapters.mapping.code_tables import Code, CodeTable
from adapters.mapping.compiler import RowReader, compile_reader
from adapters.mapping.rules import FieldRule, FieldRules, MappingContext, RuleError

__all__ = [
    "Code",
    "CodeTable",
    "FieldRule",
    "FieldRules",
    "MappingContext",
    "RowReader",
    "RuleError",
    "compile_reader",
]
