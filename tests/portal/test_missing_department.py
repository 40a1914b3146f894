"""The home page while one department is down."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.portal.conftest import Client
from tests.portal.portal_case import load
from tests.support.processes import Hub, Mock

pytestmark = pytest.mark.timeout(600)

NAMES = {
    "EN": "Social Justice & Empowerment",
    "HI": "सामाजिक न्याय एवं अधिकारिता विभाग",
}
WORDS = {"EN": "Since", "HI": " से "}
"""The word before or after the time since when the department is missing."""


@pytest.fixture
def without_pensions(demo: Hub, demo_mocks: dict[str, Mock]) -> Iterator[None]:
    demo_mocks["pensions"].set_faults(refuse=1)
    yield
    demo_mocks["pensions"].clear()
    demo.reopen()


@pytest.mark.usefixtures("without_pensions")
@pytest.mark.parametrize("language", ["EN", "HI"])
def test_the_page_is_shown_and_says_what_is_missing(language: str, client: Client) -> None:
    read = client("apollo", "home", lang=language)
    assert read["warnings"] == []
    # Apollo's default error policy throws away an answer that has `errors` beside its data.
    citizen = read["results"]["home"]["data"]["citizen"]
    whole = load("home").expected["data"]["citizen"]
    for name in ("applications", "benefits"):
        page = citizen[name]
        assert (page["totalCount"], page["isComplete"]) == (None, False)
        assert page.get("counts") is None
        (missing,) = [each for each in page["sources"] if each["state"] != "LIVE"]
        assert missing["department"]["name"] == NAMES[language]
        assert missing["since"] is not None
        assert NAMES[language] in missing["message"]
        assert WORDS[language] in missing["message"]
        assert is_hindi(missing["message"]) is (language == "HI")
    shown = {row["node"]["applicationReferenceNumber"] for row in citizen["applications"]["edges"]}
    assert shown == {
        number
        for row in whole["applications"]["edges"]
        if not (number := row["node"]["applicationReferenceNumber"]).startswith("SJE-")
    }
    for name in ("grievances", "certificates"):
        assert counts(citizen[name]) == counts(whole[name])


def is_hindi(text: str) -> bool:
    return any("\u0900" <= letter <= "\u097f" for letter in text)


def counts(page: dict[str, Any]) -> Any:
    groups = [(each["statusGroup"], each["count"]) for each in page.get("counts") or ()]
    return page["totalCount"], page["isComplete"], groups
