"""Fixtures: the databases start once for all tests of this folder."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from adapters.connectors.kept_rows import MemoryRows, RowStore
from hub.store import open_store
from hub.store.encryption import ContentCipher
from hub.store.kept_files import KeptFiles
from hub.store.tables import kept_file, kept_row, kept_row_key, outgoing_file, outgoing_row
from mocks.databases.server import DatabaseMissingError
from tests.connectors.databases import (
    Database,
    ServedDatabase,
    serve_mariadb,
    serve_postgresql,
    write_sqlite,
)
from tests.connectors.soap_department import SoapServer, running_server


@pytest.fixture(scope="session")
async def postgresql() -> AsyncIterator[ServedDatabase]:
    database = await serve_postgresql()
    yield database
    await database.stop()


@pytest.fixture(scope="session")
async def mariadb() -> AsyncIterator[ServedDatabase]:
    try:
        database = await serve_mariadb()
    except DatabaseMissingError as missing:
        if os.environ.get("HUB_TESTS_NEED_MARIADB"):
            raise
        pytest.skip(f"{missing}; .ci/run installs it")
    yield database
    await database.stop()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return write_sqlite(tmp_path_factory.mktemp("sqlite") / "tested.sqlite")


@pytest.fixture(scope="session")
def soap_server() -> Iterator[SoapServer]:
    with running_server() as running:
        yield running


@pytest.fixture
def server(soap_server: SoapServer) -> SoapServer:
    """Return a SOAP server that has received no requests yet."""
    soap_server.requests.clear()
    return soap_server


@pytest.fixture(params=["postgresql", "mariadb", "sqlite"])
def database(request: pytest.FixtureRequest) -> Database:
    """Each database in turn."""
    found: Database = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Folder of a manifest."""
    return tmp_path / "tested"


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str | None:
    """URL of the hub's database; None for the store in memory."""
    if request.param == "postgresql":
        owner: str = request.getfixturevalue("postgresql").owner
        return owner
    return f"sqlite:///{tmp_path}/hub.db" if request.param == "sqlite" else None


@pytest.fixture
async def row_store(store_url: str | None) -> AsyncIterator[RowStore]:
    """Store of rows: in memory, in SQLite and in PostgreSQL."""
    if store_url is None:
        yield MemoryRows()
        return
    store = await open_store(store_url)
    async with store.engine.begin() as connection:
        for table in (kept_file, kept_row, kept_row_key, outgoing_file, outgoing_row):
            await connection.execute(delete(table))
    yield KeptFiles(store, ContentCipher(bytes(32)))
    await store.close()
