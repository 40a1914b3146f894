"""GraphiQL's page and files, as the hub serves them."""

import re

import httpx
import pytest

from tests.support.processes import Hub, Mock

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_the_page_allows_only_its_own_files(hub: Hub) -> None:
    reply = httpx.get(hub.url, headers=BROWSER, trust_env=False)
    policy = reply.headers["content-security-policy"]
    assert policy.startswith("default-src 'self';")
    assert "unsafe" not in policy
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["vary"] == "Accept"


def test_a_link_to_a_query_opens_the_page_and_does_not_run_the_query(hub: Hub) -> None:
    reply = httpx.get(hub.url, params={"query": "{ me { id } }"}, headers=BROWSER, trust_env=False)
    assert reply.headers["content-type"].startswith("text/html")


def test_browsers_keep_the_files_of_this_version(hub: Hub) -> None:
    page = httpx.get(hub.url, headers=BROWSER, trust_env=False).text
    paths = re.findall(r'(?:href|src)="(graphql/static/[^"]+)"', page)
    assert len(paths) == 10
    for path in paths:
        reply = httpx.get(hub.url.replace("graphql", path), trust_env=False)
        assert reply.status_code == 200
        assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["content-encoding"] in ("br", "gzip")
        other_version = re.sub(r"static/\w+", "static/0123", path)
        reply = httpx.get(hub.url.replace("graphql", other_version), trust_env=False)
        assert (reply.status_code, reply.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize("name", ["nothing.js", "lock.json", "page.html", "..%2fsettings.py"])
def test_other_files_are_not_served(name: str, hub: Hub) -> None:
    url = hub.url.replace("graphql", f"graphql/static/0123/{name}")
    assert httpx.get(url, trust_env=False).status_code == 404


def test_the_page_can_be_switched_off(departments: dict[str, Mock]) -> None:
    hub = Hub({"registry": departments["registry"]}, HUB_GRAPHIQL="false")
    try:
        assert httpx.get(hub.url, headers=BROWSER, trust_env=False).status_code == 400
        url = hub.url.replace("graphql", "graphql/static/0123/react.js")
        assert httpx.get(url, trust_env=False).status_code == 404
    finally:
        hub.stop()
