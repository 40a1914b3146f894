"""Finds services of service centres that are in no catalogue."""

from collections.abc import Sequence

from adapters.manifest.document import read_document
from adapters.manifest.service_centres import CentresFile
from adapters.mapping.rules import did_you_mean
from adapters.workbench.check.findings import Findings, Severity


def check_service_lists(departments: Sequence[Findings]) -> None:
    """Warn of codes in `service_lists` that no department has.

    The services may be of any department, so the departments must be checked together.
    """
    if len(departments) < 2:
        return
    known = [service.code for each in departments for service in each.manifest.services]
    for findings in departments:
        path = findings.manifest.folder / "service_centres.yaml"
        if not path.exists():
            continue
        document = read_document(path)
        file = CentresFile.model_validate(document.content or {})
        for name, codes in file.service_lists.items():
            for number, code in enumerate(codes):
                if code not in known:
                    at = ("service_lists", name, number)
                    where, key = (path, document.line_of(at)), ".".join(map(str, at))
                    message = f"no department that was checked has the service {code!r}"
                    remedy = did_you_mean(code, known) if known else "add it to `services.yaml`"
                    findings.add_at(Severity.WARNING, "services", where, key, message, remedy)
