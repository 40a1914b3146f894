"""What the water office answers, and how it writes an application."""

from collections import defaultdict
from collections.abc import Sequence

from mocks.dirty_text import blemished, one_of, padded, text_or_nothing
from mocks.population import Population
from mocks.population.records import Application
from mocks.population.town_departments import WATER
from mocks.soap.calls import RpcFaultError
from mocks.soap.encoding import struct

MOST_AT_ONCE = 25
NOTHING: tuple[str | None, ...] = (None, "", "NA", "-")
"""None is written as nil."""
STRING = "xsd:string"


class WaterOperations:
    """Numbers in, written applications out."""

    def __init__(self, population: Population) -> None:
        self._citizens = population.by_member_id
        self._by_consumer: defaultdict[str, list[Application]] = defaultdict(list)
        self._by_number: dict[str, Application] = {}
        for application in population.applications_at(WATER):
            self._by_consumer[application.owner].append(application)
            self._by_number[application.reference] = application

    def of_consumers(self, numbers: Sequence[str]) -> list[str]:
        """All applications of these consumers."""
        _check(numbers)
        return [
            self._item(each) for number in numbers for each in self._by_consumer.get(number, ())
        ]

    def by_number(self, numbers: Sequence[str]) -> list[str]:
        """The applications with these numbers; unknown ones are left out."""
        _check(numbers)
        return [self._item(self._by_number[n]) for n in numbers if n in self._by_number]

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
                "applicant": (STRING, blemished(applicant.name.latin, f"{key} name")),
                "phone": (STRING, text_or_nothing(applicant.mobile, f"{key} phone")),
                "status": (STRING, application.status_code),
                "status_txt": (STRING, padded(WATER.label(application.status_code), key)),
                "note": (STRING, note or one_of(NOTHING, f"{key} note")),
                "applied": (STRING, application.applied_at.strftime("%d-%m-%Y")),
                "upd": (STRING, application.updated_at.strftime("%d-%m-%Y %H:%M:%S")),
                "due": (STRING, due.strftime("%d-%m-%Y") if due else None),
                "desk": (STRING, blemished(officer.designation, key) if officer else None),
                "desk_at": (STRING, officer.location_name if officer else None),
            },
        )


def _check(numbers: Sequence[str]) -> None:
    if len(numbers) > MOST_AT_ONCE:
        raise RpcFaultError("Client", f"At most {MOST_AT_ONCE} numbers in one call.")
