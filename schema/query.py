"""The reading roots."""

from typing import Annotated

import strawberry
from strawberry import argument

from schema.access_record import AccessRecordConnection, load_access_log
from schema.application import Application, ApplicationConnection
from schema.batch import Info, Partial, reads_whole, value_of
from schema.citizen import Citizen, CitizenSearchInput
from schema.citizen_records import After, First
from schema.connections import DEFAULT_PAGE_SIZE, connect_list
from schema.department import Department
from schema.errors import QUOTED, bad_input, not_found
from schema.family import Family
from schema.grievance import Grievance
from schema.node import Node, local_id_of
from schema.node_lookup import load_nodes
from schema.service import Audience, Service, ServiceConnection
from schema.service_centre import NearInput, ServiceCentreConnection
from schema.tracked_application import TrackedApplication, track
from schema.worklist import ApplicationFilterInput, load_worklist

MAX_NODES = 100


@strawberry.type(description="What can be read.")
class Query:
    @strawberry.field(description="The citizen who asks; null when somebody else asks.")
    async def me(self, info: Info) -> Citizen | None:
        own = info.context.sources.own_member_identifier
        if own is None:
            return None
        return value_of(info, (await info.context.sources.citizens.by_identifier([own]))[0])

    @strawberry.field(description="One citizen. An error NOT_FOUND when the registry has none.")
    async def citizen(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID,
            argument(description="The hub's id, or Family ID and member number (7KNL042101)."),
        ],
    ) -> Citizen | None:
        identifier = local_id_of("Citizen", id)
        found = value_of(info, (await info.context.sources.citizens.by_identifier([identifier]))[0])
        if found is None:
            raise not_found("The family registry has no citizen with this id.")
        return found

    @strawberry.field(description="People who match at least two identifying fields, at most five.")
    async def citizens(
        self,
        info: Info,
        search: Annotated[CitizenSearchInput, argument(description="Who is looked for.")],
    ) -> list[Citizen] | None:
        return await info.context.sources.citizens.search(search)

    @strawberry.field(description="One family. An error NOT_FOUND when the registry has none.")
    async def family(
        self,
        info: Info,
        id: Annotated[strawberry.ID, argument(description="The hub's id, or the Family ID.")],
    ) -> Family | None:
        identifier = local_id_of("Family", id)
        found = value_of(info, (await info.context.sources.families.by_identifier([identifier]))[0])
        if found is None:
            raise not_found("The family registry has no family with this id.")
        return found

    @strawberry.field(description="One application by the number on the receipt.")
    async def application(
        self,
        info: Info,
        reference: Annotated[
            str, argument(description="Application reference number, as SJE-OAS/2026/000123.")
        ],
    ) -> Application | None:
        batch = await info.context.sources.applications.by_reference([reference])
        found = value_of(info, batch[0])
        if found is None:
            raise not_found("No department has an application with this reference.")
        return found

    @strawberry.field(
        description="Where an application stands, without signing in.",
        metadata=reads_whole("Application"),
    )
    async def track_application(
        self,
        info: Info,
        reference: Annotated[str, argument(description="Application reference number.")],
        phone_last4: Annotated[
            str,
            argument(
                name="phoneLast4",
                description="Last four digits of the telephone number given on the application.",
            ),
        ],
    ) -> TrackedApplication | None:
        return await track(info, reference, phone_last4)

    @strawberry.field(description="An officer's worklist: one department's applications.")
    async def applications(
        self,
        info: Info,
        filter: Annotated[ApplicationFilterInput, argument(description="Which applications.")],
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
    ) -> ApplicationConnection | None:
        return await load_worklist(info, filter, first, after)

    @strawberry.field(description="The catalogue of services.")
    def services(
        self,
        info: Info,
        search: Annotated[
            str | None, argument(description="Words in its code, name, description or keywords.")
        ] = None,
        department: Annotated[
            strawberry.ID | None, argument(description="Only of this department.")
        ] = None,
        audience: Annotated[Audience | None, argument(description="Only for these people.")] = None,
        online: Annotated[
            bool | None, argument(description="Only those one can apply for online, or only not.")
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
        return connect_list(ServiceConnection, found, first, after)

    @strawberry.field(description="One service of the catalogue.")
    def service(
        self, info: Info, code: Annotated[str, argument(description="Service code, as SJE-OAS.")]
    ) -> Service | None:
        found = info.context.sources.catalogue.service(code)
        if found is None:
            raise not_found(
                f"The catalogue has no service {code[:QUOTED]!r}. "
                "`services` lists the codes there are."
            )
        return found

    @strawberry.field(description="Every department the hub speaks to.")
    def departments(self, info: Info) -> list[Department]:
        return info.context.sources.catalogue.departments()

    @strawberry.field(description="One department.")
    def department(
        self,
        info: Info,
        id: Annotated[strawberry.ID, argument(description="The hub's id, or its identifier.")],
    ) -> Department | None:
        catalogue = info.context.sources.catalogue
        identifier = catalogue.department_identifier(id)
        return catalogue.department(identifier) if identifier else None

    @strawberry.field(description="Offices and counters where a citizen can apply with help.")
    def service_centres(
        self,
        info: Info,
        near: Annotated[
            NearInput | None, argument(description="Only near this point, nearest first.")
        ] = None,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
    ) -> ServiceCentreConnection:
        found = info.context.sources.catalogue.service_centres(near)
        return connect_list(ServiceCentreConnection, found, first, after)

    @strawberry.field(description="One grievance by the number on the receipt.")
    async def grievance(
        self,
        info: Info,
        registration_number: Annotated[
            str, argument(description="Registration number, as CMOFF/2026/0001234.")
        ],
    ) -> Grievance | None:
        batch = await info.context.sources.grievances.by_registration_number([registration_number])
        found = value_of(info, batch[0])
        if found is None:
            raise not_found("No helpdesk has a grievance with this registration number.")
        return found

    @strawberry.field(
        description="Who read a citizen's data, newest first: every question to a department that "
        "concerned them. The log of the citizen who asks, unless `citizen` names another; null "
        "when neither is the case."
    )
    async def access_log(
        self,
        info: Info,
        citizen: Annotated[
            strawberry.ID | None,
            argument(description="Whose log; needs a role that may read the logs of others."),
        ] = None,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
    ) -> AccessRecordConnection | None:
        own = info.context.sources.own_member_identifier
        identifier = own if citizen is None else local_id_of("Citizen", citizen)
        if identifier is None:
            return None
        return await load_access_log(info, identifier, first, after)

    @strawberry.field(description="Anything by its id (Relay).")
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, argument(description="The hub's id.")]
    ) -> Node | None:
        return value_of(info, (await load_nodes(info, [id]))[0])

    @strawberry.field(description="Several things by their ids, in the order asked (Relay).")
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[strawberry.ID], argument(description=f"The hub's ids, at most {MAX_NODES}.")
        ],
    ) -> list[Node | None]:
        if len(ids) > MAX_NODES:
            raise bad_input(f"`ids` has {len(ids)} entries; give at most {MAX_NODES} at a time.")
        found: list[Node | None] = []
        for place, outcome in enumerate(await load_nodes(info, ids)):
            if isinstance(outcome, Exception):
                info.context.note_partial([*info.path.as_list(), place], [outcome])
                found.append(None)
            else:
                found.append(outcome.value if isinstance(outcome, Partial) else outcome)
        return found
