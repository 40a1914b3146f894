"""Special cases of the GraphQL specification: a plan returns what graphql-core returns."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterator, Sequence
from enum import Enum
from typing import Annotated, Any

import orjson
import pytest
import strawberry
from strawberry import Parent
from strawberry.extensions import MaskErrors, SchemaExtension
from strawberry.permission import BasePermission, PermissionExtension

from hub.execution import Executor, GraphQLRequest
from schema.batch import BatchOf, Info, batch_field
from schema.context import RequestContext
from tests.execution.fake_sources import FakeSources
from tests.execution.test_same_answers import assert_same


@strawberry.enum
class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@strawberry.interface
class Named:
    name: str


@strawberry.input
class Wish:
    word: str = "none"
    count: int | None = 3
    colours: list[Colour] | None = None


async def load_next(parents: Parent[Sequence["Thing"]], info: Info) -> BatchOf["Thing | None"]:
    outcomes: list[Any] = []
    for thing in parents:
        if thing.name == "bad":
            outcomes.append(ValueError("no next"))
        else:
            outcomes.append(None if thing.name == "leaf" else Thing(name="leaf"))
    return outcomes


async def load_certain(parents: Parent[Sequence["Thing"]], info: Info) -> BatchOf["Thing"]:
    return [
        ValueError("not certain") if thing.name == "bad" else Thing(name="leaf")
        for thing in parents
    ]


async def fail_whole(parents: Parent[Sequence["Thing"]], info: Info) -> BatchOf["Thing | None"]:
    raise ValueError("all of it")


class MayRead(BasePermission):
    message = "not for you"
    error_extensions = {"code": "FORBIDDEN"}

    def has_permission(self, source: Any, info: Any, **arguments: Any) -> bool:
        return source is None or source.name != "bad"


class MayReadLater(BasePermission):
    message = "not for you"

    async def has_permission(self, source: Any, info: Any, **arguments: Any) -> bool:
        return source is None or source.name != "bad"


@strawberry.type
class Thing(Named):
    colour: Colour = Colour.RED
    day: dt.date | None = None
    grid: list[list[int | None] | None] | None = None
    strict: list[list[int]] | None = None
    inner: "Thing | None" = None

    next: Annotated["Thing", strawberry.lazy("tests.execution.test_semantics")] | None = (
        batch_field(load_next, description="may fail")
    )
    certain: Annotated["Thing", strawberry.lazy("tests.execution.test_semantics")] = batch_field(
        load_certain, description="must not be null"
    )
    whole: Annotated["Thing", strawberry.lazy("tests.execution.test_semantics")] | None = (
        batch_field(fail_whole, description="the whole batch fails")
    )

    guarded_next: Annotated["Thing", strawberry.lazy("tests.execution.test_semantics")] | None = (
        batch_field(load_next, description="may fail", permission_classes=[MayReadLater])
    )
    secret: str | None = strawberry.field(default="hidden", permission_classes=[MayRead])
    quiet: str | None = strawberry.field(
        default="hidden", extensions=[PermissionExtension([MayRead()], fail_silently=True)]
    )

    @strawberry.field(permission_classes=[MayRead, MayReadLater])
    def echoed(self, times: int = 1) -> str:
        return "echoed " * times

    @strawberry.field
    def shout(self, times: int = 1, mark: str | None = "!") -> str:
        return self.name.upper() + (mark or "") * times

    @strawberry.field
    def fails(self) -> str | None:
        raise ValueError(f"{self.name} fails")

    @strawberry.field
    def must(self) -> str:
        if self.name == "bad":
            raise ValueError("must not")
        return "ok"

    @strawberry.field
    async def slow(self) -> str | None:
        if self.name == "bad":
            raise ValueError("slow fails")
        return "slow"

    @strawberry.field
    def lies(self) -> int | None:
        return "seven"  # type: ignore[return-value]


@strawberry.type
class Other(Named):
    size: float = 1.5


Either = Annotated[Thing | Other, strawberry.union("Either")]


@strawberry.type
class Query:
    @strawberry.field
    def thing(self, name: str = "thing") -> Thing | None:
        return None if name == "none" else Thing(name=name, day=dt.date(2026, 11, 3))

    @strawberry.field
    def things(self) -> list[Thing | None]:
        return [Thing(name="a"), None, Thing(name="bad")]

    @strawberry.field
    def strict_things(self) -> list[Thing]:
        return [Thing(name="a"), Thing(name="bad")]

    @strawberry.field
    def grids(self) -> Thing:
        return Thing(name="grid", grid=[[1, None], None, []], strict=[[1], [2, None]])  # type: ignore[list-item]

    @strawberry.field
    def eithers(self) -> list[Either]:
        return [Thing(name="t"), Other(name="o")]

    @strawberry.field
    async def nameds(self) -> list[Named]:
        return [Other(name="o"), Thing(name="bad")]

    @strawberry.field
    def wish(self, wish: Wish, colour: Colour = Colour.BLUE) -> str:
        colours = ",".join(each.name for each in wish.colours or ())
        return f"{wish.word} {wish.count} {colours} {colour.name}"

    @strawberry.field
    def none(self) -> str:
        return None  # type: ignore[return-value]

    @strawberry.field
    async def breaks(self) -> str | None:
        raise ValueError("broken")


@strawberry.type
class Number:
    is_: int = strawberry.field(name="is")


@strawberry.type
class Mutation:
    """Serial execution (GraphQL spec, 6.2.2): each field waits for the previous one."""

    @strawberry.mutation
    async def count(self, to: int) -> Number | None:
        before = REACHED[-1]
        await asyncio.sleep(0.002 if to == 1 else 0)
        if to < 0:
            raise ValueError("not below zero")
        REACHED.append(to)
        return Number(is_=before * 10 + to)


REACHED = [0]

SCHEMA = strawberry.Schema(Query, Mutation, types=[Thing, Other])
EXECUTOR = Executor(SCHEMA, debug=True)

CASES: list[tuple[str, dict[str, Any]]] = [
    ("{ thing { name colour day __typename } t: thing(name: \"x\") { name } }", {}),
    ("{ thing(name: \"none\") { name } }", {}),
    ("{ thing { shout a: shout(times: 3) b: shout(mark: null) c: shout(mark: \"?\") } }", {}),
    ("{ things { name next { name next { name } } } }", {}),
    ("{ things { fails must slow } }", {}),
    ("{ things { whole { name } lies } }", {}),
    ("{ things { name certain { name } } }", {}),
    ("{ strictThings { name must } }", {}),
    ("{ strictThings { name } thing { name } none }", {}),
    ("{ thing { inner { must } certain { name } } }", {}),
    ("{ thing(name: \"bad\") { name must } }", {}),
    ("{ thing(name: \"bad\") { next { name } slow lies fails } }", {}),
    ("{ grids { grid strict } }", {}),
    ("{ eithers { __typename ... on Thing { name next { name } } ... on Other { size } } }", {}),
    ("{ eithers { ... on Named { name } ... on Thing { colour } } }", {}),
    ("{ nameds { name ... on Thing { certain { name } must } } }", {}),
    ("{ nameds { __typename name ... on Thing { next { name } } } breaks }", {}),
    ("{ wish(wish: {}) a: wish(wish: {word: \"x\", count: null}, colour: RED) }", {}),
    ("{ wish(wish: {colours: [RED, BLUE]}) b: wish(wish: {colours: RED}) }", {}),
    ("query ($w: Wish!) { wish(wish: $w) }", {"w": {"word": "v", "colours": ["BLUE"]}}),
    ("query ($w: Wish!) { wish(wish: $w) }", {}),
    ("query ($w: Wish!) { wish(wish: $w) }", {"w": {"count": "three"}}),
    ("query ($n: Int = 2) { thing { shout(times: $n) } }", {}),
    ("query ($n: Int! = 2) { thing { shout(times: $n) } }", {"n": None}),
    ("query ($n: Int) { thing { shout(times: $n) } }", {}),
    ("query ($m: String) { thing { shout(mark: $m) } }", {"m": None}),
    ("query ($m: String) { thing { shout(mark: $m) } }", {}),
    ("query ($y: Boolean!) { thing { name @skip(if: $y) colour @include(if: $y) } }", {"y": True}),
    ("query ($y: Boolean!) { thing { name @skip(if: $y) colour @include(if: $y) } }", {"y": False}),
    ("query ($y: Boolean = true) { ...P @include(if: $y) } "
     "fragment P on Query { thing { name } }", {}),
    ("{ thing { inner { name } inner { colour } next { name } next { colour } } }", {}),
    ("{ a: breaks b: breaks thing { fails f: fails } }", {}),
    ("{ none }", {}),
    ("{ things { secret quiet name } thing { secret quiet echoed(times: 2) } }", {}),
    ("{ things { guardedNext { name guardedNext { secret } } } }", {}),
    ("{ strictThings { echoed } thing { name } }", {}),
    ("mutation { a: count(to: 1) { is } b: count(to: 5) { is } __typename c: count(to: 3) { is } }",
     {}),
    ("mutation { a: count(to: 1) { is } b: count(to: -1) { is } c: count(to: 3) { is } }", {}),
]  # fmt: skip


def context() -> RequestContext:
    return RequestContext("test", lambda _needed: FakeSources())


@pytest.mark.parametrize(("document", "variables"), CASES)
async def test_both_executors_return_the_same_response(
    document: str, variables: dict[str, Any]
) -> None:
    # Twice, because the second run uses the cached plan.
    for _ in range(2):
        request = GraphQLRequest(document, variables)
        REACHED[:] = [0]
        planned = await EXECUTOR.execute(request, context())
        REACHED[:] = [0]
        reference = await EXECUTOR.execute_with_graphql_core(request, context())
        if not planned.executed:
            messages = [e["message"] for e in planned.body["errors"]]
            assert messages == [e["message"] for e in reference.body["errors"]]
            continue
        assert planned.body["extensions"] == {"executor": "plan"}
        assert_same(
            orjson.loads(orjson.dumps(planned.body)),
            orjson.loads(orjson.dumps(reference.body)),
            document,
        )


@pytest.mark.parametrize(
    "document", ["{ __schema { types { name } } }", '{ __type(name: "Thing") { name } }']
)
async def test_graphql_core_executes_introspection(document: str) -> None:
    response = await EXECUTOR.execute(GraphQLRequest(document), context())
    assert response.body["extensions"] == {"executor": "graphql-core"}
    assert "errors" not in response.body


class Traced(SchemaExtension):
    steps: list[str] = []

    def on_operation(self) -> Iterator[None]:
        self.steps.append("begins")
        yield
        self.steps.append("ends")

    async def on_execute(self) -> AsyncIterator[None]:
        self.steps.append(f"runs {self.execution_context.operation_name}")
        yield

    def get_results(self) -> dict[str, Any]:
        return {"traced": len(self.steps)}


class Watched(SchemaExtension):
    def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
        return _next(root, info, *args, **kwargs)


async def test_schema_extensions_run_around_plans() -> None:
    masking: Any = lambda: MaskErrors(error_message="masked")  # noqa: E731
    executor = Executor(strawberry.Schema(Query, extensions=[Traced, masking]), debug=True)
    request = GraphQLRequest("query Q { breaks }", None, "Q")
    Traced.steps.clear()
    planned = await executor.execute(request, context())
    assert Traced.steps == ["begins", "runs Q", "ends"]
    assert planned.body["extensions"] == {"traced": 3, "executor": "plan"}
    assert planned.body["errors"][0]["message"] == "masked"
    Traced.steps.clear()
    reference = await executor.execute_with_graphql_core(request, context())
    assert reference.body["errors"] == planned.body["errors"]
    assert reference.body["extensions"] == {"traced": 3, "executor": "graphql-core"}


async def test_graphql_core_executes_operations_if_an_extension_hooks_into_fields() -> None:
    executor = Executor(strawberry.Schema(Query, extensions=[Watched]), debug=True)
    response = await executor.execute(GraphQLRequest("{ thing { name } }"), context())
    assert response.body["extensions"] == {"executor": "graphql-core"}


async def test_a_batch_resolver_runs_once_per_level() -> None:
    seen: list[int] = []

    async def count(parents: Parent[Sequence["Thing"]], info: Info) -> BatchOf["Thing | None"]:
        seen.append(len(parents))
        return [Thing(name="leaf") for _ in parents]

    @strawberry.type
    class Leaf(Named):
        below: Annotated["Thing", strawberry.lazy("tests.execution.test_semantics")] | None = (
            batch_field(count, description="counted")
        )

    @strawberry.type
    class Root:
        @strawberry.field
        def leaves(self) -> list[Leaf]:
            return [Leaf(name=str(n)) for n in range(7)]

    executor = Executor(strawberry.Schema(Root))
    await executor.execute(GraphQLRequest("{ leaves { below { name } } }"), context())
    assert seen == [7]


async def test_operation_name_selects_the_operation() -> None:
    document = "query A { thing { name } } query B { thing { colour } }"
    b = await EXECUTOR.execute(GraphQLRequest(document, operation_name="B"), context())
    assert b.body["data"] == {"thing": {"colour": "RED"}}
    for name in (None, "C"):
        refused = await EXECUTOR.execute(GraphQLRequest(document, operation_name=name), context())
        assert not refused.executed
