"""Starting and stopping of mocks."""

import signal
import socket
import subprocess
import time

import pytest

from tests.support.processes import PROJECT, Mock, module_command


def test_a_mock_prints_its_addresses(helpdesk: Mock) -> None:
    assert set(helpdesk.ready) == {"mock", "url", "control", "citizens"}
    assert helpdesk.ready["mock"] == "helpdesk"
    assert helpdesk.ready["control"] == f"{helpdesk.url}/_mock"


@pytest.mark.parametrize("name", ["registry", "certificates"])
def test_a_busy_port_is_reported_with_exit_status_2(name: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            module_command("mocks", name, "--port", port),
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert port in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_mock_stops_soon_even_with_a_hanging_request(number: signal.Signals) -> None:
    mock = Mock("registry")
    mock.set_faults(hang=1)
    host, port = mock.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as hanging:
        hanging.sendall(b"GET /families/x HTTP/1.1\r\nHost: x\r\n\r\n")
        time.sleep(0.1)
        # The request never ends, so the mock must not wait for it.
        status, output, errors = mock.stop(number)
    assert (status, output, errors) == (0, "", "")
