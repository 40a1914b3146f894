"""Reads the policy file. Each mistake is reported with file, line and remedy, all at once."""

from collections.abc import Iterable
from pathlib import Path

from adapters.manifest.document import Document, read_document
from adapters.manifest.problems import ManifestError, Problem
from adapters.manifest.validation import validate
from hub.access.policy.checks import PolicyChecks
from hub.access.policy.model import PolicyFile, purpose_of, rule_of, submission_rule_of
from hub.access.policy.policy import Policy
from hub.access.policy.terms import Action, Level, Limit
from schema.personal import FieldClass

BUILT_IN = Path(__file__).parent.with_name("policy.yaml")


class PolicyError(Exception):
    """The policy file is not usable.

    Attributes:
        problems: all mistakes, sorted by line. As text: `file:line: key: message; remedy`.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems, key=lambda each: (each.line, each.key))
        super().__init__("\n".join(map(str, self.problems)))


def load_policy(path: Path | None = None) -> Policy:
    """Return the policy in a file.

    Args:
        path: the file; None for the built-in policy.

    Raises:
        PolicyError: the file has mistakes.
    """
    try:
        document = read_document(path or BUILT_IN)
    except ManifestError as error:
        raise PolicyError(error.problems) from None
    problems: list[Problem] = []
    file = validate(PolicyFile, document.content, document, problems)
    if file is None:
        raise PolicyError(problems)
    problems += PolicyChecks(file, document).run()
    if problems:
        raise PolicyError(problems)
    return _policy_of(file, document)


def _policy_of(file: PolicyFile, document: Document) -> Policy:
    return Policy(
        document.path,
        {code: purpose_of(code, model) for code, model in file.purposes.items()},
        {Action(name): frozenset(roles) for name, roles in file.actions.items()},
        [
            rule_of(model, document.line_of(("rules", number)), file)
            for number, model in enumerate(file.rules)
        ],
        [
            Limit(
                model.name,
                document.line_of(("limits", number)),
                frozenset(FieldClass[each] for each in model.fields),
                Level[model.atMost],
                frozenset(model.exceptPurposes),
            )
            for number, model in enumerate(file.limits)
        ],
        [
            submission_rule_of(model, document.line_of(("submissions", number)), file)
            for number, model in enumerate(file.submissions)
        ],
    )
