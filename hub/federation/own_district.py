"""The part of a department's worklist that lies in an officer's districts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from adapters.contract import SearchReply
from hub.federation.disclosure import Disclosure
from hub.federation.row_access import person_or_unknown
from schema.application import Application

DISTRICT = "district"


@dataclass(frozen=True, slots=True)
class OwnDistrict:
    """Leaves out applications of other districts, if the officer has some districts only.

    An application without a district belongs to the applicant's home district.

    Attributes:
        disclosure: decides for the operation.
        department: identifier of the department.
    """

    disclosure: Disclosure
    department: str

    @property
    def _is_limited(self) -> bool:
        relations = self.disclosure.relations
        return (
            relations.reads_districts
            and relations.is_own_department(self.department)
            and not self.disclosure.is_open(Application)
        )

    def criteria(
        self, given: Mapping[str, object], placeholders: Collection[str]
    ) -> Mapping[str, object]:
        """Return the criteria of a call. The only district of an officer is added to them."""
        districts = self.disclosure.request.principal.districts
        if not self._is_limited or len(districts) > 1 or DISTRICT not in placeholders:
            return given
        return {**given, DISTRICT: given.get(DISTRICT) or next(iter(districts))}

    async def rows_of(
        self, reply: SearchReply, criteria: Mapping[str, object], placeholders: Collection[str]
    ) -> SearchReply:
        """Return the reply with the officer's rows only."""
        if not self._is_limited:
            return reply
        rows = cast("Sequence[Application]", reply.rows.records)
        relations = self.disclosure.relations
        without = [row for row in rows if row.applicant_district is None]
        numbers = [row.applicant_key for row in without if row.applicant_key is not None]
        homes = await relations.to_owners(self.department, numbers)

        def is_own(row: Application) -> bool:
            district = row.applicant_district
            if district is None and row.applicant_key is not None:
                district = person_or_unknown(homes[row.applicant_key]).district
            return relations.is_own_area(self.department, district)

        own = [index for index, row in enumerate(rows) if is_own(row)]
        district = criteria.get(DISTRICT) if DISTRICT in placeholders else None
        # Otherwise the department has counted applications of other districts.
        is_counted = isinstance(district, str) and relations.is_own_area(self.department, district)
        if len(own) == len(rows):
            return reply if is_counted else replace(reply, total_count=None)
        hidden = {
            id(warning)
            for index, row in enumerate(rows)
            if index not in own
            for warning in row.row_warnings
        }
        window = reply.window
        if window is not None:
            indexes = window.indexes if window.indexes is not None else range(len(rows))
            window = replace(window, indexes=[indexes[index] for index in own])
        return replace(
            reply,
            rows=replace(
                reply.rows,
                records=[rows[index] for index in own],
                warnings=[each for each in reply.rows.warnings if id(each) not in hidden],
            ),
            total_count=None,
            window=window,
        )
