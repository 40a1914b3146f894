"""The officers' worklist: the lists of several departments, merged by the last change.

An officer sees the applications of the own department and districts. Other departments are not
called.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.contract import Capability, DepartmentError, SearchReply
from hub.access.policy import Action, Relation
from hub.federation.department_worklist import DepartmentWorklist, order_of
from hub.federation.directory import Directory
from hub.federation.disclosure import Disclosure
from hub.federation.gateway import DepartmentGateway, PrincipalRequest, purpose_not_covered
from hub.federation.own_district import OwnDistrict
from hub.federation.relations import UNKNOWN
from hub.link.status import failed_status, status_of_rows
from schema.application import Application, PendingWith
from schema.codes import ErrorCode
from schema.errors import HubError, bad_input
from schema.provenance import SourceStatus
from schema.worklist_source import (
    UnappliedWorklistFilter,
    WorklistFilter,
    WorklistPage,
    WorklistPosition,
    WorklistRequest,
)

CAPABILITY = Capability.APPLICATIONS_SEARCH
PLACEHOLDERS: Mapping[WorklistFilter, frozenset[str]] = {
    WorklistFilter.STATUS: frozenset({"status_codes"}),
    WorklistFilter.UPDATED_SINCE: frozenset({"since"}),
    WorklistFilter.REQUESTED_BETWEEN: frozenset({"requested_from", "requested_to"}),
    WorklistFilter.DISTRICT: frozenset({"district"}),
    WorklistFilter.TEXT: frozenset({"text"}),
}
"""The placeholders of a call with which a department's system applies a filter itself."""
OTHER_DEPARTMENTS = "You may read the worklist of your own department only."


