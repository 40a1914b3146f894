"""Deliveries on a real SFTP server."""

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from adapters.contract import DepartmentAuthError, DepartmentUnreachableError
from adapters.manifest import ManifestError
from mocks.call_counts import CallCounts
from mocks.post_matric.sftp import PASSWORD, public_host_key, serve_folder
from tests.connectors.deliveries import FIXED, NOON, DeliveryFolder, detail, fixed_file
from tests.connectors.manifests import rows_of

MADE = NOON.replace(hour=0, minute=2)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[tuple[int, CallCounts]]:
    """Serve the test's folder; return the port and the counted calls."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    calls = CallCounts()
    acceptor = await serve_folder(tmp_path, listener, calls)
    yield listener.getsockname()[1], calls
    acceptor.close()
    await acceptor.wait_closed()


@pytest.fixture
def deliveries(
    tmp_path: Path, server: tuple[int, CallCounts], monkeypatch: pytest.MonkeyPatch
) -> DeliveryFolder:
    """A delivery folder that is read over SFTP."""
    monkeypatch.setenv("TESTED_PASSWORD", PASSWORD)
    deliveries = DeliveryFolder(tmp_path, FIXED)
    deliveries.connect(**over(server))
    return deliveries


def over(server: tuple[int, CallCounts], **changes: Any) -> dict[str, Any]:
    return {
        "url": f"sftp://hub_reader@127.0.0.1:{server[0]}/deliveries",
        "password": "${env:TESTED_PASSWORD}",
        "host_key": public_host_key(),
        **changes,
    }


async def test_each_file_is_downloaded_once(
    deliveries: DeliveryFolder, server: tuple[int, CallCounts]
) -> None:
    lines = [detail(f"R{n:05d}") for n in range(8000)]
    await deliveries.deliver("F_20261124.txt", fixed_file(MADE, lines))
    await deliveries.deliver(
        "F_20261125.txt", fixed_file(MADE, [detail("R1", "P2")[:-1], detail("R2", "P3")])
    )
    found = await rows_of(deliveries.adapter, "P1", "P2")
    assert [len(rows.records) for rows in found.values()] == [8000, 0]
    assert await deliveries.problems() == ["F_20261125.txt:2: it has 79 bytes, not 80"]
    await deliveries.poll()
    assert server[1].summary()["by_operation"]["read"] == 2
    await deliveries.adapter.close()


async def test_a_wrong_password_is_an_authentication_error(
    deliveries: DeliveryFolder, server: tuple[int, CallCounts], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TESTED_PASSWORD", "wrong")
    deliveries.connect(**over(server))
    with pytest.raises(DepartmentAuthError) as caught:
        await rows_of(deliveries.adapter, "P1")
    assert "wrong" not in caught.value.message
    await deliveries.adapter.close()


async def test_a_server_with_another_host_key_is_refused(
    deliveries: DeliveryFolder, server: tuple[int, CallCounts]
) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    deliveries.connect(**over(server, host_key=other))
    with pytest.raises(DepartmentAuthError):
        await rows_of(deliveries.adapter, "P1")
    assert server[1].summary()["total"] == 0
    await deliveries.adapter.close()


async def test_the_client_key_is_offered(
    deliveries: DeliveryFolder, server: tuple[int, CallCounts], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server accepts no keys, so the hub's key is offered and then refused."""
    key = asyncssh.generate_private_key("ssh-ed25519").export_private_key().decode()
    monkeypatch.setenv("TESTED_KEY", key)
    deliveries.connect(**over(server, password=None, client_key="${env:TESTED_KEY}"))
    with pytest.raises(DepartmentAuthError):
        await rows_of(deliveries.adapter, "P1")
    await deliveries.adapter.close()


@pytest.mark.parametrize("path", ["/nowhere", "/deliveries/../../etc"])
async def test_a_missing_folder_is_reported(
    deliveries: DeliveryFolder, server: tuple[int, CallCounts], path: str
) -> None:
    deliveries.connect(**over(server, url=f"sftp://hub_reader@127.0.0.1:{server[0]}{path}"))
    with pytest.raises(DepartmentUnreachableError):
        await rows_of(deliveries.adapter, "P1")
    await deliveries.adapter.close()


async def test_an_unreachable_server_is_reported(
    deliveries: DeliveryFolder, server: tuple[int, CallCounts]
) -> None:
    deliveries.connect(**over(server, url="sftp://hub_reader@127.0.0.1:1/deliveries"))
    with pytest.raises(DepartmentUnreachableError):
        await rows_of(deliveries.adapter, "P1")
    await deliveries.adapter.close()


async def test_the_hubs_account_can_only_read(
    deliveries: DeliveryFolder, server: tuple[int, CallCounts]
) -> None:
    async with (
        asyncssh.connect(
            "127.0.0.1", server[0], username="hub_reader", password=PASSWORD, known_hosts=None
        ) as connection,
        connection.start_sftp_client() as client,
    ):
        with pytest.raises(asyncssh.SFTPError):
            async with client.open("/deliveries/new.txt", "wb"):
                pass
        with pytest.raises(asyncssh.SFTPError):
            await client.mkdir("/deliveries/new")


@pytest.mark.parametrize(
    ("changes", "reported"),
    [
        ({"password": "written-here"}, "write it as ${env:NAME}"),
        ({"host_key": None}, "host_key is not a key"),
        ({"host_key": "ssh-rsa nonsense"}, "host_key is not a key"),
        ({"client_key": "${env:TESTED_PASSWORD}"}, "client_key is not a key"),
        ({"url": "ftp://somewhere/else"}, "is not valid"),
    ],
)
async def test_invalid_credentials_are_reported(
    deliveries: DeliveryFolder,
    server: tuple[int, CallCounts],
    changes: dict[str, Any],
    reported: str,
) -> None:
    with pytest.raises(ManifestError) as caught:
        deliveries.connect(**over(server, **changes))
    assert any(reported in str(problem) for problem in caught.value.problems)
    assert "hub-reader" not in str(caught.value)


async def test_a_missing_client_names_the_extra_to_install(
    deliveries: DeliveryFolder, server: tuple[int, CallCounts], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "adapters.connectors.files.sftp", None)
    with pytest.raises(ManifestError) as caught:
        deliveries.connect(**over(server))
    assert "pip install 'citizen-hub[sftp]'" in str(caught.value)
