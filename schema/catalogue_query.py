"""Queries of the public catalogue: services, departments and service centres."""

from typing import Annotated

import strawberry
from strawberry import argument

from schema.batch import Info, reads_catalogue
from schema.citizen_records import After, Before, FirstOrNone, Last
from schema.connections import connect_list
from schema.department import Department
from schema.errors import not_found
from schema.keys import DepartmentKeyInput
from schema.service import Audience, LifeEvent, Service
from schema.service_centre import (
    CentreCriteria,
    NearInput,
    ServiceCentreConnection,
    ServiceCentreType,
)
from schema.service_search import ServiceConnection, ServiceCriteria

SearchWords = Annotated[
    str | None,
    argument(
        description="Words in English or Hindi, in Devanagari or Latin letters. Misspelt words are "
        "found. At most 200 characters."
    ),
]
ByDepartment = Annotated[
    strawberry.ID | None, argument(description="Return services of this department only.")
]
ByGroup = Annotated[
    str | None, argument(description="Return services of this group only: its name in English.")
]
ByAudience = Annotated[
    Audience | None, argument(description="Return services for this group of people only.")
]
ByLifeEvent = Annotated[
    LifeEvent | None, argument(description="Return services for this event in life only.")
]
ByOnline = Annotated[
    bool | None,
    argument(description="If true, only services with online application; if false, the rest."),
]
ByService = Annotated[
    str | None, argument(description="Code of a service: only centres that offer it.")
]
ByDistrict = Annotated[
    str | None,
    argument(description="Name of a district, in English or Hindi: only centres in it."),
]


@strawberry.type
class CatalogueQuery:
    """The root fields that read the public catalogue."""

    @strawberry.field(
        description="Services in the catalogue. With `search`, the best matches come first.",
        metadata=reads_catalogue(),
    )
    def services(
        self,
        info: Info,
        search: SearchWords = None,
        department: ByDepartment = None,
        group: ByGroup = None,
        audience: ByAudience = None,
        life_event: ByLifeEvent = None,
        online: ByOnline = None,
        first: FirstOrNone = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ServiceConnection | None:
        catalogue = info.context.sources.catalogue
        criteria = ServiceCriteria(
            search=search,
            department=catalogue.department_identifier(department),
            group=group,
            audience=audience,
            life_event=life_event,
            online=online,
        )
        return connect_list(
            ServiceConnection,
            catalogue.services(criteria),
            info.context.sources.ids,
            first,
            last,
            after,
            before,
            count_facets=lambda: catalogue.service_facets(criteria),
        )

    @strawberry.field(
        description="One service, by code. Error NOT_FOUND if there is none.",
        metadata=reads_catalogue(),
    )
    def service(
        self,
        info: Info,
        code: Annotated[str, argument(description="Service code, for example SJE-OAS.")],
    ) -> Service | None:
        found = info.context.sources.catalogue.service(code)
        if found is None:
            raise not_found(
                "The catalogue has no service with this code. Query `services` for the codes."
            )
        return found

    @strawberry.field(
        description="All departments that are connected to the hub.", metadata=reads_catalogue()
    )
    def departments(self, info: Info) -> list[Department] | None:
        return info.context.sources.catalogue.departments()

    @strawberry.field(
        description="One department. Error BAD_USER_INPUT if there is none.",
        metadata=reads_catalogue(),
    )
    def department(
        self,
        info: Info,
        by: Annotated[DepartmentKeyInput, argument(description="Which department.")],
    ) -> Department | None:
        sources = info.context.sources
        identifier = sources.catalogue.department_identifier(strawberry.ID(by.name(sources.ids)))
        return sources.catalogue.department(identifier) if identifier else None

    @strawberry.field(
        description="Offices and counters where staff help citizens to apply. With `near`, the "
        "nearest come first.",
        metadata=reads_catalogue(),
    )
    def service_centres(
        self,
        info: Info,
        near: Annotated[
            NearInput | None, argument(description="Only centres near this point.")
        ] = None,
        service: ByService = None,
        district: ByDistrict = None,
        postal_code: Annotated[
            str | None, argument(description="Postal code (PIN): only centres that have it.")
        ] = None,
        centre_type: Annotated[
            ServiceCentreType | None, argument(description="Only centres of this kind.")
        ] = None,
        first: FirstOrNone = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> ServiceCentreConnection | None:
        criteria = CentreCriteria(near, service, district, postal_code, centre_type)
        found = info.context.sources.catalogue.service_centres(criteria)
        return connect_list(
            ServiceCentreConnection,
            [each.centre for each in found],
            info.context.sources.ids,
            first,
            last,
            after,
            before,
            distances={
                each.centre.identifier: each.distance_km
                for each in found
                if each.distance_km is not None
            },
        )
