"""Mock departments for the contract suite, and the keys that they know."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping

import pytest

from adapters.adapter import ManifestAdapter
from adapters.contract import Capability
from tests.contract.department_set_up import connected, running, sampled
from tests.support.processes import Mock

SCHEMES = {
    "pensions": "PENSION_PPO",
    "scholarships": "STUDENT_ID",
    "certificates": "REVENUE_PERSON_NO",
    "helpdesk": "HELPDESK_ACCOUNT",
}
NUMBERS = {
    "applications": "applicationReferenceNumber",
    "grievances": "registrationNumber",
    "certificates": "certificateNumber",
}


@pytest.fixture(scope="module")
def mocks(request: pytest.FixtureRequest) -> Iterator[dict[str, Mock]]:
    """Mocks of the module's `SCHEMES`, in which its tests may switch faults on."""
    with running(list(request.module.SCHEMES)) as started:
        yield started


@pytest.fixture
async def adapters(mocks: dict[str, Mock]) -> AsyncIterator[dict[str, ManifestAdapter]]:
    """Adapters of `mocks`; at the end, all faults are switched off."""
    async with connected(mocks) as built:
        yield built
    for mock in mocks.values():
        mock.clear_faults()


@pytest.fixture(scope="session")
def citizens(population: Mock) -> list[dict[str, object]]:
    return sampled(population, 120)


def known_keys(
    name: str, capability: str, citizens: list[dict[str, object]]
) -> dict[str, int | None]:
    """Return keys that the department knows, with the number of rows in the population."""
    if capability.startswith("find_"):
        # The mocks have received nothing yet.
        return {"CH0000000000000": 0}
    keys: dict[str, int | None] = {}
    kind = capability.partition("_")[0]
    for citizen in citizens:
        links: dict[str, list[str]] = citizen["links"]  # type: ignore[assignment]
        if capability == "citizens_by_identifier":
            keys[str(citizen["memberId"])] = 1
        elif capability == "documents_by_certificate":
            certificates: list[dict[str, str]] = citizen["certificates"]  # type: ignore[assignment]
            keys |= {row["certificateNumber"]: 1 for row in certificates if row["document"]}
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
                keys |= {row[NUMBERS[kind]]: 1 for row in own}
    return keys


@pytest.fixture(scope="session")
def mock_urls(departments: dict[str, Mock]) -> Callable[[str], str | None]:
    return lambda name: departments[name].url


@pytest.fixture(scope="session")
def mock_keys(
    citizens: list[dict[str, object]],
) -> Callable[[str, Capability], Mapping[str, int | None]]:
    return lambda name, capability: known_keys(name, capability, citizens)


@pytest.fixture
def mock_fails(calm: dict[str, Mock]) -> Callable[[str], bool]:
    def fail(name: str) -> bool:
        calm[name].set_faults(error=1)
        return True

    return fail
