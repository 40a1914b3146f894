"""Security profiles: with the settings of the docs page, the hub reads the same rows."""

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
from adapters.workbench.look_ups import look_up_all
from schema.errors import ErrorSource
from tests.contract.conftest import known_keys
from tests.contract.department_set_up import Citizens, rows_of
from tests.support.calls import call_context
from tests.support.processes import PROJECT, Mock, url_variable

PAGE = PROJECT / "docs" / "security-profiles.md"
DEPARTMENTS = PROJECT / "adapters" / "departments"
BY_CITIZEN = Capability.APPLICATIONS_BY_CITIZEN
BY_REFERENCE = Capability.APPLICATIONS_BY_REFERENCE
Manifest = dict[str, Any]


def connectors() -> dict[str, Manifest]:
    """Return the connector settings in `docs/security-profiles.md` by profile."""
    found: dict[str, Manifest] = {}
    for section in re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        profile = section.partition("\n")[0].strip("`")
        block = re.search(r"^```yaml\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
        found[profile] = yaml.safe_load(block[1]) if block else {}
    return found


def by_link(call: Manifest) -> None:
    call["query"]["pageSize"] = "7"
    call["pages"] = {"by": "link"}


def in_xml(call: Manifest) -> None:
    call |= {"method": "POST", "body_format": "xml", "body": {"query": call.pop("query")}}
    if "pages" in call:
        call["pages"] = {"count": "reply/pages"}


@dataclass(frozen=True, slots=True)
class ProfileCase:
    """A department with security profiles.

    Attributes:
        profiles: names of the profiles, the outermost first.
        refusal: error without the settings of the profile; None if none are needed.
        calls: changes each call of the manifest.
        connector: settings of the connector besides those on the page.
    """

    department: str
    profiles: tuple[str, ...]
    refusal: type[DepartmentError] | None
    calls: Callable[[Manifest], None] = lambda _: None
    connector: Manifest = field(default_factory=dict)


REST, SOAP = "scholarships", "pensions"
DIGEST = {"digest": True}
CASES = {
    "hmac": ProfileCase(REST, ("hmac",), DepartmentAuthError),
    "session": ProfileCase(REST, ("session",), DepartmentAuthError),
    "mtls": ProfileCase(REST, ("mtls",), DepartmentUnreachableError),
    "xml": ProfileCase(REST, ("xml",), MalformedReplyError, in_xml),
    "link": ProfileCase(REST, ("link",), None, by_link),
    "etag": ProfileCase(REST, ("etag",), None),
    "signed requests with ETags over mutual TLS": ProfileCase(
        REST, ("mtls", "hmac", "etag"), DepartmentUnreachableError
    ),
    "password as text": ProfileCase(SOAP, ("username-token",), DepartmentAuthError),
    "password as digest": ProfileCase(
        SOAP, ("username-token",), DepartmentAuthError, connector={"security": DIGEST}
    ),
    "signature": ProfileCase(SOAP, ("signature",), DepartmentAuthError),
    "addressing": ProfileCase(SOAP, ("addressing",), DepartmentFaultError),
    "mtom": ProfileCase(SOAP, ("mtom",), None),
    "xroad": ProfileCase(SOAP, ("xroad",), DepartmentError),
    "MTOM behind X-Road over mutual TLS": ProfileCase(
        SOAP, ("mtls", "mtom", "xroad"), DepartmentUnreachableError
    ),
}


@contextmanager
def running(case: ProfileCase, folder: Path) -> Iterator[Mock]:
    profiles = [word for name in case.profiles for word in ("--security-profile", name)]
    mock = Mock(case.department, *profiles, "--data-dir", str(folder))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(url_variable(case.department), mock.url)
        patch.setenv("PROFILE_FILES", str(folder))
        patch.setenv("PROFILE_SECRET", "demo-signing-secret")
        patch.setenv("PROFILE_SESSION", "demo-session-password")
        patch.setenv("PROFILE_PASSWORD", "demo-token-password")
        try:
            yield mock
        finally:
            mock.stop()


@asynccontextmanager
async def adapter_of(
    case: ProfileCase, folder: Path, *, with_profile: bool
) -> AsyncIterator[ManifestAdapter]:
    """Build the department's adapter, with or without the settings of the profiles."""
    copied = folder / "departments" / case.department
    shutil.copytree(DEPARTMENTS / case.department, copied)
    shutil.copytree(DEPARTMENTS / "shared", copied.parent / "shared", dirs_exist_ok=True)
    if with_profile:
        file = copied / "department.yaml"
        manifest: Manifest = yaml.safe_load(file.read_text(encoding="utf-8"))
        settings = connectors()
        for profile in case.profiles:
            manifest["connector"] |= settings[profile]
        for key, more in case.connector.items():
            manifest["connector"][key] |= more
        for capability in manifest["capabilities"].values():
            case.calls(capability["call"])
            if "xml" in case.profiles:
                capability["rows"] = f"reply/{capability['rows']}"
                if "total" in capability:
                    capability["total"] = f"reply/{capability['total']}"
        file.write_text(yaml.safe_dump(manifest, allow_unicode=True), encoding="utf-8")
    adapter = build_adapter(load_department(copied))
    try:
        yield adapter
    finally:
        await adapter.close()


@pytest.mark.parametrize("name", CASES)
async def test_rows_match_the_population(name: str, citizens: Citizens, tmp_path: Path) -> None:
    case = CASES[name]
    with running(case, tmp_path):
        async with adapter_of(case, tmp_path, with_profile=True) as adapter:
            for capability in (BY_CITIZEN, BY_REFERENCE, BY_CITIZEN):
                keys = known_keys(case.department, capability.value, citizens)
                wanted = list(keys)[:40]
                reply = await look_up_all(adapter, capability, wanted, call_context())
                found = {key: len(rows_of(reply, key).records) for key in wanted}
                assert found == {key: keys[key] for key in wanted}
                assert sum(found.values()) > 15


async def test_a_reply_that_x_road_mixed_up_is_not_returned(
    citizens: Citizens, tmp_path: Path
) -> None:
    case = CASES["xroad"]
    keys = list(known_keys(case.department, BY_CITIZEN.value, citizens))[:1]
    with running(case, tmp_path) as mock:
        mock.set_faults(exchange_mixup=1)
        async with adapter_of(case, tmp_path, with_profile=True) as adapter:
            with pytest.raises(MalformedReplyError, match="`id`") as caught:
                await look_up_all(adapter, BY_CITIZEN, keys, call_context())
    assert caught.value.source is ErrorSource.EXCHANGE


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.refusal])
async def test_a_manifest_without_the_profile_is_refused(
    name: str, citizens: Citizens, tmp_path: Path
) -> None:
    case = CASES[name]
    assert case.refusal is not None
    with running(case, tmp_path):
        async with adapter_of(case, tmp_path, with_profile=False) as adapter:
            keys = list(known_keys(case.department, BY_CITIZEN.value, citizens))[:1]
            with pytest.raises(case.refusal):
                await look_up_all(adapter, BY_CITIZEN, keys, call_context())
