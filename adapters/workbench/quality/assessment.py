"""Rates one department on the quality scale."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.contract import DepartmentError
from adapters.manifest.document import read_document
from adapters.manifest.problems import ManifestError, Problem
from adapters.manifest.validation import validate
from adapters.mapping.rules import StrictModel
from adapters.workbench.contract_tests.checks import ContractBrokenError
from adapters.workbench.contract_tests.subjects import Subject
from adapters.workbench.quality import CRITERIA
from adapters.workbench.quality.criterion import (
    Criterion,
    CriterionOutcome,
    CriterionResult,
    Tier,
    missing,
)
from adapters.workbench.replay.stages import CanNotReplayError

EXEMPTIONS = "quality.yaml"
PASSED = (CriterionOutcome.DONE, CriterionOutcome.EXEMPT)


@dataclass(frozen=True, slots=True)
class QualityReport:
    """The rating of a department.

    Attributes:
        department: its identifier.
        mode: what the adapter called: `samples`, `mock` or `live`.
        results: each criterion with its result.
    """

    department: str
    mode: str
    results: Sequence[tuple[Criterion, CriterionResult]]

    @property
    def tier(self) -> Tier:
        """The highest tier of which all criteria are met, and those of all lower tiers."""
        reached = Tier.NONE
        for tier in Tier:
            if tier and any(
                result.outcome not in PASSED
                for criterion, result in self.results
                if criterion.tier == tier
            ):
                break
            reached = tier
        return reached

    @property
    def is_good(self) -> bool:
        """True if the adapter reaches bronze and breaks no rule of the contract."""
        failed = any(result.outcome is CriterionOutcome.FAILED for _, result in self.results)
        return self.tier >= Tier.BRONZE and not failed

    @property
    def missing(self) -> list[tuple[Criterion, CriterionResult]]:
        """Criteria that are not met yet, up to the next tier."""
        wanted = min(self.tier + 1, Tier.PLATINUM)
        return [
            (criterion, result)
            for criterion, result in self.results
            if criterion.tier <= wanted and result.outcome not in PASSED
        ]

    def as_json(self) -> dict[str, Any]:
        return {
            "department": self.department,
            "mode": self.mode,
            "tier": self.tier.word,
            "good": self.is_good,
            "criteria": [
                {
                    "name": criterion.name,
                    "tier": criterion.tier.word,
                    "sentence": criterion.sentence,
                    "outcome": result.outcome.value,
                    "why": result.why,
                    "remedy": result.remedy,
                }
                for criterion, result in self.results
            ],
        }


async def assess(subject: Subject) -> QualityReport:
    """Check every criterion for the department.

    Raises:
        ManifestError: a case or `quality.yaml` is wrong.
    """
    problems: list[Problem] = []
    exempt = exemptions_of(subject, problems)
    if problems:
        raise ManifestError(problems)
    results: list[tuple[Criterion, CriterionResult]] = []
    for criterion in CRITERIA:
        try:
            result = await check_criterion(criterion, subject, exempt)
        except DepartmentError as error:
            result = CriterionResult(
                CriterionOutcome.FAILED,
                f"{error.code}: {error.message}",
                "read the message of the department",
            )
        results.append((criterion, result))
    return QualityReport(subject.name, subject.mode.value, results)


class QualityFile(StrictModel):
    """`quality.yaml` beside a manifest: criteria that do not apply to it, each with the reason."""

    exempt: dict[str, str] = {}


def exemptions_of(subject: Subject, problems: list[Problem]) -> Mapping[str, str]:
    """Return the reasons by criterion; criteria that can't be exempted are added to `problems`."""
    path = subject.manifest.folder / EXEMPTIONS
    if not path.exists():
        return {}
    document = read_document(path)
    file = validate(QualityFile, document.content, document, problems)
    possible = {each.name for each in CRITERIA if each.may_be_exempt}
    for name in file.exempt if file else ():
        if name not in possible:
            message = f"the criterion {name!r} can't be exempted"
            remedy = f"exempt only: {', '.join(sorted(possible))}"
            line = document.line_of(("exempt", name))
            problems.append(Problem(path, line, f"exempt.{name}", message, remedy))
    return file.exempt if file else {}


async def check_criterion(
    criterion: Criterion, subject: Subject, exempt: Mapping[str, str]
) -> CriterionResult:
    """Check one criterion; an exempt one is not checked."""
    if criterion.name in exempt:
        return CriterionResult(CriterionOutcome.EXEMPT, exempt[criterion.name])
    try:
        return await criterion.check(subject)
    except ContractBrokenError as error:
        return CriterionResult(CriterionOutcome.FAILED, error.message, error.remedy)
    except CanNotReplayError as error:
        remedy = (
            "if it does not apply, exempt it in quality.yaml with the reason"
            if criterion.may_be_exempt
            else ""
        )
        return missing(str(error), remedy or "repeat the test with --mock or --live")
