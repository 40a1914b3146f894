"""Criteria of bronze: every recorded reply is read, whatever it contains."""

from contextlib import suppress

from adapters.contract import Capability, DepartmentError
from adapters.manifest.credentials import literal_credentials
from adapters.manifest.document import read_document
from adapters.mapping.targets import targets_of
from adapters.record_types import record_type_of
from adapters.workbench.cases import find_cases, run_case
from adapters.workbench.contract_tests import checks
from adapters.workbench.contract_tests.subjects import Mode, Subject, keys_of, opened
from adapters.workbench.quality.criterion import (
    DONE,
    Criterion,
    CriterionOutcome,
    CriterionResult,
    Tier,
    missing,
)
from schema.provenance import Record

RECORD_ONE = "record one with `hub adapter record`"


async def _manifest_builds(subject: Subject) -> CriterionResult:
    async with opened(subject.manifest):
        return DONE


async def _every_capability_has_a_sample(subject: Subject) -> CriterionResult:
    without = [each.value for each in subject.look_ups if not subject.samples_of(each)]
    if without:
        return missing(
            f"there is no sample of {', '.join(without)}",
            f"run `hub adapter record {subject.name} {without[0]} KEY`",
        )
    for capability in subject.look_ups:
        lacks = await _what_samples_lack(subject, capability)
        if lacks:
            return missing(
                f"{lacks} in the samples of {capability.value}",
                f"run `hub adapter record {subject.name} {capability.value} KEY` with the key of a "
                "complete record",
            )
    return DONE


async def _what_samples_lack(subject: Subject, capability: Capability) -> str:
    """Return what the samples of a capability never show; empty if they show enough.

    Samples without a record or without any date prove nothing about `rows`, `key` and formats.
    """
    records: list[Record] = []
    for sample in subject.samples_of(capability):
        async with subject.adapter(sample) as adapter:
            with suppress(DepartmentError):
                # Another criterion reports samples that can't be read.
                records += (await checks.read_sample(adapter, sample))[0]
    if not records:
        # If there should be records, another criterion reports that they are not read.
        expected = any(each.entry.records != 0 for each in subject.samples_of(capability))
        return "" if expected else "there is no record"
    model = subject.manifest.file.capabilities[capability]
    rules = subject.manifest.file.records[model.record].rules
    dates = {
        name: target.attribute
        for name, target in targets_of(record_type_of(capability)).items()
        if target.kind in ("date", "datetime") and name in rules and rules[name].path is not None
    }
    if dates and all(
        getattr(r, attribute) is None for r in records for attribute in dates.values()
    ):
        return f"every date is null ({', '.join(dates)})"
    return ""


async def _samples_are_read(subject: Subject) -> CriterionResult:
    if not subject.samples:
        return missing("there are no samples", RECORD_ONE)
    for sample in subject.samples:
        await checks.sample_is_read_whole(subject, sample)
    return DONE


async def _reads_are_total(subject: Subject) -> CriterionResult:
    whole = [each for each in subject.samples if not each.is_error and each.path.suffix != ".sql"]
    if not whole:
        return missing("there is no sample to damage", RECORD_ONE)
    for sample in whole:
        await checks.damaged_replies_cost_their_own_rows(subject, sample)
    return DONE


async def _keys_get_their_own_rows(subject: Subject) -> CriterionResult:
    if subject.mode is Mode.SAMPLES:
        return await _keys_in_samples(subject)
    async with subject.adapter() as adapter:
        for capability in subject.look_ups:
            await checks.unknown_key_gives_no_rows(adapter, capability)
            keys = dict.fromkeys(subject.known_keys(capability))
            if keys:
                await checks.keys_get_their_own_rows(adapter, capability, keys)
    return DONE


async def _keys_in_samples(subject: Subject) -> CriterionResult:
    seen = False
    for capability in subject.look_ups:
        for sample in subject.samples_of(capability):
            async with subject.adapter(sample) as adapter:
                await checks.unknown_key_gives_no_rows(adapter, capability, is_replayed=True)
                keys = await keys_of(adapter, sample)
                await checks.keys_get_their_own_rows(adapter, capability, dict.fromkeys(keys))
            seen = True
    if seen:
        return DONE
    return missing("there are no samples", RECORD_ONE)


async def _cases_pass(subject: Subject) -> CriterionResult:
    for path in find_cases(subject.manifest.folder):
        await run_case(path, subject.manifest.folder)
    return DONE


async def _secrets_are_references(subject: Subject) -> CriterionResult:
    document = read_document(subject.manifest.folder / "department.yaml")
    for problem in literal_credentials(document):
        where = f"line {problem.line}, {problem.key}: {problem.message}"
        return CriterionResult(CriterionOutcome.FAILED, where, problem.remedy)
    return DONE


BRONZE: tuple[Criterion, ...] = (
    Criterion("manifest", Tier.BRONZE, "The adapter can be built.", _manifest_builds),
    Criterion(
        "samples",
        Tier.BRONZE,
        "Every look-up has a recorded reply.",
        _every_capability_has_a_sample,
    ),
    Criterion("reads", Tier.BRONZE, "Recorded replies are read completely.", _samples_are_read),
    Criterion("keys", Tier.BRONZE, "Each key gets its own rows.", _keys_get_their_own_rows),
    Criterion(
        "total", Tier.BRONZE, "A damaged value costs its own field or row only.", _reads_are_total
    ),
    Criterion("cases", Tier.BRONZE, "The cases beside the manifest pass.", _cases_pass),
    Criterion(
        "secrets", Tier.BRONZE, "Credentials are references, not literals.", _secrets_are_references
    ),
)
