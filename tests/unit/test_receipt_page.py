"""The printable receipt of a submission."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from hub.access import Principal, Role
from hub.access.policy import Level
from hub.access.signed_addresses import ReceiptAddresses
from hub.durable.attachments import Attachment
from hub.durable.model import Content, Sender, Submission
from hub.http.receipts import ReceiptEndpoint
from hub.pages.receipt import CONTENT_POLICY, ReceiptPage, Receipts, grouped
from schema.errors import HubError
from schema.language import Language, Text
from schema.service import ProcessingTimeUnit
from schema.submission_state import SubmissionKind, SubmissionState
from schema.working_days import WorkingDays
from tests.support.ids import IDS
from tests.support.receipts import LABOUR, NOW, receipt

NUMBER = "CH7K3M9QXT2VDAB"


class Tags(HTMLParser):
    """Collects the tags and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs


def page_of(lang: Language = Language.EN, **given: Any) -> str:
    return ReceiptPage().receipt(receipt(**given), lang, NOW)


def test_a_receipt_shows_what_the_citizen_needs() -> None:
    page = page_of()
    for shown in (
        "CH7K 3M9Q XT2V DAB",
        "Registration of building",
        "Labour Department",
        "S***** D***",
        "29-11-2026 06:00 (Indian time)",
        "not known yet",
        "29-12-2026",
        "SHA-256 <code>3f7a09c1d2e4b586…",
        "Assistant Labour Commissioner",
        "Deputy Labour Commissioner",
        "We try again on 29-11-2026 08:00.",
        "valid even while the department is closed",
        'lang="en"',
    ):
        assert shown in page


def test_a_receipt_is_in_hindi_too() -> None:
    page = page_of(Language.HI)
    for shown in ("रसीद संख्या", "श्रम विभाग", "सु**** दे**", "भवन एवं अन्य", "उप श्रम आयुक्त", "?lang=en"):
        assert shown in page
    assert "Labour" not in page


def test_a_receipt_shows_the_number_of_the_department_when_it_is_known() -> None:
    page = page_of(reference="LAB/2026/004711", state=SubmissionState.ACKNOWLEDGED)
    assert "LAB/2026/004711" in page
    assert "last four digits" in page
    assert "not known yet" not in page


def test_a_cancelled_submission_has_no_valid_receipt() -> None:
    assert "valid even" not in page_of(state=SubmissionState.CANCELLED)


def test_every_value_is_escaped() -> None:
    attack = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    page = page_of(name=Text(attack), reference=attack, document=attack)
    assert not {"script", "img"} & set(Tags(page).names)
    assert "&lt;script&gt;" in page


def test_the_page_needs_no_script_and_loads_nothing_from_elsewhere() -> None:
    tags = Tags(page_of())
    assert "script" not in tags.names
    assert not [name for name, _ in tags.attributes if name.startswith("on") or name == "style"]
    links = {value for name, value in tags.attributes if name in ("href", "src")}
    assert links == {"?lang=hi"}
    assert "'unsafe" not in CONTENT_POLICY


@pytest.mark.parametrize(
    ("number", "shown"), [(NUMBER, "CH7K 3M9Q XT2V DAB"), ("", ""), ("CH1", "CH1")]
)
def test_a_number_is_shown_in_groups(number: str, shown: str) -> None:
    assert grouped(number) == shown


class FakeService:
    """A service of the catalogue."""

    is_notified = True
    processing_time = 5
    processing_time_unit = ProcessingTimeUnit.WORKING
    name_text = Text("Old age pension", "वृद्धावस्था पेंशन")
    designated_officer_text = None
    first_authority_text = Text("Deputy Director")


class FakeCatalogue:
    working_days = WorkingDays()

    def department(self, identifier: str) -> Any:
        return type("Department", (), {"name_text": LABOUR}) if identifier == "labour" else None

    def service(self, code: str | None) -> Any:
        return FakeService if code == "PEN" else None


class FakeAttachments:
    async def of_receipt(self, number: str) -> list[Attachment]:
        return [Attachment("ab" * 16, "", "a.pdf", "application/pdf", 700, "cd" * 32, NOW, number)]


