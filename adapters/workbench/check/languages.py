"""Finds texts for citizens that do not exist in both languages."""

import re
from collections.abc import Mapping, Sequence

from adapters.manifest.document import Document, KeyPath, read_document
from adapters.manifest.service_centres import CentresFile
from adapters.manifest.services import ServicesFile
from adapters.manifest.texts import TextModel, texts_in
from adapters.mapping.rules import StrictModel
from adapters.workbench.check.findings import Findings, Severity

MOST_NAMED = 6
# The model of `department.yaml` needs values of references, so the loaded one is used.
FILES: Mapping[str, type[StrictModel] | None] = {
    "department.yaml": None,
    "services.yaml": ServicesFile,
    "service_centres.yaml": CentresFile,
}
_DEVANAGARI = re.compile("[\u0900-\u097f]")


def check_languages(findings: Findings) -> None:
    """Warn of missing Hindi: once for each service, service centre and text of the department."""
    for name, model in FILES.items():
        path = findings.manifest.folder / name
        if path.exists():
            _check_file(findings, read_document(path), model)


def _check_file(findings: Findings, document: Document, model: type[StrictModel] | None) -> None:
    file = model.model_validate(document.content or {}) if model else findings.manifest.file
    entries: dict[KeyPath, list[tuple[KeyPath, TextModel]]] = {}
    for at, text in texts_in(file):
        entries.setdefault(at[:2], []).append((at, text))
    for entry, texts in entries.items():
        _warn_of_some(findings, document, entry, texts)


def _warn_of_some(
    findings: Findings, document: Document, at: KeyPath, texts: Sequence[tuple[KeyPath, TextModel]]
) -> None:
    """Warn once of the texts without Hindi, at the first of them."""
    missing = [key_path for key_path, text in texts if not _DEVANAGARI.search(text.hi or "")]
    if not missing:
        return
    shown = [".".join(map(str, each[len(at) :])) for each in missing[:MOST_NAMED]]
    names = ", ".join(name for name in shown if name)
    more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    message = f"{at[-1]} has no text in Hindi{' for ' if names else ''}{names}{more}"
    where = (document.path, document.line_of(missing[0]))
    remedy = "write `{en: …, hi: …}`, with Hindi in Devanagari"
    findings.add_at(Severity.WARNING, "languages", where, ".".join(map(str, at)), message, remedy)
