"""Criteria of silver: the department may fail, hang, send too much or close."""

from adapters.workbench.contract_tests import checks
from adapters.workbench.contract_tests.subjects import Subject
from adapters.workbench.quality.criterion import (
    DONE,
    Criterion,
    CriterionResult,
    Tier,
    missing,
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
    absent = [w for w, there in (("empty reply", none), ("error reply", errors)) if not there]
    return missing(
        f"there is no sample of an {' or an '.join(absent)}",
        "record one for an unknown key and one for a refused key, and list them in "
        "samples/samples.yaml with `records: 0` and `error: CODE`",
    )


async def _limits_are_written(subject: Subject) -> CriterionResult:
    limits = written_manifest(subject).get("limits")
    wanted = {"deadline", "concurrency", "reply_bytes"}
    absent = sorted(wanted - set(limits if isinstance(limits, dict) else ()))
    if not absent:
        return DONE
    return missing(
        f"`limits` lacks {', '.join(absent)}",
        "agree on the limits with the department, and write them",
    )


async def _maintenance_is_written(subject: Subject) -> CriterionResult:
    if "maintenance" in written_manifest(subject):
        return DONE
    return missing(
        "the manifest has no maintenance windows",
        "write `maintenance:` with the windows, or `maintenance: []` if there are none",
    )


SILVER: tuple[Criterion, ...] = (
    Criterion(
        "faults",
        Tier.SILVER,
        "Every failure of the department is a typed error.",
        _failures_are_typed,
    ),
    Criterion(
        "cancelled",
        Tier.SILVER,
        "A cancelled call leaves the connector usable.",
        _cancelled_calls_end,
        may_be_exempt=True,
    ),
    Criterion(
        "bounds",
        Tier.SILVER,
        "A reply larger than the limits is refused.",
        _large_replies_are_refused,
    ),
    Criterion(
        "awkward",
        Tier.SILVER,
        "An empty reply and an error reply are recorded.",
        _awkward_replies_are_recorded,
        may_be_exempt=True,
    ),
    Criterion("limits", Tier.SILVER, "The department's limits are written.", _limits_are_written),
    Criterion(
        "maintenance",
        Tier.SILVER,
        "The maintenance windows are written.",
        _maintenance_is_written,
    ),
)
