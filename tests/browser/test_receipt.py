"""Printed receipts in a real browser. `HUB_TESTS_PICTURES=docs/images` renews the picture there."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.async_api import Browser, Page

from hub.pages.receipt import ReceiptPage
from schema.language import Language
from tests.browser.conftest import RECORD_VIOLATIONS, SIZE
from tests.support.processes import Hub, Mock
from tests.support.receipts import NOW, receipt
from tests.support.sign_in import CITIZEN, token
from tests.support.uploads import BOUNDARY, jpeg, pdf, request_body

PAPER = {"A4": ("210mm", "297mm"), "A5": ("148mm", "210mm"), "A6": ("105mm", "148mm")}
PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
ATTACH = """
mutation ($file: Upload!, $citizen: String!, $key: String!) {
  attachDocument(input: {
    file: $file, citizen: {memberIdentifier: $citizen}, idempotencyKey: $key
  }) { attachment { attachmentId } problems { code } }
}
"""
COMPLAIN = """
mutation ($citizen: String!, $documents: [ID!]!) {
  fileGrievance(input: {
    citizen: {memberIdentifier: $citizen}, category: "GRV-STF", text: "No water since Monday.",
    documents: $documents, idempotencyKey: "receipt"
  }) { submission { receiptNumber receiptUrl documents { name } } problems { code message } }
}
"""
CONTRAST = """
() => {
  // The relative luminance and the contrast ratio of WCAG 2.2, 1.4.3.
  const light = color => {
    const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map(value => value / 255)
      .map(value => value <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  return Math.min(...[...document.querySelectorAll("main *")].map(element =>
    1.05 / (light(getComputedStyle(element).color) + .05)));
}
"""


def attach(hub: Hub, name: str, content: bytes) -> str:
    operations = {"query": ATTACH, "variables": {"file": None, "citizen": CITIZEN, "key": name}}
    reply = hub.client.post(
        hub.url,
        content=request_body(operations, [(name, content)]),
        headers={
            "content-type": f"multipart/form-data; boundary={BOUNDARY}",
            "graphql-require-preflight": "true",
            "authorization": f"Bearer {token()}",
        },
    ).json()
    attachment: str = reply["data"]["attachDocument"]["attachment"]["attachmentId"]
    return attachment


@pytest.fixture(scope="module")
def address(departments: dict[str, Mock]) -> Iterator[str]:
    """The address of the receipt of a complaint with two documents."""
    hub = Hub(departments)
    try:
        documents = [attach(hub, "बिल.pdf", pdf()), attach(hub, "photo.jpg", jpeg())]
        payload = hub.data(COMPLAIN, citizen=CITIZEN, documents=documents)["fileGrievance"]
        assert payload["problems"] == []
        path: str = payload["submission"]["receiptUrl"]
        yield urljoin(hub.url, path)
    finally:
        hub.stop()


async def opened(browser: Browser, address: str) -> Page:
    page = await browser.new_page(viewport=SIZE, java_script_enabled=True)
    await page.add_init_script(RECORD_VIOLATIONS)
    await page.goto(address)
    return page


async def test_a_receipt_of_the_hub_opens_in_both_languages(browser: Browser, address: str) -> None:
    page = await opened(browser, address)
    assert await page.get_attribute("html", "lang") == "hi"
    assert await page.get_by_text("बिल.pdf").count() == 1
    assert await page.evaluate("document.fonts.ready.then(fonts => fonts.size)") > 0
    loaded = await page.evaluate("document.fonts.check('16px \"Hub Devanagari\"', 'रसीद')")
    assert loaded
    assert await page.evaluate("window.violations") == []
    await page.get_by_role("link", name="English").click()
    assert await page.get_attribute("html", "lang") == "en"
    number = await page.locator("h1 strong").inner_text()
    assert re.fullmatch(r"CH\w\w( \w{4}){2} \w{3}", number)
    await page.close()


async def test_a_receipt_needs_no_script(browser: Browser, address: str) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(address)
    assert await page.locator("dl > div").count() >= 4
    await context.close()


@pytest.mark.parametrize("lang", list(Language))
@pytest.mark.parametrize("paper", PAPER)
async def test_a_receipt_is_one_page_on_any_paper(
    browser: Browser, address: str, lang: Language, paper: str
) -> None:
    page = await opened(browser, f"{address}?lang={lang.name.lower()}")
    width, height = PAPER[paper]
    printed = await page.pdf(width=width, height=height)
    assert len(PAGE.findall(printed)) == 1
    # The longest usual one: an application with a time limit.
    await page.set_content(ReceiptPage().receipt(receipt(reference="LAB/2026/4711"), lang, NOW))
    printed = await page.pdf(width=width, height=height)
    assert len(PAGE.findall(printed)) == 1
    await page.close()


@pytest.mark.parametrize("width", [320, 800])
async def test_a_receipt_can_be_read_by_everybody(
    browser: Browser, address: str, width: int
) -> None:
    page = await opened(browser, address)
    await page.set_viewport_size({"width": width, "height": 800})
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await page.evaluate(CONTRAST) >= 4.5
    assert await page.locator("h1").count() == 1
    assert await page.locator("main").count() == 1
    tree = await page.locator("body").aria_snapshot()
    assert 'heading "रसीद संख्या' in tree
    assert (
        await page.locator("dl > div > dt").count() == await page.locator("dl > div > dd").count()
    )
    await page.close()


async def test_the_picture_of_the_documentation(browser: Browser, address: str) -> None:
    page = await opened(browser, address)
    assert await page.title()
    if folder := os.environ.get("HUB_TESTS_PICTURES"):
        await page.route(
            "**/example",
            lambda route: route.fulfill(
                body=ReceiptPage().receipt(receipt(), Language.HI, NOW), content_type="text/html"
            ),
        )
        await page.goto(urljoin(address, "example"))
        await page.set_viewport_size({"width": 760, "height": 720})
        await page.evaluate("document.fonts.ready")
        await page.screenshot(path=Path(folder, "receipt.png"))
    await page.close()
