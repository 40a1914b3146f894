"""All mutations: operations that change the hub, and operations that submit something."""

import datetime as dt
from typing import Annotated

import strawberry
from strawberry import argument, field

from schema.batch import Info
from schema.consent_mutation import ConsentMutation
from schema.department import Department
from schema.errors import bad_input
from schema.keys import CitizenKeyInput
from schema.sources import Pause
from schema.submission_mutation import SubmissionMutation

MAX_NOTE_LENGTH = 200


@strawberry.input(description="Which department to close for maintenance, until when and why.")
class PauseDepartmentInput:
    department: strawberry.ID = field(description="Id of the department, or its identifier.")
    until: dt.datetime | None = field(
        default=None,
        description="When the department reopens, with a time zone. If null, it stays closed "
        "until `resumeDepartment`.",
    )
    note: str | None = field(
        default=None,
        description=f"Reason for the closure, which callers see in `sources`. At most "
        f"{MAX_NOTE_LENGTH} characters.",
    )


@strawberry.type(description="Result of `pauseDepartment`.")
class PauseDepartmentPayload:
    department: Department = field(description="The department, with its new state.")


@strawberry.type(description="Result of `resumeDepartment`.")
class ResumeDepartmentPayload:
    department: Department = field(description="The department, with its new state.")


@strawberry.type(description="Result of `eraseCopies`.")
class EraseCopiesPayload:
    copies: int = field(description="Number of copies that were deleted.")
    complete: bool = field(
        description="True if the hub knew all numbers of the citizen. If false, copies may "
        "remain: call `eraseCopies` again when the family registry replies."
    )


@strawberry.type(description="Operations that change the hub.")
class Mutation(ConsentMutation, SubmissionMutation):
    @strawberry.mutation(
        description="Close a department for maintenance. The hub does not call it until it "
        "reopens. Administrators only."
    )
    async def pause_department(
        self,
        info: Info,
        input: Annotated[
            PauseDepartmentInput, argument(description="Which department to close, and until when.")
        ],
    ) -> PauseDepartmentPayload | None:
        if input.until is not None and input.until <= dt.datetime.now(dt.UTC):
            raise bad_input("`until` is in the past. Give a later time.")
        if len(input.note or "") > MAX_NOTE_LENGTH:
            raise bad_input(
                f"`note` has {len(input.note or '')} characters; the limit is {MAX_NOTE_LENGTH}."
            )
        department = _known(info, input.department)
        await info.context.sources.administration.pause(
            department.identifier, Pause(input.until, input.note)
        )
        return PauseDepartmentPayload(department=department)

    @strawberry.mutation(
        description="Reopen a department that `pauseDepartment` closed. Also end the pause "
        "after repeated failures (CIRCUIT_OPEN). Administrators only."
    )
    async def resume_department(
        self,
        info: Info,
        department: Annotated[
            strawberry.ID, argument(description="Id of the department, or its identifier.")
        ],
    ) -> ResumeDepartmentPayload | None:
        found = _known(info, department)
        await info.context.sources.administration.resume(found.identifier)
        return ResumeDepartmentPayload(department=found)

    @strawberry.mutation(
        description="Delete the hub's copies of a citizen's data, and the numbers that it "
        "remembers for the citizen. Records at the departments do not change. "
        "Administrators only."
    )
    async def erase_copies(
        self,
        info: Info,
        citizen: Annotated[
            CitizenKeyInput, argument(description="The citizen whose copies are deleted.")
        ],
    ) -> EraseCopiesPayload | None:
        sources = info.context.sources
        erased = await sources.administration.erase_copies(citizen.number(sources.ids))
        return EraseCopiesPayload(copies=erased.copies, complete=erased.complete)


def _known(info: Info, department: strawberry.ID) -> Department:
    catalogue = info.context.sources.catalogue
    identifier = catalogue.department_identifier(department)
    found = catalogue.department(identifier) if identifier is not None else None
    assert found is not None
    return found
