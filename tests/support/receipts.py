"""A receipt for tests of the page."""

import datetime as dt

from hub.pages.receipt import Receipt, ReceiptDocument, grouped
from schema.labels import label_text
from schema.language import Language, Text
from schema.submission_note import note_of
from schema.submission_state import SubmissionKind, SubmissionState

NOW = dt.datetime(2026, 11, 29, 0, 30, tzinfo=dt.UTC)
LABOUR = Text("Labour Department", "श्रम विभाग")


def receipt(
    name: Text | None = None,
    reference: str | None = None,
    state: SubmissionState = SubmissionState.NOT_SENT,
    document: str = "आय_प्रमाण_पत्र.pdf",
) -> Receipt:
    """Return the receipt of an application with two documents."""
    return Receipt(
        number=grouped("CH7K3M9QXT2VDAB"),
        kind=label_text(SubmissionKind.APPLICATION),
        state=label_text(state),
        department=LABOUR,
        service=Text(
            "Registration of building and other construction workers",
            "भवन एवं अन्य सन्निर्माण कर्मकार पंजीकरण",
        ),
        name=name or Text("S***** D***", "सु**** दे**"),
        accepted_at=NOW,
        reference=reference,
        due_date=dt.date(2026, 12, 29),
        officer=Text("Assistant Labour Commissioner", "सहायक श्रम आयुक्त"),
        authority=Text("Deputy Labour Commissioner", "उप श्रम आयुक्त"),
        documents=[
            ReceiptDocument(document, "120 KB", "3f7a09c1d2e4b586"),
            ReceiptDocument("photo.jpg", "1.2 MB", "9b1c44e07ad3f215"),
        ],
        note=note_of(state, LABOUR, NOW + dt.timedelta(hours=2), has_task=False),
        is_open=state not in (SubmissionState.FAILED, SubmissionState.CANCELLED),
        language=Language.HI,
    )
