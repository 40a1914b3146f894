"""The models of `service_centres.yaml`, and the schema's service centres."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from adapters.manifest.document import Document
from adapters.manifest.problems import Problem
from adapters.manifest.texts import WrittenText
from adapters.mapping.rules import StrictModel, did_you_mean
from schema.language import Language
from schema.person import Address, GeoLocation
from schema.scalars import MOST_PAISE, Paise
from schema.service import Money
from schema.service_centre import ServiceCentre, ServiceCentreType


class CentreModel(StrictModel):
    """One service centre of `service_centres.yaml`.

    Attributes:
        locality: village, ward or part of the town.
        postal_code: PIN, six digits.
        telephone: telephone number of the counter.
        opening_hours: opening hours in the format of OpenStreetMap.
        service_charge: charge per application, in paise.
        services: keys of `service_lists`: citizens can apply for all services of these lists.
    """

    type: ServiceCentreType
    name: WrittenText
    locality: WrittenText
    district: WrittenText
    postal_code: str = Field(pattern=r"^[1-9][0-9]{5}$")
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    telephone: str = Field(min_length=3)
    opening_hours: str
    service_charge: int = Field(ge=0, le=MOST_PAISE)
    services: list[str] = Field(min_length=1)


class CentresFile(StrictModel):
    """`service_centres.yaml`.

    Attributes:
        service_lists: codes of services that centres offer together, by name of the list.
        service_centres: service centres by identifier.
    """

    service_lists: dict[str, Annotated[list[str], Field(min_length=1)]] = {}
    service_centres: dict[str, CentreModel] = {}

    def codes_of(self, centre: CentreModel) -> tuple[str, ...]:
        """Return the codes of the services that citizens can apply for at a centre."""
        codes = (code for name in centre.services for code in self.service_lists.get(name, ()))
        return tuple(dict.fromkeys(codes))


def check_centres(file: CentresFile, document: Document) -> list[Problem]:
    """Return a problem for each list of services that a centre names and the file lacks."""
    return list(_unknown_lists(file, document))


def _unknown_lists(file: CentresFile, document: Document) -> Iterator[Problem]:
    known: Sequence[str] = list(file.service_lists)
    for identifier, centre in file.service_centres.items():
        for number, name in enumerate(centre.services):
            if name not in file.service_lists:
                at = ("service_centres", identifier, "services", number)
                remedy = did_you_mean(name, known) if known else "add it to `service_lists`"
                yield document.problem(at, f"there is no list of services {name!r}", remedy)


def centre_of(identifier: str, model: CentreModel, codes: tuple[str, ...]) -> ServiceCentre:
    """Return the schema's service centre for an entry of `service_centres.yaml`.

    Args:
        codes: codes of the services that citizens can apply for.
    """
    return ServiceCentre(
        identifier=identifier,
        centre_type=model.type,
        name_text=model.name.text,
        addresses={lang: _address_of(model, lang) for lang in Language},
        geo_location=GeoLocation(latitude=model.latitude, longitude=model.longitude),
        telephone=model.telephone,
        opening_hours=model.opening_hours,
        service_charge=Money(amount=Paise(model.service_charge)),
        service_codes=codes,
    )


def _address_of(model: CentreModel, lang: Language) -> Address:
    return Address(
        locality=model.locality.text.in_language(lang),
        sub_region_name=model.district.text.in_language(lang),
        region_code="HR",
        postal_code=model.postal_code,
    )
