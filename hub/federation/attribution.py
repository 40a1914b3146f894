"""Finds the citizens that a reply is about, for the access log."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from adapters.contract import Capability, LookUpReply, Rows
from hub.federation.crosswalk import Crosswalk
from hub.federation.directory import Directory
from schema.citizen import Citizen
from schema.family import Family
from schema.provenance import Record


@dataclass(frozen=True, slots=True)
class Attribution:
    """Finds the Family ID member numbers of the citizens that records belong to.

    A record is skipped if the crosswalk does not contain its number (docs/decisions/0007).
    """

    directory: Directory
    crosswalk: Crosswalk

    def of_look_up(
        self, department: str, capability: Capability, keys: Sequence[str], reply: LookUpReply
    ) -> Sequence[str]:
        """Return the member numbers of the citizens in the reply to a look-up."""
        if capability is Capability.CITIZENS_BY_IDENTIFIER:
            return keys
        rows = (found for found in reply.results.values() if isinstance(found, Rows))
        return self.of_records(department, (record for each in rows for record in each.records))

    def of_records(self, department: str, records: Iterable[Record]) -> list[str]:
        """Return the member numbers of the citizens in the records, each once."""
        members: dict[str, None] = {}
        numbers: dict[str | None, None] = {}
        for record in records:
            if isinstance(record, Citizen):
                members[record.member_identifier] = None
            elif isinstance(record, Family):
                members |= dict.fromkeys(
                    entry.citizen.member_identifier for entry in record.members
                )
            else:
                numbers[getattr(record, record.OWNER)] = None  # type: ignore[attr-defined]
        if numbers:
            scheme = self.directory.scheme_of(department)
            found = (self.crosswalk.member_with(scheme, each) for each in numbers if each)
            members |= dict.fromkeys(member for member in found if member is not None)
        return list(members)
