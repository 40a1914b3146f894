"""Departments behind fronts: the same manifest with another connector gives the same rows."""

import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.contract import (
    Capability,
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentUnreachableError,
    MalformedReplyError,
)
from adapters.manifest import load_department
from schema.errors import ErrorSource
from tests.contract.conftest import known_keys
from tests.contract.department_set_up import Citizens, context, rows_of
from tests.support.processes import PROJECT, Mock, url_variable

PAGE = PROJECT / "docs" / "security-profiles.md"
DEPARTMENTS = PROJECT / "adapters" / "departments"
BY_CITIZEN = Capability.APPLICATIONS_BY_CITIZEN
BY_REFERENCE = Capability.APPLICATIONS_BY_REFERENCE
Manifest = dict[str, Any]


def connectors() -> dict[str, Manifest]:
    """By front, what `docs/security-profiles.md` puts into the connector for it."""
    found: dict[str, Manifest] = {}
    for section in re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        front = section.partition("\n")[0].strip("`")
        block = re.search(r"^```yaml\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
        found[front] = yaml.safe_load(block[1]) if block else {}
    return found


def by_link(call: Manifest) -> None:
    call["query"]["pageSize"] = "7"
    call["pages"] = {"by": "link"}


def in_xml(call: Manifest) -> None:
    call |= {"method": "POST", "body_format": "xml", "body": {"query": call.pop("query")}}
    if "pages" in call:
        call["pages"] = {"count": "reply/pages"}


@dataclass(frozen=True, slots=True)
class Case:
    """Fronts of a department.

    Attributes:
        fronts: the outermost first.
        refusal: what a hub is told that knows nothing of them; None where it need not know.
        calls: changes each call of the manifest.
        connector: what its connector has beside what the page says.
    """

    department: str
    fronts: tuple[str, ...]
    refusal: type[DepartmentError] | None
    calls: Callable[[Manifest], None] = lambda _: None
    connector: Manifest = field(default_factory=dict)


REST, SOAP = "scholarships", "pensions"
DIGEST = {"digest": True}
CASES = {
    "hmac": Case(REST, ("hmac",), DepartmentAuthError),
    "session": Case(REST, ("session",), DepartmentAuthError),
    "mtls": Case(REST, ("mtls",), DepartmentUnreachableError),
    "xml": Case(REST, ("xml",), MalformedReplyError, in_xml),
    "link": Case(REST, ("link",), None, by_link),
    "etag": Case(REST, ("etag",), None),
    "signed requests with ETags over mutual TLS": Case(
        REST, ("mtls", "hmac", "etag"), DepartmentUnreachableError
    ),
    "password as text": Case(SOAP, ("username-token",), DepartmentAuthError),
    "password as digest": Case(
        SOAP, ("username-token",), DepartmentAuthError, connector={"security": DIGEST}
    ),
    "signature": Case(SOAP, ("signature",), DepartmentAuthError),
    "addressing": Case(SOAP, ("addressing",), DepartmentFaultError),
    "mtom": Case(SOAP, ("mtom",), None),
    "xroad": Case(SOAP, ("xroad",), DepartmentError),
    "MTOM behind X-Road over mutual TLS": Case(
        SOAP, ("mtls", "mtom", "xroad"), DepartmentUnreachableError
    ),
}


@contextmanager
def behind(case: Case, folder: Path) -> Iterator[Mock]:
    fronts = [word for name in case.fronts for word in ("--security-profile", name)]
    mock = Mock(case.department, *fronts, "--data-dir", str(folder))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(url_variable(case.department), mock.url)
        patch.setenv("FRONT_FILES", str(folder))
        patch.setenv("FRONT_SECRET", "demo-signing-secret")
        patch.setenv("FRONT_SESSION", "demo-session-password")
        patch.setenv("FRONT_PASSWORD", "demo-token-password")
        try:
            yield mock
        finally:
            mock.stop()


@asynccontextmanager
async def asking(case: Case, folder: Path, *, knows: bool) -> AsyncIterator[ManifestAdapter]:
    """The department's adapter; one that knows of the front has the case's connector."""
    place = folder / "departments" / case.department
    shutil.copytree(DEPARTMENTS / case.department, place)
    if knows:
        file = place / "department.yaml"
        manifest: Manifest = yaml.safe_load(file.read_text(encoding="utf-8"))
        told = connectors()
        for front in case.fronts:
            manifest["connector"] |= told[front]
        for key, more in case.connector.items():
            manifest["connector"][key] |= more
        for capability in manifest["capabilities"].values():
            case.calls(capability["call"])
            if "xml" in case.fronts:
                capability["rows"] = f"reply/{capability['rows']}"
                if "total" in capability:
                    capability["total"] = f"reply/{capability['total']}"
        file.write_text(yaml.safe_dump(manifest, allow_unicode=True), encoding="utf-8")
    adapter = build_adapter(load_department(place))
    try:
        yield adapter
    finally:
        await adapter.close()


@pytest.mark.parametrize("name", CASES)
async def test_the_rows_are_those_of_the_population(
    name: str, citizens: Citizens, tmp_path: Path
) -> None:
    case = CASES[name]
    with behind(case, tmp_path):
        async with asking(case, tmp_path, knows=True) as adapter:
            for capability in (BY_CITIZEN, BY_REFERENCE, BY_CITIZEN):
                keys = known_keys(case.department, capability.value, citizens)
                wanted = list(keys)[:40]
                reply = await adapter.look_up(capability, wanted, context())
                found = {key: len(rows_of(reply, key).records) for key in wanted}
                assert found == {key: keys[key] for key in wanted}
                assert sum(found.values()) > 15


async def test_what_x_road_mixes_up_is_shown_to_nobody(citizens: Citizens, tmp_path: Path) -> None:
    case = CASES["xroad"]
    keys = list(known_keys(case.department, BY_CITIZEN.value, citizens))[:1]
    with behind(case, tmp_path) as mock:
        mock.set_faults(exchange_mixup=1)
        async with asking(case, tmp_path, knows=True) as adapter:
            with pytest.raises(MalformedReplyError, match="`id`") as caught:
                await adapter.look_up(BY_CITIZEN, keys, context())
    assert caught.value.source is ErrorSource.EXCHANGE


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.refusal])
async def test_a_hub_that_does_not_know_of_it_is_refused(
    name: str, citizens: Citizens, tmp_path: Path
) -> None:
    case = CASES[name]
    assert case.refusal is not None
    with behind(case, tmp_path):
        async with asking(case, tmp_path, knows=False) as adapter:
            keys = list(known_keys(case.department, BY_CITIZEN.value, citizens))[:1]
            with pytest.raises(case.refusal):
                await adapter.look_up(BY_CITIZEN, keys, context())
