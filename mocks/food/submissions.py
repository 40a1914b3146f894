"""What the ration card service receives. Success and refusal are prose, in upper case."""

from mocks.food.forms import refusal
from mocks.population.town_departments import FOOD
from mocks.soap.calls import RpcCall
from mocks.submissions import ApplicationDesk

CHANNELS = {"WEB": "PORTAL", "KIOSK": "KIOSK", "CSC": "CSC"}
FORM = ("category", "members", "address", "shop")
SEPARATORS = "|^~"
"""Characters that separate the fields of packed texts, and so may not occur in them."""


class CardSubmissions:
    """Receives applications. The column of the sender's reference is a unique key."""

    def __init__(self, desk: ApplicationDesk) -> None:
        self._desk = desk

    def submit(self, call: RpcCall) -> str:
        """Store an application; return `1|SUCCESS|number`, or `0|` and the reason.

        Raises:
            RpcFaultError: an argument is missing.
        """
        reference, card = call.text("extRef"), call.optional_text("cardNo")
        form = {name: call.optional_text(name) for name in FORM}
        refused = refusal(form)
        citizen = self._desk.citizen(card, call.optional_text("familyMember"))
        if not reference or any(mark in reference for mark in SEPARATORS):
            refused = "EXTERNAL REFERENCE IS NOT VALID"
        elif self._desk.find([reference]):
            refused = f"EXTERNAL REFERENCE {reference} ALREADY EXISTS IN DATABASE"
        elif citizen is None:
            refused = "FAMILY MEMBER NOT FOUND"
        if refused is not None or citizen is None:
            return f"0|{refused}"
        documents = [
            {"type": each.get("docType", ""), "name": each.get("docName", "")}
            for each in call.optional_objects("documents")
        ]
        fields = {
            "form": form,
            "channel": CHANNELS.get(call.optional_text("channel")),
            "documents": documents,
        }
        service = FOOD.services[0].code
        stored = self._desk.receive(reference, service, card, citizen.member_id, fields)
        return f"1|SUCCESS|{stored.reference}"
