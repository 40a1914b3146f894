"""Decides what a column of a department's reply holds, from its manifest and its name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from adapters.contract import Capability
from adapters.manifest import Manifest
from adapters.manifest.rules import ABSENT
from adapters.mapping.code_tables import CodeTable
from adapters.mapping.rules import FieldRules
from adapters.mapping.targets import Target, targets_of
from adapters.record_types import record_type_of
from adapters.workbench.recording.dates import day_in


class ColumnKind(Enum):
    """Content of a column. It decides how the column's values are replaced."""

    CODE = "code"
    OFFICIAL = "official"
    MONEY = "money"
    FILE = "file"
    DATE = "date"
    BIRTH = "birth"
    PERSONAL = "personal"
    UNKNOWN = "unknown"


_PERSONAL = re.compile(
    r"(?i)name|nm(_|$)|naam|father|mother|husband|spouse|guardian|applicant|holder|nominee|mob|"
    r"phone|tel|email|mail|addr|house|village|ward|locality|street|pin|zip|aadha?r|uid|uuid|acc|"
    r"bank|ifsc|photo|image|sign|note|remark|desc|comment|lat|long|token|session|password|secret|"
    r"cookie|citizen|member|family|student|beneficiary|consumer|person|ration|caste|income|score"
)
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_BIRTH = re.compile(r"(?i)dob|birth|janm|death|dod|marriage")
SERVICES = frozenset({"serviceCode", "categoryCode", "category"})
OFFICIALS = frozenset({"action", "taskName", "designation", "mediaType"})


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one reply, each named by the last step of its path.

    Attributes:
        kinds: kind of each column that the manifest maps.
        codes: codes and labels of all code tables of the manifest.
        absent: texts that mean "no value".
        key_prefix: prefix of every key on the wire.
        phrases: parts of a text by which the manifest recognises an error.
        key_column: column of the requested key; None for searches.
        patterns: regular expressions of the department's numbers, which replaced numbers keep.
        absent_in: further texts that mean "no value", by column.
    """

    kinds: dict[str, ColumnKind]
    codes: frozenset[str]
    absent: frozenset[str]
    key_prefix: str = ""
    phrases: frozenset[str] = frozenset()
    key_column: str | None = None
    patterns: Sequence[str] = ()
    absent_in: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def is_error_text(self, text: str) -> bool:
        lowered = text.lower()
        return any(phrase.lower() in lowered for phrase in self.phrases)

    def is_absent(self, column: str, text: str) -> bool:
        """Return True if the text means "no value" in the column. A day counts in any format."""
        texts = self.absent | self.absent_in.get(column, frozenset())
        if text in texts:
            return True
        day = day_in(text) if any(map(_ISO_DAY.fullmatch, texts)) else None
        return day is not None and day.isoformat() in texts

    def kind_of(self, column: str) -> ColumnKind:
        known = self.kinds.get(column)
        if known is not ColumnKind.CODE and _BIRTH.search(column):
            return ColumnKind.BIRTH
        if known is not None:
            return known
        return ColumnKind.PERSONAL if _PERSONAL.search(column) else ColumnKind.UNKNOWN


def columns_of(manifest: Manifest, capability: Capability) -> Columns:
    """Return the columns of the capability's reply, from the field rules of its record."""
    model = manifest.file.capabilities[capability]
    kinds: dict[str, ColumnKind] = {}
    records = {name: record.rules for name, record in manifest.file.records.items()}
    targets = targets_of(record_type_of(capability))
    absent_in: dict[str, frozenset[str]] = {}
    _walk(records.get(model.record, {}), targets, records, kinds, absent_in, 0)
    if model.key:
        kinds[_last(model.key)] = ColumnKind.PERSONAL
    tables = manifest.tables.values()
    codes = {code for table in tables for code in _words_of(table)}
    settings = manifest.file.connector
    session = getattr(settings, "session", None)
    phrases = frozenset(
        [
            *getattr(settings, "auth_faults", ()),
            *getattr(settings, "empty_faults", ()),
            *getattr(session, "expired", ()),
        ]
    )
    envelope = getattr(settings, "envelope", None)
    paths = [getattr(envelope, name, None) for name in ("ok", "code", "message")]
    # The replayed reply must keep its outcome: a replaced code could turn "no rows" into an error.
    of_login = getattr(getattr(session, "login", None), "outcome", None)
    for outcome in (model.call.get("outcome"), getattr(settings, "outcome", None), of_login):
        for name in ("code", "message"):
            path = outcome.get(name) if isinstance(outcome, dict) else getattr(outcome, name, None)
            paths.append(path)
    for path in paths:
        if path:
            kinds.setdefault(_last(path.partition("=")[0]), ColumnKind.CODE)
    kinds.setdefault("faultcode", ColumnKind.CODE)
    absent = frozenset([*ABSENT, *manifest.file.absent])
    file = manifest.file
    numbers = (file.reference, file.registration_number, file.certificate_number)
    return Columns(
        kinds,
        frozenset(codes),
        absent,
        model.keys.prefix,
        phrases,
        _last(model.key) if model.key else None,
        [pattern for pattern in numbers if pattern is not None],
        absent_in,
    )


def _words_of(table: CodeTable) -> list[str]:
    texts = (text for label in table.labels.values() for text in (label.en, label.hi) if text)
    return [*table.meanings, *table.labels, *texts]


def _walk(
    rules: FieldRules,
    targets: dict[str, Target],
    records: dict[str, FieldRules],
    kinds: dict[str, ColumnKind],
    absent_in: dict[str, frozenset[str]],
    depth: int,
) -> None:
    for name, rule in rules.items():
        target = targets.get(name)
        inner = rule.fields or (records.get(rule.record) if rule.record else None)
        if inner is not None and target is not None and depth < 6:
            if target.kind in ("object", "list") and isinstance(target.type, type):
                _walk(inner, targets_of(target.type), records, kinds, absent_in, depth + 1)
            continue
        if target is None:
            continue
        is_code = rule.codes or rule.label_of or rule.translated_by or rule.true_when
        kind = _kind(name, target, is_code, rule.unit)
        if rule.time is not None:
            kinds.setdefault(_last(rule.time.path), kind)
        for path in [rule.path, *rule.otherwise] if rule.path is not None else ():
            column = _last(path or "")
            # Several rules may read a column: CODE wins, then PERSONAL.
            if kind is ColumnKind.CODE or kinds.get(column) not in (
                ColumnKind.CODE,
                ColumnKind.PERSONAL,
            ):
                kinds[column] = kind
            absent_in[column] = absent_in.get(column, frozenset()) | frozenset(rule.absent_when)


def _kind(name: str, target: Target, is_code: object, unit: str | None) -> ColumnKind:
    if is_code or name in SERVICES:
        return ColumnKind.CODE
    if unit or target.kind == "money":
        return ColumnKind.MONEY
    if target.kind == "binary":
        return ColumnKind.FILE
    if target.kind in ("date", "datetime"):
        return ColumnKind.BIRTH if _BIRTH.search(name) else ColumnKind.DATE
    if name in OFFICIALS or target.kind in ("truth", "enum"):
        return ColumnKind.OFFICIAL
    if name in ("code", "label"):
        return ColumnKind.CODE
    return ColumnKind.PERSONAL


def _last(path: str) -> str:
    return path.rpartition("/")[2]
