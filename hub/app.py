"""The composition root: settings in, ASGI application out. The only place that wires."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

from starlette.applications import Starlette

from adapters.assembly import build_adapter
from adapters.contract import CallContext
from adapters.manifest import ManifestError, find_departments, load_departments
from adapters.manifest.problems import Problem
from hub.access import DEMO_POLICY, Principal, Role
from hub.execution import Executor
from hub.federation import Directory, Federation
from hub.federation.crosswalk import Crosswalk
from hub.federation.door import Request
from hub.http import Admission, HubApplication, LoopLag
from hub.http.graphql import GraphQLEndpoint
from hub.link import Line
from hub.observe import Metrics
from hub.settings import Settings
from schema.context import RequestContext
from schema.contract import build_schema


def build_federation(settings: Settings, metrics: Metrics) -> Federation:
    """Reads every manifest; raises `ManifestError` with the problems of all of them."""
    manifests = load_departments(find_departments(settings.departments))
    lines: dict[str, Line] = {}
    problems: list[Problem] = []
    for manifest in manifests:
        try:
            adapter = build_adapter(manifest)
        except ManifestError as error:
            problems.extend(error.problems)
            continue
        file = manifest.file
        lines[file.department] = Line(
            adapter,
            file.limits,
            metrics.department(file.department),
            windows=file.maintenance,
            zone=ZoneInfo(file.timezone),
        )
    if problems:
        raise ManifestError(problems)
    crosswalk = Crosswalk(settings.crosswalk_entries, settings.crosswalk_hours * 3600)
    return Federation(Directory(manifests), lines, DEMO_POLICY, crosswalk)


def create_app(settings: Settings | None = None) -> HubApplication:
    """The ASGI application; raises `ManifestError` when a manifest can't be used."""
    settings = settings or Settings()
    metrics = Metrics()
    federation = build_federation(settings, metrics)
    # Until sign-in is built, everybody is the demo's principal.
    principal = Principal(Role.DEMO, settings.demo_member)

    def new_context(correlation_id: str) -> RequestContext:
        deadline = asyncio.get_running_loop().time() + settings.request_deadline
        needed: dict[str, frozenset[str]] = {}
        call = CallContext(correlation_id, deadline, needed, principal.scope)
        request = Request(principal, call)
        return RequestContext(federation.bind(request), correlation_id, needed)

    admission = Admission(
        settings.running_operations,
        settings.waiting_operations,
        settings.longest_wait,
        metrics.front_door,
    )
    loop_lag = LoopLag(admission.tick)
    running = False

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        nonlocal running
        loop_lag.start()
        running = True
        yield
        running = False
        loop_lag.stop()
        await federation.close()

    executor = Executor(build_schema(), debug=settings.debug)
    endpoint = GraphQLEndpoint(executor, new_context, admission, metrics, settings.request_bytes)
    return HubApplication(endpoint, lambda: running, metrics, lifespan)
