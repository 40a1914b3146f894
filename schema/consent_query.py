"""Queries about purposes, consents and nominations."""

from typing import Annotated

import strawberry
from strawberry import argument

from schema.batch import Info
from schema.citizen_records import After, First
from schema.connections import DEFAULT_PAGE_SIZE
from schema.consent import ConsentConnection, ConsentState, Nomination, load_consents
from schema.errors import bad_input
from schema.keys import CitizenKeyInput
from schema.purpose import Purpose

WhoseConsents = Annotated[
    CitizenKeyInput | None,
    argument(
        description="Which citizen. If null, the citizen who is signed in. Otherwise the caller "
        "must be the guardian or the nominee: NOT_FOUND."
    ),
]


@strawberry.type
class ConsentQuery:
    """Fields of `Query`."""

    @strawberry.field(description="The purposes that the caller may state in `Hub-Purpose`.")
    def purposes(self, info: Info) -> list[Purpose] | None:
        return info.context.sources.consents.purposes()

    @strawberry.field(
        description="Consents of a citizen, and requests for consent, newest first. Null if "
        "`citizen` is null and the caller is not a citizen."
    )
    async def consents(
        self,
        info: Info,
        citizen: WhoseConsents = None,
        states: Annotated[
            list[ConsentState] | None,
            argument(description="Return consents in these states only; in all if null."),
        ] = None,
        first: First = DEFAULT_PAGE_SIZE,
        after: After = None,
    ) -> ConsentConnection | None:
        sources = info.context.sources
        identifier = sources.own_member_identifier
        if citizen is not None:
            identifier = citizen.number(sources.ids)
        if identifier is None:
            return None
        if states is not None and not states:
            raise bad_input("`states` is empty. Name at least one state, or omit it.")
        return await load_consents(info, identifier, states or list(ConsentState), first, after)

    @strawberry.field(
        description="The nominees of the citizen who is signed in. Null for other callers."
    )
    async def nominations(self, info: Info) -> list[Nomination] | None:
        if info.context.sources.own_member_identifier is None:
            return None
        return await info.context.sources.consents.nominations()
