r"""The contract as pytest tests, with the same names for every adapter.

    pytest --pyargs adapters.workbench.contract_tests.suite --department FOLDER
    pytest --pyargs adapters.workbench.contract_tests.suite \
        --department FOLDER --department-mock URL

Or in a test module of your own:

    from adapters.workbench.contract_tests.suite import *

    DEPARTMENTS_UNDER_TEST = ["path/to/folder"]
"""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from typing import Any

import pytest

from adapters.contract import Capability
from adapters.workbench.contract_tests import checks
from adapters.workbench.contract_tests.plugin import (
    FindMockWrites,
    KnownKeys,
    MakeFail,
    MockWrites,
    Urls,
)
from adapters.workbench.contract_tests.subjects import Mode, Subject, keys_of
from adapters.workbench.replay.samples import Sample
from adapters.workbench.replay.stages import CanNotReplayError
from adapters.workbench.replay.write_samples import WriteSample

__all__ = [
    "test_a_batch_of_keys_gives_each_key_its_rows",
    "test_a_cancelled_call_leaves_the_connector_usable",
    "test_a_damaged_reply_costs_its_own_rows",
    "test_a_failing_department_is_a_department_error",
    "test_a_lost_write_arrives_once",
    "test_a_reply_beyond_the_limits_is_refused",
    "test_a_sample_is_read_whole",
    "test_a_write_is_sent_as_recorded",
    "test_an_unknown_key_gives_no_rows_and_no_error",
    "test_the_department_has_a_capability",
]


def _run(check: Coroutine[Any, Any, None]) -> None:
    """Run the check in its own event loop, so that the suite needs no plugin for async tests."""
    try:
        asyncio.run(check)
    except CanNotReplayError as error:
        pytest.skip(str(error))


def _at(subject: Subject, urls: Urls) -> Subject:
    url = subject.url or urls(subject.name)
    return replace(subject, url=url)


def test_the_department_has_a_capability(subject: Subject) -> None:
    assert subject.manifest.file.capabilities


def test_a_sample_is_read_whole(subject: Subject, sample: Sample) -> None:
    _run(checks.sample_is_read_whole(subject, sample))


def test_a_damaged_reply_costs_its_own_rows(subject: Subject, sample: Sample) -> None:
    if sample.is_error:
        pytest.skip("the sample is an error reply")
    _run(checks.damaged_replies_cost_their_own_rows(subject, sample))


def test_a_batch_of_keys_gives_each_key_its_rows(
    subject: Subject,
    capability: Capability,
    department_urls: Urls,
    department_keys: KnownKeys | None,
) -> None:
    if department_keys is not None:
        expected = department_keys(subject.name, capability)
        assert expected, "`department_keys` returned no key of this department"
    else:
        expected = dict.fromkeys(subject.known_keys(capability))
    if not expected:
        pytest.skip("no sample names its keys in samples.yaml")
    if subject.mode is not Mode.SAMPLES:
        _run(_check_keys(_at(subject, department_urls), capability, expected))
        return
    for sample in subject.samples_of(capability):
        _run(_check_keys_of_sample(subject, sample))


async def _check_keys(
    subject: Subject, capability: Capability, expected: Mapping[str, int | None]
) -> None:
    async with subject.adapter() as adapter:
        await checks.keys_get_their_own_rows(adapter, capability, expected)


async def _check_keys_of_sample(subject: Subject, sample: Sample) -> None:
    async with subject.adapter(sample) as adapter:
        keys = dict.fromkeys(await keys_of(adapter, sample))
        await checks.keys_get_their_own_rows(adapter, sample.capability, keys)


def test_an_unknown_key_gives_no_rows_and_no_error(
    subject: Subject, capability: Capability, department_urls: Urls
) -> None:
    if subject.mode is not Mode.SAMPLES:
        _run(_check_unknown_key(_at(subject, department_urls), capability))
        return
    samples = subject.samples_of(capability)
    if not samples:
        pytest.skip("there is no sample of this capability")
    for sample in samples:
        _run(_check_unknown_key(subject, capability, sample))


async def _check_unknown_key(
    subject: Subject, capability: Capability, sample: Sample | None = None
) -> None:
    async with subject.adapter(sample) as adapter:
        is_replayed = sample is not None
        await checks.unknown_key_gives_no_rows(adapter, capability, is_replayed=is_replayed)


def test_a_failing_department_is_a_department_error(
    subject: Subject, capability: Capability, department_urls: Urls, department_fails: MakeFail
) -> None:
    if subject.mode is Mode.MOCK and department_fails(subject.name):
        _run(_check_failure(_at(subject, department_urls), capability))
    _run(checks.failure_is_a_department_error(subject, capability))


async def _check_failure(subject: Subject, capability: Capability) -> None:
    async with subject.adapter() as adapter:
        await checks.fails_as_department_error(adapter, capability, "its mock fails")


def test_a_cancelled_call_leaves_the_connector_usable(
    subject: Subject, capability: Capability
) -> None:
    _run(checks.cancelled_call_leaves_the_connector_usable(subject, capability))


def test_a_reply_beyond_the_limits_is_refused(subject: Subject, capability: Capability) -> None:
    _run(checks.too_large_reply_is_refused(subject, capability))


def test_a_write_is_sent_as_recorded(subject: Subject, write_sample: WriteSample) -> None:
    _run(checks.write_is_sent_as_recorded(subject, write_sample))


def test_a_lost_write_arrives_once(
    subject: Subject,
    write_sample: WriteSample,
    department_urls: Urls,
    department_writes: FindMockWrites,
) -> None:
    mock = department_writes(subject.name, write_sample.capability)
    if subject.mode is not Mode.MOCK or mock is None:
        pytest.skip("writes are sent to mocks only, never to a department itself")
    if write_sample.entry.error is not None or write_sample.entry.already_there:
        pytest.skip("the sample is not the reply to a new write")
    if not checks.is_safe(subject.manifest, write_sample.capability):
        pytest.skip("the department can't be asked for it: an operator decides")
    _run(_check_lost_write(_at(subject, department_urls), write_sample, mock))


async def _check_lost_write(subject: Subject, sample: WriteSample, mock: MockWrites) -> None:
    async with subject.adapter() as adapter:
        await checks.lost_write_arrives_once(
            adapter, subject.manifest, sample, mock.lose_replies, mock.copies_of
        )
