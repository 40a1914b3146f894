"""The printable receipt of a submission. It needs no department, only what the hub has stored."""

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.access.policy import Level
from hub.durable.attachments import Attachment, Attachments
from hub.durable.model import Submission
from hub.durable.submissions import Submissions
from schema.errors import not_found
from schema.labels import label_text
from schema.language import Language, Text
from schema.service import ProcessingTimeUnit, Service
from schema.sources import CatalogueSource
from schema.submission_note import note_of
from schema.submission_state import SubmissionKind, SubmissionState
from schema.tracked_application import mask_name
from schema.working_days import IST, day_in_india

TEMPLATES = Path(__file__).with_name("templates")
STYLE = (TEMPLATES / "receipt.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CONTENT_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; font-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of the pages: nothing but their own style, and the font in it."""
HASH_DIGITS = 16
"""Digits of a document's SHA-256 that are printed: enough to recognise the file."""

WORDS: Mapping[str, Text] = {
    "title": Text("Receipt", "रसीद"),
    "receipt_number": Text("Receipt number", "रसीद संख्या"),
    "state": Text("State", "स्थिति"),
    "service": Text("Service", "सेवा"),
    "department": Text("Department", "विभाग"),
    "name": Text("Name", "नाम"),
    "received": Text("Received", "प्राप्ति का समय"),
    "ist": Text("Indian time", "भारतीय समय"),
    "reference": Text("Number at the department", "विभाग की संख्या"),
    "no_reference": Text("not known yet", "अभी ज्ञात नहीं"),
    "due": Text("To be done by", "पूरा करने की तारीख़"),
    "documents": Text("Documents", "दस्तावेज़"),
    "next": Text("What happens next", "आगे क्या होगा"),
    "rights": Text("Your rights", "आपके अधिकार"),
    "track": Text("How to follow it", "स्थिति कैसे जानें"),
    "printed": Text("As of", "यह जानकारी इस समय की है:"),
    "other_language": Text("हिन्दी", "English"),
}
LIMIT = Text(
    "By law (Right to Service Act), {officer} must decide by {date}.",
    "क़ानून (सेवा का अधिकार अधिनियम) के अनुसार {officer} को {date} तक निर्णय करना है।",
)
OFFICER = Text("the department", "विभाग")
APPEAL = Text(
    "After that you can appeal to: {authority}.", "उसके बाद आप यहाँ अपील कर सकते हैं: {authority}।"
)
VALID = Text(
    "This receipt is valid even while the department is closed. You need not submit again.",
    "विभाग बंद होने पर भी यह रसीद मान्य है। आपको दोबारा जमा नहीं करना है।",
)
TRACK = Text(
    "Keep this receipt. Sign in to the portal, or show the receipt number at any service centre.",
    "यह रसीद सँभालकर रखें। पोर्टल पर साइन इन करें, या किसी भी सेवा केंद्र पर रसीद संख्या दिखाएँ।",
)
TRACK_BY_NUMBER = Text(
    "Without signing in: the department's number and the last four digits of your telephone.",
    "बिना साइन इन: विभाग की संख्या और आपके फ़ोन नंबर के अंतिम चार अंक।",
)
EXPIRED = Text(
    "This address is not valid any more. Open the receipt again in the portal.",
    "यह पता अब मान्य नहीं है। पोर्टल में रसीद फिर से खोलें।",
)
TRY_AGAIN = Text(
    "The receipt can't be shown at the moment. Please try again in a minute.",
    "रसीद अभी नहीं दिखाई जा सकती। कृपया एक मिनट बाद फिर प्रयास करें।",
)


@dataclass(frozen=True, slots=True)
class ReceiptDocument:
    """A document in the submission, as the receipt shows it."""

    name: str
    size: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt shows.

    Attributes:
        number: receipt number, in groups of four characters.
        kind, state: labels of what was submitted and of how far it has got.
        department, service: names; the service is None if the submission concerns none.
        name: name of the citizen, as the viewer may see it; None if the viewer may not.
        accepted_at: when the hub stored it (UTC).
        reference: the department's number; None until it is known.
        due_date: when the department must have decided; None if there is no limit.
        officer, authority: who must decide, and who decides appeals; None if unknown.
        documents: the documents in it.
        note: what happens next.
        is_open: True while the submission can still reach the department.
        language: language that the citizen has chosen.
    """

    number: str
    kind: Text
    state: Text
    department: Text
    service: Text | None
    name: Text | None
    accepted_at: dt.datetime
    reference: str | None
    due_date: dt.date | None
    officer: Text | None
    authority: Text | None
    documents: Sequence[ReceiptDocument]
    note: Text
    is_open: bool
    language: Language


@dataclass(frozen=True, slots=True)
class Receipts:
    """Reads what receipts show.

    Attributes:
        submissions: the submissions.
        attachments: their documents.
        catalogue: names of departments and services.
    """

    submissions: Submissions
    attachments: Attachments
    catalogue: CatalogueSource

    async def read(self, number: str, name: Level) -> Receipt:
        """Return the receipt with this number.

        Args:
            name: how the citizen's name is shown.

        Raises:
            HubError: `NOT_FOUND`, `STORE_UNAVAILABLE`.
        """
        submission = await self.submissions.by_receipt(number)
        if submission is None:
            raise not_found("There is no receipt with this number.")
        documents = await self.attachments.of_receipt(number)
        department = self.catalogue.department(submission.department)
        service = self.catalogue.service(submission.service)
        label = Text(submission.department) if department is None else department.name_text
        is_new = submission.kind is SubmissionKind.APPLICATION
        limit = service if is_new and service is not None and service.is_notified else None
        return Receipt(
            number=grouped(submission.receipt),
            kind=label_text(submission.kind),
            state=label_text(submission.state),
            department=label,
            service=None if service is None else service.name_text,
            name=_shown_name(submission, name),
            accepted_at=submission.accepted_at,
            reference=submission.reference or submission.content.reference,
            due_date=None if limit is None else self._due_date(submission, limit),
            officer=None if limit is None else limit.designated_officer_text,
            authority=None if limit is None else limit.first_authority_text,
            documents=[_shown_document(each) for each in documents],
            note=note_of(
                submission.state,
                label,
                submission.next_attempt_at,
                has_task=submission.has_task,
            ),
            is_open=submission.state not in (SubmissionState.FAILED, SubmissionState.CANCELLED),
            language=Language.EN if submission.content.language == "en" else Language.HI,
        )

    def _due_date(self, submission: Submission, service: Service) -> dt.date | None:
        if service.processing_time is None or submission.state is SubmissionState.CANCELLED:
            return None
        start = day_in_india(submission.accepted_at)
        if service.processing_time_unit is ProcessingTimeUnit.CALENDAR:
            return start + dt.timedelta(days=service.processing_time)
        return self.catalogue.working_days.after(start, service.processing_time)


class ReceiptPage:
    """Renders receipts as HTML. Every value is escaped."""

    def __init__(self) -> None:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
        )
        self._template = environment.get_template("receipt.html")

    def receipt(self, receipt: Receipt, lang: Language, now: dt.datetime) -> str:
        """Return the page of a receipt in a language."""
        return self._template.render(
            **self._common(lang),
            receipt=receipt,
            rights=[each.in_language(lang) for each in _rights(receipt)],
            valid=VALID.in_language(lang) if receipt.is_open else None,
            track=[
                each.in_language(lang)
                for each in (TRACK, TRACK_BY_NUMBER)
                if each is TRACK or receipt.reference
            ],
            received=_moment(receipt.accepted_at),
            printed=_moment(now),
        )

    def message(self, text: Text) -> str:
        """Return a page that shows one sentence in both languages."""
        return self._template.render(**self._common(Language.HI), receipt=None, message=text)

    def _common(self, lang: Language) -> Mapping[str, object]:
        def word(name: str) -> str:
            return WORDS[name].in_language(lang)

        def text(given: Text) -> str:
            return given.in_language(lang)

        other = "en" if lang is Language.HI else "hi"
        return {"lang": lang.name.lower(), "other": other, "word": word, "text": text, "css": STYLE}


def grouped(number: str) -> str:
    """Return a receipt number in groups of four characters, which are easy to read aloud."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _rights(receipt: Receipt) -> list[Text]:
    if receipt.due_date is None:
        return []
    officer = receipt.officer or OFFICER
    date = f"{receipt.due_date:%d-%m-%Y}"
    rights = [_filled(LIMIT, officer=officer, date=Text(date, date))]
    if receipt.authority is not None:
        rights.append(_filled(APPEAL, authority=receipt.authority))
    return rights


def _filled(template: Text, **values: Text) -> Text:
    def in_language(lang: Language) -> str:
        shown = {name: each.in_language(lang) for name, each in values.items()}
        return template.in_language(lang).format(**shown)

    return Text(in_language(Language.EN), in_language(Language.HI))


def _moment(moment: dt.datetime) -> str:
    return f"{moment.astimezone(IST):%d-%m-%Y %H:%M}"


def _shown_name(submission: Submission, level: Level) -> Text | None:
    """Return the citizen's name in both scripts, as the viewer may see it."""
    facts = submission.content.facts
    given = [facts.get("applicant_name"), facts.get("applicant_name_local")]
    names = [each for each in given if isinstance(each, str) and each]
    if not names or level is Level.NONE:
        return None
    shown = names if level is Level.PLAIN else [str(mask_name(each)) for each in names]
    return Text(shown[0], shown[-1])


def _shown_document(attachment: Attachment) -> ReceiptDocument:
    size = attachment.size_bytes
    shown = f"{size / (1 << 20):.1f} MB" if size >= 1 << 20 else f"{max(size >> 10, 1)} KB"
    return ReceiptDocument(attachment.name, shown, attachment.sha256[:HASH_DIGITS])
