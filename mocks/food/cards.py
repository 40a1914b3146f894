"""Ration cards as packed texts, applications as XML inside a text (`docs/quirks.md` b and 5).

A card is `1|SUCCESS|card|kind|members|district|applications`. Rows are separated by `^`, their
fields by `~`, and `-` means unknown. Members have an age but no birth date. A query by application
number returns XML without a root element, written by a later programmer.
"""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from mocks.population import Population
from mocks.population.citizen import Citizen
from mocks.population.clock import TODAY
from mocks.population.records import Application
from mocks.population.town_departments import FOOD
from mocks.submissions import ApplicationDesk

APPLICATION = (
    "number", "service", "status", "status_text", "remarks", "applied", "updated", "extref",
)  # fmt: skip
KINDS = ("PHH", "AAY", "OPH")
UNKNOWN = "-"


class CardIndex:
    """Finds cards by card number, and applications by number or by the sender's reference."""

    def __init__(self, population: Population, desk: ApplicationDesk) -> None:
        self._holders = {
            card: citizen
            for citizen in population.citizens
            for card in citizen.links.get(FOOD.scheme, ())
        }
        self._families = population.by_family_id
        self._desk = desk

    def card(self, number: str) -> str | None:
        """Return the packed card; None if there is no such card."""
        holder = self._holders.get(number)
        if holder is None:
            return None
        family = self._families[holder.family_id]
        fields = (
            "1",
            "SUCCESS",
            number,
            KINDS[sum(map(ord, number)) % len(KINDS)],
            "^".join(_member(member) for member in family.members),
            holder.address.district.name.upper(),
            "^".join("~".join(self._values(each)) for each in self._desk.of_owners([number])),
        )
        return "|".join(fields)

    def application(self, number: str) -> str | None:
        """Return the XML text of an application; None if there is no such application."""
        application = self._desk.get(number)
        return None if application is None else self._xml([application])

    def by_external_reference(self, reference: str) -> str | None:
        """Return the XML text of the applications with this reference of the sender, or None."""
        found = self._desk.find([reference])
        return self._xml(found) if found else None

    def _xml(self, applications: Sequence[Application]) -> str:
        rows = ""
        for each in applications:
            fields = zip(APPLICATION, self._values(each), strict=True)
            row = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields)
            rows += f"<app><card>{each.owner or UNKNOWN}</card>{row}</app>"
        return f"{outcome('1', 'SUCCESS')}{rows}"

    def _values(self, application: Application) -> tuple[str, ...]:
        code = application.status_code
        return (
            application.reference,
            FOOD.service(application.service_code).wire_code,
            code,
            FOOD.label(code),
            application.remarks or UNKNOWN,
            application.applied_at.strftime("%d/%m/%Y"),
            application.updated_at.strftime("%d/%m/%Y %H:%M:%S"),
            self._desk.hub_reference(application) or UNKNOWN,
        )


def outcome(code: str, message: str) -> str:
    """Return the beginning of each XML reply: code and message."""
    return f"<code>{code}</code><message>{message}</message>"


def _member(citizen: Citizen) -> str:
    age = TODAY.year - citizen.born.year - ((TODAY.month, TODAY.day) < _birthday(citizen))
    return "~".join((citizen.name.latin or UNKNOWN, citizen.gender or UNKNOWN, str(age)))


def _birthday(citizen: Citizen) -> tuple[int, int]:
    return citizen.born.month, citizen.born.day
