"""The quality scale of adapters, as data: what each tier wants, and how it is found out."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from adapters.contract import Capability
from adapters.manifest.document import read_document
from adapters.manifest.problems import Problem
from adapters.manifest.validation import validate
from adapters.mapping.rules import StrictModel
from adapters.testing import checks
from adapters.testing.cases import find_cases, run_case
from adapters.testing.checks import ContractBrokenError
from adapters.testing.stages import CanNotReplayError
from adapters.testing.subjects import Mode, Subject, keys_of, opened

EXEMPTIONS = "quality.yaml"
NOT_BUILT = "not available in this version of the hub"


class Tier(IntEnum):
    """How far an adapter has come. Each tier wants all that the lower ones want."""

    NONE = 0
    BRONZE = 1
    SILVER = 2
    GOLD = 3
    PLATINUM = 4

    @property
    def word(self) -> str:
        return self.name.lower()


class Outcome(StrEnum):
    """What became of a criterion."""

    DONE = "done"
    MISSING = "missing"
    FAILED = "failed"
    EXEMPT = "exempt"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a criterion's check found.

    Attributes:
        outcome: done; missing (not there yet); failed (the contract is broken); exempt;
            unavailable (nobody can meet it in this version).
        why: what was found, in a sentence; empty when done.
        remedy: what to do.
    """

    outcome: Outcome
    why: str = ""
    remedy: str = ""


DONE = Finding(Outcome.DONE)


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that a tier wants.

    Attributes:
        name: short name, as `quality.yaml` exempts it.
        tier: the tier that wants it.
        sentence: what is wanted.
        check: finds out. Raises `ContractBrokenError`, or `CanNotReplayError` where the manifest or
            its samples give too little to find out.
        may_be_exempt: whether `quality.yaml` can give a reason why it does not concern one.
    """

    name: str
    tier: Tier
    sentence: str
    check: Callable[[Subject], Awaitable[Finding]]
    may_be_exempt: bool = False


class QualityFile(StrictModel):
    """`quality.yaml` beside a manifest: criteria that do not concern it, each with the reason."""

    exempt: dict[str, str] = {}


def exemptions_of(subject: Subject, problems: list[Problem]) -> Mapping[str, str]:
    """The reasons by criterion; what can't be exempted is added to `problems`."""
    path = subject.manifest.folder / EXEMPTIONS
    if not path.exists():
        return {}
    document = read_document(path)
    file = validate(QualityFile, document.content, document, problems)
    possible = {each.name for each in CRITERIA if each.may_be_exempt}
    for name in file.exempt if file else ():
        if name not in possible:
            message = f"{name!r} can't be exempted"
            remedy = f"exempt only: {', '.join(sorted(possible))}"
            line = document.line_of(("exempt", name))
            problems.append(Problem(path, line, f"exempt.{name}", message, remedy))
    return file.exempt if file else {}


async def _manifest_builds(subject: Subject) -> Finding:
    async with opened(subject.manifest):
        return DONE


async def _every_capability_has_a_sample(subject: Subject) -> Finding:
    without = [each.value for each in subject.look_ups if not subject.samples_of(each)]
    if not without:
        return DONE
    return Finding(
        Outcome.MISSING,
        f"no recorded reply of {', '.join(without)}",
        f"hub adapter record {subject.name} {without[0]} KEY --to samples/{without[0]}…",
    )


async def _samples_are_read(subject: Subject) -> Finding:
    if not subject.samples:
        return Finding(Outcome.MISSING, "there are no samples", "record one: hub adapter record")
    for sample in subject.samples:
        await checks.sample_is_read_whole(subject, sample)
    return DONE


async def _reads_are_total(subject: Subject) -> Finding:
    whole = [each for each in subject.samples if not each.is_error and each.path.suffix != ".sql"]
    if not whole:
        return Finding(Outcome.MISSING, "there is no sample to damage", "hub adapter record")
    for sample in whole:
        await checks.damaged_replies_cost_their_own_rows(subject, sample)
    return DONE


