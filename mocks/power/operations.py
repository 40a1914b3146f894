"""Operations of the power company, and the XML form of its applications."""

from collections.abc import Sequence
from datetime import datetime

from mocks.dirty_text import dirty, one_of, padded, text_or_blank
from mocks.population import Population
from mocks.population.clock import parse_day
from mocks.population.demo_family import NAME_ON_POWER_ACCOUNT, POWER_REFERENCE
from mocks.population.records import Application, TimelineEvent
from mocks.population.town_departments import POWER
from mocks.power.multiref import MultiRefs, array, number, string
from mocks.soap.calls import RpcCall, RpcFaultError
from mocks.submissions import ApplicationDesk

MOST_AT_ONCE = 20
MOST_LISTED = 100
CHANNELS = {"CSC": "3", "KIOSK": "2", "PORTAL": "1"}
BLANKS: tuple[str | None, ...] = (None, "", "NA", "not avaiable")


class PowerOperations:
    """Each operation takes numbers and returns an array of references to applications.

    It raises RpcFaultError for too many numbers.
    """

    def __init__(self, population: Population, desk: ApplicationDesk) -> None:
        self._citizens = population.by_member_id
        self._desk = desk

    def of_consumers(self, numbers: Sequence[str], refs: MultiRefs) -> str:
        """Return all applications of these consumers."""
        found = self._desk.of_owners(numbers)
        return self._array("getApplicationsReturn", numbers, found, refs)

    def by_number(self, numbers: Sequence[str], refs: MultiRefs) -> str:
        """Return the applications with these numbers, without unknown ones."""
        found = self._desk.by_references(numbers)
        return self._array("getApplicationsByNoReturn", numbers, found, refs)

    def worklist(self, call: RpcCall, refs: MultiRefs) -> str:
        """Return applications for officers, last changed first, and the number of all."""
        since = call.optional_text("changedFrom")
        found = self._desk.matching(
            call.optional_texts("statusCodes"), parse_day(since, "%d/%m/%Y") if since else None
        )
        start, most = int(call.text("firstRow")), int(call.text("maxRows"))
        shown = found[start : start + min(most, MOST_LISTED)]
        rows = array("getWorklistReturn", "Application", [self._add(each, refs) for each in shown])
        return rows + number("totalRows", len(found))

    def _array(
        self, name: str, numbers: Sequence[str], found: Sequence[Application], refs: MultiRefs
    ) -> str:
        if len(numbers) > MOST_AT_ONCE:
            raise RpcFaultError("Server.userException", f"Limit of {MOST_AT_ONCE} exceeded")
        return array(name, "Application", [self._add(each, refs) for each in found])

    def _add(self, application: Application, refs: MultiRefs) -> str:
        key = application.reference
        applicant = self._citizens[application.member_id]
        name = NAME_ON_POWER_ACCOUNT if key == POWER_REFERENCE else applicant.name.latin
        code, officer, due = application.status_code, application.pending_with, application.due_on
        history = [
            _add_event(event, f"{key} {nth}", refs)
            for nth, event in enumerate(application.timeline)
        ]
        parts = (
            string("applicationNo", key),
            string("consumerNo", application.owner),
            string("category", POWER.service(application.service_code).wire_code),
            string("applicantName", dirty(name, f"{key} name")),
            string("mobile", text_or_blank(applicant.mobile, f"{key} mobile")),
            string("statusCode", code),
            string("statusText", padded(POWER.label(code), f"{key} label")),
            string("remarks", _text_or_blank(application.remarks, f"{key} remarks")),
            string("appliedOn", application.applied_at.strftime("%d/%m/%Y")),
            string("updatedOn", _moment(application.updated_at)),
            string("dueOn", due.strftime("%d/%m/%Y") if due else None),
            string("channel", CHANNELS[application.source]),
            string("pendingDesignation", officer.designation if officer else None),
            string("pendingOffice", officer.location_name if officer else None),
            array("history", "Event", history),
        )
        return refs.add("Application", "".join(parts))


def _add_event(event: TimelineEvent, key: str, refs: MultiRefs) -> str:
    officer = event.performed_by
    parts = (
        string("action", event.action),
        string("actionNo", event.action_no),
        string("taskName", _text_or_blank(event.task_name, f"{key} task")),
        string("designation", officer.designation if officer else None),
        string("office", officer.location_name if officer else ""),
        string("receivedOn", _moment(event.received)),
        string("executedOn", _moment(event.executed)),
        string("remarks", _text_or_blank(event.remarks, f"{key} remarks")),
        string("statusCode", event.status_code),
    )
    return refs.add("Event", "".join(parts))


def _text_or_blank(text: str | None, key: str) -> str | None:
    return dirty(text, key) if text is not None else one_of(BLANKS, key)


def _moment(moment: datetime | None) -> str | None:
    return moment.strftime("%d/%m/%Y %H:%M:%S") if moment else None
