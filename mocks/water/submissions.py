"""What the water office receives. Success is a friendly sentence, and a refusal is a SOAP fault."""

import re

from mocks.population.town_departments import WATER
from mocks.soap.calls import RpcCall, RpcFaultError
from mocks.submissions import ApplicationDesk

WRITE = "applyConnection"
CONNECTIONS = frozenset({"WATER", "SEWER", "BOTH"})
PROPERTY_BYTES = 30
ORIGINS = {"citizen": "PORTAL", "kendra": "KIOSK", "csc": "CSC"}


class ConnectionSubmissions:
    """Receives applications. A copy is stored as an application of its own."""

    def __init__(self, desk: ApplicationDesk) -> None:
        self._desk = desk

    def apply(self, call: RpcCall) -> str:
        """Store an application; return a sentence with its number.

        Raises:
            RpcFaultError: the application is not accepted.
        """
        form = call.object("application")
        _check(form)
        consumer = form.get("consumer_no", "")
        citizen = self._desk.citizen(consumer, form.get("family_member", ""))
        if citizen is None:
            raise RpcFaultError("Client", "Applicant is not known")
        documents = [
            {"kind": each.get("kind", ""), "name": each.get("name", "")}
            for each in call.optional_objects("documents")
        ]
        fields = {"form": form, "channel": ORIGINS.get(form["origin"]), "documents": documents}
        service = WATER.services[0].code
        stored = self._desk.receive(form["ref"], service, consumer, citizen.member_id, fields)
        return f"Thank you! Your application no. is {stored.reference}. Please note it."


def _check(form: dict[str, str]) -> None:
    """Check a form.

    Raises:
        RpcFaultError: it is not accepted.
    """
    for name in ("ref", "property_id", "connection", "road_cut", "origin"):
        if not form.get(name):
            raise RpcFaultError("Client", f"{name} is required")
    if form.get("svc") != WATER.services[0].wire_code:
        raise RpcFaultError("Client", "svc is not valid")
    if len(form["property_id"].encode()) > PROPERTY_BYTES:
        raise RpcFaultError("Client", f"property_id is longer than {PROPERTY_BYTES} bytes")
    if form["connection"] not in CONNECTIONS or form["road_cut"] not in ("0", "1"):
        raise RpcFaultError("Client", "connection or road_cut is not valid")
    pipe = form.get("pipe_mm", "")
    if pipe and not (re.fullmatch(r"[0-9]{2}(\.[0-9]+)?", pipe) and 15 <= float(pipe) <= 50):
        raise RpcFaultError("Client", "pipe_mm must be 15 to 50")
