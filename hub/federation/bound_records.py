"""Records about citizens, requested from all departments concurrently and merged per citizen.

`hub.federation.records` has the types of records with look-ups of their own.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from adapters.contract import Capability, DepartmentError, Rows
from hub.federation.directory import Directory
from hub.federation.disclosure import Disclosure
from hub.federation.gateway import DepartmentGateway, PrincipalRequest
from hub.federation.merge import DepartmentReply, merge, single_record
from hub.federation.owner_access import Key, OwnerAccess
from hub.federation.relations import with_home
from hub.federation.row_access import Arguments, RowAccess, person_or_unknown
from hub.federation.submitted_records import SubmittedRecords
from schema.batch import Outcome
from schema.citizen import Citizen
from schema.errors import HubError
from schema.node import Node
from schema.sources import SourcedRows

RecordT = TypeVar("RecordT", bound=Node)
NO_ARGUMENTS: Arguments = {}


@dataclass(frozen=True, slots=True)
class BoundRecords(Generic[RecordT]):
    """`schema.sources.RecordsOfCitizens` for one type of record and one operation."""

    record_type: type[RecordT]
    capability: Capability
    directory: Directory
    gateway: DepartmentGateway
    request: PrincipalRequest
    disclosure: Disclosure
    submitted: SubmittedRecords[Any] | None = None

    async def by_citizen(
        self,
        citizens: Sequence[Citizen],
        *,
        department: str | None = None,
        wait: float | None = None,
        arguments: Arguments = NO_ARGUMENTS,
    ) -> list[Outcome[SourcedRows[RecordT]]]:
        disclosure = self.disclosure
        disclosure.begin()
        originals = disclosure.originals(citizens)
        names = [
            name
            for name in self.directory.with_capability(self.capability)
            if department in (None, name)
        ]
        wait_until = None if wait is None else asyncio.get_running_loop().time() + wait
        if disclosure.is_open(self.record_type) and all(map(disclosure.covers, names)):
            replies = await self._call_departments(originals, names, wait_until)
            merged = self._merged(originals, replies)
            if self.submitted is not None and self.submitted.may_concern(originals):
                return await self.submitted.merged(
                    originals, merged, replies, department=department, wait_until=wait_until
                )
            return merged
        people = await disclosure.relations.to_people(each.member_identifier for each in originals)
        related = [people[each.member_identifier] for each in originals]
        at_home = [
            with_home(person_or_unknown(person), citizen)
            for person, citizen in zip(related, originals, strict=True)
        ]
        access = RowAccess(disclosure, self.record_type, names, at_home)
        replies = await self._call_departments(originals, names, wait_until, access)
        merged = self._merged(originals, replies)
        if self.submitted is not None and self.submitted.may_concern(originals):
            merged = await self.submitted.merged(
                originals,
                merged,
                replies,
                department=department,
                access=access,
                wait_until=wait_until,
            )
        outcomes: list[Outcome[SourcedRows[RecordT]]] = []
        for index, found in enumerate(merged):
            person = related[index]
            if isinstance(person, Exception):
                outcomes.append(person)
            elif isinstance(found, Exception):
                outcomes.append(found)
            else:
                outcomes.append(await access.shown(index, found, arguments))
        return outcomes

    def _merged(
        self, citizens: Sequence[Citizen], replies: Sequence[DepartmentReply]
    ) -> list[Outcome[SourcedRows[RecordT]]]:
        return merge(citizens, replies)

    async def _call_departments(
        self,
        citizens: Sequence[Citizen],
        names: Iterable[str],
        wait_until: float | None,
        access: RowAccess | None = None,
    ) -> list[DepartmentReply]:
        """Call each department that knows any of the citizens, concurrently.

        Args:
            wait_until: when a department that has not replied is shown as PENDING.
            access: the citizens for whom each department may be called; None for all.
        """
        calls = [
            (name, numbers, _subjects(citizens, numbers), wait_until)
            for name in names
            if any(numbers := self._numbers(name, citizens, access))
        ]
        return list(await asyncio.gather(*(self._call(*each) for each in calls)))

    def _numbers(
        self, department: str, citizens: Sequence[Citizen], access: RowAccess | None
    ) -> list[list[str]]:
        """Return the numbers of each citizen at the department, if it may be called for them."""
        scheme = self.directory.scheme_of(department)
        return [
            each.numbers_in(scheme) if access is None or access.may_call(index, department) else []
            for index, each in enumerate(citizens)
        ]

    async def _call(
        self,
        department: str,
        numbers: Sequence[Sequence[str]],
        subjects: Sequence[str],
        wait_until: float | None,
    ) -> DepartmentReply:
        keys = list(dict.fromkeys(number for each in numbers for number in each))
        try:
            reply = await self.gateway.look_up(
                self.request, department, self.capability, keys, subjects, wait_until
            )
        except DepartmentError as error:
            return DepartmentReply(department, numbers, error)
        return DepartmentReply(department, numbers, reply)

    async def by_local_id(self, local_ids: Sequence[str]) -> list[Outcome[RecordT | None]]:
        """Return the record for each local id of the form `department|holder|number`.

        Departments have no look-up by number, so the hub requests all records of the holder.
        """
        await self.disclosure.begin_look_up(local_ids)
        able = self.directory.with_capability(self.capability)
        keys: dict[str, Key] = {}
        for local_id in local_ids:
            department, *rest = local_id.split("|")
            if department in able and len(rest) == 2:
                keys[local_id] = department, rest[0]
        access = OwnerAccess(self.disclosure, self.record_type)
        relations = await access.relations(keys.values())
        called = {
            key for key in keys.values() if relations is None or access.is_visible(relations[key])
        }
        found = await self._look_up_all(self.request, self.capability, called)
        picked: dict[str, Outcome[RecordT | None]] = {}
        for local_id, key in keys.items():
            record = single_of(found[key], key[0], local_id) if key in called else None
            picked[local_id] = record if relations is None else access.shown(record, relations[key])
        return [picked.get(local_id) for local_id in local_ids]

    async def _by_number(
        self, capability: Capability, department_of: Callable[[str], str], numbers: Sequence[str]
    ) -> list[Outcome[RecordT | None]]:
        """Return the record for each number: the department's, or the hub's receipt number.

        The form of a number determines the department.
        """
        await self.disclosure.begin_look_up(numbers)
        look_up = partial(self._by_departments_number, capability, department_of)
        if self.submitted is None:
            return await look_up(numbers)
        return await self.submitted.by_numbers(numbers, department_of, look_up)

    async def _by_departments_number(
        self, capability: Capability, department_of: Callable[[str], str], numbers: Sequence[str]
    ) -> list[Outcome[RecordT | None]]:
        access = OwnerAccess(self.disclosure, self.record_type)
        keys, outcomes = self._keys_of(department_of, numbers)
        departments = await access.callable(department for department, _ in keys.values())
        called = [key for key in keys.values() if key[0] in departments]
        found = await self._look_up_all(self.request, capability, called)
        shown = await access.all_shown({key: single_of(found[key], key[0]) for key in called})
        outcomes |= {number: shown.get(key) for number, key in keys.items()}
        return [outcomes[number] for number in numbers]

    def _keys_of(
        self, department_of: Callable[[str], str], numbers: Sequence[str]
    ) -> tuple[dict[str, Key], dict[str, Outcome[RecordT | None]]]:
        """Return the key of each number, or an error if its form is unknown."""
        keys: dict[str, Key] = {}
        errors: dict[str, Outcome[RecordT | None]] = {}
        for number in numbers:
            try:
                keys[number] = department_of(number), number
            except HubError as error:
                errors[number] = error
        return keys, errors

    async def _public(
        self,
        root_field: str,
        capability: Capability,
        department_of: Callable[[str], str],
        numbers: Sequence[str],
    ) -> list[Outcome[RecordT | None]]:
        """Return the whole record for each number, for a field that shows a fixed part of it.

        Args:
            root_field: the field of `Query`. Its purpose is fixed.
        """
        disclosure = self.disclosure
        request = disclosure.request_with(disclosure.standing_of(root_field))
        stored: dict[str, Outcome[RecordT | None]] = {}
        if self.submitted is not None:
            stored = await self.submitted.public(numbers, request)
        keys, outcomes = self._keys_of(department_of, [n for n in numbers if n not in stored])
        outcomes |= stored
        found = await self._look_up_all(request, capability, keys.values())
        outcomes |= {number: single_of(found[key], key[0]) for number, key in keys.items()}
        return [outcomes[number] for number in numbers]

    async def _look_up_all(
        self, request: PrincipalRequest, capability: Capability, keys: Iterable[Key]
    ) -> dict[Key, Rows | Exception]:
        """Return the outcome for each pair of department and number."""
        by_department: dict[str, dict[str, None]] = defaultdict(dict)
        for department, key in keys:
            by_department[department][key] = None

        async def look_up(department: str, keys: Sequence[str]) -> dict[Key, Any]:
            try:
                reply = await self.gateway.look_up(request, department, capability, keys)
            except HubError as error:
                # Including `PURPOSE_NOT_COVERED`, so that it does not affect other departments.
                return {(department, key): error for key in keys}
            return {(department, key): reply.results[key] for key in keys}

        replies = await asyncio.gather(
            *(look_up(name, list(each)) for name, each in by_department.items())
        )
        return {key: value for reply in replies for key, value in reply.items()}


def single_of(found: Rows | Exception, department: str, local_id: str | None = None) -> Any:
    """Return the record of a look-up by number, None, or the error if it could not be used."""
    if not isinstance(found, Rows):
        return found
    try:
        return single_record(found, department, local_id)
    except HubError as error:
        return error


def _subjects(citizens: Sequence[Citizen], numbers: Sequence[Sequence[str]]) -> Sequence[str]:
    """Return the member numbers of the citizens that the department has a number for."""
    return [
        citizen.member_identifier for citizen, known in zip(citizens, numbers, strict=True) if known
    ]
