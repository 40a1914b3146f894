"""Finds the people that a reply is about, for the access log."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from adapters.contract import Capability, LookUpReply, Rows
from hub.access import AccessEntry
from hub.federation.crosswalk import Crosswalk
from hub.federation.directory import Directory
from schema.citizen import Citizen
from schema.family import Family
from schema.provenance import Record


@dataclass(frozen=True, slots=True)
class Persons:
    """The people that a call concerned.

    Attributes:
        citizens: Family ID member numbers.
        numbers: people that the crosswalk does not contain: pairs of scheme and number.
    """

    citizens: list[str] = field(default_factory=list)
    numbers: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Finds the people that records belong to (docs/decisions/0012)."""

    directory: Directory
    crosswalk: Crosswalk

    def completed(self, entries: Sequence[AccessEntry]) -> list[AccessEntry]:
        """Return the entries, with people that the crosswalk has learned since the reply."""
        return [self._completed(each) if each.numbers else each for each in entries]

    def _completed(self, entry: AccessEntry) -> AccessEntry:
        citizens, numbers = list(entry.citizens), []
        for scheme, number in entry.numbers:
            member = self.crosswalk.member_with(scheme, number)
            if member is None:
                numbers.append((scheme, number))
            else:
                citizens.append(member)
        return replace(entry, citizens=citizens, numbers=numbers)

    def of_look_up(
        self,
        department: str,
        capability: Capability,
        keys: Sequence[str],
        reply: LookUpReply,
        persons: Persons,
    ) -> None:
        """Add the people in the reply to a look-up to `persons`."""
        if capability is Capability.CITIZENS_BY_IDENTIFIER:
            persons.citizens.extend(keys)
            return
        rows = (found for found in reply.results.values() if isinstance(found, Rows))
        records = (record for each in rows for record in each.records)
        self.of_records(department, records, persons)

    def of_records(self, department: str, records: Iterable[Record], persons: Persons) -> None:
        """Add the people that the records belong to, each once, to `persons`."""
        members: dict[str, None] = {}
        owners: dict[str, None] = {}
        for record in records:
            if isinstance(record, Citizen):
                members[record.member_identifier] = None
            elif isinstance(record, Family):
                members |= dict.fromkeys(
                    entry.citizen.member_identifier for entry in record.members
                )
            elif owner := getattr(record, record.OWNER):  # type: ignore[attr-defined]
                owners[owner] = None
        if owners:
            scheme = self.directory.scheme_of(department)
            for owner in owners:
                member = self.crosswalk.member_with(scheme, owner)
                if member is None:
                    persons.numbers.append((scheme, owner))
                else:
                    members[member] = None
        persons.citizens.extend(members)
