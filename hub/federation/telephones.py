"""The telephone numbers to which messages about citizens are sent."""

from dataclasses import replace

from adapters.contract import Capability
from hub.access.policy import Relation
from hub.federation.family_relations import may_be_minor, relation_in_family
from hub.federation.gateway import PrincipalRequest
from hub.federation.registry import RegistryReader
from hub.federation.relations import with_inputs
from schema.citizen import Citizen
from schema.errors import HubError
from schema.working_days import today_in_india


async def telephone_of(
    registry: RegistryReader, request: PrincipalRequest, member_identifier: str
) -> str | None:
    """Return the citizen's number in the family registry, or that of a minor's parent.

    None if there is no such citizen or number. A citizen who is recorded as deceased also has a
    number: the record can be wrong.

    Raises:
        HubError: the registry does not reply.
    """
    request = with_inputs(request)
    needed = request.call.needed.adding(Citizen, {"phone_number"})
    request = replace(request, call=replace(request.call, needed=needed))
    by_identifier = Capability.CITIZENS_BY_IDENTIFIER
    found = (await registry.citizens(request, by_identifier, [member_identifier]))[
        member_identifier
    ]
    if isinstance(found, HubError) and found.retryable:
        raise found
    if not isinstance(found, Citizen):
        return None
    today = today_in_india()
    if not may_be_minor(found, today):
        return found.phone_number
    family = (await registry.families(request, [found.family_identifier]))[found.family_identifier]
    if family is None or isinstance(family, Exception):
        return None
    parents = (
        entry.citizen
        for entry in family.members
        if relation_in_family(family, entry.citizen.member_identifier, member_identifier, today)
        is Relation.GUARDIAN
    )
    return next((each.phone_number for each in parents if each.phone_number), None)
