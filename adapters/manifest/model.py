"""What `department.yaml`, `services.yaml` and `codes.yaml` may say."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

from adapters.connectors.kinds import ConnectorSettings
from adapters.contract import Capability
from adapters.manifest.limits import Limits, MaintenanceWindow
from adapters.manifest.texts import TwoScripts
from adapters.mapping import CodeTable, FieldRules
from adapters.mapping.rules import StrictModel
from schema.department import Department
from schema.service import Service
from schema.service_centre import ServiceCentre


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"this is not a regular expression: {error}") from None
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("this is no time zone; write it as Asia/Kolkata") from None
    return value


Pattern = Annotated[str, AfterValidator(_pattern)]


class ContactModel(StrictModel):
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
    rows: str | None = None
    key: str | None = None
    row: str | None = None
    total: str | None = None
    record: str


class DepartmentFile(StrictModel):
    """`department.yaml`."""

    manifest: Literal["1"]
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
    records: dict[str, FieldRules]
    capabilities: dict[Capability, CapabilityModel]


class CodeLine(StrictModel):
    meaning: str
    label: str | None = None


def _line_from_text(value: object) -> object:
    return {"meaning": value} if isinstance(value, str) else value


class CodeTableModel(StrictModel):
    """One table of `codes.yaml`.

    Attributes:
        enum: the hub's enum that `codes` are translated to.
        codes: the department's codes; a bare word is short for `{meaning: word}`.
        texts: in a table without an enum, the text that each code stands for.
    """

    enum: str | None = None
    codes: dict[str, Annotated[CodeLine, BeforeValidator(_line_from_text)]] = {}
    texts: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Manifest:
    """A department's manifest, read and checked.

    Attributes:
        folder: where it came from.
        file: the content of `department.yaml`.
        tables: the code tables by name.
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
