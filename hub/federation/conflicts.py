"""Finds the details of a person on which departments disagree, in the records of an operation."""

import asyncio
import contextlib
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any

from adapters.contract import Capability, DepartmentError, LookUpReply, Rows
from hub.access.policy import Relation
from hub.federation.directory import Directory
from hub.federation.disclosure import Disclosure
from hub.federation.gateway import DepartmentGateway, PrincipalRequest
from hub.federation.names import AGREEMENT, district_keys, name_keys, score_of_keys
from hub.link.status import failed_status, status_of_rows
from schema.application import Application
from schema.batch import Outcome
from schema.benefit import Benefit, EnrollmentStatus
from schema.certificate import Certificate
from schema.citizen import Citizen
from schema.conflict import Conflict, ConflictingValue, ConflictList, PersonDetail
from schema.family import Family
from schema.person import BirthDatePrecision, PersonName, Script
from schema.provenance import WHOLE, Record, SourceStatus

OF_CITIZENS = (
    Capability.APPLICATIONS_BY_CITIZEN,
    Capability.BENEFITS_BY_CITIZEN,
    Capability.CERTIFICATES_BY_CITIZEN,
)
"""The look-ups that return records with details of the person."""
ALIVE, DECEASED = "ALIVE", "DECEASED"
COMPARED: Mapping[type, tuple[str, ...]] = {
    Citizen: (
        "person_name",
        "person_name_local",
        "birth_date",
        "is_deceased",
        "guardian_name",
        "home_address",
    ),
    Application: (
        "applicant_name",
        "applicant_birth_date",
        "applicant_guardian_name",
        "applicant_district",
    ),
    Benefit: (
        "holder_name",
        "holder_name_local",
        "holder_birth_date",
        "holder_guardian_name",
        "enrollment_status",
    ),
    Certificate: ("holder_name", "holder_name_local"),
}
"""The attributes that are compared. A conflict is shown to those only who see all of them plain."""

Statement = tuple[PersonDetail, ConflictingValue]
"""What one record says about a person. `conflicts_in` sets the score of the value."""


