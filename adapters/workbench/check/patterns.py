"""Can a number belong to two departments? Their patterns, compared as the sets they stand for."""

from collections.abc import Sequence

from adapters.contract import Capability
from adapters.overlapping_patterns import overlapping
from adapters.workbench.check.findings import Findings, Severity


def check_patterns(departments: Sequence[Findings]) -> None:
    """Warns of patterns that overlap, are missing, or have nothing to look up."""
    for key, capability in (
        ("reference", Capability.APPLICATIONS_BY_REFERENCE),
        ("registration_number", Capability.GRIEVANCES_BY_REGISTRATION_NUMBER),
    ):
        claims: list[tuple[Findings, str]] = []
        for findings in departments:
            pattern = getattr(findings.manifest.file, key)
            can_look_up = capability in findings.manifest.file.capabilities
            if pattern is not None:
                claims.append((findings, pattern))
            if can_look_up and pattern is None:
                key_path = ("capabilities", capability.value)
                message = f"it is never asked: the department has no `{key}`"
                remedy = f"add `{key}`, a regular expression of its numbers"
                findings.add(Severity.WARNING, "patterns", key_path, message, remedy)
            if pattern is not None and not can_look_up:
                message = f"nothing looks such numbers up: there is no {capability.value}"
                findings.add(Severity.NOTE, "patterns", (key,), message)
        _tell_overlaps(key, claims)


def _tell_overlaps(key: str, claims: Sequence[tuple[Findings, str]]) -> None:
    found = overlapping([pattern for _findings, pattern in claims])
    if found is None:
        for findings, _pattern in claims:
            message = "whether it overlaps another department's could not be told in time"
            remedy = "write it simpler"
            findings.add(Severity.WARNING, "patterns", (key,), message, remedy)
        return
    for one, other in found:
        first, second = claims[one][0].manifest.file.department, claims[other][0]
        message = f"a number can match this and the pattern of {first}, which is asked"
        remedy = "make one of them tell more, as its prefix"
        second.add(Severity.WARNING, "patterns", (key,), message, remedy)
