"""A real browser: Debian's Chromium, driven by Playwright."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Request, ViewportSize, async_playwright

from mocks.lab.demo import write_examples
from mocks.lab.sign_in import sign_in_settings
from tests.support.processes import Hub, Mock

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZE: ViewportSize = {"width": 1280, "height": 800}
SETTLE_MS = 500
"""GraphiQL fills its editors and finds the operation's name 100 ms after a change."""
WAIT_SECONDS = 20.0
RECORD_VIOLATIONS = """
    window.violations = [];
    addEventListener("securitypolicyviolation", event =>
        window.violations.push(`${event.effectiveDirective} ${event.blockedURI}`));
"""


def chromium() -> str:
    """Return the path of Chromium. Skip the test if there is none, unless `.ci/run` needs it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if os.environ.get("HUB_TESTS_NEED_CHROMIUM"):
            pytest.fail("Chromium is missing, although HUB_TESTS_NEED_CHROMIUM is set.")
        pytest.skip("needs Chromium: apt-get install chromium")
    return found


@pytest.fixture(scope="package")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        await running.close()


@pytest.fixture(scope="package")
def identity() -> Iterator[Mock]:
    mock = Mock("identity")
    yield mock
    mock.stop()


@pytest.fixture(scope="package")
def demo(
    departments: dict[str, Mock],
    population: Mock,
    identity: Mock,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Hub]:
    """A hub that shows the demo's queries, and signs people in as the demo does."""
    family = population.http.get("/population/demo-family").json()
    folder = tmp_path_factory.mktemp("demo")
    examples = write_examples(folder, family)
    hub = Hub(
        departments,
        HUB_GRAPHIQL_EXAMPLES=str(examples),
        **sign_in_settings(folder, identity.url),
    )
    yield hub
    hub.stop()


@dataclass
class Tab:
    """A tab of the browser, and what happened in it.

    Attributes:
        page: Playwright's page.
        url: address of the hub.
        problems: errors on the console, and errors of scripts.
        hosts: hosts and ports of all requests.
        operations: bodies of the requests with POST to the hub.
        purposes: header `Hub-Purpose` of each operation.
    """

    page: Page
    url: str
    problems: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    operations: list[str] = field(default_factory=list)
    purposes: list[str] = field(default_factory=list)

    def record(self) -> None:
        self.page.on("console", lambda message: self._log(message.type, message.text))
        self.page.on("pageerror", lambda error: self._log("error", str(error)))
        self.page.on("request", self._request)

    def _log(self, kind: str, text: str) -> None:
        if kind == "error":
            self.problems.append(f"{kind}: {text}")

    def _request(self, request: Request) -> None:
        self.hosts.add(urlsplit(request.url).netloc)
        if request.post_data is not None and request.url == self.url:
            self.operations.append(request.post_data)
            self.purposes.append(request.headers.get("hub-purpose", ""))

    async def violations(self) -> list[str]:
        """Return what the page's Content-Security-Policy has blocked."""
        found: list[str] = await self.page.evaluate("window.violations")
        return found

    async def open(self, query: str = "") -> None:
        """Open GraphiQL and wait until it knows the schema."""
        async with self.loaded():
            await self.page.goto(self.url + query)

    @asynccontextmanager
    async def loaded(self) -> AsyncIterator[None]:
        """After the block, wait until GraphiQL knows the schema."""
        async with self.page.expect_response(lambda reply: self._is_introspection(reply.request)):
            yield
            await self.page.locator(".graphiql-execute-button").wait_for()
        await self.page.wait_for_timeout(SETTLE_MS)

    def _is_introspection(self, request: Request) -> bool:
        return request.url == self.url and "IntrospectionQuery" in (request.post_data or "")

    async def session(self) -> str:
        """Return what the bar above GraphiQL says about the signed-in person."""
        return await self.page.locator("#session span").inner_text()

    async def write(self, query: str) -> None:
        """Replace the query of the open tab."""
        editor = "document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror"
        await self.page.evaluate(f"{editor}.setValue({json.dumps(query)})")
        await self.page.wait_for_timeout(SETTLE_MS)

    async def choose(self, name: str) -> None:
        """Choose a tab of GraphiQL."""
        await self.page.get_by_role("tab", name=name).click()
        await self.page.wait_for_timeout(SETTLE_MS)

    async def run(self) -> str:
        """Run the query of the open tab. Return the response that GraphiQL shows."""
        await self.page.locator(".graphiql-execute-button").click()
        return await self.wait_for_text(".result-window", "}")

    async def text(self, editor: str) -> str:
        """Return the text of an editor."""
        found: str = await self.page.evaluate(
            f"document.querySelector('{editor} .CodeMirror').CodeMirror.getValue()"
        )
        return found

    async def wait_for_text(self, editor: str, part: str) -> str:
        """Wait until an editor contains a text. Return its whole text."""
        # Playwright's own `wait_for_function` needs `eval`, which the page's policy forbids.
        async with asyncio.timeout(WAIT_SECONDS):
            while part not in (found := await self.text(editor)):
                await self.page.wait_for_timeout(50)
        return found

    async def picture(self, name: str) -> None:
        """Save a picture of the page in the folder `HUB_TESTS_PICTURES`, if that is set."""
        if folder := os.environ.get("HUB_TESTS_PICTURES"):
            await self.page.mouse.move(0, 0)
            await self.page.screenshot(path=Path(folder, name))


@pytest.fixture
async def failing_tab(browser: Browser, demo: Hub, identity: Mock) -> AsyncIterator[Tab]:
    """A new tab in which requests may fail. After the test: no request to another host."""
    page = await browser.new_page(viewport=SIZE)
    await page.add_init_script(RECORD_VIOLATIONS)
    opened = Tab(page, demo.url)
    opened.record()
    yield opened
    violations = await opened.violations()
    await page.close()
    identity.clear()
    assert not violations
    assert opened.hosts == {urlsplit(demo.url).netloc, urlsplit(identity.url).netloc}


@pytest.fixture
def tab(failing_tab: Tab) -> Iterator[Tab]:
    """The same, without a problem."""
    yield failing_tab
    assert not failing_tab.problems
