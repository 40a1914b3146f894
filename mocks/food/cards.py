"""Ration cards as packed texts, applications as a text that holds XML (`docs/quirks.md` b and 5).

`1|SUCCESS|card|kind|members|district|applications`: rows are split by `^`, their fields by `~`,
and `-` means unknown. Members have an age, no birth date. Who asks by an application's number gets
what a later programmer wrote: XML in a text, without a root around it.
"""

from collections import defaultdict
from xml.sax.saxutils import escape

from mocks.population import Population
from mocks.population.citizen import Citizen
from mocks.population.clock import TODAY
from mocks.population.records import Application
from mocks.population.town_departments import FOOD

APPLICATION = ("number", "service", "status", "status_text", "remarks", "applied", "updated")
KINDS = ("PHH", "AAY", "OPH")
UNKNOWN = "-"


class CardIndex:
    """Finds cards by their number or by an application's."""

    def __init__(self, population: Population) -> None:
        self._holders = {
            card: citizen
            for citizen in population.citizens
            for card in citizen.links.get(FOOD.scheme, ())
        }
        self._families = population.by_family_id
        self._applications: defaultdict[str, list[Application]] = defaultdict(list)
        self._by_reference: dict[str, Application] = {}
        for application in population.applications_at(FOOD):
            self._applications[application.owner].append(application)
            self._by_reference[application.reference] = application

    def card(self, number: str) -> str | None:
        """The packed card; None when there is none of this number."""
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
            "^".join(_application(each) for each in self._applications.get(number, ())),
        )
        return "|".join(fields)

    def application(self, number: str) -> str | None:
        """What is written about an application; None when there is none of this number."""
        application = self._by_reference.get(number)
        if application is None:
            return None
        fields = zip(APPLICATION, _told(application), strict=True)
        row = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields)
        return f"{outcome('1', 'SUCCESS')}<app><card>{application.owner}</card>{row}</app>"


def outcome(code: str, message: str) -> str:
    """How it went, in XML."""
    return f"<code>{code}</code><message>{message}</message>"


def _member(citizen: Citizen) -> str:
    age = TODAY.year - citizen.born.year - ((TODAY.month, TODAY.day) < _birthday(citizen))
    return "~".join((citizen.name.latin or UNKNOWN, citizen.gender or UNKNOWN, str(age)))


def _birthday(citizen: Citizen) -> tuple[int, int]:
    return citizen.born.month, citizen.born.day


def _application(application: Application) -> str:
    return "~".join(_told(application))


def _told(application: Application) -> tuple[str, ...]:
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
