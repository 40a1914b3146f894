"""Queries: the root fields that read data.

Their descriptions name the codes of the `HubError`s that they raise.
"""

import datetime as dt
from typing import Annotated

import strawberry
from strawberry import argument

from schema.access_record import AccessRecordConnection, load_access_log
from schema.application import Application
from schema.batch import (
    Info,
    LookUpExtension,
    find_one,
    reads_whole,
    value_of,
)
from schema.catalogue_query import CatalogueQuery
from schema.certificate import Certificate
from schema.certificate_verification import CertificateVerification, find_verifications
from schema.citizen import Citizen, CitizenSearchInput
from schema.citizen_records import After, First
from schema.citizen_submissions import find_submissions
from schema.connections import DEFAULT_PAGE_SIZE
from schema.consent_query import ConsentQuery
from schema.errors import bad_input
from schema.family import Family
from schema.grievance import Grievance
from schema.keys import CitizenKeyInput, FamilyKeyInput
from schema.look_ups import (
    find_applications,
    find_certificates,
    find_citizens,
    find_families,
    find_grievances,
    find_nodes,
)
from schema.node import Node
from schema.submission import Submission
from schema.tracked_application import TrackedApplication, find_tracked
from schema.worklist import WorklistConnection, WorklistFilterInput, load_worklist

MAX_NODES = 100

Reference = Annotated[
    str,
    argument(
        description="The department's reference number, for example SJE-OAS/2026/000123, or the "
        "hub's receipt number."
    ),
]

CertificateNumber = Annotated[
    str,
    argument(description="Number on the certificate, for example HR-SCC-2026-001234."),
]


@strawberry.type(description="Operations that read data.")
class Query(CatalogueQuery, ConsentQuery):
    @strawberry.field(description="The citizen who is signed in. Null for other callers.")
    async def me(self, info: Info) -> Citizen | None:
        own = info.context.sources.own_member_identifier
        if own is None:
            return None
        return value_of((await info.context.sources.citizens.by_identifier([own]))[0])

    @strawberry.field(
        description="One citizen. Error NOT_FOUND if there is none with this number.",
        extensions=[LookUpExtension(find_citizens, "by")],
    )
    async def citizen(
        self,
        info: Info,
        by: Annotated[CitizenKeyInput, argument(description="Which citizen.")],
    ) -> Citizen | None:
        return await find_one(find_citizens, by, info)

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
        description="One family. Error NOT_FOUND if there is none with this number.",
        extensions=[LookUpExtension(find_families, "by")],
    )
    async def family(
        self,
        info: Info,
        by: Annotated[FamilyKeyInput, argument(description="Which family.")],
    ) -> Family | None:
        return await find_one(find_families, by, info)

    @strawberry.field(
        description="One application, by reference. Error NOT_FOUND if there is none.",
        extensions=[LookUpExtension(find_applications, "reference")],
    )
    async def application(self, info: Info, reference: Reference) -> Application | None:
        return await find_one(find_applications, reference, info)

    @strawberry.field(
        description="Status of one application, without signing in. Error NOT_FOUND if the "
        "reference or the telephone digits are wrong, RATE_LIMITED after too many wrong tries.",
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
        description="One certificate, by number. Error NOT_FOUND if there is none.",
        extensions=[LookUpExtension(find_certificates, "number")],
    )
    async def certificate(self, info: Info, number: CertificateNumber) -> Certificate | None:
        return await find_one(find_certificates, number, info)

    @strawberry.field(
        description="Whether a certificate is genuine and valid, without signing in. The status is "
        "NOT_FOUND if the number or the date is wrong. At most five in one operation.",
        metadata=reads_whole("Certificate"),
        extensions=[LookUpExtension(find_verifications, "number", "issue_date")],
    )
    async def verify_certificate(
        self,
        info: Info,
        number: CertificateNumber,
        issue_date: Annotated[
            dt.date, argument(description="Date of issue, as printed on the certificate.")
        ],
    ) -> CertificateVerification | None:
        return await find_one(find_verifications, (number, issue_date), info)

    @strawberry.field(
        description="An officer's worklist: the applications of several departments, last changed "
        "first."
    )
    async def applications(
        self,
        info: Info,
        filter: Annotated[WorklistFilterInput, argument(description="What to return.")],
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
    ) -> WorklistConnection | None:
        return await load_worklist(info, filter, first, after)

    @strawberry.field(
        description="One grievance, by registration number. NOT_FOUND if there is none.",
        extensions=[LookUpExtension(find_grievances, "registration_number")],
    )
    async def grievance(
        self,
        info: Info,
        registration_number: Annotated[
            str,
            argument(
                description="The helpdesk's number, for example CMOFF/2026/0001234, or the hub's "
                "receipt number."
            ),
        ],
    ) -> Grievance | None:
        return await find_one(find_grievances, registration_number, info)

    @strawberry.field(
        description="One submission, by the hub's receipt number. Small letters, spaces and "
        "hyphens are accepted. Error NOT_FOUND if there is none.",
        extensions=[LookUpExtension(find_submissions, "receipt_number")],
    )
    async def submission(
        self,
        info: Info,
        receipt_number: Annotated[
            str, argument(description="Number on the receipt, for example CH7K3M9QXT2VDAB.")
        ],
    ) -> Submission | None:
        return await find_one(find_submissions, receipt_number, info)

    @strawberry.field(
        description="Access log of a citizen, newest first: all calls to departments that "
        "concerned the citizen. Null if `citizen` is null and the caller is not a "
        "citizen."
    )
    async def access_log(
        self,
        info: Info,
        citizen: Annotated[
            CitizenKeyInput | None,
            argument(
                description="Which citizen. If null, the citizen who is signed in. The logs of "
                "other citizens require a role that may read them."
            ),
        ] = None,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
    ) -> AccessRecordConnection | None:
        sources = info.context.sources
        identifier = sources.own_member_identifier
        if citizen is not None:
            identifier = citizen.number(sources.ids)
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
    ) -> list[Node | None] | None:
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
