"""What the power company receives: new connections, and appeals.

The sender's reference is stored, but no operation finds a record by it. A sender that has lost a
reply cannot learn the new number.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mocks.population.town_departments import POWER
from mocks.power import multiref
from mocks.power.forms import LEVELS, check_length, refusal
from mocks.power.multiref import MultiRefs
from mocks.soap.calls import RpcCall
from mocks.submissions import ApplicationDesk, Intake, Kind

CHANNELS = {"1": "PORTAL", "2": "KIOSK", "3": "CSC"}
FORM = ("category", "applicantName", "address", "loadKw", "area", "purpose")
RECEIVED, REJECTED = 0, 1


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The reply to a write: status, message, and the number of the new record."""

    status: int
    message: str
    number: str | None = None

    def write(self, name: str, refs: MultiRefs) -> str:
        """Add this object to a reply, and return the reference to it."""
        parts = (
            multiref.number("status", self.status),
            multiref.string("message", self.message),
            multiref.string("number", self.number),
        )
        return f'<{name} href="#{refs.add("Acknowledgement", "".join(parts))}"/>'


REFUSED = Acknowledgement(REJECTED, "Not accepted. Visit the subdivision office")


class PowerSubmissions:
    """The operations that store something. Each copy of a write is stored as a record of its own.

    Attributes:
        operations: the functions by name of the operation. They raise RpcFaultError for a missing
            argument, or for a text that is too long.
    """

    def __init__(self, desk: ApplicationDesk, intake: Intake) -> None:
        self._desk = desk
        self._intake = intake
        self.operations: dict[str, Callable[[RpcCall], Acknowledgement]] = {
            "submitApplication": self._submit,
            "fileAppeal": self._appeal,
        }

    def _submit(self, call: RpcCall) -> Acknowledgement:
        form = {name: call.text(name) for name in FORM}
        consumer = call.optional_text("consumerNo")
        refused = refusal(form)
        citizen = self._desk.citizen(consumer, call.text("familyMember"))
        if refused is None and citizen is None:
            refused = "Applicant is not found"
        if refused is not None or citizen is None:
            return Acknowledgement(REJECTED, refused or REFUSED.message)
        for name in ("applicantName", "address"):
            check_length(name, form[name])
        fields = {
            "form": form,
            "channel": CHANNELS.get(call.text("channel")),
            "documents": _documents(call),
        }
        service = POWER.services[0].code
        stored = self._desk.receive(
            call.text("refNo"), service, consumer, citizen.member_id, fields
        )
        return Acknowledgement(RECEIVED, "Application registered", stored.reference)

    def _appeal(self, call: RpcCall) -> Acknowledgement:
        application = self._desk.get(call.text("applicationNo"))
        level, grounds = call.text("level"), call.text("grounds")
        if application is None:
            return Acknowledgement(REJECTED, "Application No is not found")
        if level not in LEVELS or not grounds:
            return Acknowledgement(REJECTED, "Level or grounds are not given")
        check_length("grounds", grounds)
        appeal = self._intake.receive(
            Kind.APPEAL,
            call.text("refNo"),
            lambda number: f"APL/{application.applied_at.year}/{number:05d}",
            service=application.service_code,
            owner=application.owner,
            member_id=application.member_id,
            fields={
                "applicationNo": application.reference,
                "level": level,
                "grounds": grounds,
                "documents": _documents(call),
            },
        )
        return Acknowledgement(RECEIVED, "Appeal registered", appeal.reference)


def _documents(call: RpcCall) -> list[dict[str, str]]:
    """Return what is kept of the documents of a call: everything but their content."""
    return [
        {"kind": each.get("kind", ""), "fileName": each.get("fileName", "")}
        for each in call.optional_objects("documents")
    ]