async def _keys_get_their_own_rows(subject: Subject) -> Finding:
    if subject.mode is Mode.SAMPLES:
        return await _keys_in_samples(subject)
    async with opened(subject.department()) as adapter:
        for capability in subject.look_ups:
            await checks.unknown_key_is_no_rows(adapter, capability)
            keys = dict.fromkeys(subject.known_keys(capability))
            if keys:
                await checks.keys_get_their_own_rows(adapter, capability, keys)
    return DONE


async def _keys_in_samples(subject: Subject) -> Finding:
    seen = False
    for capability in subject.look_ups:
        for sample in subject.samples_of(capability):
            with subject.stage(sample) as stage:
                async with opened(stage.manifest) as adapter:
                    await checks.unknown_key_is_no_rows(adapter, capability)
                    keys = await keys_of(adapter, sample)
                    await checks.keys_get_their_own_rows(adapter, capability, dict.fromkeys(keys))
            seen = True
    if seen:
        return DONE
    return Finding(Outcome.MISSING, "there are no samples", "record one: hub adapter record")


async def _cases_pass(subject: Subject) -> Finding:
    for path in find_cases(subject.manifest.folder):
        await run_case(path, subject.manifest.folder)
    return DONE


async def _failures_are_typed(subject: Subject) -> Finding:
    for capability in subject.manifest.file.capabilities:
        await checks.failure_is_a_department_error(subject, capability)
    return DONE


async def _cancelled_calls_end(subject: Subject) -> Finding:
    for capability in subject.look_ups:
        await checks.cancelled_call_leaves_the_line_usable(subject, capability)
    return DONE


async def _large_replies_are_refused(subject: Subject) -> Finding:
    for capability in subject.look_ups:
        if subject.samples_of(capability):
            await checks.too_large_reply_is_refused(subject, capability)
    return DONE


async def _awkward_replies_are_recorded(subject: Subject) -> Finding:
    none = any(each.told.records == 0 for each in subject.samples)
    errors = any(each.is_error for each in subject.samples)
    if none and errors:
        return DONE
    wanted = [w for w, there in (("of no rows", none), ("of an error", errors)) if not there]
    return Finding(
        Outcome.MISSING,
        f"no recorded reply {' and none '.join(wanted)}",
        "record one for a key nobody has and one the department refuses, and list them in "
        "samples/samples.yaml with `records: 0` and `error: CODE`",
    )


def _written(subject: Subject) -> dict[str, object]:
    """The manifest as it is written, without what it holds by default."""
    document = read_document(subject.manifest.folder / "department.yaml")
    return document.content if isinstance(document.content, dict) else {}


async def _limits_are_written(subject: Subject) -> Finding:
    limits = _written(subject).get("limits")
    wanted = {"deadline", "concurrency", "reply_bytes"}
    missing = sorted(wanted - set(limits if isinstance(limits, dict) else ()))
    if not missing:
        return DONE
    return Finding(
        Outcome.MISSING,
        f"`limits` does not say {', '.join(missing)}",
        "ask the department what it can bear, and write it",
    )


async def _maintenance_is_written(subject: Subject) -> Finding:
    if "maintenance" in _written(subject):
        return DONE
    return Finding(
        Outcome.MISSING,
        "the manifest does not say when the department is closed",
        "write `maintenance:` with its windows, or `maintenance: []` if it has none",
    )


_SECRET = re.compile(
    r"(?i)(key|token|secret|password|passwd|pwd|authorization)[\w-]*'?\s*:\s*"
    r"'(?!\$\{|\{|https?://|ssh-)[^']{6,}'"
)


async def _secrets_are_references(subject: Subject) -> Finding:
    connector = _written(subject).get("connector")
    settings = dict(connector) if isinstance(connector, dict) else {}
    if isinstance(settings.get("session"), dict):
        # Where the token stands in the login's reply, not the token.
        settings["session"] = {k: v for k, v in settings["session"].items() if k != "token"}
    if not _SECRET.search(str(settings)):
        return DONE
    return Finding(
        Outcome.FAILED,
        "the manifest holds a credential",
        "write it as ${env:NAME} or ${file:PATH}",
    )


