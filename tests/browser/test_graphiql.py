"""GraphiQL in a real browser. `HUB_TESTS_PICTURES=docs/images` renews the picture there."""

import json
import re
from typing import Any

from playwright.async_api import Browser

from mocks.lab.demo import EXAMPLES
from tests.browser.conftest import RECORD_VIOLATIONS, SETTLE_MS, SIZE, Tab
from tests.support.processes import Hub

DEVANAGARI = re.compile(r"[\u0900-\u097f]+")


async def test_every_part_of_the_page_opens(tab: Tab) -> None:
    await tab.open()
    page = tab.page
    names = await page.locator(".graphiql-tab").all_inner_texts()
    assert [name.strip() for name in names] == [name.title() for name in EXAMPLES]
    for label in ("Show Documentation Explorer", "Show History", "Show GraphiQL Explorer"):
        await page.get_by_label(label).click()
        await page.locator(".graphiql-plugin").wait_for()
    for label in ("Open short keys dialog", "Open settings dialog"):
        await page.get_by_label(label).click()
        await page.locator(".graphiql-dialog").wait_for()
        await page.keyboard.press("Escape")


async def test_a_query_of_the_demo_runs(tab: Tab) -> None:
    await tab.open()
    response: dict[str, Any] = json.loads(await tab.run())
    assert "errors" not in response
    assert response["data"]["me"]["family"]


async def test_hindi_is_shown_in_the_font_of_the_hub(tab: Tab) -> None:
    await tab.open()
    await tab.choose("Track")
    response = await tab.run()
    words = DEVANAGARI.search(response)
    assert words is not None, response
    await tab.page.get_by_text(words.group()).first.evaluate("node => { node.id = 'hindi'; }")
    devtools = await tab.page.context.new_cdp_session(tab.page)
    await devtools.send("DOM.enable")
    await devtools.send("CSS.enable")
    root = (await devtools.send("DOM.getDocument"))["root"]["nodeId"]
    query = {"nodeId": root, "selector": "#hindi"}
    node = (await devtools.send("DOM.querySelector", query))["nodeId"]
    used = (await devtools.send("CSS.getPlatformFontsForNode", {"nodeId": node}))["fonts"]
    own = [font for font in used if font["isCustomFont"]]
    assert sum(font["glyphCount"] for font in own) >= len(words.group()) / 2, used
    await tab.picture("graphiql.png")


async def test_an_unknown_field_is_marked(tab: Tab) -> None:
    await tab.open()
    await tab.page.evaluate(
        "document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror"
        ".setValue('{ unknownField }')"
    )
    await tab.page.locator(".CodeMirror-lint-mark-error").first.hover()
    await tab.page.locator(".CodeMirror-lint-tooltip").wait_for()


async def test_the_explorer_writes_the_query(tab: Tab) -> None:
    await tab.open()
    await tab.choose("Services")
    await tab.page.get_by_label("Show GraphiQL Explorer").click()
    assert "departments" not in await tab.text(".graphiql-query-editor")
    field = tab.page.locator(".graphiql-explorer-root").get_by_text("departments", exact=True)
    await field.click()
    await tab.wait_for_text(".graphiql-query-editor", "departments")


async def test_a_link_shows_its_query_and_does_not_run_it(tab: Tab) -> None:
    await tab.open("?query=%7B%20departments%20%7B%20identifier%20%7D%20%7D")
    assert await tab.text(".graphiql-query-editor") == "{ departments { identifier } }"
    names = {json.loads(each)["query"].split()[1] for each in tab.operations}
    assert names == {"IntrospectionQuery", "Purposes"}
    await tab.open()
    assert len(await tab.page.locator(".graphiql-tab").all()) == len(EXAMPLES) + 1


async def test_violations_are_recorded(browser: Browser, demo: Hub) -> None:
    page = await browser.new_page(viewport=SIZE)
    await page.add_init_script(RECORD_VIOLATIONS)
    await page.goto(demo.url)
    await page.locator("#session span").wait_for()
    await page.evaluate("document.body.append(Object.assign(new Image(), {src: 'data:,'}))")
    await page.wait_for_timeout(SETTLE_MS)
    assert await page.evaluate("window.violations") == ["img-src data"]
    await page.close()