@dataclass(frozen=True, slots=True)
class BoundConflicts:
    """`schema.sources.ConflictSource` for one operation."""

    directory: Directory
    gateway: DepartmentGateway
    request: PrincipalRequest
    disclosure: Disclosure

    async def by_citizen(
        self, citizens: Sequence[Citizen], *, departments: Sequence[str]
    ) -> list[Outcome[ConflictList | None]]:
        self.disclosure.begin()
        originals = self.disclosure.originals(citizens)
        visible = await self._visible(originals)
        found = iter(
            await self._conflicts([each for each in originals if visible(each)], departments)
        )
        return [next(found) if visible(each) else None for each in originals]

    async def _visible(self, citizens: Sequence[Citizen]) -> Callable[[Citizen], bool]:
        """Return whether the principal sees all that is compared of a citizen."""
        disclosure = self.disclosure
        if disclosure.is_open(*COMPARED):
            return lambda _: True
        people = await disclosure.relations.to_people(each.member_identifier for each in citizens)

        def is_visible(citizen: Citizen) -> bool:
            person = people[citizen.member_identifier]
            # The relation must hold at all departments. A consent and an office do not.
            relation = Relation.UNRELATED if isinstance(person, Exception) else person.relation
            return not disclosure.in_list and all(
                disclosure.sees(record_type, relation, attributes)
                for record_type, attributes in COMPARED.items()
            )

        return is_visible

    async def _conflicts(
        self, citizens: Sequence[Citizen], departments: Sequence[str]
    ) -> list[ConflictList]:
        if not citizens:
            return []
        await self.request.reads.settled()
        await self._read_more(citizens, departments)
        records = self._records_by_number()
        states = self._states_by_number()
        people = {citizen.member_identifier: citizen for citizen in citizens}
        owners = Counter(number for each in people.values() for number in self._numbers_of(each))
        order = {name: position for position, name in enumerate(self.directory.manifests)}
        found: dict[str, ConflictList] = {}
        for member, citizen in people.items():
            # If several people have a number, its records could describe any of them.
            own = [number for number in self._numbers_of(citizen) if owners[number] == 1]
            statements = [
                *statements_of(citizen),
                *(each for number in own for rec in records[number] for each in statements_of(rec)),
            ]
            sources = worst_of_each(
                [each for number in self._numbers_of(citizen) for each in states[number]]
            )
            if citizen.registry_status is not None:
                sources.insert(0, citizen.registry_status)
            found[member] = ConflictList(
                nodes=conflicts_in(statements, order),
                sources=sources,
                is_complete=all(each.state in WHOLE for each in sources),
            )
        return [found[citizen.member_identifier] for citizen in citizens]

    def _numbers_of(self, citizen: Citizen) -> list[tuple[str, str]]:
        """Return the citizen's number at each department."""
        return [
            (department, number)
            for department in self.directory.manifests
            for number in citizen.numbers_in(self.directory.scheme_of(department))
        ]

    def _records_by_number(self) -> Mapping[tuple[str, str], list[Record]]:
        """Return the records that the operation has read, by department and owner's number."""
        records: dict[tuple[str, str], list[Record]] = defaultdict(list)
        for department, capability, reply in self.request.reads.replies:
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

    def _states_by_number(self) -> Mapping[tuple[str, str], list[SourceStatus]]:
        """Return the states of what the operation has read, by department and owner's number."""
        states: dict[tuple[str, str], list[SourceStatus]] = defaultdict(list)
        for department, capability, reply in self.request.reads.replies:
            if capability in OF_CITIZENS and isinstance(reply, LookUpReply):
                for key, found in reply.results.items():
                    status = (
                        failed_status(found)
                        if isinstance(found, DepartmentError)
                        else status_of_rows(department, found, reply, found.warnings)
                    )
                    states[department, key].append(status)
        for department, capability, keys, error in self.request.reads.failures:
            if capability in OF_CITIZENS:
                for key in keys:
                    states[department, key].append(failed_status(error))
        return states

    async def _read_more(self, citizens: Sequence[Citizen], departments: Sequence[str]) -> None:
        """Read the citizens' records at the departments, unless the operation has read them."""
        known = {
            (department, capability, key)
            for department, capability, reply in self.request.reads.replies
            if isinstance(reply, LookUpReply)
            for key in reply.results
        }
        calls = []
        for department in dict.fromkeys(filter(self.disclosure.covers, departments)):
            scheme = self.directory.scheme_of(department)
            for capability in OF_CITIZENS:
                if department not in self.directory.with_capability(capability):
                    continue
                unread = {
                    citizen.member_identifier: [
                        number
                        for number in citizen.numbers_in(scheme)
                        if (department, capability, number) not in known
                    ]
                    for citizen in citizens
                }
                keys = list(dict.fromkeys(chain.from_iterable(unread.values())))
                if keys:
                    subjects = [member for member, numbers in unread.items() if numbers]
                    calls.append(self._read(department, capability, keys, subjects))
        await asyncio.gather(*calls)

    async def _read(
        self, department: str, capability: Capability, keys: Sequence[str], subjects: Sequence[str]
    ) -> None:
        # The gateway keeps the reply or the error.
        with contextlib.suppress(DepartmentError):
            await self.gateway.look_up(self.request, department, capability, keys, subjects)


def _rows_of(reply: Any) -> Iterable[Rows]:
    found = reply.results.values() if isinstance(reply, LookUpReply) else (reply.rows,)
    return (each for each in found if isinstance(each, Rows))


def worst_of_each(states: Iterable[SourceStatus]) -> list[SourceStatus]:
    """Return one state for each department: the first that is not whole, if there is one."""
    worst: dict[str, SourceStatus] = {}
    for each in states:
        known = worst.setdefault(each.department_identifier, each)
        if known.state in WHOLE and each.state not in WHOLE:
            worst[each.department_identifier] = each
    return list(worst.values())


def statements_of(record: Record) -> Iterator[Statement]:
    """Yield what a record says about its person."""
    origin = record.origin
    if origin is None:
        return
    for detail, name, value in _details_of(record):
        if value:
            yield (
                detail,
                ConflictingValue(
                    department_identifier=origin.department,
                    value=value,
                    source_field=f"{type(record).__name__}.{name}",
                    as_of=origin.retrieved_at,
                    score=100,
                ),
            )


