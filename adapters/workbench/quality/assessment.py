"""Judges one department by the quality scale."""

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
from adapters.workbench.quality.criterion import Criterion, CriterionOutcome, CriterionResult, Tier
from adapters.workbench.replay.stages import CanNotReplayError

EXEMPTIONS = "quality.yaml"
PASSED = (CriterionOutcome.DONE, CriterionOutcome.EXEMPT)


@dataclass(frozen=True, slots=True)
class QualityReport:
    """How far a department has come.

    Attributes:
        department: its identifier.
        mode: where it was asked.
        findings: what became of each criterion.
    """

    department: str
    mode: str
    findings: Sequence[tuple[Criterion, CriterionResult]]

    @property
    def tier(self) -> Tier:
        """The highest tier of which, and of those below which, nothing is missing."""
        reached = Tier.NONE
        for tier in Tier:
            if tier and any(
                finding.outcome not in PASSED
                for criterion, finding in self.findings
                if criterion.tier == tier
            ):
                break
            reached = tier
        return reached

    @property
    def is_good(self) -> bool:
        """Whether it has come to bronze, and breaks the contract nowhere."""
        failed = any(finding.outcome is CriterionOutcome.FAILED for _, finding in self.findings)
        return self.tier >= Tier.BRONZE and not failed

    @property
    def missing(self) -> list[tuple[Criterion, CriterionResult]]:
        """What the next tier wants still."""
        wanted = min(self.tier + 1, Tier.PLATINUM)
        return [
            (criterion, finding)
            for criterion, finding in self.findings
            if criterion.tier <= wanted and finding.outcome not in PASSED
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
                    "outcome": finding.outcome.value,
                    "why": finding.why,
                    "remedy": finding.remedy,
                }
                for criterion, finding in self.findings
            ],
        }


async def judge(subject: Subject) -> QualityReport:
    """Raises `ManifestError` where the manifest, its samples, cases or exemptions can't be read."""
    problems: list[Problem] = []
    exempt = exemptions_of(subject, problems)
    if problems:
        raise ManifestError(problems)
    findings: list[tuple[Criterion, CriterionResult]] = []
    for criterion in CRITERIA:
        try:
            finding = await find(criterion, subject, exempt)
        except DepartmentError as error:
            finding = CriterionResult(
                CriterionOutcome.FAILED, f"{error.code}: {error.message}", "look at the line"
            )
        findings.append((criterion, finding))
    return QualityReport(subject.name, subject.mode.value, findings)


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


async def find(
    criterion: Criterion, subject: Subject, exempt: Mapping[str, str]
) -> CriterionResult:
    """What became of the criterion; the department's failure is a failure."""
    if criterion.name in exempt:
        return CriterionResult(CriterionOutcome.EXEMPT, exempt[criterion.name])
    try:
        return await criterion.check(subject)
    except ContractBrokenError as error:
        return CriterionResult(CriterionOutcome.FAILED, error.message, error.remedy)
    except CanNotReplayError as error:
        remedy = "exempt it in quality.yaml with the reason" if criterion.may_be_exempt else ""
        return CriterionResult(
            CriterionOutcome.MISSING, str(error), remedy or "try --mock or --live"
        )
