"""What every adapter must do, the same for all departments, against their mock departments."""

import asyncio
import time
from collections.abc import Iterator

import httpx
import pytest

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter, record_type_of
from adapters.contract import CallContext, Capability, DepartmentError, Rows
from adapters.manifest import find_departments, load_departments
from tests.running import DEPARTMENTS, Mock, variable_of

SCHEMES = {
    "pensions": "PENSION_PPO",
    "scholarships": "STUDENT_ID",
    "certificates": "REVENUE_PERSON_NO",
    "helpdesk": "HELPDESK_ACCOUNT",
}
LOOK_UPS = [
    (name, capability)
    for name in DEPARTMENTS
    for capability in {
        "registry": ["citizens_by_identifier", "families_by_identifier",
                     "citizens_by_department_number"],
        "pensions": ["applications_by_citizen", "applications_by_reference", "benefits_by_citizen"],
        "scholarships": ["applications_by_citizen", "applications_by_reference",
                         "benefits_by_citizen"],
        "certificates": ["applications_by_citizen", "applications_by_reference",
                         "certificates_by_citizen"],
        "helpdesk": ["grievances_by_citizen", "grievances_by_registration_number"],
    }[name]
]  # fmt: skip


@pytest.fixture(scope="module")
def adapters(departments: dict[str, Mock]) -> dict[str, ManifestAdapter]:
    with pytest.MonkeyPatch.context() as patch:
        for name, mock in departments.items():
            patch.setenv(variable_of(name), mock.url)
        manifests = load_departments(find_departments(None, DEPARTMENTS))
    return {m.file.department: build_adapter(m) for m in manifests}


@pytest.fixture(autouse=True, scope="module")
async def closed(adapters: dict[str, ManifestAdapter]) -> Iterator[None]:  # type: ignore[misc]
    yield
    for adapter in adapters.values():
        await adapter.close()


@pytest.fixture(scope="module")
def citizens(population: Mock) -> list[dict[str, object]]:
    with httpx.Client(base_url=population.url, trust_env=False) as oracle:
        members = oracle.get("/population/sample", params={"n": 120}).json()["memberIds"]
        return [oracle.get(f"/population/citizens/{member}").json() for member in members]


def context(seconds: float = 5) -> CallContext:
    return CallContext("contract-test", asyncio.get_running_loop().time() + seconds)


def known_keys(name: str, capability: str, citizens: list[dict[str, object]]) -> dict[str, int]:
    """Keys that the department knows, each with the number of rows the population has for it."""
    keys: dict[str, int] = {}
    kind = capability.partition("_")[0]
    numbers = {"applications": "applicationReferenceNumber", "grievances": "registrationNumber"}
    for citizen in citizens:
        links: dict[str, list[str]] = citizen["links"]  # type: ignore[assignment]
        if capability == "citizens_by_identifier":
            keys[str(citizen["memberId"])] = 1
        elif capability == "families_by_identifier":
            keys[str(citizen["familyId"])] = 1
        elif capability == "citizens_by_department_number":
            keys |= {f"{s}:{v}": 1 for s, values in links.items() for v in values}
        else:
            rows: list[dict[str, str]] = citizen[kind]  # type: ignore[assignment]
            own = [row for row in rows if row["department"] == name]
            if capability.endswith("_by_citizen"):
                held = links.get(SCHEMES[name], [])
                if len(held) == 1:
                    keys[held[0]] = len(own)
            else:
                keys |= {row[numbers[kind]]: 1 for row in own}
    return keys


@pytest.mark.parametrize(("name", "capability"), LOOK_UPS)
async def test_a_batch_of_keys_gives_each_key_its_rows(
    name: str,
    capability: str,
    adapters: dict[str, ManifestAdapter],
    citizens: list[dict[str, object]],
) -> None:
    expected = known_keys(name, capability, citizens)
    assert expected
    which = Capability(capability)
    reply = await adapters[name].look_up(which, list(expected), context())
    assert reply.results.keys() == expected.keys()
    for key, count in expected.items():
        rows = reply.results[key]
        assert isinstance(rows, Rows)
        # A certificate that stands twice is merged by federation, not by the adapter.
        numbers = {record.local_id() for record in rows.records}  # type: ignore[attr-defined]
        assert len(numbers) == count
        for record in rows.records:
            assert isinstance(record, record_type_of(which))
            assert record.origin is not None
            assert record.origin.department == name
            assert record.origin.correlation_id == "contract-test"


@pytest.mark.parametrize(("name", "capability"), LOOK_UPS)
async def test_an_unknown_key_is_no_rows_not_an_error(
    name: str, capability: str, adapters: dict[str, ManifestAdapter]
) -> None:
    for key in ("999999999", "no such key", "ढूँढो", "%2F/../x'--"):
        reply = await adapters[name].look_up(Capability(capability), [key], context())
        rows = reply.results[key]
        assert isinstance(rows, Rows)
        assert list(rows.records) == []


@pytest.mark.parametrize("name", DEPARTMENTS)
async def test_a_capability_is_declared(name: str, adapters: dict[str, ManifestAdapter]) -> None:
    declared = {capability.value for capability in adapters[name].capabilities}
    assert {capability for owner, capability in LOOK_UPS if owner == name} <= declared


@pytest.mark.parametrize(("name", "capability"), LOOK_UPS)
async def test_a_failing_department_is_a_department_error(
    name: str, capability: str, adapters: dict[str, ManifestAdapter], calm: dict[str, Mock]
) -> None:
    calm[name].misbehave(error=1)
    with pytest.raises(DepartmentError) as caught:
        await adapters[name].look_up(Capability(capability), ["1"], context())
    assert caught.value.department == name


@pytest.mark.parametrize("name", DEPARTMENTS)
async def test_a_cancelled_call_leaves_the_line_usable(
    name: str, adapters: dict[str, ManifestAdapter], calm: dict[str, Mock]
) -> None:
    capability = next(Capability(c) for owner, c in LOOK_UPS if owner == name)
    calm[name].misbehave(latency=5)
    begun = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await adapters[name].look_up(capability, ["1"], context())
    assert time.monotonic() - begun < 2
    calm[name].behave()
    await adapters[name].look_up(capability, ["1"], context())
