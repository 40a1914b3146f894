"""The words that departments use for the hub's fields: data for guessing."""

import re
from collections.abc import Mapping
from functools import lru_cache

# Abbreviations in old column names, and synonyms.
WORDS: Mapping[str, str] = {
    "appl": "application", "app": "application", "req": "application", "ref": "reference",
    "no": "number", "num": "number", "nbr": "number", "nr": "number", "id": "number",
    "nos": "number", "numbers": "number", "ids": "number", "refs": "reference",
    "identifier": "number", "nm": "name", "naam": "name", "dt": "date", "dat": "date",
    "datetime": "date", "time": "date", "timestamp": "date", "ts": "date", "on": "date",
    "at": "date", "stat": "status", "sts": "status", "registered": "registration", "cd": "code",
    "typ": "type", "kind": "type", "category": "type", "desc": "description", "mob": "phone",
    "ph": "phone", "tel": "phone", "telephone": "phone", "mobile": "phone", "msisdn": "phone",
    "amt": "amount", "value": "amount", "price": "amount", "upd": "updated", "mod": "updated",
    "modified": "updated", "changed": "updated", "last": "updated", "cre": "requested",
    "cert": "certificate", "svc": "service", "srv": "service", "scheme": "service",
    "remarks": "notes", "remark": "notes", "note": "notes", "comment": "notes",
    "comments": "notes", "message": "notes", "reason": "notes", "beneficiary": "citizen",
    "customer": "citizen", "consumer": "citizen", "person": "citizen", "ctzn": "citizen",
    "cust": "citizen", "ben": "citizen", "benf": "citizen",
    "student": "citizen", "patient": "citizen", "member": "citizen",
    "account": "citizen", "acct": "citizen", "subscriber": "citizen", "holder": "citizen",
    "applicant": "citizen", "owner": "citizen", "employee": "citizen", "taxpayer": "citizen",
    "landholder": "citizen", "licensee": "citizen", "licencee": "citizen", "allottee": "citizen",
    "lessee": "citizen", "farmer": "citizen", "worker": "citizen",
    "trader": "citizen", "shopkeeper": "citizen",
    "pensioner": "citizen", "driver": "citizen", "enrollee": "citizen",
    "card": "citizen", "uid": "citizen", "requester": "citizen", "reporter": "citizen",
    "order": "application", "ticket": "application", "case": "application",
    "booking": "application", "claim": "application", "permit": "application",
    "request": "application", "file": "application", "incident": "application",
    "task": "application", "job": "application",
    "reservation": "application", "submission": "application", "appln": "application",
    "applctn": "application", "aplcn": "application", "applicn": "application",
    "filing": "requested", "filed": "requested", "lodged": "requested", "promised": "expected",
    "likely": "expected", "sla": "expected",
    "acknowledgement": "application", "ack": "application", "receipt": "application",
    "complaint": "grievance", "grv": "grievance", "birth": "birth", "dob": "birth date",
    "valid": "valid", "expiry": "valid to", "expires": "valid to", "expiration": "valid to",
    "due": "expected", "target": "expected", "eta": "expected", "issued": "issue",
    "issuance": "issue", "submitted": "requested", "applied": "requested", "created": "requested",
    "received": "requested", "opened": "requested", "sanctioned": "enrollment",
    "enrolled": "enrollment", "approved": "enrollment", "sex": "gender", "upto": "to",
    "fname": "first name",
    "surname": "family name", "lastname": "family name", "firstname": "given name",
    "dist": "district", "mobileno": "phone number", "regn": "registration", "reg": "registration",
    "crt": "requested", "creation": "requested", "crtd": "requested",
    "आवेदन": "application", "संख्या": "number", "क्रमांक": "number", "नंबर": "number",
    "स्थिति": "status", "नाम": "name", "दिनांक": "date", "तिथि": "date", "तारीख": "date",
    "आवेदक": "citizen", "लाभार्थी": "citizen", "नागरिक": "citizen", "मोबाइल": "phone",
    "फोन": "phone", "शिकायत": "grievance", "प्रमाणपत्र": "certificate", "पेंशन": "pension",
    "टिप्पणी": "notes", "कोड": "code", "राशि": "amount", "पता": "address", "सेवा": "service",
    "source": "channel", "src": "channel", "origin": "channel",
}  # fmt: skip

FIELDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "application": {
        "applicationReferenceNumber": (
            "application number", "application reference number", "reference number",
            "application reference", "reference", "tracking number", "number",
        ),
        "applicationStatus": ("status", "application status", "status code", "current status",
                              "application st"),
        "statusNotes": ("notes", "status notes", "description"),
        "channel": ("channel", "channel code"),
        "requestedDatetime": (
            "requested date", "application date", "submission date", "date", "requested",
            "application requested date", "registration date",
        ),
        "updatedDatetime": (
            "updated date", "status date", "updated action date", "updated",
        ),
        "dueDate": ("expected date", "expected", "delivery date", "expected by",
                    "expected completion date"),
        "serviceCode": ("service code", "service", "service number", "service type", "type",
                        "application type"),
        "applicantName": ("citizen name", "name", "full name"),
        "applicantKey": ("citizen number", "citizen code", "citizen"),
        "applicantPhone": ("phone", "phone number", "citizen phone", "contact number"),
    },
    "benefit": {
        "benefitNumber": ("benefit number", "pension number", "award number", "payment number",
                          "grant number", "enrollment number", "number"),
        "serviceCode": ("programme", "programme code", "service code", "service",
                                "program number", "plan number"),
        "enrollmentDate": ("enrollment date", "start date", "date enrollment", "from date"),
        "enrollmentStatus": ("status", "status code", "enrollment status", "active"),
        "statusChangeDate": ("status date", "updated date", "status updated date"),
        "benefitValue": ("amount", "monthly amount", "benefit amount", "pension amount",
                         "total amount"),
        "benefitDate": ("paid date", "payment date", "updated paid date", "date paid"),
        "holderKey": ("citizen number", "citizen code", "citizen"),
    },
    "certificate": {
        "certificateNumber": ("certificate number", "document number", "number",
                              "license number", "licence number", "registration number"),
        "certificateType": ("certificate type", "type", "document type", "type code"),
        "certificateStatus": ("status", "status code", "certificate status"),
        "issueDate": ("issue date", "date issue", "date", "issue", "certificate issue date"),
        "validTo": ("valid to", "valid until", "valid to date", "valid date", "end date",
                    "certificate valid to"),
        "issuedBy": ("issue by", "authority", "sign designation", "issuing authority"),
        "applicationReference": ("application number", "application reference number"),
        "updatedDatetime": ("updated date", "updated"),
        "holderKey": ("citizen number", "citizen code", "citizen"),
    },
    "grievance": {
        "registrationNumber": ("registration number", "grievance number", "application number",
                               "reference number", "service application number", "number"),
        "serviceRequestId": ("service application number", "service request number"),
        "categoryCode": ("service code", "grievance type", "type"),
        "category": ("service name",),
        "complaint": ("description", "details", "text", "subject"),
        "grievanceStatus": ("status", "status code", "grievance status"),
        "statusNotes": ("status notes", "notes", "resolution"),
        "requestedDatetime": ("requested date", "requested", "date", "registration date"),
        "updatedDatetime": ("updated date", "updated"),
        "dueDate": ("expected date", "expected"),
        "problemAddress": ("address", "address string", "location"),
        "accountKey": ("citizen number", "citizen"),
    },
    "citizen": {
        "memberIdentifier": ("citizen number", "number", "citizen"),
        "familyIdentifier": ("family number", "household number", "family"),
        "sex": ("gender", "gender code"),
        "birthDate": ("birth date", "date of birth", "date birth"),
        "phoneNumber": ("phone", "phone number"),
        "email": ("email", "email address", "mail"),
        "guardianName": ("father name", "guardian name", "husband name", "father husband name"),
        "occupation": ("occupation",),
        "registrationDate": ("registration date", "requested date"),
        "updatedDatetime": ("updated date", "updated"),
    },
}  # fmt: skip

# Words in the names of operations and rows that suggest a subject, strongest first.
SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "certificate": ("certificate", "licence", "license", "document", "diploma"),
    "benefit": ("benefit", "pension", "award", "scholarship", "payment", "subsidy", "allowance",
                "grant", "disbursement"),
    "grievance": ("grievance", "complaint", "feedback", "ticket", "incident", "requests"),
    "application": ("application", "request", "order", "case", "permit", "claim", "booking",
                    "status", "track", "submission", "task", "job", "enquiry", "inquiry"),
    "citizen": ("citizen", "person", "member", "customer", "user", "beneficiary", "applicant",
                "patient", "student", "employee", "contact", "consumer"),
}  # fmt: skip

