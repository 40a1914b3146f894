"""What a citizen sends to a department through the hub, and how far it has got."""

import strawberry

from schema.enums import DescribedEnum, described


@strawberry.enum(description="What was submitted.")
class SubmissionKind(DescribedEnum):
    APPLICATION = described("An application for a service.")
    GRIEVANCE = described("A grievance.")
    APPEAL = described("An appeal about an application.")
    FEEDBACK = described("A rating of an application or grievance.")
    CORRECTION = described("A request to correct a record.")
    WITHDRAWAL = described("The withdrawal of an application.")
    QUERY_RESPONSE = described("The answer to a query about an application.")
    DOCUMENT = described("A document for an application that was submitted before.")


@strawberry.enum(description="How far a submission has got on its way to the department.")
class SubmissionState(DescribedEnum):
    NOT_SENT = described("The hub has stored it and will send it.")
    SENT = described("The department has received it, but has not assigned a number yet.")
    ACKNOWLEDGED = described("The department has received it and has confirmed it.")
    MAYBE_SENT = described(
        "It was sent, but the reply was lost. The hub asks the department before it sends it again."
    )
    FAILED = described("It could not be delivered. The hub's operators have been informed.")
    CANCELLED = described("The citizen withdrew it before it was sent.")