class FakeSubmissions:
    def __init__(self, submission: Submission | None) -> None:
        self._submission = submission

    async def by_receipt(self, _number: str) -> Submission | None:
        return self._submission


SUBMISSION = Submission(
    number=1,
    receipt=NUMBER,
    state=SubmissionState.NOT_SENT,
    kind=SubmissionKind.APPLICATION,
    department="labour",
    service="PEN",
    member="7KNL042101",
    sender=Sender(Principal(Role.CITIZEN, "7KNL042101")),
    content=Content(facts={"applicant_name": "RAM DEVI", "applicant_name_local": "राम देवी"}),
    reference=None,
    token=None,
    attempts=0,
    accepted_at=NOW,
    updated_at=NOW,
)


def receipts(submission: Submission | None) -> Receipts:
    parts: Any = (FakeSubmissions(submission), FakeAttachments(), FakeCatalogue())
    return Receipts(*parts)


@pytest.mark.parametrize(
    ("level", "name"),
    [
        (Level.PLAIN, Text("RAM DEVI", "राम देवी")),
        (Level.MASKED, Text("R** D***", "र** द***")),
        (Level.NONE, None),
    ],
)
async def test_the_name_is_shown_as_the_viewer_may_see_it(level: Level, name: Text | None) -> None:
    shown = await receipts(SUBMISSION).read(NUMBER, level)
    assert shown.name == name
    assert shown.due_date == dt.date(2026, 12, 4)
    assert [each.sha256 for each in shown.documents] == ["cd" * 8]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": SubmissionKind.GRIEVANCE},
        {"service": None},
        {"state": SubmissionState.CANCELLED},
    ],
)
async def test_only_a_notified_service_has_a_time_limit(change: Mapping[str, Any]) -> None:
    assert (await receipts(replace(SUBMISSION, **change)).read(NUMBER, Level.NONE)).due_date is None


async def test_a_receipt_outlives_its_department_and_its_content() -> None:
    submission = replace(SUBMISSION, department="closed", content=Content())
    shown = await receipts(submission).read(NUMBER, Level.PLAIN)
    assert (shown.department, shown.name) == (Text("closed"), None)


async def test_an_unknown_receipt_is_not_found() -> None:
    with pytest.raises(HubError, match="no receipt"):
        await receipts(None).read(NUMBER, Level.PLAIN)


class Room:
    """An admission that always has room."""

    def check_room(self, _scope: Any) -> None:
        return


async def response(
    path: str, query: str = "", method: str = "GET"
) -> tuple[int, dict[str, str], str]:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    addresses = ReceiptAddresses(IDS, 300, "", lambda: NOW.timestamp())
    endpoint = ReceiptEndpoint(addresses, receipts(SUBMISSION), Room())  # type: ignore[arg-type]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [],
    }
    await endpoint(scope, None, send)  # type: ignore[arg-type]
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"].decode(errors="replace")


def address(seconds: int = 0) -> str:
    addresses = ReceiptAddresses(IDS, 300, "", lambda: NOW.timestamp() - seconds)
    return addresses.address_of(NUMBER, Level.MASKED)[0]


async def test_a_receipt_is_served_at_its_address() -> None:
    status, headers, page = await response(address(), "lang=en")
    assert status == 200
    assert "R** D***" in page
    assert headers["content-security-policy"] == CONTENT_POLICY
    assert headers["cache-control"] == "no-store"
    assert int(headers["content-length"]) == len(page.encode())
    assert "रसीद" in (await response(address()))[2]
    assert "रसीद" in (await response(address(), "lang=xx"))[2]
    assert (await response(address(), method="HEAD"))[2] == ""
    assert (await response(address(), method="POST"))[0] == 405


async def test_an_old_or_wrong_address_says_what_to_do() -> None:
    for path in (address(300), "/receipts/", "/receipts/zzzz", address()[:-1]):
        status, headers, page = await response(path)
        assert status == 404
        assert "Open the receipt again" in page
        assert headers["content-type"] == "text/html; charset=utf-8"


async def test_the_font_is_served_beside_the_receipts() -> None:
    status, headers, _ = await response("/receipts/noto-sans-devanagari.woff2")
    assert (status, headers["content-type"]) == (200, "font/woff2")
