"""Silver: the department may fail, hang, flood and close."""

from adapters.workbench.contract_tests import checks
from adapters.workbench.contract_tests.subjects import Subject
from adapters.workbench.quality.criterion import (
    DONE,
    Criterion,
    CriterionOutcome,
    CriterionResult,
    Tier,
    written_manifest,
)


async def _failures_are_typed(subject: Subject) -> CriterionResult:
    for capability in subject.manifest.file.capabilities:
        await checks.failure_is_a_department_error(subject, capability)
    return DONE


async def _cancelled_calls_end(subject: Subject) -> CriterionResult:
    for capability in subject.look_ups:
        await checks.cancelled_call_leaves_the_connector_usable(subject, capability)
    return DONE


async def _large_replies_are_refused(subject: Subject) -> CriterionResult:
    for capability in subject.look_ups:
        if subject.samples_of(capability):
            await checks.too_large_reply_is_refused(subject, capability)
    return DONE


async def _awkward_replies_are_recorded(subject: Subject) -> CriterionResult:
    none = any(each.entry.records == 0 for each in subject.samples)
    errors = any(each.is_error for each in subject.samples)
    if none and errors:
        return DONE
    wanted = [w for w, there in (("of no rows", none), ("of an error", errors)) if not there]
    return CriterionResult(
        CriterionOutcome.MISSING,
        f"no recorded reply {' and none '.join(wanted)}",
        "record one for a key nobody has and one the department refuses, and list them in "
        "samples/samples.yaml with `records: 0` and `error: CODE`",
    )


async def _limits_are_written(subject: Subject) -> CriterionResult:
    limits = written_manifest(subject).get("limits")
    wanted = {"deadline", "concurrency", "reply_bytes"}
    missing = sorted(wanted - set(limits if isinstance(limits, dict) else ()))
    if not missing:
        return DONE
    return CriterionResult(
        CriterionOutcome.MISSING,
        f"`limits` does not say {', '.join(missing)}",
        "ask the department what it can bear, and write it",
    )


async def _maintenance_is_written(subject: Subject) -> CriterionResult:
    if "maintenance" in written_manifest(subject):
        return DONE
    return CriterionResult(
        CriterionOutcome.MISSING,
        "the manifest does not say when the department is closed",
        "write `maintenance:` with its windows, or `maintenance: []` if it has none",
    )


SILVER: tuple[Criterion, ...] = (
    Criterion(
        "faults", Tier.SILVER, "However the department fails, it is typed.", _failures_are_typed
    ),
    Criterion(
        "cancelled",
        Tier.SILVER,
        "A call that is given up leaves the line usable.",
        _cancelled_calls_end,
        may_be_exempt=True,
    ),
    Criterion(
        "bounds", Tier.SILVER, "A reply beyond the limits is refused.", _large_replies_are_refused
    ),
    Criterion(
        "awkward",
        Tier.SILVER,
        "Replies without rows and of errors are recorded.",
        _awkward_replies_are_recorded,
        may_be_exempt=True,
    ),
    Criterion("limits", Tier.SILVER, "What the department bears is written.", _limits_are_written),
    Criterion(
        "maintenance",
        Tier.SILVER,
        "When it is closed is written.",
        _maintenance_is_written,
    ),
)
