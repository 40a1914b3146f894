"""Consents of citizens, and requests for consent (DPDP Act, section 6)."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from operator import attrgetter

import strawberry
from strawberry import field

from schema.access_record import LoggedRole
from schema.batch import Info, Outcome
from schema.connections import Page, PageInfo, SortKey, check_page_size, decode_cursor
from schema.consent_text import ConsentFacts, consent_text
from schema.department import Department
from schema.enums import DescribedEnum, described
from schema.labels import label_field, optional_label_field
from schema.language import Language, LanguageArgument, Text
from schema.node import Node
from schema.personal import FieldClass
from schema.purpose import Purpose, departments_of
from schema.service_centre import ServiceCentre


@strawberry.enum(description="State of a consent.")
class ConsentState(DescribedEnum):
    REQUESTED = described("Somebody requests the citizen's consent.")
    ACTIVE = described("The citizen has consented. The consent is valid.")
    REFUSED = described("The citizen has refused the request.")
    WITHDRAWN = described("The citizen has withdrawn the consent.")
    LAPSED = described("The citizen did not decide in time, or a new request replaced this one.")
    EXPIRED = described("The time of the consent is over.")


@strawberry.enum(description="Who gave a consent, and how.")
class ConsentGiver(DescribedEnum):
    CITIZEN = described("The citizen, when signed in.")
    GUARDIAN = described("A parent of the citizen, who is a minor.")
    NOMINEE = described("The nominee of the citizen, who has died.")
    ONE_TIME_CODE = described(
        "The citizen, with the code that was sent to the registered telephone number."
    )


@strawberry.type(description="A consent of a citizen, or a request for one.")
class Consent(Node):
    identifier: str = field(
        description="Id of the consent in its artefact and in the access log (`consentIdentifier`)."
    )
    state: ConsentState = field(description="The state.")
    state_label: str = label_field("state", description="Label of the state.")
    purpose: Purpose = field(description="What the data is used for.")
    field_classes: list[FieldClass] = field(
        description="The classes of data that the requester may see."
    )
    requester_role: LoggedRole = field(description="Role of the requester.")
    requester_role_label: str = label_field(
        "requester_role", description="Label of the requester's role."
    )
    requester_portal: str | None = field(description="Name of the portal that the requester uses.")
    requested_datetime: dt.datetime = field(
        name="consentRequestDatetime", description="When the consent was requested."
    )
    lapse_datetime: dt.datetime = field(
        description="When the request lapses if the citizen does not decide."
    )
    duration_seconds: int = field(
        description="How many seconds the consent is valid after it was given."
    )
    given_by: ConsentGiver | None = field(description="Who gave the consent. Null before.")
    given_by_label: str | None = optional_label_field(
        "given_by", description="Label of who gave the consent."
    )
    given_datetime: dt.datetime | None = field(description="When it was given. Null before.")
    expiry_datetime: dt.datetime | None = field(
        description="When the consent expires. Null before it is given."
    )
    ended_datetime: dt.datetime | None = field(
        description="When it was refused, withdrawn or replaced. Null otherwise."
    )
    artefact: str | None = field(
        description="The consent artefact, signed by the hub (JWS; the keys are at "
        "`/.well-known/jwks.json`). Null before the consent is given."
    )
    purpose_title: strawberry.Private[Text]
    department_identifiers: strawberry.Private[Sequence[str]]
    requester_department_identifier: strawberry.Private[str | None]
    requester_centre_identifier: strawberry.Private[str | None]
    member_identifier: strawberry.Private[str]

    def local_id(self) -> str:
        return f"{self.identifier}|{self.member_identifier}"

    @property
    def sort_key(self) -> SortKey:
        moment = self.requested_datetime - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
        return float(moment // dt.timedelta(microseconds=1)), self.identifier

    @strawberry.field(description="The departments that the data comes from.")
    def departments(self, info: Info) -> list[Department]:
        return departments_of(info, self.department_identifiers)

    @strawberry.field(description="The requester's department. Null for operators.")
    def requester_department(self, info: Info) -> Department | None:
        identifier = self.requester_department_identifier
        return info.context.sources.catalogue.department(identifier or "")

    @strawberry.field(
        description="The requester's service centre. Null for officers, and if it is not in the "
        "catalogue."
    )
    def requester_centre(self, info: Info) -> ServiceCentre | None:
        identifier = self.requester_centre_identifier
        return info.context.sources.catalogue.service_centre(identifier or "")

    @strawberry.field(
        description="The notice for the citizen: who requests which data from which departments, "
        "for what and until when."
    )
    def notice(self, info: Info, lang: LanguageArgument = Language.EN) -> str:
        department, centre = self.requester_department(info), self.requester_centre(info)
        facts = ConsentFacts(
            self.requester_role,
            None if department is None else department.name_text,
            None if centre is None else centre.name_text,
            self.purpose_title,
            [each.name_text for each in self.departments(info)],
            self.field_classes,
            self.duration_seconds,
            self.expiry_datetime,
        )
        return consent_text(facts, lang)


@strawberry.type(description="One page of a citizen's consents, newest first.")
class ConsentConnection(Page[Consent]):
    pass


@strawberry.type(description="A person who may act for a citizen after the citizen's death.")
class Nomination(Node):
    nominee_identifier: str | None = field(
        description="Family ID and member number of the nominee. All but the last four characters "
        "are masked."
    )
    nominated_datetime: dt.datetime = field(description="When the citizen named the person.")
    withdrawn_datetime: dt.datetime | None = field(
        description="When the citizen withdrew it. Null if it is valid."
    )
    nomination_id: strawberry.Private[str]

    def local_id(self) -> str:
        return self.nomination_id


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """Consents of a citizen.

    Attributes:
        consents: at most as many as requested, newest first.
        has_next_page: whether there are older ones.
    """

    consents: list[Consent]
    has_next_page: bool


async def load_consents(
    info: Info,
    member_identifier: str,
    states: Collection[ConsentState],
    first: int,
    after: str | None,
) -> ConsentConnection:
    """Return one page of a citizen's consents, newest first.

    Raises:
        HubError: `BAD_USER_INPUT` for a wrong page size or cursor, `NOT_FOUND`, if the caller may
            not act for the citizen, `STORE_UNAVAILABLE`.
    """
    size = check_page_size(first)
    sources = info.context.sources
    start = decode_cursor(sources.ids, after) if after is not None else None
    page = await sources.consents.page(member_identifier, states, size, start)
    rows = page.consents
    return ConsentConnection(
        nodes=rows,
        page_info=PageInfo(
            has_next_page=page.has_next_page,
            has_previous_page=start is not None,
            first_key=rows[0].sort_key if rows else None,
            last_key=rows[-1].sort_key if rows else None,
        ),
        key_of=attrgetter("sort_key"),
    )


async def find_consents(local_ids: Sequence[str], info: Info) -> list[Outcome[Consent | None]]:
    """Return the outcome for each local id, in their order."""
    consents = info.context.sources.consents
    found: list[Outcome[Consent | None]] = []
    for local_id in local_ids:
        consent_id, _, member_identifier = local_id.partition("|")
        try:
            found.append(await consents.one(consent_id, member_identifier))
        except Exception as error:
            found.append(error)
    return found