def _details_of(record: Record) -> Iterator[tuple[PersonDetail, str, str | None]]:
    """Yield the details in a record, each with its field and value."""
    if isinstance(record, Citizen):
        year_only = record.birth_date_precision is BirthDatePrecision.YEAR
        yield PersonDetail.NAME, "personName", _unicode(record.person_name)
        yield PersonDetail.NAME, "personName(lang: HI)", _unicode(record.person_name_local)
        yield PersonDetail.BIRTH_DATE, "birthDate", _iso(record.birth_date, year_only=year_only)
        if record.is_deceased is not None:
            status = DECEASED if record.is_deceased else ALIVE
            yield PersonDetail.LIFE_STATUS, "isDeceased", status
        yield PersonDetail.GUARDIAN_NAME, "guardianName", record.guardian_name
        if record.home_address is not None:
            yield (
                PersonDetail.DISTRICT,
                "homeAddress.subRegionName",
                record.home_address.sub_region_name,
            )
    elif isinstance(record, Application):
        yield PersonDetail.NAME, "applicantName", record.applicant_name
        yield PersonDetail.BIRTH_DATE, "applicantBirthDate", _iso(record.applicant_birth_date)
        yield PersonDetail.GUARDIAN_NAME, "applicantGuardianName", record.applicant_guardian_name
        yield PersonDetail.DISTRICT, "applicantDistrict", record.applicant_district
    elif isinstance(record, Benefit):
        # An active benefit means that the department considers the person alive.
        life = {EnrollmentStatus.ACTIVE: ALIVE, EnrollmentStatus.DECEASED: DECEASED}
        yield PersonDetail.NAME, "holderName", _unicode(record.holder_name)
        yield PersonDetail.NAME, "holderName(lang: HI)", _unicode(record.holder_name_local)
        yield PersonDetail.BIRTH_DATE, "holderBirthDate", _iso(record.holder_birth_date)
        yield PersonDetail.GUARDIAN_NAME, "holderGuardianName", record.holder_guardian_name
        yield PersonDetail.LIFE_STATUS, "enrollmentStatus", life.get(record.enrollment_status)
    elif isinstance(record, Certificate):
        yield PersonDetail.NAME, "holderName", _unicode(record.holder_name)
        yield PersonDetail.NAME, "holderName(lang: HI)", _unicode(record.holder_name_local)


def _unicode(name: PersonName | None) -> str | None:
    # Text for an old Hindi font looks like Latin letters, but it can't be compared.
    return None if name is None or name.script is Script.LEGACY_FONT else name.full_name


def _iso(date: dt.date | None, *, year_only: bool = False) -> str | None:
    """Return a date as `YYYY-MM-DD`, or as `YYYY` if only the year is known."""
    return None if date is None else date.isoformat()[: 4 if year_only else None]


def score_of_dates(one: str, other: str) -> float:
    """Return how well two dates agree: the share of year, month and day that are equal.

    If only the year of one is known, only the years are compared.
    """
    parts = list(zip(one.split("-"), other.split("-"), strict=False))
    return 100.0 * sum(mine == theirs for mine, theirs in parts) / len(parts)


def _score_if_equal(one: object, other: object) -> float:
    return 100.0 if one == other else 0.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a detail is compared.

    Attributes:
        key: returns what is compared of a value; empty if the value can't be compared.
        score: returns how well two keys agree, from 0 to 100.
        agreement: the least score that agrees.
    """

    key: Callable[[str], Any]
    score: Callable[[Any, Any], float]
    agreement: float = 100.0


COMPARISONS: Mapping[PersonDetail, Comparison] = {
    PersonDetail.NAME: Comparison(name_keys, score_of_keys, AGREEMENT),
    PersonDetail.BIRTH_DATE: Comparison(str, score_of_dates),
    PersonDetail.LIFE_STATUS: Comparison(str, _score_if_equal),
    PersonDetail.GUARDIAN_NAME: Comparison(name_keys, score_of_keys, AGREEMENT),
    PersonDetail.DISTRICT: Comparison(district_keys, score_of_keys, AGREEMENT),
}


def conflicts_in(statements: Iterable[Statement], order: Mapping[str, int]) -> list[Conflict]:
    """Return the details on which statements about one person disagree.

    `order` is the position of each department in the list of values.
    """
    by_detail: dict[PersonDetail, dict[tuple[str, str], ConflictingValue]] = defaultdict(dict)
    for detail, each in statements:
        # If a department has a value several times, keep the newest.
        known = by_detail[detail].get((each.department_identifier, each.value))
        if known is None or each.as_of > known.as_of:
            by_detail[detail][each.department_identifier, each.value] = each
    conflicts = []
    for detail, comparison in COMPARISONS.items():
        values = [each for each in by_detail[detail].values() if comparison.key(each.value)]
        values.sort(key=lambda each: (order[each.department_identifier], each.value))
        keys = [comparison.key(each.value) for each in values]
        scores: dict[int, list[float]] = defaultdict(list)
        for (mine, one), (theirs, other) in combinations(enumerate(keys), 2):
            score = comparison.score(one, other)
            scores[mine].append(score)
            scores[theirs].append(score)
        lowest = min((min(each) for each in scores.values()), default=100.0)
        if lowest < comparison.agreement:
            for position, each in enumerate(values):
                each.score = int(sum(scores[position]) / len(scores[position]))
            conflicts.append(Conflict(detail=detail, score=int(lowest), values=values))
    return conflicts
