"""Records in which every attribute has a value, made from the types of the attributes."""

import datetime as dt
from enum import Enum
from typing import Any

from hub.access.policy.attributes import attributes_of, is_personal
from schema.access_record import AccessRecord
from schema.application import Application
from schema.benefit import Benefit
from schema.certificate import Certificate
from schema.certificate_document import CertificateDocument, CertificateFile
from schema.certificate_verification import CertificateVerification
from schema.citizen import Citizen, IdentityLink
from schema.conflict import ConflictList
from schema.family import Family
from schema.grievance import Grievance
from schema.language import Text
from schema.person import Identifier
from schema.scalars import Paise
from schema.service import Money
from schema.tracked_application import TrackedApplication
from tests.support.graphql_schema import SCHEMA

GRAPHQL_SCHEMA = SCHEMA._schema
RECORD_TYPES: tuple[type, ...] = (
    Citizen,
    Family,
    Application,
    Benefit,
    Certificate,
    CertificateFile,
    CertificateDocument,
    Grievance,
    Identifier,
    ConflictList,
    AccessRecord,
    TrackedApplication,
    CertificateVerification,
)
"""The types of records that ports return."""
MOMENT = dt.datetime(2026, 11, 28, 12, 0, tzinfo=dt.UTC)
VALUES: dict[Any, Any] = {
    bool: True,
    int: 4711,
    float: 29.5,
    bytes: b"%PDF",
    dt.date: dt.date(1954, 5, 17),
    dt.datetime: MOMENT,
    Text: Text("Widow", "विधवा"),
    Money: Money(amount=Paise(300_000)),
    IdentityLink: IdentityLink("PENSION_PPO", "PPO-1234567"),
}


def filled(record_type: type, **values: Any) -> Any:
    """Return a record with a value in every attribute that a view can change, and the keys."""
    given = {}
    for each in attributes_of(record_type).values():
        if each.name in ("origin", "registry_status", "masking", "row_warnings", "sort_key"):
            continue
        if each.has_own_view and not each.is_required:
            continue
        value = _value(each.type, each.name)
        given[each.name] = [value, value] if each.is_list else value
    made: Any = object.__new__(record_type)
    made.__dict__.update(given | values)
    return made


def _value(type_: Any, name: str) -> Any:
    if type_ is str:
        return "ram@example.in" if name == "email" else f"RAM {name.upper()} 98765 43210"
    if type_ in VALUES:
        return VALUES[type_]
    if isinstance(type_, type) and issubclass(type_, Enum):
        return list(type_)[-1]
    if is_personal(type_):
        return filled(type_)
    # Any object will do for types without personal data, for example a department.
    return object()
