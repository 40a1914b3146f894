"""What a hub brings in before it knows what its departments need."""

import subprocess
import sys

HEAVY = {"asyncssh", "cel", "hypothesis", "prompt_toolkit", "pytest"}
"""Libraries of one kind of connector or rule, of commands and of tests."""


def test_a_hub_starts_without_what_only_some_departments_need() -> None:
    program = "import sys, hub.cli.serving; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    brought_in = {name.partition(".")[0] for name in done.stdout.decode().split()}
    assert brought_in & HEAVY == set()
    assert "strawberry" in brought_in
