"""The schema keeps the rules of `@graphql-eslint` for Relay."""

import pytest

from tests.portal.conftest import HERE, SCHEMA, Node
from tests.support.processes import PROJECT


@pytest.mark.timeout(600)
def test_the_rules_find_nothing(node: Node) -> None:
    configuration = ("--config", HERE / "eslint.config.js")
    node("node_modules/eslint/bin/eslint.js", *configuration, SCHEMA, folder=PROJECT)
