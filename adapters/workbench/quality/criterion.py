"""What a criterion is, what becomes of one, and the tiers that want them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from adapters.manifest.document import read_document
from adapters.workbench.contract_tests.subjects import Subject


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


class CriterionOutcome(StrEnum):
    """What became of a criterion."""

    DONE = "done"
    MISSING = "missing"
    FAILED = "failed"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """What a criterion's check found.

    Attributes:
        outcome: done; missing (not there yet); failed (the contract is broken); exempt.
        why: what was found, in a sentence; mostly empty when done.
        remedy: what to do.
    """

    outcome: CriterionOutcome
    why: str = ""
    remedy: str = ""


DONE = CriterionResult(CriterionOutcome.DONE)


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
    check: Callable[[Subject], Awaitable[CriterionResult]]
    may_be_exempt: bool = False


def written_manifest(subject: Subject) -> dict[str, object]:
    """The manifest as it is written, without what it holds by default."""
    document = read_document(subject.manifest.folder / "department.yaml")
    return document.content if isinstance(document.content, dict) else {}
