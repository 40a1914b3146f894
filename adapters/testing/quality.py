"""The quality scale of adapters: what became of each criterion, and what is exempt from it."""

from collections.abc import Mapping

from adapters.manifest.document import read_document
from adapters.manifest.problems import Problem
from adapters.manifest.validation import validate
from adapters.mapping.rules import StrictModel
from adapters.testing.checks import ContractBrokenError
from adapters.testing.criteria import CRITERIA, Criterion, Finding, Outcome, Tier
from adapters.testing.stages import CanNotReplayError
from adapters.testing.subjects import Subject

__all__ = ["CRITERIA", "Criterion", "Finding", "Outcome", "Tier", "exemptions_of", "find"]

EXEMPTIONS = "quality.yaml"


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
