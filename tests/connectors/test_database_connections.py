"""A connection that went stale is replaced unseen; one that breaks costs no second call."""

from pathlib import Path

import pytest

from adapters.adapter import ManifestAdapter
from adapters.contract import DepartmentError
from tests.connectors.databases import ServedDatabase
from tests.connectors.manifests import adapter_of, rows_of


@pytest.fixture(params=["postgresql", "mariadb"])
def served(request: pytest.FixtureRequest) -> ServedDatabase:
    """Each of them in turn."""
    found: ServedDatabase = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def adapter(folder: Path, served: ServedDatabase) -> ManifestAdapter:
    connector = {"kind": "database", "url": served.url}
    capability = {"call": {"sql": served.sql}, "keys": {"at_once": 50}, "key": "person"}
    return adapter_of(folder, connector, {"applications_by_citizen": capability})


async def calls_of_a_failure(adapter: ManifestAdapter, served: ServedDatabase, fault: str) -> int:
    served.door.calls.reset()
    served.door.switchboard.replace({fault: 1})
    try:
        with pytest.raises(DepartmentError):
            await rows_of(adapter, "DEVA")
    finally:
        served.door.switchboard.clear()
    total: int = served.door.calls.summary()["total"]
    return total


async def test_a_restarted_database_is_not_noticed(
    adapter: ManifestAdapter, served: ServedDatabase
) -> None:
    await rows_of(adapter, "DEVA")
    await served.door.reopen()
    assert len((await rows_of(adapter, "DEVA"))["DEVA"].records) == 1
    await adapter.close()


async def test_what_breaks_within_its_reply_is_not_asked_again(
    adapter: ManifestAdapter, served: ServedDatabase
) -> None:
    await rows_of(adapter, "DEVA")
    # Where the driver does not count what came, one that was good may look as if it were stale.
    at_most = 1 if served.name == "postgresql" else 2
    assert await calls_of_a_failure(adapter, served, "garbage") <= at_most
    assert await calls_of_a_failure(adapter, served, "garbage") == 1
    await adapter.close()


async def test_what_is_new_and_breaks_is_not_asked_again(
    adapter: ManifestAdapter, served: ServedDatabase
) -> None:
    await rows_of(adapter, "DEVA")
    assert await calls_of_a_failure(adapter, served, "reset_after_write") == 2
    assert await calls_of_a_failure(adapter, served, "reset_after_write") == 1
    assert len((await rows_of(adapter, "DEVA"))["DEVA"].records) == 1
    await adapter.close()
