"""Runs the `hub` command inside the test process."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from hub.cli.main import main
from mocks.command import main as run_mocks_command

RunInProcess = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run_in_process(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> RunInProcess:
    """Run a command that ends before it starts any process: faster than a process of its own."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["hub", *arguments])
        # The lab's commands replace the process by `python -m mocks COMMAND ...`.
        monkeypatch.setattr(os, "execv", lambda _, words: sys.exit(run_mocks_command(words[3:])))
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        return subprocess.CompletedProcess(arguments, code, captured.out, captured.err)

    return run
