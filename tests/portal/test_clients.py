"""The caches of three GraphQL clients store the answers of the hub without a warning."""

from pathlib import Path

import pytest

from tests.portal.conftest import Client, Node
from tests.portal.portal_case import NAMES
from tests.portal.relay_modules import write_modules

pytestmark = pytest.mark.timeout(600)


def test_apollo_stores_every_answer(client: Client) -> None:
    read = client("apollo")
    assert read["warnings"] == []
    entities = {key.partition(":")[0] for key in read["results"].pop("entities")}
    assert {"Citizen", "Application", "Benefit", "Certificate", "Grievance"} <= entities
    assert all("data" in result for result in read["results"].values())
    assert list(read["results"]) == NAMES


def test_graphcache_stores_every_answer(client: Client) -> None:
    read = client("urql")
    assert read["warnings"] == []
    assert all("data" in result for result in read["results"].values())
    assert list(read["results"]) == NAMES


def test_relay_accepts_every_connection_and_stores_every_answer(
    client: Client, node: Node, tmp_path: Path
) -> None:
    connections = write_modules(tmp_path)
    assert "Citizen.applications" in connections
    node("node_modules/relay-compiler/cli.js", "relay.config.json", folder=tmp_path)
    read = client("relay", folder=tmp_path)
    assert read["warnings"] == []
    assert read["results"].pop("records") > 0
    assert read["results"] == {name: {"status": "available"} for name in NAMES}
