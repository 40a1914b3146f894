"""Finds the details of a person on which departments disagree, in the records of an operation."""

import asyncio
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from adapters.contract import Capability, DepartmentError, LookUpReply, Rows
from hub.federation.directory import Directory
from hub.federation.gateway import DepartmentGateway, PrincipalRequest
from hub.federation.names import AGREEMENT, district_keys, name_keys, score_of_keys
from schema.application import Application
from schema.batch import Outcome, Partial
from schema.benefit import Benefit, EnrollmentStatus
from schema.certificate import Certificate
from schema.citizen import Citizen
from schema.conflict import Conflict, ConflictingValue, PersonDetail
from schema.family import Family
from schema.person import BirthDatePrecision, PersonName, Script
from schema.provenance import Record

OF_CITIZENS = (
    Capability.APPLICATIONS_BY_CITIZEN,
    Capability.BENEFITS_BY_CITIZEN,
    Capability.CERTIFICATES_BY_CITIZEN,
)
"""The look-ups that return records with details of the person."""
ALIVE, DECEASED = "ALIVE", "DECEASED"


@dataclass(frozen=True, slots=True)
class PersonStatement:
    """What one record says about a person.

    Attributes:
        detail: the detail.
        department: identifier of the department.
        source_field: type and field of the record.
        value: the value as it is shown.
        comparable: the value as it is compared.
        as_of: when the value was current.
    """

    detail: PersonDetail
    department: str
    source_field: str
    value: str
    comparable: Any
    as_of: dt.datetime


class BoundConflicts:
    """`schema.sources.ConflictSource` for one operation."""

    def __init__(
        self, directory: Directory, gateway: DepartmentGateway, request: PrincipalRequest
    ) -> None:
        self._directory = directory
        self._gateway = gateway
        self._request = request

    async def by_citizen(
        self, citizens: Sequence[Citizen], *, departments: Sequence[str]
    ) -> list[Outcome[list[Conflict]]]:
        await self._request.reads.settled()
        errors = await self._read_more(citizens, departments) if departments else []
        records = self._records_by_number()
        owners = Counter(
            number
            for member in {each.member_identifier: each for each in citizens}.values()
            for number in self._numbers_of(member)
        )
        found: dict[str, Outcome[list[Conflict]]] = {}
        for citizen in citizens:
            member = citizen.member_identifier
            if member in found:
                continue
            # If several people have a number, its records could describe any of them.
            own = [number for number in self._numbers_of(citizen) if owners[number] == 1]
            statements = [
                *statements_of(citizen),
                *(each for number in own for rec in records[number] for each in statements_of(rec)),
            ]
            conflicts = conflicts_in(statements, self._order())
            failed = tuple(error for number, error in errors if number in own)
            found[member] = Partial(conflicts, failed) if failed else conflicts
        return [found[citizen.member_identifier] for citizen in citizens]

    def _order(self) -> Mapping[str, int]:
        return {name: position for position, name in enumerate(self._directory.manifests)}

    def _numbers_of(self, citizen: Citizen) -> list[tuple[str, str]]:
        """Return the citizen's number at each department."""
        return [
            (department, number)
            for department in self._directory.manifests
            for number in citizen.numbers_in(self._directory.scheme_of(department))
        ]

    def _records_by_number(self) -> Mapping[tuple[str, str], list[Record]]:
        """Return the records that the operation has read, by department and owner's number."""
        records: dict[tuple[str, str], list[Record]] = defaultdict(list)
        for department, capability, reply in self._request.reads.replies:
            for rows in _rows_of(reply):
                for record in rows.records:
                    if isinstance(record, Citizen | Family):
                        continue
                    owner = getattr(record, record.OWNER)  # type: ignore[attr-defined]
                    if owner is None and capability in OF_CITIZENS:
                        owner = rows.key
                    if owner is not None:
                        records[department, owner].append(record)
        return records

    async def _read_more(
        self, citizens: Sequence[Citizen], departments: Sequence[str]
    ) -> list[tuple[tuple[str, str], DepartmentError]]:
        """Read the citizens' records at the departments, unless the operation has read them.

        Returns:
            The errors, each with the department and the number that it concerns.
        """
        known = {
            (department, capability, key)
            for department, capability, reply in self._request.reads.replies
            if isinstance(reply, LookUpReply)
            for key in reply.results
        }
        calls = []
        for department in dict.fromkeys(departments):
            scheme = self._directory.scheme_of(department)
            for capability in OF_CITIZENS:
                if department not in self._directory.with_capability(capability):
                    continue
                keys: dict[str, None] = {}
                subjects = []
                for citizen in citizens:
                    unread = [
                        number
                        for number in citizen.numbers_in(scheme)
                        if (department, capability, number) not in known
                    ]
                    if unread:
                        keys.update(dict.fromkeys(unread))
                        subjects.append(citizen.member_identifier)
                if keys:
                    calls.append((department, capability, list(keys), subjects))
        errors = await asyncio.gather(*(self._read(*call) for call in calls))
        return [error for each in errors for error in each]

    async def _read(
        self,
        department: str,
        capability: Capability,
        keys: Sequence[str],
        subjects: Sequence[str],
    ) -> list[tuple[tuple[str, str], DepartmentError]]:
        try:
            reply = await self._gateway.look_up(
                self._request, department, capability, keys, list(dict.fromkeys(subjects))
            )
        except DepartmentError as error:
            return [((department, key), error) for key in keys]
        return [
            ((department, key), found)
            for key, found in reply.results.items()
            if isinstance(found, DepartmentError)
        ]


