"""The records that citizens submitted through the hub, beside those of departments."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from adapters.contract import Capability, DepartmentError, LookUpReply, Rows
from hub.access.policy import Relation
from hub.durable.model import Submission
from hub.durable.receipts import parse_receipt
from hub.federation.directory import Directory
from hub.federation.disclosure import Disclosure
from hub.federation.gateway import DepartmentGateway, PrincipalRequest, purpose_not_covered
from hub.federation.hub_rows import SubmittedRows, SubmittedType
from hub.federation.merge import DepartmentReply, single_record, status_of
from hub.federation.relations import UNKNOWN, Person
from hub.federation.row_access import RowAccess
from schema.batch import Outcome
from schema.citizen import Citizen
from schema.citizen_request import CitizenRequest
from schema.errors import HubError
from schema.provenance import SourceState, SourceStatus
from schema.sources import SourcedRows
from schema.submission_state import SubmissionKind

RequestT = TypeVar("RequestT", bound=CitizenRequest)
Found = Rows | Exception | None


class StoredSubmissions(Protocol):
    """The submissions that the hub has stored; see `hub.durable.submissions.Submissions`."""

    def may_have(self, members: Iterable[str]) -> bool: ...
    async def by_receipt(self, receipt: str) -> Submission | None: ...
    async def by_reference(self, department: str, reference: str) -> Submission | None: ...
    async def of_citizens(
        self, members: Collection[str], kinds: Collection[SubmissionKind]
    ) -> dict[str, list[Submission]]: ...


@dataclass(frozen=True, slots=True)
class SubmittedRecords(Generic[RequestT]):
    """The submissions of one kind, for one operation.

    Attributes:
        form: the type of the records.
        store: the submissions.
        directory: the departments.
        gateway: calls departments.
        request: the operation.
        disclosure: decides what the principal sees.
    """

    form: SubmittedType[RequestT]
    store: StoredSubmissions
    directory: Directory
    gateway: DepartmentGateway
    request: PrincipalRequest
    disclosure: Disclosure

    def may_concern(self, citizens: Iterable[Citizen]) -> bool:
        """Return False if none of the citizens has submissions. It makes no query."""
        return self.store.may_have(each.member_identifier for each in citizens)

    async def merged(
        self,
        citizens: Sequence[Citizen],
        outcomes: Sequence[Outcome[SourcedRows[RequestT]]],
        replies: Sequence[DepartmentReply],
        *,
        department: str | None = None,
        access: RowAccess | None = None,
        wait_until: float | None = None,
    ) -> list[Outcome[SourcedRows[RequestT]]]:
        """Return the lists of departments with one row for each submission.

        The submissions are read after the departments have replied: what they show was stored
        before.

        Args:
            outcomes: the rows of departments, for each citizen.
            replies: the replies that these rows were read from.
            department: the list contains rows of this department only; of all if None.
            access: what the principal may see of each citizen; None for all.
            wait_until: when to stop waiting for departments.

        Raises:
            HubError: `STORE_UNAVAILABLE`.
        """
        stored = await self.store.of_citizens(
            [each.member_identifier for each in citizens], [self.form.kind]
        )
        lists: dict[int, SubmittedRows[RequestT]] = {}
        for index, (citizen, found) in enumerate(zip(citizens, outcomes, strict=True)):
            submissions = [
                each
                for each in stored.get(citizen.member_identifier, ())
                if department in (None, each.department)
                and self._may_be_shown(index, each.department, access)
            ]
            if submissions and not isinstance(found, Exception):
                lists[index] = SubmittedRows(self.form, citizen, found.rows, submissions)
        called = await self._look_up_missing(
            lists, {each.department: each for each in replies}, wait_until
        )
        merged = list(outcomes)
        for index, each in lists.items():
            found = outcomes[index]
            assert not isinstance(found, Exception)
            rows = each.rows(partial(self._number_of, each.citizen))
            self._note_stored(each)
            sources = _with_called(found.sources, called.get(index, ()))
            merged[index] = replace(found, rows=rows, sources=sources)
        return merged

    def _may_be_shown(self, index: int, department: str, access: RowAccess | None) -> bool:
        if access is None:
            return self.disclosure.covers(department)
        return access.may_call(index, department)

    async def _look_up_missing(
        self,
        lists: Mapping[int, SubmittedRows[RequestT]],
        replies: Mapping[str, DepartmentReply],
        wait_until: float | None,
    ) -> dict[int, list[SourceStatus]]:
        """Look up the submissions that the departments may have, but do not list.

        Returns: for each list, the states of the departments that were called about it.
        """
        calls: dict[tuple[str, Capability], dict[str, str]] = defaultdict(dict)
        waiting: list[tuple[SubmittedRows[RequestT], Submission, Capability, str]] = []
        keys: dict[tuple[int, str, Capability], list[str]] = defaultdict(list)
        for index, each in lists.items():
            for submission in list(each.missing):
                department = submission.department
                has_candidates = bool(each.candidates(submission))
                if submission.reference is not None:
                    capability, key = self.form.by_number, submission.reference
                elif has_candidates:
                    capability, key = self.form.find, submission.receipt
                else:
                    continue
                able = department in self.directory.with_capability(capability)
                if able and _answers(replies.get(department), index):
                    calls[department, capability][key] = submission.member
                    waiting.append((each, submission, capability, key))
                    keys[index, department, capability].append(key)
                else:
                    each.guess(submission)
        answers = await asyncio.gather(
            *(
                self._look_up(self.request, department, capability, subjects, wait_until)
                for (department, capability), subjects in calls.items()
            )
        )
        found = dict(zip(calls, answers, strict=True))
        for each, submission, capability, key in waiting:
            results = _results(found[submission.department, capability], [key])
            row = self._row(results[key], submission.department)
            if isinstance(row, self.form.record_type):
                each.add(submission, self.form.with_citizen(row, each.citizen))
            elif isinstance(row, Exception):
                each.guess(submission)
        return _states(keys, found)

    async def _look_up(
        self,
        request: PrincipalRequest,
        department: str,
        capability: Capability,
        subjects: Mapping[str, str],
        wait_until: float | None = None,
    ) -> LookUpReply | HubError:
        """Return the reply, or the error. `subjects` has the citizen's member number by key."""
        try:
            return await self.gateway.look_up(
                request,
                department,
                capability,
                list(subjects),
                list(dict.fromkeys(subjects.values())),
                wait_until,
            )
        except HubError as error:
            return error

    def _row(self, found: Found, department: str) -> Any:
        if not isinstance(found, Rows):
            return found
        try:
            return single_record(found, department)
        except HubError as error:
            return error

    def _note_stored(self, rows: SubmittedRows[RequestT]) -> None:
        """Log the access to the submissions that are shown as the hub stored them."""
        for department in dict.fromkeys(each.department for each in rows.missing):
            members = [rows.citizen.member_identifier]
            self.gateway.note_stored(self.request, department, self.form.by_citizen, members)

    def _number_of(self, citizen: Citizen, department: str) -> str | None:
        if department not in self.directory.manifests:
            return None
        return next(iter(citizen.numbers_in(self.directory.scheme_of(department))), None)

    async def by_numbers(
        self,
        numbers: Sequence[str],
        department_of: Callable[[str], str],
        look_up: Callable[[Sequence[str]], Awaitable[Sequence[Outcome[RequestT | None]]]],
    ) -> list[Outcome[RequestT | None]]:
        """Return the record for each number: a receipt number of the hub, or a department's number.

        The hub knows the citizen of what was submitted through it, even if the registry does not
        know the owner of the department's record.

        Args:
            department_of: returns the department that assigns numbers of a form.
            look_up: returns what the principal sees of the departments' records.
        """
        receipts = receipts_in(numbers)
        others = [number for number in numbers if number not in receipts]
        outcomes = dict(zip(others, await look_up(others) if others else (), strict=True))
        for number in numbers:
            if number in receipts:
                outcomes[number] = await self._shown(self.store.by_receipt(receipts[number]))
            elif outcomes[number] is None:
                found = self.store.by_reference(department_of(number), number)
                outcomes[number] = await self._shown(found)
        return [outcomes[number] for number in numbers]

    async def _shown(self, search: Awaitable[Submission | None]) -> Outcome[RequestT | None]:
        """Return what the principal sees of a submission; None if it is nothing."""
        disclosure = self.disclosure
        try:
            submission = self._of_kind(await search)
        except HubError as error:
            return error
        if submission is None:
            return None
        department, person = submission.department, UNKNOWN
        if not disclosure.is_open(self.form.record_type):
            people = await disclosure.relations.to_people([submission.member])
            found = people[submission.member]
            if isinstance(found, Exception):
                return found
            person = found
            made = self.form.row_of(submission)
            relations = [self._relation(person, made)]
            if disclosure.relations.is_own_department(department):
                # The department's row can have another district.
                relations.append(Relation.OWN_DEPARTMENT)
            if disclosure.is_hidden(self.form.record_type, *relations):
                return None
        if not disclosure.covers(department):
            return purpose_not_covered(department)
        row = await self._record(submission, self.request)
        return disclosure.show(row, self._relation(person, row))

    def _relation(self, person: Person, row: RequestT) -> Relation:
        district = getattr(row, "applicant_district", None)
        return self.disclosure.relations.at(person, row.department_identifier, district)

    async def public(
        self, numbers: Sequence[str], request: PrincipalRequest
    ) -> dict[str, Outcome[RequestT | None]]:
        """Return the whole records of the receipt numbers among some numbers.

        Args:
            request: the operation, with the purpose of a field that shows a fixed part of them.
        """
        outcomes: dict[str, Outcome[RequestT | None]] = {}
        for number, receipt in receipts_in(numbers).items():
            try:
                submission = self._of_kind(await self.store.by_receipt(receipt))
                found = None if submission is None else await self._record(submission, request)
                outcomes[number] = found
            except HubError as error:
                outcomes[number] = error
        return outcomes

    def _of_kind(self, submission: Submission | None) -> Submission | None:
        """Return the submission if it is of this kind and its content was not deleted."""
        if submission is None or submission.kind is not self.form.kind or not submission.member:
            return None
        return submission

    async def _record(self, submission: Submission, request: PrincipalRequest) -> RequestT:
        """Return the department's record of a submission; the hub's if it is not to be had."""
        department, reference = submission.department, submission.reference
        by_number = self.form.by_number
        if reference and department in self.directory.with_capability(by_number):
            subjects = {reference: submission.member}
            answer = await self._look_up(request, department, by_number, subjects)
            row = self._row(_results(answer, [reference])[reference], department)
            if isinstance(row, self.form.record_type):
                return self.form.confirmed(self.form.with_submitter(row, submission), submission)
        self.gateway.note_stored(request, department, by_number, [submission.member])
        return self.form.row_of(submission)


