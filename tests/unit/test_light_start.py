"""Starting the hub does not import libraries that only some departments need."""

import subprocess
import sys

HEAVY = {"asyncssh", "cel", "hypothesis", "prompt_toolkit", "pytest"}
"""Libraries for single connectors, for commands and for tests."""


def test_heavy_libraries_are_not_imported_at_start() -> None:
    program = "import sys, hub.cli.server; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    imported = {name.partition(".")[0] for name in done.stdout.decode().split()}
    assert imported & HEAVY == set()
    assert "strawberry" in imported
