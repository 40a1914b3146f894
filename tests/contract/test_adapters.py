"""The adapter contract, checked with the mocks of all departments."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from valkey.asyncio import Valkey

from adapters.assembly import build_adapter
from adapters.contract import Capability, Rows
from adapters.manifest import find_departments, load_department
from adapters.workbench.contract_tests.suite import (
    test_a_batch_of_keys_gives_each_key_its_rows,
    test_a_failing_department_is_a_department_error,
    test_an_unknown_key_gives_no_rows_and_no_error,
    test_the_department_has_a_capability,
)
from adapters.workbench.look_ups import look_up_all
from adapters.workbench.replay.addresses import redirected
from hub.link.copies import Copy
from hub.link.shared_copies import SharedCopies
from tests.support.calls import call_context
from tests.support.processes import DEPARTMENTS, Mock

__all__ = [
    "test_a_batch_of_keys_gives_each_key_its_rows",
    "test_a_failing_department_is_a_department_error",
    "test_an_unknown_key_gives_no_rows_and_no_error",
    "test_the_department_has_a_capability",
]

FOLDERS: Mapping[str, Path] = {path.name: path for path in find_departments()}
DEPARTMENTS_UNDER_TEST = [FOLDERS[name] for name in DEPARTMENTS]
DEPARTMENTS_MODE = "mock"


@pytest.fixture(scope="module")
def department_urls(mock_urls: Callable[[str], str | None]) -> Callable[[str], str | None]:
    return mock_urls


@pytest.fixture(scope="module")
def department_keys(
    mock_keys: Callable[[str, Capability], Mapping[str, int | None]],
) -> Callable[[str, Capability], Mapping[str, int | None]]:
    return mock_keys


@pytest.fixture
def department_fails(mock_fails: Callable[[str], bool]) -> Callable[[str], bool]:
    return mock_fails


@pytest.mark.parametrize("name", DEPARTMENTS)
async def test_an_adapter_can_be_used_after_a_cancelled_call(
    name: str, calm: dict[str, Mock]
) -> None:
    manifest = redirected(load_department(FOLDERS[name]), calm[name].url)
    adapter = build_adapter(manifest)
    capability = next(each for each in manifest.file.capabilities if not each.is_search)
    context = call_context(5)
    # Longer than the test may take: only cancelling can end the call.
    calm[name].set_faults(latency=600)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await adapter.look_up(capability, ["1"], context)
    calm[name].clear_faults()
    await adapter.look_up(capability, ["1"], context)
    await adapter.close()


@pytest.mark.parametrize("name", DEPARTMENTS)
async def test_replies_can_be_shared_between_replicas(
    name: str,
    departments: dict[str, Mock],
    mock_keys: Callable[[str, Capability], Mapping[str, int | None]],
) -> None:
    manifest = redirected(load_department(FOLDERS[name]), departments[name].url)
    adapter = build_adapter(manifest)
    shared = SharedCopies(Valkey(), name, b"a made-up secret of some length")
    for capability in manifest.file.capabilities:
        if capability.is_search:
            continue
        keys = list(mock_keys(name, capability))
        reply = await look_up_all(adapter, capability, keys, call_context(5))
        for rows in reply.results.values():
            assert isinstance(rows, Rows)
            kept = Copy(rows, reply.retrieved_at)
            assert shared._read("name", shared._written("name", kept)) == kept
    await shared.close()
    await adapter.close()
