"""Operations of the water office, and the XML form of its applications."""

from collections.abc import Sequence

from mocks.dirty_text import dirty, one_of, padded, text_or_blank
from mocks.population import Population
from mocks.population.clock import parse_day
from mocks.population.records import Application
from mocks.population.town_departments import WATER
from mocks.soap.calls import RpcFaultError
from mocks.soap.encoding import struct
from mocks.submissions import ApplicationDesk

MOST_AT_ONCE = 25
MOST_LISTED = 100
BLANKS: tuple[str | None, ...] = (None, "", "NA", "-")
"""Spellings of an empty value; None is written as nil."""
STRING = "xsd:string"


class WaterOperations:
    """Each operation takes numbers and returns `item` elements.

    It raises RpcFaultError for too many numbers.
    """

    def __init__(self, population: Population, desk: ApplicationDesk) -> None:
        self._citizens = population.by_member_id
        self._desk = desk

    def of_consumers(self, numbers: Sequence[str]) -> list[str]:
        """Return all applications of these consumers."""
        _check(numbers)
        return [self._item(each) for each in self._desk.of_owners(numbers)]

    def by_number(self, numbers: Sequence[str]) -> list[str]:
        """Return the applications with these numbers, without unknown ones."""
        _check(numbers)
        return [self._item(each) for each in self._desk.by_references(numbers)]

    def by_reference_of_sender(self, references: Sequence[str]) -> list[str]:
        """Return the applications with these references of the sender, each copy."""
        _check(references)
        return [self._item(each) for each in self._desk.find(references)]

    def worklist(
        self, statuses: Sequence[str], since: str, start: int, most: int
    ) -> tuple[list[str], int]:
        """Return applications for officers, last changed first, and the number of all.

        Args:
            statuses: status codes; all if empty.
            since: first day of the last change, dd-mm-yyyy; all if empty.
        """
        day = parse_day(since, "%d-%m-%Y") if since else None
        found = self._desk.matching(statuses, day)
        shown = found[start : start + min(most, MOST_LISTED)]
        return [self._item(each) for each in shown], len(found)

    def _item(self, application: Application) -> str:
        key = application.reference
        applicant = self._citizens[application.member_id]
        officer = application.pending_with
        due = application.due_on
        note = application.remarks
        return struct(
            "item",
            "ns1:Application",
            {
                "app_no": (STRING, key),
                "consumer_no": (STRING, padded(application.owner, f"{key} owner")),
                "svc": ("xsd:int", WATER.service(application.service_code).wire_code),
                "applicant": (STRING, dirty(applicant.name.latin, f"{key} name")),
                "phone": (STRING, text_or_blank(applicant.mobile, f"{key} phone")),
                "status": (STRING, application.status_code),
                "status_txt": (STRING, padded(WATER.label(application.status_code), key)),
                "note": (STRING, note or one_of(BLANKS, f"{key} note")),
                "applied": (STRING, application.applied_at.strftime("%d-%m-%Y")),
                "upd": (STRING, application.updated_at.strftime("%d-%m-%Y %H:%M:%S")),
                "due": (STRING, due.strftime("%d-%m-%Y") if due else None),
                "desk": (STRING, dirty(officer.designation, key) if officer else None),
                "desk_at": (STRING, officer.location_name if officer else None),
                "ref": (STRING, self._desk.hub_reference(application) or None),
            },
        )


def _check(numbers: Sequence[str]) -> None:
    if len(numbers) > MOST_AT_ONCE:
        raise RpcFaultError("Client", f"At most {MOST_AT_ONCE} numbers in one call.")
