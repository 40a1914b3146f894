"""graphql-codegen writes types of the schema and the operations, without `any` or `unknown`."""

import re
import shutil
from pathlib import Path

import pytest

from tests.portal.conftest import HERE, SCHEMA, Node
from tests.portal.portal_case import FOLDER

COMMENT = re.compile(r"^\s*(/\*\*|\*|//)")
HELPER = "type Exact<T extends { [key: string]: unknown }>"
"""A helper type that the plugin writes before the operations."""
STRICT = (
    *("--strict", "--noEmit", "--noUnusedLocals", "--exactOptionalPropertyTypes"),
    *("--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler"),
)


@pytest.mark.timeout(600)
def test_every_value_has_a_type(node: Node, tmp_path: Path) -> None:
    node("codegen.js", SCHEMA, FOLDER, tmp_path)
    shutil.copy(HERE / "uses.ts", tmp_path)
    for name in ("schema.ts", "operations.ts"):
        lines = (tmp_path / name).read_text().splitlines()
        loose = [
            line
            for line in lines
            if re.search(r"\b(any|unknown)\b", line)
            and not COMMENT.match(line)
            and HELPER not in line
        ]
        assert loose == []
    node("node_modules/typescript/bin/tsc", *STRICT, *sorted(tmp_path.glob("*.ts")))
