"""Who read a citizen's data (after X-Road's operational monitoring)."""

import datetime as dt
from enum import Enum

import strawberry
from strawberry import enum_value, field

from schema.batch import Info, reads
from schema.connections import (
    Connection,
    PageInfo,
    SortKey,
    check_page_size,
    decode_cursor,
    encode_cursor,
)
from schema.department import Department


@strawberry.enum(
    name="Capability", description="A kind of call that the hub makes to a department."
)
class LoggedCapability(Enum):
    CITIZENS_BY_IDENTIFIER = enum_value(
        "CITIZENS_BY_IDENTIFIER", description="The registry's entry of a citizen."
    )
    CITIZENS_BY_DEPARTMENT_NUMBER = enum_value(
        "CITIZENS_BY_DEPARTMENT_NUMBER",
        description="The registry's entry of a citizen whom a department knows by its own number.",
    )
    FAMILIES_BY_IDENTIFIER = enum_value(
        "FAMILIES_BY_IDENTIFIER", description="A family with all its members."
    )
    APPLICATIONS_BY_CITIZEN = enum_value(
        "APPLICATIONS_BY_CITIZEN", description="A citizen's applications."
    )
    APPLICATIONS_BY_REFERENCE = enum_value(
        "APPLICATIONS_BY_REFERENCE", description="One application by the number on the receipt."
    )
    BENEFITS_BY_CITIZEN = enum_value("BENEFITS_BY_CITIZEN", description="A citizen's benefits.")
    CERTIFICATES_BY_CITIZEN = enum_value(
        "CERTIFICATES_BY_CITIZEN", description="A citizen's certificates."
    )
    GRIEVANCES_BY_CITIZEN = enum_value(
        "GRIEVANCES_BY_CITIZEN", description="A citizen's grievances."
    )
    GRIEVANCES_BY_REGISTRATION_NUMBER = enum_value(
        "GRIEVANCES_BY_REGISTRATION_NUMBER",
        description="One grievance by the number on the receipt.",
    )
    CITIZENS_SEARCH = enum_value(
        "CITIZENS_SEARCH", description="A search for people by what identifies them."
    )
    APPLICATIONS_SEARCH = enum_value(
        "APPLICATIONS_SEARCH", description="An officer's worklist of applications."
    )
    UNKNOWN = enum_value("UNKNOWN", description="Something that this hub no longer asks.")


@strawberry.enum(description="What the one who asked is to the hub.")
class ClientMember(Enum):
    ADMIN = enum_value("ADMIN", description="Somebody who runs the hub.")
    ANONYMOUS = enum_value("ANONYMOUS", description="Somebody who had not signed in.")
    DEMO = enum_value("DEMO", description="Anybody: the hub ran without sign-in.")
    UNKNOWN = enum_value("UNKNOWN", description="A role that this hub no longer has.")


@strawberry.type(description="One question to a department that concerned a citizen.")
class AccessRecord:
    message_id: str = field(
        description="The correlation id of the request that caused it; one request may cause many."
    )
    request_in_ts: dt.datetime = field(description="When the department was asked.")
    response_out_ts: dt.datetime = field(description="When it had answered, or had failed to.")
    department: str = field(description="Identifier of the department that was asked.")
    service_code: LoggedCapability = field(description="What it was asked.")
    client_member: ClientMember = field(description="Who asked.")
    succeeded: bool = field(description="Whether the department answered; if not, nobody read.")
    fault_code: str | None = field(description="The error's code; null if it succeeded.")
    place: strawberry.Private[SortKey]

    @strawberry.field(
        description="The department; null if this hub no longer speaks to it.",
        metadata=reads("department"),
    )
    def agency_responsible(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department)


@strawberry.type(
    description="One page of an access log, newest first. `totalCount` is null: a log is not "
    "counted."
)
class AccessRecordConnection(Connection[AccessRecord]):
    pass


async def load_access_log(
    info: Info, member_identifier: str, first: int, after: str | None
) -> AccessRecordConnection:
    size = check_page_size(first)
    start = decode_cursor(after) if after is not None else None
    page = await info.context.sources.access_log.page(member_identifier, size, start)
    return AccessRecordConnection(
        nodes=page.records,
        page_info=PageInfo(
            has_next_page=page.has_next_page,
            has_previous_page=start is not None,
            first_place=page.records[0].place if page.records else None,
            last_place=page.records[-1].place if page.records else None,
        ),
        total_count=None,
        cursor_of=_cursor_of,
    )


def _cursor_of(record: AccessRecord) -> str:
    return encode_cursor(record.place)
