"""Entries of the access log as `accessLog` shows them."""

from collections.abc import Collection

from hub.access.log.leaves import text_of
from hub.access.log.reader import Found, LogReader
from hub.store.tables import moment_of
from schema.access_record import AccessRecord, LoggedBasis, LoggedCapability, LoggedRole
from schema.codes import ErrorCode


async def record_of(
    reader: LogReader, found: Found, member_identifier: str, persons: Collection[bytes]
) -> AccessRecord:
    """Return an entry as a record of the citizen's access log.

    Args:
        persons: the hashes of the citizen.
    """
    body = found.body
    outcome = body["outcome"]
    return AccessRecord(
        correlation_id=body["correlation"],
        called_datetime=moment_of(body["started"]),
        responded_datetime=moment_of(body["ended"]),
        department_identifier=body["department"],
        capability=LoggedCapability.__members__.get(body["capability"], LoggedCapability.UNKNOWN),
        role=LoggedRole.__members__.get(body["role"], LoggedRole.UNKNOWN),
        is_own=body.get("reader") in {text_of(each) for each in persons},
        portal=body.get("portal"),
        centre=body.get("centre"),
        office_identifier=body.get("office"),
        consent_identifier=body.get("consent"),
        fields=await reader.fields(body["fields"]),
        purpose=body.get("purpose"),
        legal_basis=_basis(body.get("basis")),
        succeeded=outcome == "OK",
        error_code=ErrorCode.__members__.get(outcome),
        member_identifier=member_identifier,
        sort_key=found.sort_key,
    )


def _basis(name: str | None) -> LoggedBasis | None:
    return None if name is None else LoggedBasis.__members__.get(name, LoggedBasis.UNKNOWN)
