"""Finds texts for citizens that do not exist in both languages."""

import re
from collections.abc import Sequence

from adapters.manifest.document import Document, KeyPath, read_document
from adapters.manifest.services import ServicesFile
from adapters.manifest.texts import TextModel, texts_in
from adapters.workbench.check.findings import Findings, Severity

MOST_NAMED = 6
_DEVANAGARI = re.compile("[\u0900-\u097f]")


def check_languages(findings: Findings) -> None:
    """Warn of missing Hindi: once for each text of the department, and once for each service."""
    folder = findings.manifest.folder
    document = read_document(folder / "department.yaml")
    for at, text in texts_in(findings.manifest.file):
        _warn_of_some(findings, document, at, [(at, text)])
    path = folder / "services.yaml"
    if not path.exists():
        return
    document = read_document(path)
    file = ServicesFile.model_validate(document.content or {})
    for code, service in file.services.items():
        at = ("services", code)
        _warn_of_some(findings, document, at, list(texts_in(service, at)))


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
