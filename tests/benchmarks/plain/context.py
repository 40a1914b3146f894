"""The context of a request: DataLoaders, so that calls are batched and not repeated."""

import asyncio
from typing import TYPE_CHECKING, Any

from strawberry.dataloader import DataLoader

from tests.benchmarks.plain.source_status import SourceDepartment, SourceState, SourceStatus

if TYPE_CHECKING:
    from tests.benchmarks.plain.types import Application, Benefit, Citizen
    from tests.benchmarks.plain.upstream import Upstream


class Context:
    """The context of one request."""

    def __init__(self, upstream: "Upstream") -> None:
        self.upstream = upstream
        self.citizens: DataLoader[str, Citizen | None] = DataLoader(upstream.registry.citizens)
        self._applications: dict[str, DataLoader[str, list[Application]]] = {
            "bench-rest": DataLoader(upstream.rest.applications),
            "bench-soap": DataLoader(upstream.soap.applications),
            "bench-sql": DataLoader(upstream.sql.applications),
        }
        self._benefits: dict[str, DataLoader[str, list[Benefit]]] = {
            "bench-rest": DataLoader(upstream.rest.benefits),
            "bench-soap": DataLoader(upstream.soap.benefits),
        }

    async def applications_of(
        self, citizen: "Citizen"
    ) -> "tuple[list[Application], list[SourceStatus]]":
        """Return the citizen's applications from every department that has a number for them."""
        return await self._rows(self._applications, citizen)

    async def benefits_of(self, citizen: "Citizen") -> "tuple[list[Benefit], list[SourceStatus]]":
        """Return the citizen's benefits from every department that has a number for them."""
        return await self._rows(self._benefits, citizen)

    async def _rows(
        self, loaders: dict[str, DataLoader[str, list[Any]]], citizen: "Citizen"
    ) -> "tuple[list[Any], list[SourceStatus]]":
        loads = {
            department: loader.load(number)
            for department, loader in loaders.items()
            if (number := citizen.links.get(SCHEMES[department])) is not None
        }
        replies = await asyncio.gather(*loads.values(), return_exceptions=True)
        rows: list[Any] = []
        sources: list[SourceStatus] = []
        for department, reply in zip(loads, replies, strict=True):
            failed = isinstance(reply, BaseException)
            state = SourceState.UNAVAILABLE if failed else SourceState.LIVE
            called = SourceDepartment(identifier=department)
            sources.append(SourceStatus(department=called, state=state))
            if not isinstance(reply, BaseException):
                rows.extend(reply)
        return rows, sources


SCHEMES = {
    "bench-rest": "BENCH_REST_NO",
    "bench-soap": "BENCH_SOAP_NO",
    "bench-sql": "BENCH_SQL_NO",
}
