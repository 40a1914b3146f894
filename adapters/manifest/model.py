"""What `department.yaml` may say, and what a whole manifest is."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from adapters.connectors.kinds import ConnectorSettings
from adapters.contract import Capability
from adapters.manifest.limits import Limits, MaintenanceWindow
from adapters.mapping import CodeTable, FieldRule, FieldRules
from adapters.mapping.rules import StrictModel, rule_from_path
from adapters.mapping.value_rules import Steps, list_from_one
from schema.department import Department
from schema.service import Service
from schema.service_centre import ServiceCentre

MOST_OF_A_PATTERN = 500


def _pattern(value: str) -> str:
    if len(value) > MOST_OF_A_PATTERN:
        raise ValueError(f"it is longer than {MOST_OF_A_PATTERN} characters")
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"this is not a regular expression: {error}") from None
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("this is no time zone; write it as Asia/Kolkata") from None
    return value


Pattern = Annotated[str, AfterValidator(_pattern)]


VERSION = "1"


def _version(value: str) -> str:
    if value == VERSION:
        return value
    if value.isdecimal() and int(value) > int(VERSION):
        raise ValueError(
            f"this hub reads manifests of version {VERSION}: upgrade the hub, or write version "
            f"{VERSION}"
        )
    raise ValueError(f"write {VERSION}, the version of this format")


class TwoScripts(StrictModel):
    """A label in English and, where there is one, in Hindi."""

    en: str
    hi: str | None = None


class ContactModel(StrictModel):
    """How people reach the department.

    Attributes:
        telephone: its number.
        email: its address.
        opening_hours: when somebody is there, as OpenStreetMap writes it.
    """

    telephone: str | None = None
    email: str | None = None
    opening_hours: str | None = None


class IdentityRule(StrictModel):
    """How the department knows a citizen.

    Attributes:
        scheme: name of its numbering scheme, as the registry's links name it.
    """

    scheme: str


class KeysRule(StrictModel):
    """How keys go in.

    Attributes:
        at_once: most keys in one call; 1 fills `{key}`, more fill `{keys}`.
        type: what the department takes them for.
        prefix: put before each key on its way out, and taken off on its way back.
    """

    at_once: int = Field(default=1, gt=0, le=1000)
    type: Literal["text", "integer"] = "text"
    prefix: str = ""


class CapabilityModel(StrictModel):
    """One thing the department can be asked.

    Attributes:
        call: the call, in the connector's own terms.
        keys: how keys go in (look-ups).
        rows: path from the reply to the rows.
        key: path from a row to the key that it answers (look-ups).
        row: path from a row to the record in it, where the row is an envelope.
        total: path from the reply to the number of all rows (searches).
        record: which of `records` reads a row.
    """

    call: dict[str, Any]
    keys: KeysRule = KeysRule()
    rows: Steps | None = None
    key: Steps | None = None
    row: Steps | None = None
    total: Steps | None = None
    record: str


class RecordModel(StrictModel):
    """A set of field rules: how a row becomes a record.

    Attributes:
        absent_fields: fields of the record that the department does not have; `pendingWith.x` is
            the field x of an object or of each element of a list.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Annotated[FieldRule, BeforeValidator(rule_from_path)]]

    absent_fields: Annotated[list[str], BeforeValidator(list_from_one)] = []

    @property
    def rules(self) -> FieldRules:
        """The rules by field."""
        return self.__pydantic_extra__


class DepartmentFile(StrictModel):
    """`department.yaml`.

    Attributes:
        manifest: version of this format.
        department: short name, stable; shown as `Department.identifier`.
        label: its name, in English and Hindi.
        spatial: the area it serves.
        contact: how people reach it.
        identity: how it knows citizens.
        reference: regular expression of its application reference numbers.
        registration_number: regular expression of its grievance registration numbers.
        timezone: zone of its local times.
        absent: further texts that mean "no value"; an ISO date means that day in any format.
        connector: how it is spoken to; values may be references, as `${env:NAME}`.
        limits: what it can bear, and what the hub will bear of it.
        maintenance: when it is closed.
        records: named sets of field rules.
        capabilities: what it can be asked.
    """

    manifest: Annotated[str, AfterValidator(_version)]
    department: str = Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")
    label: TwoScripts
    spatial: str | None = None
    contact: ContactModel = ContactModel()
    identity: IdentityRule
    reference: Pattern | None = None
    registration_number: Pattern | None = None
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Kolkata"
    absent: list[str] = []
    connector: Annotated[ConnectorSettings, Field(discriminator="kind")]
    limits: Limits = Limits()
    maintenance: list[MaintenanceWindow] = []
    records: dict[str, RecordModel]
    capabilities: dict[Capability, CapabilityModel]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A department's manifest, read and checked.

    Attributes:
        folder: where it came from.
        file: the content of `department.yaml`.
        tables: the code tables by name.
        table_positions: where each begins: file and line.
        own_tables: names of those that stand in the department's own `codes.yaml`.
        functions: what its `adapter.py` defines, by name.
        department: what the schema shows of the department.
        services: its service catalogue.
        service_centres: the offices and counters it runs for citizens.
    """

    folder: Path
    file: DepartmentFile
    tables: dict[str, CodeTable]
    department: Department
    services: tuple[Service, ...]
    service_centres: tuple[ServiceCentre, ...]
    table_positions: Mapping[str, tuple[Path, int]] = field(default_factory=dict)
    own_tables: frozenset[str] = frozenset()
    functions: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
