"""An outage of three days, with a clock that the test sets."""

import datetime as dt
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.assembly import build_adapter
from adapters.manifest import find_departments, load_departments
from adapters.manifest.limits import CacheRule
from hub.access import Principal, Role
from hub.access.signed_addresses import DocumentAddresses
from hub.execution import Executor
from hub.execution.executor import GraphQLRequest
from hub.federation import Directory, Federation
from hub.federation.crosswalk import Crosswalk
from hub.federation.gateway import PrincipalRequest
from hub.link import DepartmentLink
from hub.observe import Metrics
from hub.store import open_store
from hub.store.pauses import Pauses
from schema.context import RequestContext
from schema.needed_fields import NeededFields
from schema.sources import Sources
from schema.working_days import WorkingDays
from tests.integration.queries import HEAD
from tests.support.access_log import open_log
from tests.support.calls import call_context
from tests.support.disclosure import open_policy
from tests.support.graphql_schema import SCHEMA
from tests.support.ids import IDS
from tests.support.processes import Mock

DAY = 86_400.0
BENEFITS = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) { benefits {
  nodes { benefitNumber provenance { department { identifier } state } }
  sources { department { identifier } state asOf message } } } }"""
ERASE = (
    "mutation ($id: String!) { eraseCopies(citizen: {memberIdentifier: $id}) { copies complete } }"
)
STALE_FOR_FOUR_DAYS = CacheRule.model_validate({"stale": "4d"})


class ClockAhead:
    """Both clocks of a link, ahead by as many seconds as the test sets."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=self.ahead)

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@dataclass
class ShownBenefits:
    """The response about benefits from the pensions department."""

    state: str
    as_of: dt.datetime | None
    rows: set[str]
    provenance: set[str]


@dataclass
class HubHere:
    """A hub in the test's process, so that its clock can be set."""

    executor: Executor
    federation: Federation
    clock: ClockAhead

    async def execute(self, query: str, role: Role = Role.CITIZEN) -> dict[str, Any]:
        principal = Principal(role)

        def bind(needed: NeededFields) -> Sources:
            call = call_context(10, needed=needed, scope=principal.scope)
            return self.federation.bind(PrincipalRequest(principal, call))

        context = RequestContext("test", bind)
        response = await self.executor.execute(GraphQLRequest(query, {"id": HEAD}), context)
        return response.body

    async def benefits(self) -> ShownBenefits:
        found = (await self.execute(BENEFITS))["data"]["citizen"]["benefits"]
        (source,) = [
            each for each in found["sources"] if each["department"]["identifier"] == "pensions"
        ]
        rows = [
            n for n in found["nodes"] if n["provenance"]["department"]["identifier"] == "pensions"
        ]
        return ShownBenefits(
            source["state"],
            source["asOf"],
            {row["benefitNumber"] for row in rows},
            {row["provenance"]["state"] for row in rows},
        )


@pytest.fixture
async def hub_here(
    calm: dict[str, Mock], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[HubHere]:
    for name, mock in calm.items():
        monkeypatch.setenv(f"HUB_{name.upper()}_URL", mock.url)
    manifests = load_departments(find_departments(None, list(calm)))
    clock, metrics = ClockAhead(), Metrics()
    links = {}
    for adapter, manifest in ((build_adapter(m), m) for m in manifests):
        name, limits = manifest.file.department, manifest.file.limits
        if name == "pensions":
            limits = limits.model_copy(update={"cache": STALE_FOR_FOUR_DAYS})
        links[name] = DepartmentLink(
            adapter,
            limits,
            metrics.department(name),
            clock=clock.now,
            monotonic=clock.monotonic,
        )
    store = await open_store(f"sqlite+aiosqlite:///{tmp_path}/hub.db")
    log = await open_log(tmp_path)
    nobody: Any = None
    federation = Federation(
        Directory(manifests),
        links,
        open_policy(),
        nobody,
        nobody,
        nobody,
        Crosswalk(99, DAY),
        Pauses(store),
        log,
        WorkingDays(),
        IDS,
        DocumentAddresses(IDS, 300),
    )
    yield HubHere(Executor(SCHEMA), federation, clock)
    await federation.close()
    await log.close()
    await store.close()


async def test_the_last_known_rows_stay_readable_and_can_be_erased(
    hub_here: HubHere, calm: dict[str, Mock]
) -> None:
    live = await hub_here.benefits()
    assert (live.state, live.provenance) == ("LIVE", {"LIVE"})
    assert live.rows
    calm["pensions"].set_faults(refuse=1)
    for _ in range(3):
        hub_here.clock.ahead += DAY
        old = await hub_here.benefits()
        assert (old.state, old.provenance, old.rows) == ("STALE", {"STALE"}, live.rows)
        assert old.as_of is not None
        age = hub_here.clock.now() - old.as_of
        assert age >= dt.timedelta(seconds=hub_here.clock.ahead)
    erased = (await hub_here.execute(ERASE, Role.ADMIN))["data"]["eraseCopies"]
    assert erased["complete"]
    assert erased["copies"] > 0
    gone = await hub_here.benefits()
    assert (gone.state, gone.rows) == ("UNAVAILABLE", set())


async def test_rows_that_are_too_old_are_not_shown(
    hub_here: HubHere, calm: dict[str, Mock]
) -> None:
    await hub_here.benefits()
    calm["pensions"].set_faults(refuse=1)
    hub_here.clock.ahead += 5 * DAY
    shown = await hub_here.benefits()
    assert (shown.state, shown.rows) == ("UNAVAILABLE", set())