REFERENCES: Mapping[str, tuple[str, ...]] = {
    "application": ("application number", "reference number", "application reference number",
                    "application", "reference", "tracking number"),
    "grievance": ("registration number", "grievance number", "application number",
                  "service application number", "number"),
}  # fmt: skip
CITIZENS = (
    "citizen number",
    "citizen",
    "citizen code",
    "phone",
    "aadhaar number",
    "citizen reference",
)

MEANINGS: Mapping[str, str] = {
    "new": "SUBMITTED", "open": "SUBMITTED", "opened": "SUBMITTED", "received": "SUBMITTED",
    "created": "SUBMITTED", "placed": "SUBMITTED", "pending": "UNDER_PROCESS",
    "inprogress": "UNDER_PROCESS", "processing": "UNDER_PROCESS", "assigned": "UNDER_PROCESS",
    "review": "UNDER_PROCESS", "verified": "UNDER_PROCESS", "query": "SENT_BACK",
    "returned": "SENT_BACK", "sanctioned": "APPROVED", "accepted": "APPROVED",
    "complete": "DELIVERED", "completed": "DELIVERED", "closed": "DELIVERED", "done": "DELIVERED",
    "paid": "DELIVERED", "issued": "DELIVERED", "delivered": "DELIVERED", "refused": "REJECTED",
    "denied": "REJECTED", "declined": "REJECTED", "cancelled": "WITHDRAWN",
    "canceled": "WITHDRAWN", "hold": "ON_HOLD", "held": "ON_HOLD", "suspended": "SUSPENDED",
    "stopped": "SUSPENDED", "valid": "ISSUED", "m": "MALE", "f": "FEMALE",
}  # fmt: skip

# Words that keep a name from being taken for a similar one: `stateCode` is not a status code.
DISTINCT = frozenset((
    "state", "district", "city", "town", "village", "block", "tehsil", "taluk", "ward", "zone",
    "region", "division", "circle", "country", "province", "county", "place", "station", "stage",
    "street", "estate", "tenant", "client", "party", "user", "family", "father", "mother",
    "officer", "office", "department", "bank", "branch", "school", "language", "lang", "login",
    "nominee", "guardian", "husband", "wife", "spouse", "child", "parent", "middle", "first",
    "given", "file", "image", "photo", "birth", "death", "paid", "payment", "verification", "ip",
    "count", "total", "page", "version", "flag", "session", "transaction", "device", "gender",
))  # fmt: skip
_PLACES = re.compile(
    r"(?i)\b(lgd|district|province|place|region|india|haryana|punjab|delhi|city|village|"
    r"(name|code) of the state|state in|state code|geograph)\w*"
)
_FILLERS = frozenset(("of", "the", "for", "in", "का", "की", "के"))
_SPLIT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\x00-\x7f]+")


_PHRASES = (
    *(phrase for fields in FIELDS.values() for phrases in fields.values() for phrase in phrases),
    *(phrase for phrases in REFERENCES.values() for phrase in phrases),
    *CITIZENS,
)
KNOWN = (
    frozenset(word for phrase in (*_PHRASES, *WORDS.values()) for word in phrase.split()) | DISTINCT
)
_PIECES = KNOWN | WORDS.keys()
_SHORT = frozenset(("no", "dt", "id", "nm", "cd", "on", "at", "of", "to", "by"))


@lru_cache(maxsize=50_000)
def phrase_of(name: str) -> str:
    """Return the normalised phrase of a name.

    `ApplNo`, `permit_appl_no` and `applicationNumber` all become `application number`.
    """
    words: list[str] = []
    for part in _SPLIT.findall(name):
        for piece in _pieces(part.lower()):
            if piece in _FILLERS:
                continue
            # Drop a word that repeats the one before it.
            words += [word for word in WORDS.get(piece, piece).split() if words[-1:] != [word]]
    return " ".join(words)


@lru_cache(maxsize=50_000)
def _pieces(word: str) -> tuple[str, ...]:
    """Return the known words of which a word without separators consists: `issuedate`."""
    if word in _PIECES or len(word) < 4 or len(word) > 40 or not word.isascii():
        return (word,)
    for end in range(len(word) - 2, 1, -1):
        head = word[:end]
        if head in _PIECES and (end > 2 or head in _SHORT):
            rest = _pieces(word[end:])
            if all(each in _PIECES and (len(each) > 2 or each in _SHORT) for each in rest):
                return (head, *rest)
    return (word,)


def is_place(documentation: str, values: tuple[str, ...]) -> bool:
    """Return True if the documentation or the listed values of a field are about places."""
    return any(_PLACES.search(text) for text in (documentation, *values))
