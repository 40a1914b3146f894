"""Queries: the root fields that read data.

Their descriptions name the codes of the `HubError`s that they raise.
"""

from typing import Annotated

import strawberry
from strawberry import argument

from schema.access_record import AccessRecordConnection, load_access_log
from schema.application import Application, ApplicationConnection
from schema.batch import (
    Info,
    LookUpExtension,
    find_one,
    reads_catalogue,
    reads_whole,
    value_of,
)
from schema.citizen import Citizen, CitizenSearchInput
from schema.citizen_records import After, First
from schema.connections import DEFAULT_PAGE_SIZE, connect_list
from schema.department import Department
from schema.errors import QUOTED, bad_input, not_found
from schema.family import Family
from schema.grievance import Grievance
from schema.look_ups import (
    find_applications,
    find_citizens,
    find_families,
    find_grievances,
    find_nodes,
)
from schema.node import Node, local_id_of
from schema.service import Audience, Service, ServiceConnection
from schema.service_centre import NearInput, ServiceCentreConnection
from schema.tracked_application import TrackedApplication, find_tracked
from schema.worklist import ApplicationFilterInput, load_worklist

MAX_NODES = 100

Reference = Annotated[
    str, argument(description="Reference number on the receipt, for example SJE-OAS/2026/000123.")
]