@dataclass(frozen=True, slots=True)
class BoundWorklist:
    """Reads the worklist for one operation.

    Attributes:
        directory: the departments.
        gateway: calls departments.
        request: the operation.
        disclosure: decides what the principal sees.
    """

    directory: Directory
    gateway: DepartmentGateway
    request: PrincipalRequest
    disclosure: Disclosure

    async def page(self, request: WorklistRequest) -> WorklistPage:
        """Return one page.

        Raises:
            HubError: `BAD_USER_INPUT`, a department has no worklist. `FORBIDDEN`.
                `PURPOSE_NOT_COVERED`.
        """
        self.disclosure.begin()
        await self.disclosure.begin_list(Action.READ_WORKLISTS)
        names = self._departments(request.departments)
        for name in names:
            self.disclosure.check_arguments(Application, self._relation(name), request.arguments)
        order = {"updated_datetime"} if len(names) > 1 else set()
        needed = self.request.call.needed.adding(Application, request.reads | order).adding(
            PendingWith, {"designation"} if "pending_with" in request.reads else ()
        )
        bound = replace(self.request, call=replace(self.request.call, needed=needed))
        if len(names) == 1:
            read = [await self._read(names[0], request, bound)]
        else:
            read = await asyncio.gather(*(self._read(name, request, bound) for name in names))
        lists = [each for each in read if isinstance(each, DepartmentWorklist)]
        taken = _merged(lists, request.limit)
        by_name = {each.name: each for each in lists}

        def positions_after(count: int) -> Mapping[str, WorklistPosition]:
            numbers = Counter(name for name, _ in taken[:count])
            moved = {name: each.position_after(numbers[name]) for name, each in by_name.items()}
            return {**request.positions, **moved}

        rest = len(taken) < sum(len(each.kept) for each in lists)
        return WorklistPage(
            rows=self._shown(taken),
            sources=[self._status(each) for each in read],
            counts={
                name: each.count if isinstance(each, DepartmentWorklist) else None
                for name, each in zip(names, read, strict=True)
            },
            unapplied=[
                UnappliedWorklistFilter(each.name, name, name not in each.unclear)
                for each in lists
                for name in each.checks
            ],
            has_next_page=rest or any(each.has_more for each in lists),
            positions_after=positions_after,
        )

    def _departments(self, departments: Sequence[str] | None) -> Sequence[str]:
        able = self.directory.with_capability(CAPABILITY)
        visible = [
            name
            for name in able
            if not self.disclosure.is_hidden(Application, self._relation(name))
        ]
        covered = [name for name in visible if self.disclosure.covers(name)]
        if departments is None:
            if not visible:
                raise HubError(ErrorCode.FORBIDDEN, OTHER_DEPARTMENTS)
            if not covered:
                raise purpose_not_covered(visible[0])
            return covered
        for name in departments:
            if name not in able:
                listed = ", ".join(able)
                raise bad_input(f"{name!r} has no worklist. Departments with one: {listed}.")
            if name not in visible:
                raise HubError(ErrorCode.FORBIDDEN, OTHER_DEPARTMENTS, department=name)
            if name not in covered:
                raise purpose_not_covered(name)
        return list(dict.fromkeys(departments))

    def _relation(self, department: str) -> Relation:
        """Return the relation to the rows that are shown. Other rows are left out."""
        is_own = self.disclosure.relations.is_own_department(department)
        return Relation.OWN_DEPARTMENT if is_own else UNKNOWN.relation

    def _shown(self, taken: Sequence[tuple[str, Application]]) -> list[Application]:
        if self.disclosure.is_open(Application):
            return [row for _, row in taken]
        relations = {name: self._relation(name) for name, _ in taken}
        shown = (self.disclosure.show(row, relations[name]) for name, row in taken)
        return [row for row in shown if row is not None]

    def _status(self, read: DepartmentWorklist | DepartmentError) -> SourceStatus:
        if isinstance(read, DepartmentError):
            return failed_status(read)
        reply = read.replies[0]
        rows = replace(reply.rows, state=read.state)
        status = status_of_rows(read.name, rows, reply, read.warnings)
        return self.disclosure.view(Application, self._relation(read.name)).status(status)

    async def _read(
        self, name: str, request: WorklistRequest, bound: PrincipalRequest
    ) -> DepartmentWorklist | DepartmentError:
        placeholders = self.directory.placeholders_of(name, CAPABILITY)
        checks = {
            each: check
            for each, check in request.checks.items()
            if not PLACEHOLDERS.get(each) or not PLACEHOLDERS[each] <= placeholders
        }

        own = OwnDistrict(self.disclosure, name)
        given = own.criteria(request.criteria, placeholders)

        async def fetch(offset: int, limit: int, page_size: int | None) -> SearchReply:
            criteria: dict[str, Any] = {
                **given,
                "statuses": list(request.statuses) if "status_codes" in placeholders else [],
                "since": request.since if "since" in placeholders else None,
                "offset": offset,
                "limit": limit,
                "page_size": page_size,
            }
            reply = await self.gateway.search(bound, name, CAPABILITY, criteria)
            return await own.rows_of(reply, given, placeholders)

        found = DepartmentWorklist(name, request.positions.get(name, WorklistPosition()), checks)
        try:
            await found.read(fetch, request.limit)
        except DepartmentError as error:
            return error
        return found


def _merged(lists: Sequence[DepartmentWorklist], limit: int) -> list[tuple[str, Application]]:
    """Return the first rows of all lists, last changed first, each with its department.

    It ends before `limit` rows where the rows of one department are not known any further.
    """
    if len(lists) == 1:
        return [(lists[0].name, row) for row in lists[0].kept[:limit]]
    taken: list[tuple[str, Application]] = []
    at = dict.fromkeys((each.name for each in lists), 0)
    while len(taken) < limit:
        heads = []
        for each in lists:
            if at[each.name] < len(each.kept):
                heads.append(each)
            elif each.has_more:
                return taken
        if not heads:
            break
        first = max(heads, key=lambda each: order_of(each.kept[at[each.name]]))
        taken.append((first.name, first.kept[at[first.name]]))
        at[first.name] += 1
    return taken
