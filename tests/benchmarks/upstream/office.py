"""The department that takes applications and complaints."""

from urllib.parse import parse_qs

import orjson

PREFIXES = {"applications": "OFF", "grievances": "OFG"}


class Office:
    """What the department has received.

    Attributes:
        arrived: number of submissions that arrived, each copy counted.
    """

    def __init__(self) -> None:
        self.arrived = 0
        self._numbers: dict[str, str] = {}

    def receive(self, kind: str, body: bytes) -> bytes:
        """Store a submission; return the reply with its number."""
        receipt = orjson.loads(body)["receipt"]
        self.arrived += 1
        number = self._numbers[receipt] = f"{PREFIXES[kind]}/{self.arrived:06}"
        return orjson.dumps({"data": {"receipt": receipt, "number": number, "state": "STORED"}})

    def find(self, query: str) -> bytes:
        """Return the submissions with these receipt numbers."""
        receipts = [each for text in parse_qs(query)["receipts"] for each in text.split(",")]
        found = [(each, self._numbers.get(each)) for each in receipts]
        rows = [
            {"receipt": receipt, "number": number, "state": "STORED"}
            for receipt, number in found
            if number is not None
        ]
        return orjson.dumps({"data": rows})
