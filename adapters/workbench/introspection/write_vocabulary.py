"""The words by which departments name writes and their arguments: data for guessing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.writes import WriteCapability


@dataclass(frozen=True, slots=True)
class Act:
    """The words in the name of an operation.

    Attributes:
        verbs: words that name the act by themselves.
        nouns: words that name it together with a word of `CREATING`.
        about: words of which one must be there too; none if empty.
    """

    verbs: frozenset[str] = frozenset()
    nouns: frozenset[str] = frozenset()
    about: frozenset[str] = frozenset()


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_REQUESTS = _set("""
    application appl app appln registration request enrolment enrollment permit licence license
    certificate connection card scheme benefit pension scholarship claim booking form case
""")
CREATING = _set("""
    submit create lodge register file raise add new post insert save send apply make record ins put
    enrol enroll book
""")
"""Verbs for something new."""
NEVER = _set("""
    update updt upd approve reject delete remove purge reset sanction disburse approved login logout
    password otp token session user employee officer payment pay refund receipt print generate issue
    notify sms email callback webhook assign forward escalate dispatch close verify status edit
    count search batch bulk job periodic scheduler internal inspection inspector officer official
    hearing visit verification
""")
"""Words of operations that the hub never sends for a citizen."""
OFFICIAL = re.compile(
    r"(?i)\b(officers?|inspectors?|officials?|clerks?|dealing (assistant|hand)|internal)\b"
)
"""In the documentation of operations that the hub never sends for a citizen."""
ACTS: Mapping[WriteCapability, Act] = {
    WriteCapability.ATTACH_DOCUMENT: Act(
        _set("attach upload"), _set("document attachment enclosure photo evidence proof")
    ),
    WriteCapability.FILE_APPEAL: Act(_set("appeal")),
    WriteCapability.GIVE_FEEDBACK: Act(_set("feedback rating rate")),
    WriteCapability.WITHDRAW_APPLICATION: Act(_set("withdraw cancel"), about=_REQUESTS),
    WriteCapability.RESPOND_TO_QUERY: Act(
        _set("respond reply answer resubmit clarify"), _set("response clarification objection")
    ),
    WriteCapability.REQUEST_CORRECTION: Act(_set("correct correction rectify"), _set("mistake")),
    WriteCapability.SUBMIT_GRIEVANCE: Act(
        _set("complain"), _set("grievance complaint shikayat ticket incident")
    ),
    WriteCapability.SUBMIT_APPLICATION: Act(_set("apply submit enrol enroll"), _REQUESTS),
}
"""How each write is named. The first one that fits counts."""

_CALLER = (
    "(client|caller|portal|hub|origin(ating)?|source|partner|agency|channel|your|request[eo]r)"
)
_SUBMITTED = "(app(lication)?|request|txn|transaction)"
_NUMBER = "(ref(erence)?|id|no|number|key)s?"
_END = "( (id|no|number)s?)?"
OWN_NUMBER = re.compile(
    rf"(x )?((ext(ernal)?|foreign|third party)( {_SUBMITTED})? {_NUMBER}{_END}|"
    rf"{_CALLER} (ref(erence)?|key)s?{_END}|{_CALLER} {_SUBMITTED} {_NUMBER}|idempotency key)"
)
"""Names of the caller's own number, with small letters and blanks."""


def _forms(**patterns: str) -> Mapping[str, re.Pattern[str]]:
    return {f"{{{name}}}": re.compile(pattern) for name, pattern in patterns.items()}


