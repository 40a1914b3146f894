"""Ration cards as packed texts, applications as XML inside a text (`docs/quirks.md` b and 5).

A card is `1|SUCCESS|card|kind|members|district|applications`. Rows are separated by `^`, their
fields by `~`, and `-` means unknown. Members have an age but no birth date. A query by application
number returns XML without a root element, written by a later programmer.
"""

from xml.sax.saxutils import escape

from mocks.population import Population
from mocks.population.application_index import ApplicationIndex
from mocks.population.citizen import Citizen
from mocks.population.clock import TODAY
from mocks.population.records import Application
from mocks.population.town_departments import FOOD

APPLICATION = ("number", "service", "status", "status_text", "remarks", "applied", "updated")
KINDS = ("PHH", "AAY", "OPH")
UNKNOWN = "-"


class CardIndex:
    """Finds cards by card number or by application number."""

    def __init__(self, population: Population) -> None:
        self._holders = {
            card: citizen
            for citizen in population.citizens
            for card in citizen.links.get(FOOD.scheme, ())
        }
        self._families = population.by_family_id
        self._index = ApplicationIndex(population.applications_at(FOOD))

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
            "^".join(_application(each) for each in self._index.of_owners([number])),
        )
        return "|".join(fields)

    def application(self, number: str) -> str | None:
        """Return the XML text of an application; None if there is no such application."""
        application = self._index.get(number)
        if application is None:
            return None
        fields = zip(APPLICATION, _values(application), strict=True)
        row = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields)
        return f"{outcome('1', 'SUCCESS')}<app><card>{application.owner}</card>{row}</app>"


def outcome(code: str, message: str) -> str:
    """Return the beginning of each XML reply: code and message."""
    return f"<code>{code}</code><message>{message}</message>"


def _member(citizen: Citizen) -> str:
    age = TODAY.year - citizen.born.year - ((TODAY.month, TODAY.day) < _birthday(citizen))
    return "~".join((citizen.name.latin or UNKNOWN, citizen.gender or UNKNOWN, str(age)))


def _birthday(citizen: Citizen) -> tuple[int, int]:
    return citizen.born.month, citizen.born.day


def _application(application: Application) -> str:
    return "~".join(_values(application))


def _values(application: Application) -> tuple[str, ...]:
    code = application.status_code
    return (
        application.reference,
        FOOD.service(application.service_code).wire_code,
        code,
        FOOD.label(code),
        application.remarks or UNKNOWN,
        application.applied_at.strftime("%d/%m/%Y"),
        application.updated_at.strftime("%d/%m/%Y %H:%M:%S"),
    )