async def _not_built(_subject: Subject) -> Finding:
    return Finding(Outcome.UNAVAILABLE, NOT_BUILT, "nothing to do yet")


async def _is_batched(subject: Subject) -> Finding:
    single = [
        each.value
        for each in subject.look_ups
        if subject.manifest.file.capabilities[each].keys.at_once == 1
    ]
    if not single:
        return DONE
    return Finding(
        Outcome.MISSING,
        f"{', '.join(single)} asks the department once for each key",
        "use a call that takes several keys, and write `keys: {at_once: N}`",
    )


async def _speaks_two_scripts(subject: Subject) -> Finding:
    services = [s.service_code for s in subject.manifest.services if not s.service_name_local]
    if subject.manifest.file.label.hi and not services:
        return DONE
    what = "its label" if not subject.manifest.file.label.hi else f"services {', '.join(services)}"
    return Finding(Outcome.MISSING, f"no Hindi name of {what}", "write `hi:` beside `en:`")


async def _searches_have_samples(subject: Subject) -> Finding:
    without = [
        capability.value
        for capability in subject.manifest.file.capabilities
        if capability.is_search and not subject.samples_of(Capability(capability))
    ]
    if not without:
        return DONE
    return Finding(
        Outcome.MISSING, f"no recorded reply of {', '.join(without)}", "record one of each search"
    )


CRITERIA: tuple[Criterion, ...] = (
    Criterion("manifest", Tier.BRONZE, "The adapter can be built.", _manifest_builds),
    Criterion(
        "samples",
        Tier.BRONZE,
        "Every look-up has a recorded reply.",
        _every_capability_has_a_sample,
    ),
    Criterion("reads", Tier.BRONZE, "Recorded replies are read whole.", _samples_are_read),
    Criterion("keys", Tier.BRONZE, "Each key gets its own rows.", _keys_get_their_own_rows),
    Criterion(
        "total", Tier.BRONZE, "A damaged value costs its own field or row only.", _reads_are_total
    ),
    Criterion("cases", Tier.BRONZE, "The cases beside the manifest pass.", _cases_pass),
    Criterion(
        "secrets", Tier.BRONZE, "Credentials stand in by reference only.", _secrets_are_references
    ),
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
    Criterion(
        "writes",
        Tier.GOLD,
        "Writes are idempotent or reconciled.",
        _not_built,
    ),
    Criterion("changes", Tier.GOLD, "Changes are watched.", _not_built),
    Criterion(
        "searches",
        Tier.GOLD,
        "Every search has a recorded reply.",
        _searches_have_samples,
        may_be_exempt=True,
    ),
    Criterion(
        "batched",
        Tier.PLATINUM,
        "Look-ups take several keys at once.",
        _is_batched,
        may_be_exempt=True,
    ),
    Criterion("benchmarked", Tier.PLATINUM, "Its speed is measured and kept.", _not_built),
    Criterion(
        "scripts",
        Tier.PLATINUM,
        "The department and its services have names in two scripts.",
        _speaks_two_scripts,
        may_be_exempt=True,
    ),
)


async def find(criterion: Criterion, subject: Subject, exempt: Mapping[str, str]) -> Finding:
    """What became of the criterion; the department's failure is a failure."""
    if criterion.name in exempt:
        return Finding(Outcome.EXEMPT, exempt[criterion.name])
    try:
        return await criterion.check(subject)
    except ContractBrokenError as error:
        return Finding(Outcome.FAILED, error.message, error.remedy)
    except CanNotReplayError as error:
        remedy = "exempt it in quality.yaml with the reason" if criterion.may_be_exempt else ""
        return Finding(Outcome.MISSING, str(error), remedy or "try --mock or --live")
