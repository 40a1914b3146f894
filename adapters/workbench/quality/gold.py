"""Criteria of gold: writes happen once, and changes can be followed."""

from adapters.contract import Capability
from adapters.workbench.contract_tests import checks
from adapters.workbench.contract_tests.subjects import Mode, Subject
from adapters.workbench.quality.criterion import (
    DONE,
    Criterion,
    CriterionOutcome,
    CriterionResult,
    Tier,
    missing,
)
from adapters.workbench.replay.stages import CanNotReplayError


async def _writes_happen_once(subject: Subject) -> CriterionResult:
    manifest = subject.manifest
    writes = manifest.file.writes
    if not writes:
        return CriterionResult(CriterionOutcome.DONE, "The adapter only reads")
    for sample in subject.writes if subject.kind in checks.OVER_HTTP else ():
        await checks.write_is_sent_as_recorded(subject, sample)
    unsafe = [each.value for each in writes if not checks.is_safe(manifest, each)]
    if unsafe:
        return missing(
            f"after a lost reply, nobody knows whether the department has {', '.join(unsafe)}",
            "add the capability that finds it, or `repeatable: true` if the department ignores a "
            "second copy; otherwise write in quality.yaml why an operator must ask",
        )
    recorded = {each.capability for each in subject.writes}
    unrecorded = [each.value for each in writes if each not in recorded]
    if unrecorded and subject.kind in checks.OVER_HTTP:
        return missing(
            f"there is no sample of {', '.join(unrecorded)}",
            "list a request and its reply under `writes` in samples/samples.yaml",
        )
    return DONE


async def _changes_can_be_followed(subject: Subject) -> CriterionResult:
    if subject.kind == "files":
        return await _deliveries_report_changes(subject)
    changes = Capability.APPLICATIONS_CHANGES_SINCE
    if changes not in subject.manifest.file.capabilities:
        return missing(
            "the department reports no changes",
            f"add the capability {changes}, or write in quality.yaml why the department has no "
            "such call",
        )
    samples = [each for each in subject.samples_of(changes) if each.entry.records != 0]
    if not samples:
        return missing(
            f"there is no sample of {changes}", f"run `hub adapter record {subject.name} {changes}`"
        )
    for sample in samples:
        await checks.changes_can_be_followed(subject, sample)
    if subject.mode is not Mode.SAMPLES:
        async with subject.adapter() as adapter:
            await checks.changes_come_in_order(adapter)
    return DONE


async def _deliveries_report_changes(subject: Subject) -> CriterionResult:
    """Check for each kind of file that its deliveries report changes."""
    deliveries = [
        each for each in subject.samples if each.path.suffix != ".json" and each.entry.keys
    ]
    capabilities = dict.fromkeys(each.capability for each in deliveries)
    if not capabilities:
        raise CanNotReplayError("samples.yaml lists fewer than two deliveries with their keys")
    for capability in capabilities:
        of_one_kind = [each for each in deliveries if each.capability == capability]
        await checks.newest_delivered_row_counts(subject, of_one_kind)
    return DONE


async def _searches_have_samples(subject: Subject) -> CriterionResult:
    without = [
        capability.value
        for capability in subject.manifest.file.capabilities
        if capability.is_search and not subject.samples_of(Capability(capability))
    ]
    if not without:
        return DONE
    return missing(f"there is no sample of {', '.join(without)}", "record one of each search")


GOLD: tuple[Criterion, ...] = (
    Criterion(
        "writes",
        Tier.GOLD,
        "Writes are idempotent or reconciled.",
        _writes_happen_once,
        may_be_exempt=True,
    ),
    Criterion(
        "changes",
        Tier.GOLD,
        "Changes can be followed.",
        _changes_can_be_followed,
        may_be_exempt=True,
    ),
    Criterion(
        "searches",
        Tier.GOLD,
        "Every search has a recorded reply.",
        _searches_have_samples,
        may_be_exempt=True,
    ),
)
