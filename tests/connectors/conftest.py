"""The databases are started once for all tests of this folder."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mocks.civil_registration.server import MariaDBMissingError
from tests.connectors.databases import (
    Database,
    start_mariadb,
    start_postgresql,
    write_sqlite,
)


@pytest.fixture(scope="session")
async def postgresql() -> AsyncIterator[Database]:
    database, cluster = await start_postgresql()
    yield database
    cluster.stop()


@pytest.fixture(scope="session")
async def mariadb() -> AsyncIterator[Database]:
    try:
        database, server, proxy = await start_mariadb()
    except MariaDBMissingError as missing:
        pytest.skip(f"{missing}; .ci/run installs it")
    yield database
    await proxy.stop()
    server.stop()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return write_sqlite(tmp_path_factory.mktemp("sqlite") / "tested.sqlite")


@pytest.fixture(params=["postgresql", "mariadb", "sqlite"])
def database(request: pytest.FixtureRequest) -> Database:
    """Each of them in turn."""
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a manifest."""
    return tmp_path / "tested"
