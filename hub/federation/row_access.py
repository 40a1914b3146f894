"""Which records of some citizens the principal of an operation sees, for one type of record."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hub.access.policy import Relation
from hub.federation.disclosure import Disclosure
from hub.federation.gateway import purpose_not_covered
from hub.federation.relations import UNKNOWN, Person
from schema.application import Application
from schema.batch import Outcome
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.provenance import SourceState, SourceStatus
from schema.sources import SourcedRows

Arguments = Mapping[str, Sequence[str]]
"""By argument of a list, the attributes of rows that it reads."""


class RowAccess:
    """Decides once per citizen and department.

    Args:
        disclosure: decides for the operation.
        record_type: type of the rows.
        departments: the departments that the list depends on.
        people: the relation to each citizen of the batch, in their order.
    """

    def __init__(
        self,
        disclosure: Disclosure,
        record_type: type,
        departments: Sequence[str],
        people: Sequence[Person],
    ) -> None:
        self._disclosure = disclosure
        self._record_type = record_type
        self._departments = departments
        self._people = people
        self._is_covered = {each: disclosure.covers(each) for each in departments}

    def may_call(self, index: int, department: str) -> bool:
        """Return whether the department may be called for a citizen of the batch."""
        is_covered = self._is_covered.get(department)
        if is_covered is None:
            is_covered = self._disclosure.covers(department)
        if not is_covered:
            return False
        relations = self._disclosure.relations
        possible = [relations.at(self._people[index], department)]
        if self._record_type is Application and relations.is_own_department(department):
            # An application can have a district of its own.
            possible.append(Relation.OWN_DEPARTMENT)
        return not self._disclosure.is_hidden(self._record_type, *possible)

    async def shown(
        self, index: int, found: SourcedRows[Any], arguments: Arguments
    ) -> Outcome[SourcedRows[Any]]:
        """Return the rows of a citizen that the principal sees; an error if there can be none."""
        called = [each for each in self._departments if self.may_call(index, each)]
        if self._departments and not called:
            return await self._refusal(index)
        person, relations = self._people[index], self._disclosure.relations
        try:
            for department in called:
                self._disclosure.check_arguments(
                    self._record_type, relations.at(person, department), arguments
                )
        except HubError as error:
            return error
        rows, hidden = [], set[int]()
        for row in found.rows:
            district = getattr(row, "applicant_district", None)
            relation = relations.at(person, row.department_identifier, district)
            shown = self._disclosure.show(row, relation)
            if shown is None:
                hidden |= set(map(id, row.row_warnings))
            else:
                rows.append(shown)
        sources = [self._status(index, each, hidden) for each in found.sources]
        sources += [self._not_covered(each) for each in self._departments if each not in called]
        return replace(found, rows=rows, sources=sources)

    def _status(self, index: int, status: SourceStatus, hidden: set[int]) -> SourceStatus:
        """Return a department's status without warnings about hidden rows and values."""
        department = status.department_identifier
        if hidden:
            kept = [each for each in status.warnings if id(each) not in hidden]
            status = replace(status, warnings=kept)
        relation = self._disclosure.relations.at(self._people[index], department)
        return self._disclosure.view(self._record_type, relation).status(status)

    async def _refusal(self, index: int) -> HubError:
        if not any(self._is_covered.values()):
            return purpose_not_covered(self._departments[0])
        return await self._disclosure.consent_required(self._people[index])

    def _not_covered(self, department: str) -> SourceStatus:
        code = ErrorCode.FORBIDDEN
        if not self._is_covered[department]:
            code = ErrorCode.PURPOSE_NOT_COVERED
        elif self._disclosure.needs_consent:
            code = ErrorCode.CONSENT_REQUIRED
        return SourceStatus(
            department_identifier=department, state=SourceState.NOT_COVERED, error_code=code
        )


def person_or_unknown(person: Outcome[Person]) -> Person:
    """Return the relation to a person; no relation if it could not be found."""
    return UNKNOWN if isinstance(person, Exception) else person
