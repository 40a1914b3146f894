"""Tiers, criteria, and the result of checking a criterion."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from adapters.manifest.document import read_document
from adapters.workbench.contract_tests.subjects import Subject


class Tier(IntEnum):
    """Quality of an adapter. Each tier includes the criteria of the lower ones."""

    NONE = 0
    BRONZE = 1
    SILVER = 2
    GOLD = 3
    PLATINUM = 4

    @property
    def word(self) -> str:
        return self.name.lower()


class CriterionOutcome(StrEnum):
    """The outcome of checking a criterion.

    MISSING: something is not there yet. FAILED: the adapter breaks the contract. EXEMPT:
    `quality.yaml` gives a reason why the criterion does not apply.
    """

    DONE = "done"
    MISSING = "missing"
    FAILED = "failed"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """The result of checking a criterion.

    Attributes:
        outcome: the outcome.
        why: reason in a sentence; usually empty if done.
        remedy: what to do.
    """

    outcome: CriterionOutcome
    why: str = ""
    remedy: str = ""


DONE = CriterionResult(CriterionOutcome.DONE)


def missing(why: str, remedy: str) -> CriterionResult:
    """Return the result of a criterion that is not met yet."""
    return CriterionResult(CriterionOutcome.MISSING, why, remedy)


@dataclass(frozen=True, slots=True)
class Criterion:
    """A requirement of a tier.

    Attributes:
        name: short name, as in `quality.yaml`.
        tier: the lowest tier that requires it.
        sentence: the requirement.
        check: checks it. Raises `ContractBrokenError`, or `CanNotReplayError` if the manifest and
            its samples are not enough to decide.
        may_be_exempt: True if `quality.yaml` may exempt an adapter from it.
    """

    name: str
    tier: Tier
    sentence: str
    check: Callable[[Subject], Awaitable[CriterionResult]]
    may_be_exempt: bool = False


def written_manifest(subject: Subject) -> dict[str, object]:
    """Return the content of `department.yaml`, without default values."""
    document = read_document(subject.manifest.folder / "department.yaml")
    return document.content if isinstance(document.content, dict) else {}
