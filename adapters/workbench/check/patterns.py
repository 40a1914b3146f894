"""Checks the patterns of numbers: overlaps between departments, and control characters."""

from collections.abc import Sequence

from adapters.contract import Capability
from adapters.workbench.check.control_characters import control_character_in
from adapters.workbench.check.findings import Findings, Severity
from adapters.workbench.check.overlapping_patterns import overlapping


def check_patterns(departments: Sequence[Findings]) -> None:
    """Report patterns that overlap, are missing, admit control characters or have no capability."""
    for key, capability in (
        ("reference", Capability.APPLICATIONS_BY_REFERENCE),
        ("registration_number", Capability.GRIEVANCES_BY_REGISTRATION_NUMBER),
        ("certificate_number", Capability.CERTIFICATES_BY_NUMBER),
    ):
        claims: list[tuple[Findings, str]] = []
        for findings in departments:
            pattern = getattr(findings.manifest.file, key)
            can_look_up = capability in findings.manifest.file.capabilities
            if pattern is not None:
                claims.append((findings, pattern))
                _check_controls(findings, key, pattern)
            if can_look_up and pattern is None:
                key_path = ("capabilities", capability.value)
                message = f"this capability is never called, because the department has no `{key}`"
                remedy = f"add `{key}`, a regular expression for its numbers"
                findings.add(Severity.WARNING, "patterns", key_path, message, remedy)
            if pattern is not None and not can_look_up:
                message = f"no capability looks up these numbers: {capability.value} is missing"
                findings.add(Severity.NOTE, "patterns", (key,), message)
        _warn_of_overlaps(key, claims)


def _check_controls(findings: Findings, key: str, pattern: str) -> None:
    found = control_character_in(pattern)
    if found is None:
        return
    control, text = found
    severity = Severity.WARNING if control.isspace() else Severity.ERROR
    message = f"the pattern admits control characters: it matches {text!r}"
    remedy = "list the characters that a number may have, for example [A-Z0-9/-]+"
    findings.add(severity, "patterns", (key,), message, remedy)


def _warn_of_overlaps(key: str, claims: Sequence[tuple[Findings, str]]) -> None:
    found = overlapping([pattern for _findings, pattern in claims])
    if found is None:
        for findings, _pattern in claims:
            message = "comparing this pattern with those of other departments took too long"
            remedy = "simplify it"
            findings.add(Severity.WARNING, "patterns", (key,), message, remedy)
        return
    for one, other in found:
        first, second = claims[one][0].manifest.file.department, claims[other][0]
        message = f"a number may match both this pattern and that of {first}, which is called"
        remedy = "make one pattern more specific, for example with a prefix"
        second.add(Severity.WARNING, "patterns", (key,), message, remedy)