def _rows_of(reply: Any) -> Iterable[Rows]:
    found = reply.results.values() if isinstance(reply, LookUpReply) else (reply.rows,)
    return (each for each in found if isinstance(each, Rows))


def statements_of(record: Record) -> Iterator[PersonStatement]:
    """Yield what a record says about its person."""
    origin = record.origin
    if origin is None:
        return
    kind = type(record).__name__
    for detail, name, value, comparable in _details_of(record):
        if value and comparable:
            yield PersonStatement(
                detail, origin.department, f"{kind}.{name}", value, comparable, origin.retrieved_at
            )


Detail = tuple[PersonDetail, str, str | None, Any]
"""Detail, field, value as shown, value as compared. Both values are empty if there is none."""


def _details_of(record: Record) -> Iterator[Detail]:
    if isinstance(record, Citizen):
        yield _person_name("name", record.name)
        yield _person_name("nameLocal", record.name_local)
        yield _date("birthDate", record.birth_date, record.birth_date_precision)
        if record.is_deceased is not None:
            yield _life_status("isDeceased", DECEASED if record.is_deceased else ALIVE)
        yield _name(PersonDetail.GUARDIAN_NAME, "guardianName", record.guardian_name)
        if record.address is not None:
            yield _district("address.subRegionName", record.address.sub_region_name)
    elif isinstance(record, Application):
        yield _name(PersonDetail.NAME, "applicantName", record.applicant_name)
        yield _date("applicantBirthDate", record.applicant_birth_date)
        yield _name(
            PersonDetail.GUARDIAN_NAME, "applicantGuardianName", record.applicant_guardian_name
        )
        yield _district("applicantDistrict", record.applicant_district)
    elif isinstance(record, Benefit):
        yield _person_name("holderName", record.holder_name)
        yield _person_name("holderNameLocal", record.holder_name_local)
        yield _date("holderBirthDate", record.holder_birth_date)
        yield _name(PersonDetail.GUARDIAN_NAME, "holderGuardianName", record.holder_guardian_name)
        # An active benefit means that the department considers the person alive.
        status = {EnrollmentStatus.ACTIVE: ALIVE, EnrollmentStatus.DECEASED: DECEASED}
        yield _life_status("enrollmentStatus", status.get(record.enrollment_status))
    elif isinstance(record, Certificate):
        yield _name(PersonDetail.NAME, "issuedTo", record.issued_to)


