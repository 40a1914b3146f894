"""Checks code tables: every value has a code, every table is used, every recorded code known."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from adapters.connectors.templates import code_tables_in
from adapters.manifest.model import DepartmentFile
from adapters.manifest.problems import ManifestError
from adapters.mapping.rules import FieldRules
from adapters.workbench.check.fields import records_in_use
from adapters.workbench.check.findings import Findings, Severity
from adapters.workbench.check.sample_codes import unknown_codes
from adapters.workbench.replay.samples import read_samples


def check_codes(findings: Findings) -> None:
    """Check the tables of `codes.yaml`, and the codes in the samples."""
    manifest = findings.manifest
    used = _tables_of_writes(manifest.file)
    for name in records_in_use(manifest):
        used |= _tables_of(manifest.file.records[name].rules)
    for name, table in sorted(manifest.tables.items()):
        where = manifest.table_positions[name]
        key = f"tables.{name}"
        if name not in used:
            if name in manifest.own_tables:
                message, remedy = f"no field rule or form uses the table {name!r}", "remove it"
                findings.add_at(Severity.WARNING, "unused", where, key, message, remedy)
            continue
        if not table.meanings and not table.labels:
            message, remedy = f"the table {name!r} is empty", "list the department's codes"
            findings.add_at(Severity.ERROR, "codes", where, key, message, remedy)
        elif table.enum is not None and not table.is_partial:
            reached = set(table.meanings.values()) | {table.unknown}
            missing = [word.name for word in table.enum if word not in reached]
            if missing:
                message = f"no code means {', '.join(missing)} ({table.enum.__name__})"
                findings.add_at(Severity.NOTE, "codes", where, key, message)
    _check_samples(findings)


def _tables_of_writes(file: DepartmentFile) -> set[str]:
    """Return the code tables that forms and writes use."""
    templates = [
        *(form.fields for form in file.forms.values()),
        *(write.call for write in file.writes.values()),
    ]
    return {table for template in templates for _, table in code_tables_in(template)}


def _tables_of(rules: FieldRules) -> set[str]:
    named: set[str] = set()
    for rule in rules.values():
        tables = (rule.codes, rule.label_of, rule.translated_by)
        named |= {name for name in tables if name is not None}
        named |= _tables_of(rule.fields) if rule.fields is not None else set()
    return named


def _foreseen_warnings(findings: Findings) -> Mapping[Path, Sequence[str]]:
    """Return the expected warnings of each sample.

    Returns: nothing if `samples.yaml` is wrong; `hub adapter test` reports that.
    """
    try:
        samples = read_samples(findings.manifest.folder)
    except ManifestError:
        return {}
    return {sample.path: sample.entry.warnings for sample in samples}


def _check_samples(findings: Findings) -> None:
    foreseen = _foreseen_warnings(findings)
    for sample, codes in unknown_codes(findings.manifest):
        if codes is None:
            message = "the rows of this sample were not found; `hub adapter test` replays it"
            findings.add_at(Severity.NOTE, "samples", (sample, 1), "", message)
        for field, code in codes or ():
            message = f"the code {code!r} of {field} is in no code table"
            if f"UNKNOWN_CODE {field}" in foreseen.get(sample, ()):
                findings.add_at(Severity.NOTE, "samples", (sample, 1), "", message)
                continue
            remedy = "add it to codes.yaml with its meaning"
            findings.add_at(Severity.WARNING, "samples", (sample, 1), "", message, remedy)
