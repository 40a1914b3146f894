"""What can be changed: for now what those may who run the hub."""

import datetime as dt
from typing import Annotated

import strawberry
from strawberry import argument, field

from schema.batch import Info
from schema.department import Department
from schema.errors import bad_input
from schema.node import local_id_of
from schema.sources import Pause

MOST_NOTE = 200


@strawberry.input(description="Closes a department for a while: nobody is asked, callers are told.")
class PauseDepartmentInput:
    department: strawberry.ID = field(description="The hub's id, or its identifier.")
    until: dt.datetime | None = field(
        default=None, description="When it opens again; until it is resumed when null."
    )
    note: str | None = field(
        default=None, description=f"Told to callers; at most {MOST_NOTE} characters."
    )


@strawberry.type(description="The department that was closed.")
class PauseDepartmentPayload:
    department: Department = field(description="As it stands now; see its sourceStatus.")


@strawberry.type(description="The department that was opened again.")
class ResumeDepartmentPayload:
    department: Department = field(description="As it stands now.")


@strawberry.type(description="What was dropped of a citizen.")
class EraseCopiesPayload:
    copies: int = field(description="Copies of departments' answers that were dropped.")
    complete: bool = field(
        description="Whether all numbers of the citizen were known; when false, try again once the "
        "family registry answers."
    )


@strawberry.type(description="What can be changed.")
class Mutation:
    @strawberry.mutation(description="Close a department for maintenance (administrators).")
    async def pause_department(
        self,
        info: Info,
        input: Annotated[
            PauseDepartmentInput, argument(description="Which department, and for how long.")
        ],
    ) -> PauseDepartmentPayload | None:
        if input.until is not None and input.until.tzinfo is None:
            raise bad_input("`until` needs its zone, as 2026-11-25T06:00:00+05:30.")
        if input.until is not None and input.until <= dt.datetime.now(dt.UTC):
            raise bad_input("`until` is over already.")
        if len(input.note or "") > MOST_NOTE:
            raise bad_input(f"`note` has {len(input.note or '')} characters; at most {MOST_NOTE}.")
        department = _known(info, input.department)
        await info.context.sources.administration.pause(
            department.identifier, Pause(input.until, input.note)
        )
        return PauseDepartmentPayload(department=department)

    @strawberry.mutation(
        description="Open a paused department again, or ask one again at once that failed often "
        "(administrators)."
    )
    async def resume_department(
        self,
        info: Info,
        department: Annotated[
            strawberry.ID, argument(description="The hub's id, or its identifier.")
        ],
    ) -> ResumeDepartmentPayload | None:
        found = _known(info, department)
        await info.context.sources.administration.resume(found.identifier)
        return ResumeDepartmentPayload(department=found)

    @strawberry.mutation(
        description="Drop every copy of what departments told of a citizen, and what the hub "
        "remembers of their numbers (administrators). The departments' own records stay."
    )
    async def erase_copies(
        self,
        info: Info,
        citizen: Annotated[
            strawberry.ID, argument(description="The hub's id, or Family ID and member number.")
        ],
    ) -> EraseCopiesPayload | None:
        erased = await info.context.sources.administration.erase_copies(
            local_id_of("Citizen", citizen)
        )
        return EraseCopiesPayload(copies=erased.copies, complete=erased.complete)


def _known(info: Info, department: strawberry.ID) -> Department:
    catalogue = info.context.sources.catalogue
    identifier = catalogue.department_identifier(department)
    found = catalogue.department(identifier) if identifier is not None else None
    assert found is not None
    return found
