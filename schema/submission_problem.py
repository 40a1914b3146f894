"""Problems: why the hub did not accept what was submitted. They are values, not errors."""

from collections.abc import Sequence
from typing import ClassVar

import strawberry
from strawberry import field

from schema.application import Application
from schema.batch import Info, reads
from schema.department import Department
from schema.language import Text, text_field
from schema.personal import FieldClass, classes
from schema.problem_codes import ProblemCode
from schema.problem_messages import problem_message
from schema.status import ApplicationStatus


@strawberry.interface(
    description="Why the hub did not accept a submission, a draft or a document. Correct the input "
    "and send it again."
)
class Problem:
    NOT_PERSONAL: ClassVar = frozenset({"code", "message_text"})

    code: ProblemCode = field(description="Kind of problem, for programs.")
    message_text: strawberry.Private[Text]
    message: str = text_field(
        "message_text", description="What is wrong and what to do, for the citizen."
    )


@strawberry.type(description="A value of the form is not right.")
class AttributeProblem(Problem):
    NOT_PERSONAL: ClassVar = Problem.NOT_PERSONAL | {"attribute"}

    attribute: str = field(description="Code of the form field (`Service.attributes`).")


@strawberry.type(description="A document is missing or not right.")
class EvidenceProblem(Problem):
    NOT_PERSONAL: ClassVar = Problem.NOT_PERSONAL | {"evidence", "attachment"}

    evidence: str | None = field(
        description="Code of the document, or key of the group of documents of which one is "
        "required (`Service.evidence`)."
    )
    attachment: strawberry.ID | None = field(
        default=None, description="Id of the attachment, if the problem concerns one."
    )


@strawberry.type(
    description="The citizen has an open application for the same service. Show it, and send "
    "`confirmDuplicate: true` if the citizen wants to apply again."
)
class DuplicateProblem(Problem):
    CLASSES: ClassVar = classes({FieldClass.APPLICATION: ["applications"]})

    applications: list[Application] = field(
        description="The open applications, also those that the department does not list yet."
    )


@strawberry.type(
    description="The idempotency key was used before, for another input. Use a new key for each "
    "submission, and the same key only to repeat a request."
)
class KeyConflictProblem(Problem):
    pass


@strawberry.type(description="The department does not take this through the hub.")
class NotOfferedProblem(Problem):
    NOT_PERSONAL: ClassVar = Problem.NOT_PERSONAL | {"department_identifier"}

    department_identifier: strawberry.Private[str]

    @strawberry.field(
        description="The department, with its website and telephone number.", metadata=reads()
    )
    def department(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)


@strawberry.type(description="The application or grievance does not have the right status.")
class StatusProblem(Problem):
    CLASSES: ClassVar = classes({FieldClass.APPLICATION: ["application_status"]})

    application_status: ApplicationStatus | None = field(
        description="Status of the application. Null for a grievance."
    )


@strawberry.type(description="A value of the input, outside the form, is not right.")
class InputProblem(Problem):
    NOT_PERSONAL: ClassVar = Problem.NOT_PERSONAL | {"input_field"}

    input_field: str = field(
        name="field", description="Name of the field of the input, for example `rating`."
    )


PROBLEM_TYPES: Sequence[type] = (
    AttributeProblem,
    EvidenceProblem,
    DuplicateProblem,
    KeyConflictProblem,
    NotOfferedProblem,
    StatusProblem,
    InputProblem,
)
"""The types of problems. The schema must name them, because fields return the interface."""


def attribute_problem(attribute: str, code: ProblemCode, **values: object) -> AttributeProblem:
    """Return a problem of a form field; the values are those of its message."""
    return AttributeProblem(
        code=code, message_text=problem_message(code, **values), attribute=attribute
    )


def input_problem(name: str, code: ProblemCode, **values: object) -> InputProblem:
    """Return a problem of a field of the input; the values are those of its message."""
    return InputProblem(code=code, message_text=problem_message(code, **values), input_field=name)


def key_conflict() -> KeyConflictProblem:
    """Return the problem of a key that was used for another input."""
    code = ProblemCode.KEY_CONFLICT
    return KeyConflictProblem(code=code, message_text=problem_message(code))


def not_offered(department: str, code: ProblemCode = ProblemCode.NOT_OFFERED) -> NotOfferedProblem:
    """Return the problem of a department that does not take this through the hub."""
    return NotOfferedProblem(
        code=code, message_text=problem_message(code), department_identifier=department
    )


def status_problem(code: ProblemCode, status: ApplicationStatus | None) -> StatusProblem:
    """Return the problem of an application with another status."""
    return StatusProblem(code=code, message_text=problem_message(code), application_status=status)
