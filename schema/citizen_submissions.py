"""How the submissions and drafts of a citizen are read."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import Parent

from schema.batch import BatchOf, Info
from schema.connections import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, check_page_size
from schema.draft import Draft
from schema.errors import not_found
from schema.submission import Submission
from schema.submission_state import SubmissionKind

if TYPE_CHECKING:
    from schema.citizen import Citizen

NO_SUBMISSION = "There is no submission with this receipt number. Check it."


async def load_submissions(
    parents: Parent[Sequence["Citizen"]],
    info: Info,
    kinds: Annotated[
        list[SubmissionKind] | None,
        strawberry.argument(description="Return these kinds only. If null, return all."),
    ] = None,
    first: Annotated[
        int,
        strawberry.argument(
            description=f"Largest number of submissions, 1 to {MAX_PAGE_SIZE}, newest first."
        ),
    ] = DEFAULT_PAGE_SIZE,
) -> BatchOf[list[Submission] | None]:
    size = check_page_size(first)
    wanted = list(SubmissionKind) if kinds is None else kinds
    return await info.context.sources.submissions.by_citizen(parents, wanted, size)


async def load_drafts(
    parents: Parent[Sequence["Citizen"]], info: Info
) -> BatchOf[list[Draft] | None]:
    return await info.context.sources.submissions.drafts_of(parents)


async def find_submissions(receipts: Sequence[str], info: Info) -> BatchOf[Submission | None]:
    """Return the outcome for each receipt number, in their order."""
    found = await info.context.sources.submissions.by_receipt(receipts)
    return [not_found(NO_SUBMISSION) if each is None else each for each in found]
