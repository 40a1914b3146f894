"""Finds departments by capability, numbering scheme and form of reference number."""

import re
from collections.abc import Iterable, Sequence

from adapters.contract import Capability
from adapters.manifest import Manifest
from adapters.manifest.calls import placeholders_in_call
from schema.codes import ErrorCode
from schema.errors import HubError, bad_input


class Directory:
    """The departments, in the order of `manifests`."""

    def __init__(self, manifests: Sequence[Manifest]) -> None:
        self.manifests = {manifest.file.department: manifest for manifest in manifests}
        self._by_capability: dict[Capability, list[str]] = {
            capability: [
                name
                for name, manifest in self.manifests.items()
                if capability in manifest.file.capabilities
            ]
            for capability in Capability
        }
        self._references = _patterns((name, m.file.reference) for name, m in self.manifests.items())
        self._registrations = _patterns(
            (name, m.file.registration_number) for name, m in self.manifests.items()
        )
        self._certificates = _patterns(
            (name, m.file.certificate_number) for name, m in self.manifests.items()
        )
        self._placeholders: dict[tuple[str, Capability], frozenset[str]] = {}
        self._issuers = {m.file.identity.scheme: name for name, m in self.manifests.items()}

    def placeholders_of(self, department: str, capability: Capability) -> frozenset[str]:
        """Return the placeholders in the department's call of a capability."""
        key = department, capability
        if key not in self._placeholders:
            self._placeholders[key] = placeholders_in_call(self.manifests[department], capability)
        return self._placeholders[key]

    def with_capability(self, capability: Capability) -> Sequence[str]:
        return self._by_capability[capability]

    def registry(self, capability: Capability) -> str:
        """Return the department that has this capability of the family registry.

        Raises:
            HubError: `NOT_CONFIGURED`, there is none.
        """
        departments = self._by_capability[capability]
        if not departments:
            raise HubError(
                ErrorCode.NOT_CONFIGURED,
                f"No department has the capability {capability}. Contact the hub's operator.",
            )
        return departments[0]

    def scheme_of(self, department: str) -> str:
        return self.manifests[department].file.identity.scheme

    def issuer_of(self, scheme: str) -> str | None:
        return self._issuers.get(scheme)

    def department_of_reference(self, reference: str) -> str:
        """Return the department that issues application references of this form.

        Raises:
            HubError: `BAD_USER_INPUT`, no department does.
        """
        return _issuer(self._references, reference, "application reference number")

    def has_reference(self, text: str) -> bool:
        """Return whether a text has the form of some department's application references."""
        return any(pattern.fullmatch(text) for _, pattern in self._references)

    def has_registration_number(self, text: str) -> bool:
        """Return whether a text has the form of some helpdesk's registration numbers."""
        return any(pattern.fullmatch(text) for _, pattern in self._registrations)

    def department_of_registration_number(self, number: str) -> str:
        """Return the helpdesk that issues registration numbers of this form.

        Raises:
            HubError: `BAD_USER_INPUT`, no helpdesk does.
        """
        return _issuer(self._registrations, number, "registration number")

    def department_of_certificate(self, number: str) -> str:
        """Return the department that issues certificates with numbers of this form.

        Raises:
            HubError: `BAD_USER_INPUT`, no department does.
        """
        return _issuer(self._certificates, number, "certificate number")


Patterns = list[tuple[str, re.Pattern[str]]]


def _patterns(forms: Iterable[tuple[str, str | None]]) -> Patterns:
    return [(name, re.compile(pattern)) for name, pattern in forms if pattern]


def _issuer(patterns: Patterns, number: str, kind: str) -> str:
    for department, pattern in patterns:
        if pattern.fullmatch(number):
            return department
    known = ", ".join(f"{pattern.pattern} ({department})" for department, pattern in patterns)
    # The message does not quote it, because it may be another number of a citizen.
    raise bad_input(f"Unknown form of {kind}. Known forms: {known}.")