_TEXT = "description|details?|text|subject|message|content|body|remarks?|comments?|notes?"
DOCUMENT_LISTS = re.compile(
    r"((supporting|required|uploaded) )?"
    r"(doc|document|attachment|enclosure|file|media|annexure|upload|proof)s?"
    r"( (list|array|data|details|info))?"
)
"""Names of an argument that takes documents."""
DOCUMENTS = _forms(
    document_type=r"((doc|document|attachment|enclosure|proof|file) )?(type|code|cd|kind|category)"
    r"( (code|cd|id))?|(doc|document) (type )?id",
    document_name=r"((doc|document|attachment|enclosure|file) )?(name|nm|title)",
    media_type=r"(mime|media|content) type|mime|(file|doc|document) (extension|ext|format)|format",
    sha256=r"(sha ?256|hash|checksum|digest|sha)( (256|value|hex))?",
    size=r"((doc|document|file|content) )?(size|length)",
    content=r"((file|doc|document|attachment|image|photo|binary|base ?64) )*"
    r"(content|contents|data|base ?64|b ?64|stream|blob|bytes|binary|file|image|body)"
    r"( (base ?64|b ?64|64))?",
)
"""Names of the parts of a document, by placeholder."""
PEOPLE = _forms(
    member=r"(family|ppp|household|parivar)( (member|person))?( (id|no|number|code))?|"
    r"(pp )?member( (id|no|number))?",
    channel=r"(channel|source|src|mode|via|origin)( (code|cd|id|type|name))?",
    applicant_phone=r"(applicant )?(mobile|mob|phone|contact|telephone)( (phone|no|number))?",
    applicant_name=r"((applicant|citizen|complainant|person|full) )?(name|nm)|complainant",
    applicant_birth_date=r"dob|birth (date|dt)|date of birth",
    submitted_at=r"(submitted|applied|lodged|filed)( (on|at|date|dt|time))*|"
    r"(submission|filing|application|appl)( (date|dt|time|datetime))+",
)
"""Names of values that every write may send, by placeholder."""
PREFILLED = {
    "{applicant_name}": "PERSON_NAME",
    "{applicant_birth_date}": "BIRTH_DATE",
    "{applicant_phone}": "PHONE_NUMBER",
}
"""What a field of a form with such a name is filled with before the citizen begins."""
OUTCOME = re.compile(
    r"(response|result|return|error|status|service)? ?(code|cd|status|success|flag|result|ok)"
)
"""Names of a code in a reply that says whether a write was done."""
MESSAGE = re.compile(
    r"(response|result|return|error|status|success)? ?"
    r"(message|msg|description|desc|text|error|reason|info)"
)
"""Names of a text in a reply that says what happened."""
PROBLEMS = re.compile(r"(validation |field |business )?(problem|error|violation|fault|failure)s?")
"""Names of a list of problems in a reply."""
_SERVICE = r"(service|svc|scheme|programme|program|sewa)( (code|cd|id|type|no))?"
FACTS: Mapping[WriteCapability, Mapping[str, re.Pattern[str]]] = {
    WriteCapability.SUBMIT_APPLICATION: _forms(service=_SERVICE),
    WriteCapability.ATTACH_DOCUMENT: {},
    WriteCapability.RESPOND_TO_QUERY: _forms(
        answer=rf"answer|reply|response|clarification|({_TEXT})|"
        rf"(answer|reply|response|query) ({_TEXT})"
    ),
    WriteCapability.WITHDRAW_APPLICATION: _forms(
        reason=rf"reason|({_TEXT})|(reason|withdrawal|cancel(lation)?) ({_TEXT}|reason)"
    ),
    WriteCapability.SUBMIT_GRIEVANCE: _forms(
        category=rf"category|type|{_SERVICE}|"
        r"(complaint|grievance|category|cat|subject|problem|issue) (category|type|code|cd|id)",
        text=rf"complaint|grievance|{_TEXT}|(complaint|grievance|problem|issue) ({_TEXT})",
    ),
    WriteCapability.FILE_APPEAL: _forms(
        grounds=rf"grounds?|reason|({_TEXT})|appeal ({_TEXT}|reason|grounds?)",
        level=r"(appeal )?(level|stage)( (no|code))?",
    ),
    WriteCapability.GIVE_FEEDBACK: _forms(
        rating=r"rating|stars?|score|(rating|feedback) (value|score|code)",
        comments=rf"feedback|suggestion|({_TEXT})|feedback ({_TEXT})",
    ),
    WriteCapability.REQUEST_CORRECTION: _forms(
        record_field=r"field|attribute|(field|attribute|correction) (name|code|type|field)",
        old_value=r"(old|existing|current|previous|present|from) (value|data|text)",
        new_value=r"((new|correct|corrected|requested|proposed|to) )(value|data|text)|value",
        reason=rf"reason|({_TEXT})|correction reason",
    ),
}
"""Names of the values of each write, by placeholder."""
