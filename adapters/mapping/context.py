"""What holds for every rule of one department."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from adapters.mapping.codes import CodeTable
from adapters.mapping.rules import FieldRules


@dataclass(frozen=True, slots=True)
class MappingContext:
    """What holds for every rule of one department.

    Attributes:
        department: identifier of the department.
        absent: texts that mean "no value" there, after trimming.
        timezone: zone of its local times.
        tables: its code tables by name.
        records: its named rule sets.
        functions: what its `adapter.py` defines, by name.
    """

    department: str
    absent: frozenset[str]
    timezone: ZoneInfo
    tables: Mapping[str, CodeTable]
    records: Mapping[str, FieldRules]
    functions: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
