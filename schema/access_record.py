"""The access log of a citizen (X-Road operational monitoring)."""

import datetime as dt
from collections.abc import Sequence
from operator import attrgetter
from typing import ClassVar

import strawberry
from strawberry import field

from schema.batch import Info, Outcome, reads
from schema.codes import ErrorCode
from schema.connections import (
    Page,
    PageInfo,
    SortKey,
    check_page_size,
    decode_cursor,
)
from schema.department import Department
from schema.enums import DescribedEnum, described
from schema.errors import not_found
from schema.labels import label_field, optional_label_field
from schema.language import Text, optional_text_field
from schema.node import Node
from schema.personal import FieldClass, classes


@strawberry.enum(name="Capability", description="A kind of call from the hub to a department.")
class LoggedCapability(DescribedEnum):
    CITIZENS_BY_IDENTIFIER = described(
        "Get citizens from the family registry by Family ID and member number."
    )
    CITIZENS_BY_DEPARTMENT_NUMBER = described(
        "Get citizens from the family registry by another department's number."
    )
    FAMILIES_BY_IDENTIFIER = described("Get families with all their members by Family ID.")
    APPLICATIONS_BY_CITIZEN = described("List citizens' applications.")
    APPLICATIONS_BY_REFERENCE = described(
        "Get applications by the reference number on the receipt."
    )
    BENEFITS_BY_CITIZEN = described("List citizens' benefits.")
    CERTIFICATES_BY_CITIZEN = described("List citizens' certificates.")
    CERTIFICATES_BY_NUMBER = described("Get certificates by the number on them.")
    DOCUMENTS_BY_CERTIFICATE = described("Get the file of a certificate.")
    GRIEVANCES_BY_CITIZEN = described("List citizens' grievances.")
    GRIEVANCES_BY_REGISTRATION_NUMBER = described(
        "Get grievances by the registration number on the receipt."
    )
    CITIZENS_SEARCH = described("Search for people by name, birth date and so on.")
    APPLICATIONS_SEARCH = described("List an officer's worklist.")
    FIND_SUBMISSION = described("Ask whether an application has arrived.")
    FIND_GRIEVANCE = described("Ask whether a grievance has arrived.")
    SUBMIT_APPLICATION = described("Submit an application.")
    ATTACH_DOCUMENT = described("Send a document for an application.")
    RESPOND_TO_QUERY = described("Answer a query about an application.")
    WITHDRAW_APPLICATION = described("Withdraw an application.")
    SUBMIT_GRIEVANCE = described("Submit a grievance.")
    FILE_APPEAL = described("File an appeal about an application.")
    GIVE_FEEDBACK = described("Rate an application or grievance.")
    REQUEST_CORRECTION = described("Request the correction of a record.")
    UNKNOWN = described("A kind of call that this release of the hub does not have.")


@strawberry.enum(name="Role", description="The role of the caller.")
class LoggedRole(DescribedEnum):
    ADMIN = described("An administrator of the hub.")
    ANONYMOUS = described("A caller who was not signed in.")
    APPLICATION = described("A portal, without a person who was signed in.")
    AUDITOR = described("An auditor.")
    CITIZEN = described("A citizen.")
    HELPDESK = described("A member of a helpdesk's staff.")
    INTEGRATOR = described("A developer who connects a department.")
    OFFICER = described("An officer of a department.")
    OPERATOR = described("An operator of a service centre.")
    UNKNOWN = described("A role that this release of the hub does not have.")


@strawberry.enum(name="LegalBasis", description="Why the law allows an access to personal data.")
class LoggedBasis(DescribedEnum):
    STATE_BENEFIT = described("A benefit or service of the State (DPDP Act, section 7).")
    CONSENT = described("The citizen's consent.")
    UNKNOWN = described("A legal basis that this release of the hub does not have.")


