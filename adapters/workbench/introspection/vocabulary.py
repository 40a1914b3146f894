"""The words that departments use for the hub's fields: data for guessing."""

import re
from collections.abc import Mapping
from functools import lru_cache

# Abbreviations in old column names, and synonyms.
WORDS: Mapping[str, str] = {
    "appl": "application", "app": "application", "req": "request", "ref": "reference",
    "no": "number", "num": "number", "nbr": "number", "nr": "number", "id": "number",
    "nos": "number", "numbers": "number", "ids": "number", "refs": "reference",
    "identifier": "number", "nm": "name", "naam": "name", "dt": "date", "dat": "date",
    "datetime": "date", "time": "date", "timestamp": "date", "ts": "date", "on": "date",
    "at": "date", "st": "status", "stat": "status", "state": "status", "cd": "code",
    "typ": "type", "kind": "type", "category": "type", "desc": "description", "mob": "phone",
    "ph": "phone", "tel": "phone", "telephone": "phone", "mobile": "phone", "msisdn": "phone",
    "amt": "amount", "value": "amount", "price": "amount", "upd": "updated", "mod": "updated",
    "modified": "updated", "changed": "updated", "last": "updated", "cre": "created",
    "cert": "certificate", "svc": "service", "srv": "service", "scheme": "service",
    "remarks": "notes", "remark": "notes", "note": "notes", "comment": "notes",
    "comments": "notes", "message": "notes", "reason": "notes", "beneficiary": "citizen",
    "customer": "citizen", "consumer": "citizen", "client": "citizen", "person": "citizen",
    "student": "citizen", "patient": "citizen", "member": "citizen", "user": "citizen",
    "account": "citizen", "acct": "citizen", "subscriber": "citizen", "holder": "citizen",
    "applicant": "citizen", "owner": "citizen", "employee": "citizen", "taxpayer": "citizen",
    "landholder": "citizen", "licensee": "citizen", "licencee": "citizen", "allottee": "citizen",
    "lessee": "citizen", "tenant": "citizen", "farmer": "citizen", "worker": "citizen",
    "pensioner": "citizen", "driver": "citizen", "party": "citizen", "enrollee": "citizen",
    "card": "citizen", "uid": "citizen", "requester": "citizen", "reporter": "citizen",
    "order": "application", "ticket": "application", "case": "application",
    "booking": "application", "claim": "application", "permit": "application",
    "request": "application", "file": "application", "incident": "application",
    "issue": "application", "task": "application", "job": "application",
    "reservation": "application", "submission": "application", "transaction": "application",
    "acknowledgement": "application", "ack": "application", "receipt": "application",
    "complaint": "grievance", "grv": "grievance", "birth": "birth", "dob": "birth date",
    "valid": "valid", "expiry": "valid to", "expires": "valid to", "expiration": "valid to",
    "due": "expected", "target": "expected", "eta": "expected", "issued": "issue",
    "submitted": "requested", "applied": "requested", "created": "requested",
    "received": "requested", "opened": "requested", "sanctioned": "enrollment",
    "enrolled": "enrollment", "approved": "enrollment", "sex": "gender", "fname": "first name",
    "surname": "family name", "lastname": "family name", "firstname": "given name",
    "channel": "source", "src": "source", "origin": "source",
}  # fmt: skip

FIELDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "application": {
        "applicationReferenceNumber": (
            "application number", "application reference number", "reference number",
            "application reference", "reference", "tracking number", "number",
        ),
        "applicationStatus": ("status", "application status", "status code", "current status"),
        "statusNotes": ("notes", "status notes", "description"),
        "source": ("source", "source code"),
        "requestedDatetime": (
            "requested date", "application date", "date requested", "submission date", "date",
            "requested",
        ),
        "updatedDatetime": (
            "updated date", "status date", "date updated", "updated action date", "updated",
        ),
        "expectedDatetime": ("expected date", "date expected", "expected", "delivery date"),
        "serviceCode": ("service code", "service", "service number", "service type", "type",
                        "application type"),
        "applicantName": ("citizen name", "name", "full name"),
        "applicantKey": ("citizen number", "citizen code", "citizen"),
        "applicantPhone": ("phone", "phone number", "citizen phone", "contact number"),
    },
    "benefit": {
        "benefitNumber": ("benefit number", "pension number", "award number", "payment number",
                          "grant number", "enrollment number", "number"),
        "programmeIdentifier": ("programme", "programme code", "service code", "service",
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
        "number": ("certificate number", "document number", "number", "license number",
                   "licence number", "registration number"),
        "type": ("certificate type", "type", "document type", "type code"),
        "status": ("status", "status code", "certificate status"),
        "issueDate": ("issue date", "date issue", "date", "issue"),
        "validTo": ("valid to", "valid until", "valid to date", "valid date", "end date"),
        "issuedBy": ("issue by", "authority", "sign designation", "issuing authority"),
        "issuedTo": ("issue to", "citizen name", "name"),
        "applicationReferenceNumber": ("application number", "application reference number"),
        "updatedDatetime": ("updated date", "updated"),
        "holderKey": ("citizen number", "citizen code", "citizen"),
    },
    "grievance": {
        "registrationNumber": ("registration number", "grievance number", "application number",
                               "reference number", "service application number", "number"),
        "serviceRequestId": ("service application number", "service request number"),
        "serviceCode": ("service code", "grievance type", "type"),
        "serviceName": ("service name",),
        "description": ("description", "details", "text", "subject"),
        "applicationStatus": ("status", "status code", "grievance status"),
        "statusNotes": ("status notes", "notes", "resolution"),
        "requestedDatetime": ("requested date", "requested", "date", "registration date"),
        "updatedDatetime": ("updated date", "updated"),
        "expectedDatetime": ("expected date", "expected"),
        "address": ("address", "address string", "location"),
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
        "lastUpdated": ("updated date", "updated"),
    },
}  # fmt: skip

# Words in the names of operations and rows that suggest a subject, strongest first.
SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "certificate": ("certificate", "licence", "license", "document", "diploma"),
    "benefit": ("benefit", "pension", "award", "scholarship", "payment", "subsidy", "allowance",
                "grant", "disbursement"),
    "grievance": ("grievance", "complaint", "feedback", "ticket", "incident", "issue", "requests"),
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

_SPLIT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@lru_cache(maxsize=50_000)
def phrase_of(name: str) -> str:
    """Return the normalised phrase of a name.

    `ApplNo`, `permit_appl_no` and `applicationNumber` all become `application number`.
    """
    words: list[str] = []
    for part in _SPLIT.findall(name):
        lowered = part.lower()
        # Drop a word that repeats the one before it.
        words += [word for word in WORDS.get(lowered, lowered).split() if words[-1:] != [word]]
    return " ".join(words)
