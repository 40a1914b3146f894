"""Sign-in on the page with GraphiQL, at a real provider."""

import json

from tests.browser.conftest import Tab
from tests.support.processes import Mock

ME = "{ me { personName { fullName } } }"
RAM_DEVI = "Signed in: Ram Devi (citizen 7KNL042101, Nissing, Karnal)"


async def test_the_page_opens_signed_in_as_the_citizen_of_the_demo(tab: Tab) -> None:
    await tab.open()
    assert await tab.session() == RAM_DEVI
    assert tab.page.url == tab.url
    await tab.write(ME)
    response = json.loads(await tab.run())
    assert response == {"data": {"me": {"personName": {"fullName": "RAM DEVI"}}}}


async def test_another_person_can_be_chosen(tab: Tab) -> None:
    await tab.open()
    await tab.page.get_by_role("button", name="Switch person").click()
    await tab.page.get_by_role("link", name="Kavita Sharma").wait_for()
    async with tab.loaded():
        await tab.page.get_by_role("link", name="Sunita Devi").first.click()
    other = await tab.session()
    assert other.startswith("Signed in: Sunita Devi (citizen 7KNL0421")
    await tab.write(ME)
    assert "SUNITA DEVI" in await tab.run()
    # The page keeps the person when it is loaded again.
    await tab.open()
    assert await tab.session() == other


async def test_a_signed_out_page_stays_signed_out(tab: Tab) -> None:
    await tab.open()
    await tab.page.get_by_role("button", name="Sign out").click()
    assert await tab.session() == "Not signed in"
    await tab.open()
    assert await tab.session() == "Not signed in"
    await tab.page.get_by_role("button", name="Sign in").click()
    async with tab.loaded():
        await tab.page.get_by_role("link", name="Sunita Verma").click()
    assert await tab.session() == (
        "Signed in: Sunita Verma (operator at the service centre karnal-saral)"
    )


async def test_the_purpose_is_sent_with_each_operation(tab: Tab) -> None:
    await tab.open()
    await tab.page.get_by_label("Purpose").select_option("To test the hub")
    await tab.write("{ __typename }")
    await tab.run()
    assert tab.purposes[0] == ""
    assert tab.purposes[-1] == "TESTING"


async def test_a_link_keeps_its_query_through_the_sign_in(tab: Tab) -> None:
    await tab.open("?query=%7B%20__typename%20%7D")
    assert tab.page.url == f"{tab.url}?query=%7B%20__typename%20%7D"
    assert await tab.text(".graphiql-query-editor") == "{ __typename }"
    assert await tab.session() == RAM_DEVI


async def test_the_page_works_without_the_provider(failing_tab: Tab, identity: Mock) -> None:
    identity.set_faults(error=1)
    await failing_tab.open()
    assert "the identity provider does not answer" in await failing_tab.session()
    await failing_tab.write("{ __typename }")
    assert json.loads(await failing_tab.run()) == {"data": {"__typename": "Query"}}


async def test_the_end_of_a_sign_in_is_shown(failing_tab: Tab, identity: Mock) -> None:
    identity.set_faults(expired_token=1)
    await failing_tab.open()
    assert await failing_tab.session() == "Your sign-in has ended."
    identity.clear_faults()
    await failing_tab.page.get_by_role("button", name="Sign in").click()
    async with failing_tab.loaded():
        await failing_tab.page.get_by_role("link", name="Ram Devi").click()
    assert await failing_tab.session() == RAM_DEVI