def _name(detail: PersonDetail, name: str, value: str | None) -> Detail:
    return detail, name, value, name_keys(value) if value else None


def _person_name(name: str, value: PersonName | None) -> Detail:
    # Text for an old Hindi font looks like Latin letters, but it can't be compared.
    text = None if value is None or value.script is Script.LEGACY_FONT else value.full_name
    return _name(PersonDetail.NAME, name, text)


def _date(name: str, value: dt.date | None, precision: BirthDatePrecision | None = None) -> Detail:
    if value is None:
        return PersonDetail.BIRTH_DATE, name, None, None
    year_only = precision is BirthDatePrecision.YEAR
    shown = str(value.year) if year_only else value.isoformat()
    return PersonDetail.BIRTH_DATE, name, shown, (value, year_only)


def _life_status(name: str, value: str | None) -> Detail:
    return PersonDetail.LIFE_STATUS, name, value, value


def _district(name: str, value: str | None) -> Detail:
    return PersonDetail.DISTRICT, name, value, district_keys(value) if value else None


def score_of_dates(one: tuple[dt.date, bool], other: tuple[dt.date, bool]) -> float:
    """Return how well two dates agree: the share of year, month and day that are equal.

    Args:
        one: the date, and whether only its year is known.
        other: the other date.
    """
    (mine, mine_vague), (theirs, theirs_vague) = one, other
    if mine_vague or theirs_vague:
        return 100.0 if mine.year == theirs.year else 0.0
    equal = [mine.year == theirs.year, mine.month == theirs.month, mine.day == theirs.day]
    return 100.0 * sum(equal) / len(equal)


def _score_if_equal(one: object, other: object) -> float:
    return 100.0 if one == other else 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a detail is compared: the score of two values, and the least score that agrees."""

    score: Callable[[Any, Any], float]
    agreement: float


COMPARISONS: Mapping[PersonDetail, Comparison] = {
    PersonDetail.NAME: Comparison(score_of_keys, AGREEMENT),
    PersonDetail.BIRTH_DATE: Comparison(score_of_dates, 100),
    PersonDetail.LIFE_STATUS: Comparison(_score_if_equal, 100),
    PersonDetail.GUARDIAN_NAME: Comparison(score_of_keys, AGREEMENT),
    PersonDetail.DISTRICT: Comparison(score_of_keys, AGREEMENT),
}


def conflicts_in(statements: Iterable[PersonStatement], order: Mapping[str, int]) -> list[Conflict]:
    """Return the details on which statements about one person disagree.

    Args:
        statements: what the records say.
        order: position of each department in the list of values.
    """
    by_detail: dict[PersonDetail, dict[tuple[str, str], PersonStatement]] = defaultdict(dict)
    for each in statements:
        # If a department has a value several times, keep the newest.
        known = by_detail[each.detail].get((each.department, each.value))
        if known is None or each.as_of > known.as_of:
            by_detail[each.detail][each.department, each.value] = each
    conflicts = []
    for detail, comparison in COMPARISONS.items():
        stated = sorted(
            by_detail[detail].values(), key=lambda one: (order[one.department], one.value)
        )
        scores: dict[int, list[float]] = defaultdict(list)
        for (mine, one), (theirs, other) in combinations(enumerate(stated), 2):
            score = comparison.score(one.comparable, other.comparable)
            scores[mine].append(score)
            scores[theirs].append(score)
        lowest = min((min(each) for each in scores.values()), default=100.0)
        if lowest < comparison.agreement:
            values = [
                ConflictingValue(
                    department=one.department,
                    value=one.value,
                    source_field=one.source_field,
                    as_of=one.as_of,
                    score=int(sum(scores[position]) / len(scores[position])),
                )
                for position, one in enumerate(stated)
            ]
            conflicts.append(Conflict(detail=detail, score=int(lowest), values=values))
    return conflicts
