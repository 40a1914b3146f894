"""Finds texts for citizens that do not exist in both languages."""

import re
from collections.abc import Mapping, Sequence

from adapters.manifest.codes import CodesFile
from adapters.manifest.document import Document, KeyPath, read_document
from adapters.manifest.model import Manifest
from adapters.manifest.service_centres import CentresFile
from adapters.manifest.services import ServicesFile
from adapters.manifest.texts import TextModel, texts_in
from adapters.mapping.rules import StrictModel
from adapters.mapping.targets import targets_of
from adapters.workbench.check.fields import records_in_use, rule_sets
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
    """Warn of missing Hindi: once for each service, service centre, code table and other text."""
    for name, model in FILES.items():
        path = findings.manifest.folder / name
        if path.exists():
            _check_file(findings, read_document(path), model)
    _check_tables(findings)


def _check_file(findings: Findings, document: Document, model: type[StrictModel] | None) -> None:
    file = model.model_validate(document.content or {}) if model else findings.manifest.file
    entries: dict[KeyPath, list[tuple[KeyPath, TextModel]]] = {}
    for at, text in texts_in(file):
        entries.setdefault(at[:2], []).append((at, text))
    for entry, texts in entries.items():
        _warn_of_some(findings, document, entry, texts)


def _check_tables(findings: Findings) -> None:
    """Warn of missing Hindi in the code tables of texts for citizens."""
    manifest = findings.manifest
    labels, translations = _tables_for_citizens(manifest)
    for name in sorted((labels | translations) & manifest.tables.keys()):
        document = read_document(manifest.table_positions[name][0])
        table = CodesFile.model_validate(document.content).tables[name]
        at = ("tables", name)
        texts = [
            *texts_in(table, at),
            *(
                ((*at, "translations", en), TextModel(en=en or "-", hi=hi or None))
                for en, hi in table.translations.items()
            ),
        ]
        if name in labels:
            texts += [
                ((*at, "codes", code), TextModel(en=code))
                for code, entry in table.codes.items()
                if entry.label is None
            ]
        _warn_of_some(findings, document, at, texts)


def _tables_for_citizens(manifest: Manifest) -> tuple[set[str], set[str]]:
    """Return the tables with labels for citizens, and those with translations."""
    labels: set[str] = set()
    translations: set[str] = set()
    for name, record_types in records_in_use(manifest).items():
        for record_type in record_types:
            for rules, made in rule_sets(manifest.file.records[name].rules, record_type):
                targets = targets_of(made)
                for field, rule in rules.items():
                    if field in targets and targets[field].kind == "bilingual":
                        labels |= {rule.label_of} if rule.label_of else set()
                        translations |= {rule.translated_by} if rule.translated_by else set()
    return labels, translations


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
