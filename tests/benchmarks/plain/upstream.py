"""The plain server's connections to the departments: one HTTP client, one SQLAlchemy engine."""

import httpx
from sqlalchemy.ext.asyncio import create_async_engine

from tests.benchmarks.plain.registry import Registry
from tests.benchmarks.plain.rest import RestDepartment
from tests.benchmarks.plain.soap import SoapDepartment
from tests.benchmarks.plain.sql import SqlDepartment

CONNECTIONS = 64
DATABASE_CONNECTIONS = 16


class Upstream:
    """All departments of the plain server. One instance lives as long as the process."""

    def __init__(self, url: str, database_url: str | None) -> None:
        self._client = httpx.AsyncClient(
            timeout=30,
            trust_env=False,
            limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
        )
        self._engine = create_async_engine(
            (database_url or "postgresql://nobody@127.0.0.1:9/none").replace(
                "postgresql:", "postgresql+asyncpg:"
            ),
            pool_size=DATABASE_CONNECTIONS,
            max_overflow=0,
            isolation_level="AUTOCOMMIT",
        )
        self.registry = Registry(self._client, f"{url}/registry")
        self.rest = RestDepartment(self._client, f"{url}/rest")
        self.soap = SoapDepartment(f"{url}/soap", CONNECTIONS)
        self.sql = SqlDepartment(self._engine)

    async def close(self) -> None:
        await self._client.aclose()
        await self.soap.close()
        await self._engine.dispose()