@strawberry.type(description="One call to a department that concerned a citizen.")
class AccessRecord(Node):
    RECORD_CLASS: ClassVar = FieldClass.ACCESS_LOG
    CLASSES: ClassVar = classes(
        {
            FieldClass.ACCESS_LOG: [
                "correlation_id",
                "called_datetime",
                "responded_datetime",
                "department_identifier",
                "capability",
                "role",
                "is_own",
                "portal",
                "centre",
                "office_identifier",
                "consent_identifier",
                "fields",
                "purpose",
                "legal_basis",
                "succeeded",
                "error_code",
            ],
            FieldClass.IDENTIFIER: ["member_identifier"],
        }
    )
    NOT_PERSONAL: ClassVar = frozenset({"sort_key", "purpose_text"})
    # The id of the record contains it.
    KEYS: ClassVar = frozenset({"member_identifier"})

    correlation_id: str = field(
        description="Correlation id of the operation that caused the call. One operation can "
        "cause several calls."
    )
    called_datetime: dt.datetime = field(description="When the call started.")
    responded_datetime: dt.datetime = field(description="When the reply or the error arrived.")
    department_identifier: str = field(description="Identifier of the department that was called.")
    capability: LoggedCapability = field(description="The kind of call.")
    role: LoggedRole = field(description="The role of the caller.")
    capability_label: str = label_field("capability", description="Label of the kind of call.")
    role_label: str = label_field("role", description="Label of the role.")
    is_own: bool = field(description="True if the caller was the citizen.")
    portal: str | None = field(
        description="Name of the portal that the caller used. Null if it is not known."
    )
    centre: str | None = field(
        description="Identifier of the operator's service centre. Null for other callers."
    )
    office_identifier: str | None = field(
        description="Identifier of the officer's department. Null for other callers."
    )
    consent_identifier: str | None = field(
        description="Id of the citizen's consent on which the caller acted. Null if the access "
        "needed none."
    )
    fields: list[str] = field(
        description="Fields of the schema that the operation read from the department's records, "
        "for example `Benefit.benefitNumber`. `Benefit.*` stands for all fields."
    )
    purpose: str | None = field(
        name="purposeCode", description="Code of the purpose. Null if the caller did not need one."
    )
    purpose_title: str | None = optional_text_field(
        "purpose_text",
        description="The purpose, for citizens. Null if the hub's policy no longer has it.",
    )
    legal_basis: LoggedBasis | None = field(
        name="accessBasis", description="Why the law allowed the access."
    )
    access_basis_label: str | None = optional_label_field(
        "legal_basis", description="Label of the legal basis."
    )
    succeeded: bool = field(description="False if the call failed: no data was read.")
    error_code: ErrorCode | None = field(
        description="Why the call failed. Null if it succeeded, or if this release of the hub does "
        "not have the code."
    )
    member_identifier: strawberry.Private[str]
    sort_key: strawberry.Private[SortKey]
    purpose_text: strawberry.Private[Text | None] = None

    def local_id(self) -> str:
        return f"{self.member_identifier}|{self.sort_key[0]!r}|{self.sort_key[1]}"

    @strawberry.field(
        description="The department that was called. Null if it is no longer configured.",
        metadata=reads("department_identifier"),
    )
    def department(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)


@strawberry.type(description="One page of an access log, newest first.")
class AccessRecordConnection(Page[AccessRecord]):
    pass


async def load_access_log(
    info: Info, member_identifier: str, first: int, after: str | None
) -> AccessRecordConnection:
    """Return one page of a citizen's access log, newest first.

    Raises:
        HubError: `BAD_USER_INPUT` for a wrong page size or cursor, `FORBIDDEN`,
            `STORE_UNAVAILABLE`.
    """
    size = check_page_size(first)
    start = decode_cursor(info.context.sources.ids, after) if after is not None else None
    page = await info.context.sources.access_log.page(member_identifier, size, start)
    return AccessRecordConnection(
        nodes=page.records,
        page_info=PageInfo(
            has_next_page=page.has_next_page,
            has_previous_page=start is not None,
            first_key=page.records[0].sort_key if page.records else None,
            last_key=page.records[-1].sort_key if page.records else None,
        ),
        key_of=attrgetter("sort_key"),
    )


async def find_access_records(
    local_ids: Sequence[str], info: Info
) -> list[Outcome[AccessRecord | None]]:
    """Return the outcome for each local id, in their order."""
    log = info.context.sources.access_log
    found: list[Outcome[AccessRecord | None]] = []
    for local_id in local_ids:
        member_identifier, moment, name = local_id.split("|")
        try:
            record = await log.record(member_identifier, (float(moment), name))
        except Exception as error:
            found.append(error)
        else:
            found.append(record or not_found("The access log no longer has this record."))
    return found
