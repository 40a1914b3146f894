"""Criteria of platinum: the adapter is fast, and has names in two scripts."""

from adapters.workbench.benchmark import FILE, BrokenBenchmarkError, digest_of, read_benchmark
from adapters.workbench.contract_tests.subjects import Subject
from adapters.workbench.quality.criterion import (
    DONE,
    Criterion,
    CriterionOutcome,
    CriterionResult,
    Tier,
    missing,
)


async def _is_batched(subject: Subject) -> CriterionResult:
    single = [
        each.value
        for each in subject.look_ups
        if subject.manifest.file.capabilities[each].keys.at_once == 1
    ]
    if not single:
        return DONE
    return missing(
        f"{', '.join(single)} calls the department once for each key",
        "use a call that takes several keys, and write `keys: {at_once: N}`",
    )


async def _speed_is_kept(subject: Subject) -> CriterionResult:
    remedy = f"run `hub adapter bench {subject.name}`"
    try:
        kept = read_benchmark(subject.manifest.folder)
    except BrokenBenchmarkError as error:
        return CriterionResult(CriterionOutcome.FAILED, str(error), remedy)
    if kept is None:
        return missing(f"there is no {FILE} beside the manifest", remedy)
    if kept.manifest != digest_of(subject.manifest.folder):
        return missing(f"the manifest has changed since {FILE} was written", remedy)
    measured = {each.capability for each in kept.samples}
    without = [each.value for each in subject.look_ups if each.value not in measured]
    if without:
        return missing(f"{FILE} lacks {', '.join(without)}", remedy)
    return DONE


async def _has_two_scripts(subject: Subject) -> CriterionResult:
    services = [s.code for s in subject.manifest.services if not s.name_text.hi]
    if subject.manifest.file.label.hi and not services:
        return DONE
    what = "its label" if not subject.manifest.file.label.hi else f"services {', '.join(services)}"
    return missing(f"no Hindi name of {what}", "write `hi:` beside `en:`")


PLATINUM: tuple[Criterion, ...] = (
    Criterion(
        "batched",
        Tier.PLATINUM,
        "Look-ups take several keys at once.",
        _is_batched,
        may_be_exempt=True,
    ),
    Criterion("benchmarked", Tier.PLATINUM, "The reading speed is measured.", _speed_is_kept),
    Criterion(
        "scripts",
        Tier.PLATINUM,
        "The department and its services have names in two scripts.",
        _has_two_scripts,
        may_be_exempt=True,
    ),
)
