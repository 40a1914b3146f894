"""The model of `department.yaml`, and of a whole manifest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from adapters.connectors.kinds import ConnectorSettings
from adapters.contract import Capability
from adapters.manifest.limits import Limits, MaintenanceWindow
from adapters.manifest.texts import WrittenText
from adapters.manifest.writes import FormModel, WriteModel
from adapters.mapping import CodeTable, FieldRule, FieldRules
from adapters.mapping.rules import StrictModel, rule_from_path
from adapters.mapping.value_rules import Pattern, Steps, list_from_one
from adapters.writes import WriteCapability
from schema.department import Department
from schema.service import Service
from schema.service_centre import ServiceCentre


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("write the name of a time zone, for example Asia/Kolkata") from None
    return value


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


class ContactModel(StrictModel):
    """How people contact the department.

    Attributes:
        telephone: telephone number.
        email: e-mail address.
        opening_hours: opening hours in the format of OpenStreetMap.
    """

    telephone: str | None = None
    email: str | None = None
    opening_hours: str | None = None


class IdentityRule(StrictModel):
    """How the department identifies a citizen.

    Attributes:
        scheme: name of its numbering scheme for citizens, as in the registry's links.
    """

    scheme: str


class KeysRule(StrictModel):
    """How a call contains its keys.

    Attributes:
        at_once: maximum number of keys in one call; 1 fills `{key}`, more fill `{keys}`.
        type: type of a key in the call.
        prefix: text added before each key in the call and removed from keys in the reply.
    """

    at_once: int = Field(default=1, gt=0, le=1000)
    type: Literal["text", "integer"] = "text"
    prefix: str = ""


class CapabilityModel(StrictModel):
    """One call that the department supports.

    Attributes:
        call: the call, with the keys of its connector.
        keys: how the call contains its keys (look-ups).
        rows: path from the reply to the rows.
        key: path from a row to the key that it belongs to (look-ups).
        row: path from a row to the record in it, if the row is an envelope.
        total: path from the reply to the number of all rows (searches).
        record: name of the record in `records` that reads a row.
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
            the field x of an object, or of each element of a list.
    """

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Annotated[FieldRule, BeforeValidator(rule_from_path)]]

    absent_fields: Annotated[list[str], BeforeValidator(list_from_one)] = []

    @property
    def rules(self) -> FieldRules:
        """The rules, by field name."""
        return self.__pydantic_extra__


class DepartmentFile(StrictModel):
    """`department.yaml`.

    Attributes:
        manifest: version of this format.
        department: short, stable name; shown as `Department.identifier`.
        label: name of the department.
        spatial: area that it serves.
        contact: how people contact it.
        identity: how it identifies citizens.
        reference: regular expression of its application reference numbers.
        registration_number: regular expression of its grievance registration numbers.
        grievance_categories: names of the categories of complaints that it takes, by code.
        certificate_number: regular expression of the numbers of its certificates.
        timezone: zone of its local times.
        absent: more texts that mean "no value"; an ISO date means that day in any format.
        connector: how the hub calls it; values may be references such as `${env:NAME}`.
        limits: limits of time, concurrency and size, cache and retries.
        maintenance: when it is closed.
        records: named sets of field rules.
        capabilities: the look-ups and searches that it supports.
        forms: application forms as the department receives them, by code of the service.
        writes: the writes that it accepts.
    """

    manifest: Annotated[str, AfterValidator(_version)]
    department: str = Field(pattern=r"^[a-z][a-z0-9-]{1,40}$")
    label: WrittenText
    spatial: WrittenText | None = None
    contact: ContactModel = ContactModel()
    identity: IdentityRule
    reference: Pattern | None = None
    registration_number: Pattern | None = None
    grievance_categories: dict[str, WrittenText] = {}
    certificate_number: Pattern | None = None
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Kolkata"
    absent: list[str] = []
    connector: Annotated[ConnectorSettings, Field(discriminator="kind")]
    limits: Limits = Limits()
    maintenance: list[MaintenanceWindow] = []
    records: dict[str, RecordModel]
    capabilities: dict[Capability, CapabilityModel]
    forms: dict[str, FormModel] = {}
    writes: dict[WriteCapability, WriteModel] = {}


@dataclass(frozen=True, slots=True)
class Manifest:
    """A department's manifest, loaded and validated.

    Attributes:
        folder: folder of its files.
        file: content of `department.yaml`.
        tables: code tables by name.
        department: the department as the schema shows it.
        services: its service catalogue.
        service_centres: the offices and counters that it runs for citizens.
        table_positions: file and line (from 1) at which each code table begins.
        own_tables: names of the tables in the department's own `codes.yaml`.
        functions: functions of its `adapter.py`, by name.
        referred_files: the files of its references `${file:PATH}`, for example of credentials.
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
    referred_files: frozenset[Path] = frozenset()
