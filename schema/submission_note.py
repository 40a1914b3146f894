"""What happens next with a submission: a sentence for the citizen, in both languages."""

import datetime as dt

from schema.language import Text
from schema.problem_messages import filled
from schema.submission_state import SubmissionState
from schema.working_days import IST

NOTES = {
    SubmissionState.NOT_SENT: Text(
        "We have received it and will send it to this department: {department}. You need not do "
        "anything.",
        "हमें यह मिल गया है और हम इसे इस विभाग को भेजेंगे: {department}। आपको कुछ नहीं करना है।",
    ),
    SubmissionState.SENT: Text(
        "This department has received it and will give it a number: {department}. We will send "
        "you the number.",
        "यह इस विभाग को मिल गया है: {department}। विभाग इसे संख्या देगा, जो हम आपको भेजेंगे।",
    ),
    SubmissionState.ACKNOWLEDGED: Text(
        "This department has received it: {department}.", "यह इस विभाग को मिल गया है: {department}।"
    ),
    SubmissionState.MAYBE_SENT: Text(
        "We have sent it and are checking whether it arrived at this department: {department}. "
        "Please do not submit it again.",
        "हमने इसे भेज दिया है और जाँच रहे हैं कि यह इस विभाग को मिला या नहीं: {department}। "
        "कृपया इसे दोबारा जमा न करें।",
    ),
    SubmissionState.FAILED: Text(
        "It could not be delivered to this department: {department}. Our staff know about it. You "
        "can also go to the department's office with this receipt.",
        "यह इस विभाग तक नहीं पहुँच सका: {department}। हमारे कर्मचारियों को इसकी जानकारी है। आप यह "
        "रसीद लेकर विभाग के कार्यालय भी जा सकते हैं।",
    ),
    SubmissionState.CANCELLED: Text(
        "You withdrew it before it was sent to this department: {department}.",
        "आपने इसे इस विभाग को भेजे जाने से पहले वापस ले लिया: {department}।",
    ),
}
"""The sentence for each state."""
BY_HAND = Text(
    "We have received it. Our staff will forward it to this department: {department}.",
    "हमें यह मिल गया है। हमारे कर्मचारी इसे इस विभाग को भेजेंगे: {department}।",
)
"""The sentence for a submission that waits for an operator."""
NEXT_ATTEMPT = Text(" We try again on {moment}.", " अगला प्रयास {moment} को होगा।")


def note_of(
    state: SubmissionState,
    department: Text,
    next_attempt: dt.datetime | None,
    *,
    has_task: bool,
) -> Text:
    """Return what happens next.

    Args:
        next_attempt: when the hub tries again; None if nothing is planned.
        has_task: whether an operator has to decide about it.
    """
    if state is SubmissionState.NOT_SENT and has_task:
        return filled(BY_HAND, department=department)
    note = filled(NOTES[state], department=department)
    if state is not SubmissionState.NOT_SENT or next_attempt is None:
        return note
    moment = f"{next_attempt.astimezone(IST):%d-%m-%Y %H:%M}"
    again = filled(NEXT_ATTEMPT, moment=moment)
    return Text(note.en + again.en, f"{note.hi}{again.hi}")
