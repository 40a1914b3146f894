"""Sentences for citizens, in both languages: why a department's data is missing or old."""

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from schema.codes import ErrorCode
from schema.language import Language, Text

if TYPE_CHECKING:
    from schema.provenance import SourceStatus

INDIA = ZoneInfo("Asia/Kolkata")
MONTHS = (
    Text("Jan", "जनवरी"),
    Text("Feb", "फ़रवरी"),
    Text("Mar", "मार्च"),
    Text("Apr", "अप्रैल"),
    Text("May", "मई"),
    Text("Jun", "जून"),
    Text("Jul", "जुलाई"),
    Text("Aug", "अगस्त"),
    Text("Sep", "सितंबर"),
    Text("Oct", "अक्तूबर"),
    Text("Nov", "नवंबर"),
    Text("Dec", "दिसंबर"),
)

NO_ANSWER = Text("{name} does not answer.", "{name} से उत्तर नहीं मिल रहा है।")
UNREADABLE = Text(
    "The information of {name} can't be read at the moment.",
    "{name} की जानकारी अभी नहीं पढ़ी जा सकती।",
)
SENTENCES: Mapping[ErrorCode, Text] = {
    ErrorCode.DEPARTMENT_TIMEOUT: NO_ANSWER,
    ErrorCode.DEPARTMENT_UNREACHABLE: NO_ANSWER,
    ErrorCode.CIRCUIT_OPEN: NO_ANSWER,
    ErrorCode.DEADLINE_EXCEEDED: Text(
        "There was no time left to ask {name}.", "{name} से पूछने का समय नहीं बचा।"
    ),
    ErrorCode.DEPARTMENT_BUSY: Text(
        "Too many people are asking {name} at the moment.",
        "{name} से इस समय बहुत लोग पूछ रहे हैं।",
    ),
    ErrorCode.DEPARTMENT_OVERLOADED: Text(
        "{name} is overloaded.", "{name} पर इस समय बहुत अधिक भार है।"
    ),
    ErrorCode.DEPARTMENT_PENDING: Text(
        "{name} has not answered yet. Look again in a moment.",
        "{name} से अभी उत्तर नहीं आया है। थोड़ी देर बाद फिर देखें।",
    ),
    ErrorCode.DEPARTMENT_INCOMPLETE_REPLY: Text(
        "{name} did not send everything.", "{name} से पूरी जानकारी नहीं मिली।"
    ),
    ErrorCode.DEPARTMENT_FILE_LATE: Text(
        "{name} has not sent its latest information.", "{name} से नई जानकारी अभी नहीं आई है।"
    ),
    ErrorCode.DEPARTMENT_MAINTENANCE: Text(
        "{name} is closed for maintenance.", "{name} रखरखाव के लिए बंद है।"
    ),
    ErrorCode.PURPOSE_NOT_COVERED: Text(
        "The information of {name} may not be used for this purpose.",
        "{name} की जानकारी इस उद्देश्य के लिए उपयोग नहीं की जा सकती।",
    ),
    ErrorCode.CONSENT_REQUIRED: Text(
        "The information of {name} needs the person's consent.",
        "{name} की जानकारी के लिए व्यक्ति की सहमति आवश्यक है।",
    ),
    ErrorCode.FORBIDDEN: Text(
        "You may not see the information of {name}.",
        "आपको {name} की जानकारी देखने की अनुमति नहीं है।",
    ),
}
"""By error; `UNREADABLE` for all others."""
CLOSED_UNTIL = Text(
    "{name} is closed for maintenance until {moment}.", "{name} {moment} तक रखरखाव के लिए बंद है।"
)
SINCE = Text("Since {moment}.", "{moment} से।")
BACK_AT = Text("It is expected to answer again at {moment}.", "{moment} से फिर उत्तर मिल सकता है।")
AS_OF = Text("You see its information of {moment}.", "दिखाई गई जानकारी {moment} की है।")
NOTE = Text("Reason: {note}.", "कारण: {note}।")


def message_of(
    status: "SourceStatus", name: Text, since: dt.datetime | None, lang: Language
) -> str | None:
    """Return why a department's data is missing or old; None if it is neither.

    Args:
        status: state of the department's data.
        name: the department's name.
        since: since when it does not reply or is closed, if that is known.
    """
    if status.error_code is None:
        return None
    is_closed = status.error_code is ErrorCode.DEPARTMENT_MAINTENANCE
    first = SENTENCES.get(status.error_code, UNREADABLE)
    parts: list[tuple[Text, dt.datetime | None]] = [(first, None)]
    if is_closed and status.back_at is not None:
        parts = [(CLOSED_UNTIL, status.back_at)]
    if since is not None:
        parts.append((SINCE, since))
    if status.back_at is not None and not is_closed:
        parts.append((BACK_AT, status.back_at))
    if status.note:
        parts.append((NOTE, None))
    if status.as_of is not None:
        parts.append((AS_OF, status.as_of))
    return " ".join(
        text.in_language(lang).format(
            name=name.in_language(lang),
            note=(status.note or "").rstrip("."),
            moment=moment_in(lang, moment) if moment is not None else "",
        )
        for text, moment in parts
    )


def moment_in(lang: Language, moment: dt.datetime) -> str:
    """Return a time as people in India write it, for example `28 Nov 2026, 14:05`."""
    local = moment.astimezone(INDIA)
    month = MONTHS[local.month - 1].in_language(lang)
    return f"{local.day} {month} {local.year}, {local:%H:%M}"
