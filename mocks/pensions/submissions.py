"""What the pensions department receives: applications, and answers to its queries.

A return code other than 0 does not mean that nothing was stored (`docs/quirks.md` 7 and 8): after
an application is stored, its SMS or its printed slip may fail.
"""

import base64
from collections.abc import Collection, Iterable
from typing import Any
from xml.sax.saxutils import escape

from mocks.pensions.forms import (
    DONE,
    PRINT_FAILED,
    SMS_FAILED,
    ReturnStatus,
    refusal,
)
from mocks.pensions.soap import NAMESPACE
from mocks.pensions.wire_format import SOURCE_CODES
from mocks.population.services import PENSIONS
from mocks.submissions import ApplicationDesk, Intake, Kind

SERVICES = {service.wire_code: service.code for service in PENSIONS.services}
CHANNELS = {code: channel for channel, code in SOURCE_CODES.items()}
APPLICATION_RECORD, ANSWER_RECORD = 2, 3
SUCCESS = ReturnStatus(DONE, "Success")
SMS_NOT_SENT = ReturnStatus(SMS_FAILED, "Saved. SMS gateway: The remote name could not be resolved")
SLIP_NOT_PRINTED = ReturnStatus(PRINT_FAILED, "Spooler: The print queue is full")
LATER_FAULTS = ("sms_failure", "print_failure")
"""Faults of the steps after an application is stored. With the second, its number is missing."""
REFUSED = ReturnStatus(40, "Not accepted. Contact the District Social Welfare Officer")


class PensionSubmissions:
    """Each operation takes a valid payload and returns the content of its Result element."""

    def __init__(self, desk: ApplicationDesk, intake: Intake) -> None:
        self._desk = desk
        self._intake = intake

    def submit(self, payload: Any, faults: Collection[str] = ()) -> str:
        """Store an application, also if it is a copy of another one.

        Args:
            faults: those of `LATER_FAULTS` that apply.
        """
        external, scheme = _text(payload, "ExternalRef"), _text(payload, "SchemeCode")
        form = _form(payload)
        refused = refusal(scheme, form)
        if refused is None and not external:
            refused = ReturnStatus(20, "ExternalRef is mandatory")
        owner = form.get("BeneficiaryNo", "")
        citizen = self._desk.citizen(owner, form.get("MemberId", ""))
        if refused is None and citizen is None:
            refused = ReturnStatus(30, "MemberId is not in the Family ID register")
        if refused is not None or citizen is None:
            return _result(refused or REFUSED)
        fields = {
            "form": form,
            "channel": CHANNELS.get(_text(payload, "SourceCode")),
            "documents": list(_attachments(payload)),
        }
        stored = self._desk.receive(external, SERVICES[scheme], owner, citizen.member_id, fields)
        if "print_failure" in faults:
            return _result(SLIP_NOT_PRINTED)
        status = SMS_NOT_SENT if "sms_failure" in faults else SUCCESS
        return _result(status, APPLICATION_RECORD, stored.reference)

    def respond(self, payload: Any) -> str:
        """Store the applicant's answer, with which a returned application continues."""
        external, answer = _text(payload, "ExternalRef"), _text(payload, "Answer")
        application = self._desk.get(_text(payload, "ApplicationNo"))
        if application is None:
            return _result(ReturnStatus(41, "ApplicationNo not found"))
        # An answer that came before is recognized by its ExternalRef; an application is not.
        if self._intake.by_hub_references([external], Kind.QUERY_RESPONSE):
            return _result(SUCCESS, ANSWER_RECORD, application.reference)
        if not self._desk.is_sent_back(application):
            return _result(ReturnStatus(42, "Application is not returned to the applicant"))
        if not answer:
            return _result(ReturnStatus(43, "Answer is mandatory"))
        fields = {"answer": answer, "documents": list(_attachments(payload))}
        self._desk.act(Kind.QUERY_RESPONSE, external, application, fields)
        return _result(SUCCESS, ANSWER_RECORD, application.reference)


def refused_write() -> str:
    """Return the Result of a write that is refused for no reason in its form."""
    return _result(REFUSED)


def _text(payload: Any, name: str) -> str:
    return (payload.findtext(f"{{{NAMESPACE}}}{name}") or "").strip()


def _form(payload: Any) -> dict[str, str]:
    form = payload.find(f"{{{NAMESPACE}}}Form")
    texts = {each.tag.rpartition("}")[2]: (each.text or "").strip() for each in form}
    return {name: text for name, text in texts.items() if text}


def _attachments(payload: Any) -> Iterable[dict[str, Any]]:
    """Yield the stored attachments. Those without a file name are left out, without an error."""
    for each in payload.iterfind(f".//{{{NAMESPACE}}}Attachment"):
        name = _text(each, "FileName")
        if name:
            size = len(base64.b64decode(_text(each, "Content")))
            yield {"type": _text(each, "DocumentType"), "name": name, "size": size}


def _result(status: ReturnStatus, record_type: int = 0, number: str = "") -> str:
    record = ""
    if number:
        record = (
            f"<NewRecord><RecordType>{record_type}</RecordType><RecordNo>{number}</RecordNo>"
            "</NewRecord>"
        )
    return (
        f"<StatusCode>{status.code}</StatusCode><StatusText>{escape(status.text)}</StatusText>"
        f"{record}"
    )
