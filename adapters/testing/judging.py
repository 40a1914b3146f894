"""Judges one department by the quality scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.contract import DepartmentError
from adapters.manifest.problems import ManifestError, Problem
from adapters.testing.quality import (
    CRITERIA,
    Criterion,
    Finding,
    Outcome,
    Tier,
    exemptions_of,
    find,
)
from adapters.testing.subjects import Subject

PASSED = (Outcome.DONE, Outcome.EXEMPT)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How far a department has come.

    Attributes:
        department: its identifier.
        mode: where it was asked.
        findings: what became of each criterion.
    """

    department: str
    mode: str
    findings: Sequence[tuple[Criterion, Finding]]

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
        failed = any(finding.outcome is Outcome.FAILED for _, finding in self.findings)
        return self.tier >= Tier.BRONZE and not failed

    @property
    def missing(self) -> list[tuple[Criterion, Finding]]:
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


async def judge(subject: Subject) -> Verdict:
    """Raises `ManifestError` where the manifest, its samples, cases or exemptions can't be read."""
    problems: list[Problem] = []
    exempt = exemptions_of(subject, problems)
    if problems:
        raise ManifestError(problems)
    findings: list[tuple[Criterion, Finding]] = []
    for criterion in CRITERIA:
        try:
            finding = await find(criterion, subject, exempt)
        except DepartmentError as error:
            finding = Finding(Outcome.FAILED, f"{error.code}: {error.message}", "look at the line")
        findings.append((criterion, finding))
    return Verdict(subject.name, subject.mode.value, findings)