@strawberry.type(description="Operations that read data.")
class Query:
    @strawberry.field(description="The citizen who is signed in. Null for other callers.")
    async def me(self, info: Info) -> Citizen | None:
        own = info.context.sources.own_member_identifier
        if own is None:
            return None
        return value_of((await info.context.sources.citizens.by_identifier([own]))[0])

    @strawberry.field(
        description="One citizen. Error NOT_FOUND if there is none with this id.",
        extensions=[LookUpExtension(find_citizens, "id")],
    )
    async def citizen(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID,
            argument(description="Id, or Family ID and member number (for example 7KNL042101)."),
        ],
    ) -> Citizen | None:
        return await find_one(find_citizens, id, info)

    @strawberry.field(
        description="Search for people in the family registry. Error TOO_MANY_MATCHES if more "
        "than five people match."
    )
    async def citizens(
        self,
        info: Info,
        search: Annotated[CitizenSearchInput, argument(description="What the people must match.")],
    ) -> list[Citizen] | None:
        return await info.context.sources.citizens.search(search)

    @strawberry.field(
        description="One family. Error NOT_FOUND if there is none with this id.",
        extensions=[LookUpExtension(find_families, "id")],
    )
    async def family(
        self,
        info: Info,
        id: Annotated[strawberry.ID, argument(description="Id of the family, or its Family ID.")],
    ) -> Family | None:
        return await find_one(find_families, id, info)

    @strawberry.field(
        description="One application, by reference. Error NOT_FOUND if there is none.",
        extensions=[LookUpExtension(find_applications, "reference")],
    )
    async def application(self, info: Info, reference: Reference) -> Application | None:
        return await find_one(find_applications, reference, info)

    @strawberry.field(
        description="Status of one application, without signing in. Error NOT_FOUND if the "
        "reference or the telephone digits are wrong.",
        metadata=reads_whole("Application"),
        extensions=[LookUpExtension(find_tracked, "reference", "phone_last4")],
    )
    async def track_application(
        self,
        info: Info,
        reference: Reference,
        phone_last4: Annotated[
            str,
            argument(
                name="phoneLast4",
                description="Last four digits of the telephone number on the application.",
            ),
        ],
    ) -> TrackedApplication | None:
        return await find_one(find_tracked, (reference, phone_last4), info)

    @strawberry.field(
        description="An officer's worklist: a department's applications, last changed first."
    )
    async def applications(
        self,
        info: Info,
        filter: Annotated[ApplicationFilterInput, argument(description="What to return.")],
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
    ) -> ApplicationConnection | None:
        return await load_worklist(info, filter, first, after)

    @strawberry.field(description="Services in the catalogue.", metadata=reads_catalogue())
    def services(
        self,
        info: Info,
        search: Annotated[
            str | None,
            argument(description="Words that code, name, description or keywords must contain."),
        ] = None,
        department: Annotated[
            strawberry.ID | None, argument(description="Return services of this department only.")
        ] = None,
        audience: Annotated[
            Audience | None, argument(description="Return services for this group of people only.")
        ] = None,
        online: Annotated[
            bool | None,
            argument(
                description="If true, only services with online application; if false, the rest."
            ),
        ] = None,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
    ) -> ServiceConnection:
        catalogue = info.context.sources.catalogue
        found = catalogue.services(
            search=search,
            department=catalogue.department_identifier(department),
            audience=audience,
            online=online,
        )
        return connect_list(ServiceConnection, found, first, after, info.context.sources.ids)

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
                f"The catalogue has no service {code[:QUOTED]!r}. Query `services` for the codes."
            )
        return found

    @strawberry.field(
        description="All departments that are connected to the hub.", metadata=reads_catalogue()
    )
    def departments(self, info: Info) -> list[Department]:
        return info.context.sources.catalogue.departments()

    @strawberry.field(
        description="One department. Error BAD_USER_INPUT if there is none.",
        metadata=reads_catalogue(),
    )
    def department(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID, argument(description="Id of the department, or its identifier.")
        ],
    ) -> Department | None:
        catalogue = info.context.sources.catalogue
        identifier = catalogue.department_identifier(id)
        return catalogue.department(identifier) if identifier else None

    @strawberry.field(
        description="Offices and counters where staff help citizens to apply.",
        metadata=reads_catalogue(),
    )
    def service_centres(
        self,
        info: Info,
        near: Annotated[
            NearInput | None, argument(description="Only centres near this point, nearest first.")
        ] = None,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
    ) -> ServiceCentreConnection:
        found = info.context.sources.catalogue.service_centres(near)
        return connect_list(ServiceCentreConnection, found, first, after, info.context.sources.ids)

    @strawberry.field(
        description="One grievance, by registration number. NOT_FOUND if there is none.",
        extensions=[LookUpExtension(find_grievances, "registration_number")],
    )
    async def grievance(
        self,
        info: Info,
        registration_number: Annotated[
            str,
            argument(description="Number on the receipt, for example CMOFF/2026/0001234."),
        ],
    ) -> Grievance | None:
        return await find_one(find_grievances, registration_number, info)

    @strawberry.field(
        description="Access log of a citizen, newest first: all calls to departments that "
        "concerned the citizen. Null if `citizen` is null and the caller is not a "
        "citizen."
    )
    async def access_log(
        self,
        info: Info,
        citizen: Annotated[
            strawberry.ID | None,
            argument(
                description="Id of the citizen, or Family ID and member number. If null, the "
                "citizen who is signed in. The logs of other citizens require a role "
                "that may read them."
            ),
        ] = None,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
    ) -> AccessRecordConnection | None:
        sources = info.context.sources
        identifier = sources.own_member_identifier
        if citizen is not None:
            identifier = local_id_of(sources.ids, "Citizen", citizen)
        if identifier is None:
            return None
        return await load_access_log(info, identifier, first, after)

    @strawberry.field(
        description="One object of any type, by its id (Relay).",
        extensions=[LookUpExtension(find_nodes, "id")],
    )
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, argument(description="Id of the object.")]
    ) -> Node | None:
        return await find_one(find_nodes, id, info)

    @strawberry.field(
        description="Several objects of any type, by their ids, in the order of `ids` (Relay). "
        "Null in the list for an object that could not be fetched."
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], argument(description=f"Ids of the objects, at most {MAX_NODES}.")
        ],
    ) -> list[Node | None]:
        if len(ids) > MAX_NODES:
            raise bad_input(f"`ids` has {len(ids)} entries; the limit is {MAX_NODES}.")
        found: list[Node | None] = []
        for index, outcome in enumerate(await find_nodes(ids, info)):
            if isinstance(outcome, Exception):
                info.context.note_error([*info.path.as_list(), index], outcome)
                found.append(None)
            else:
                found.append(outcome)
        return found
