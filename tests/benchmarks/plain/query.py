"""The query fields that the workloads use."""

import os

import strawberry
from strawberry.extensions import ParserCache, ValidationCache

from tests.benchmarks.plain.source_status import SourceDepartment, SourceState, SourceStatus
from tests.benchmarks.plain.types import (
    SERVICES,
    Application,
    ApplicationConnection,
    Benefit,
    Citizen,
    Info,
    Node,
    Service,
    from_id,
)


@strawberry.input
class WorklistFilterInput:
    departments: list[strawberry.ID]


@strawberry.input
class CitizenKeyInput:
    member_identifier: str


@strawberry.type
class Query:
    @strawberry.field
    async def applications(
        self, info: Info, filter: WorklistFilterInput, first: int = 20
    ) -> ApplicationConnection | None:
        upstream, department = info.context.upstream, str(filter.departments[0])
        if department == "bench-soap":
            rows, total = await upstream.soap.worklist(first)
        else:
            rows, total = await upstream.rest.worklist(department, first)
        source = SourceStatus(
            department=SourceDepartment(identifier=department), state=SourceState.LIVE
        )
        return ApplicationConnection(nodes=rows, total_count=total, sources=[source])

    @strawberry.field
    async def citizen(self, info: Info, by: CitizenKeyInput) -> Citizen | None:
        key = f"PPP_MEMBER:{by.member_identifier}"
        found: Citizen | None = await info.context.citizens.load(key)
        return found

    @strawberry.field
    async def nodes(self, info: Info, ids: list[strawberry.ID]) -> list[Node | None]:
        wanted = [from_id(each) for each in ids]
        found: list[Node | None] = list(
            await info.context.citizens.load_many(
                [f"PPP_MEMBER:{local}" for type_name, local in wanted if type_name == "Citizen"]
            )
        )
        return found

    @strawberry.field
    def service(self, code: str) -> Service | None:
        return SERVICES.get(code)


schema = strawberry.Schema(
    Query,
    types=[Application, Benefit, Citizen],
    # Off by default, as in strawberry: see docs/benchmarks.md.
    extensions=[ParserCache, ValidationCache] if "BENCH_PLAIN_CACHES" in os.environ else [],
)