def receipts_in(numbers: Iterable[str]) -> dict[str, str]:
    """Return the receipt numbers of the hub among some texts, each by its text."""
    return {each: receipt for each in numbers if (receipt := parse_receipt(each)) is not None}


def _results(answer: LookUpReply | HubError, keys: Iterable[str]) -> dict[str, Found]:
    """Return the outcome for each key."""
    if isinstance(answer, HubError):
        return dict.fromkeys(keys, answer)
    return {key: answer.results.get(key) for key in keys}


def _states(
    keys: Mapping[tuple[int, str, Capability], Sequence[str]],
    answers: Mapping[tuple[str, Capability], LookUpReply | HubError],
) -> dict[int, list[SourceStatus]]:
    """Return for each list the states of the departments that were called about it."""
    states: dict[int, list[SourceStatus]] = defaultdict(list)
    for (index, department, capability), called in keys.items():
        answer = answers[department, capability]
        if isinstance(answer, LookUpReply):
            called = [key for key in called if key in answer.results]
        if called and isinstance(answer, LookUpReply | DepartmentError):
            states[index].append(status_of(DepartmentReply(department, (), answer), called))
    return states


def _with_called(
    sources: Sequence[SourceStatus], called: Iterable[SourceStatus]
) -> list[SourceStatus]:
    """Return the states of a list's departments, with those that were called about submissions.

    A department with two states has the one of a failed call: some of its rows are the hub's.
    """
    states = {each.department_identifier: each for each in sources}
    for each in called:
        known = states.get(each.department_identifier)
        if known is None or (known.error_code is None and each.error_code is not None):
            states[each.department_identifier] = each
    return list(states.values())


def _answers(reply: DepartmentReply | None, index: int) -> bool:
    """Return whether a department that does not list a submission can be called about it.

    Args:
        reply: its reply for the batch; None if it was not called.
        index: position of the citizen in the batch.
    """
    if reply is None:
        return True
    if isinstance(reply.reply, DepartmentError):
        return False
    found = [reply.reply.results[number] for number in reply.numbers[index]]
    return all(isinstance(each, Rows) and each.state is not SourceState.STALE for each in found)
