"""The files of GraphiQL are the published ones, and load nothing from other servers."""

import json
import re
from pathlib import Path

import pytest

from hub.http.query_page import (
    SCRIPTS,
    STATIC,
    STYLES,
    ExamplesError,
    PageSignIn,
    QueryPage,
    read_examples,
)
from tests.support.graphiql_files import FILES, LOCK, sha384

LOCKED = {each["file"]: each for each in json.loads(LOCK.read_text(encoding="utf-8"))}
OWN = {"icon.svg", "lock.json", "NOTICE.md", "page.css", "page.html", "sign-in.js", "start.js"}


@pytest.mark.parametrize("name", sorted(LOCKED))
def test_each_file_has_the_hash_of_the_lock_file(name: str) -> None:
    assert sha384((STATIC / name).read_bytes()) == LOCKED[name]["sha384"]


def test_the_lock_file_lists_each_file_of_another_project() -> None:
    found = {each.name for each in STATIC.iterdir() if each.is_file()}
    assert found - OWN == set(LOCKED) == set(FILES)
    for name, (package, path, licence) in FILES.items():
        entry = LOCKED[name]
        assert f"{entry['name']}@{entry['version']}" == package
        assert (entry["path"], entry["licence"]) == (path, licence)


def test_the_notice_lists_each_file_and_its_licence() -> None:
    notice = (STATIC / "NOTICE.md").read_text(encoding="utf-8")
    for name, entry in LOCKED.items():
        assert f"`{name}`" in notice
        assert entry["name"] in notice
    for path in re.findall(r"\]\((licences/.+?)\)", notice):
        assert (STATIC / path).is_file()


def test_style_sheets_load_only_the_font() -> None:
    loaded = [
        url
        for name in STYLES
        for url in re.findall(r"url\((.*?)\)|@import", (STATIC / name).read_text(encoding="utf-8"))
    ]
    assert loaded == ['"noto-sans-devanagari.woff2"']


def test_the_page_uses_each_file() -> None:
    page = bytes(QueryPage(STATIC / "examples").page().body).decode()
    for name in (*STYLES, *SCRIPTS, "icon.svg"):
        assert f"/{name}" in page


def test_the_page_may_connect_to_the_issuer_only() -> None:
    examples = STATIC / "examples"
    policy = QueryPage(examples).page().headers["content-security-policy"]
    assert "connect-src" not in policy
    signed_in = QueryPage(examples, PageSignIn("https://id.example:8443/realm", "page")).page()
    given = signed_in.headers["content-security-policy"]
    assert given == f"{policy}; connect-src 'self' https://id.example:8443"
    assert (
        '{"issuer":"https://id.example:8443/realm","client":"page"}'
        in bytes(signed_in.body).decode()
    )


def test_examples_get_the_variables_that_they_use(tmp_path: Path) -> None:
    (tmp_path / "b.graphql").write_text(
        "query B($id: String!, $x: Int) { citizen(by: {memberIdentifier: $id}) { id } }"
    )
    (tmp_path / "a.graphql").write_text("{ me { id } } # </script>")
    (tmp_path / "variables.json").write_text('{"id": "मैं", "other": 1}')
    first, second = read_examples(tmp_path)
    assert first == {"query": "{ me { id } } # </script>", "variables": ""}
    assert json.loads(second["variables"]) == {"id": "मैं"}
    page = bytes(QueryPage(tmp_path).page().body).decode()
    # The end tag in the example is escaped.
    assert page.count("</script>") == len(SCRIPTS) + 2


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_wrong_examples_are_reported(content: str | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "a.graphql").write_text("{ me { id } }")
        (tmp_path / "variables.json").write_text(content)
    with pytest.raises(ExamplesError, match="HUB_GRAPHIQL_EXAMPLES"):
        read_examples(tmp_path)
