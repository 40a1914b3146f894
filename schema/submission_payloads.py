"""Results of the mutations that submit something."""

from typing import ClassVar

import strawberry
from strawberry import field

from schema.attachment import Attachment
from schema.draft import Draft, EligibilityHint
from schema.submission import Submission
from schema.submission_problem import Problem

SUBMISSION = "What was submitted. Null if there are problems."
PROBLEMS = "Why it was not accepted. Empty if it was."


@strawberry.type(description="Result of a mutation that submits something.")
class SubmissionPayload:
    NOT_PERSONAL: ClassVar = frozenset({"submission", "problems"})

    submission: Submission | None = field(default=None, description=SUBMISSION)
    problems: list[Problem] = field(default_factory=list, description=PROBLEMS)


@strawberry.type(description="Result of `submitApplication`.")
class SubmitApplicationPayload:
    NOT_PERSONAL: ClassVar = frozenset({"submission", "problems", "hints"})

    submission: Submission | None = field(default=None, description=SUBMISSION)
    problems: list[Problem] = field(default_factory=list, description=PROBLEMS)
    hints: list[EligibilityHint] = field(
        default_factory=list,
        description="Conditions of the service that the registry's record does not meet. They do "
        "not prevent the application. Empty for a repeated request.",
    )


@strawberry.type(description="Result of `saveDraft`.")
class SaveDraftPayload:
    NOT_PERSONAL: ClassVar = frozenset({"draft", "problems"})

    draft: Draft | None = field(default=None, description="The draft. Null if there are problems.")
    problems: list[Problem] = field(
        default_factory=list,
        description="Why it was not saved, for example because citizens cannot apply online for "
        "the service. Query `draft.review` for problems with its values.",
    )


@strawberry.type(description="Result of `discardDraft`.")
class DiscardDraftPayload:
    draft_id: strawberry.ID = field(description="Id of the draft, which no longer exists.")


@strawberry.type(description="Result of `attachDocument`.")
class AttachDocumentPayload:
    NOT_PERSONAL: ClassVar = frozenset({"attachment", "submission", "problems"})

    attachment: Attachment | None = field(
        default=None, description="The document. Null if there are problems."
    )
    submission: Submission | None = field(
        default=None,
        description="The document on its way to the department. Null without `application`.",
    )
    problems: list[Problem] = field(default_factory=list, description=PROBLEMS)
