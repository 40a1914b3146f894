"""Writes folders of small departments for tests."""

from pathlib import Path

MANIFEST = """manifest: 1
department: {name}
label: {{en: Forests, hi: वन विभाग}}
identity: {{scheme: FOREST_NO}}
reference: FOR-\\d+
connector:
  kind: rest
  base_url: http://127.0.0.1:1
limits: {{deadline: 2s, concurrency: 4, reply_bytes: 1MiB}}
capabilities:
  applications_by_reference:
    call: {{path: /applications, query: {{no: "{{keys}}"}}}}
    keys: {{at_once: 50}}
    key: no
    record: application
records:
  application:
    absent_fields: [channel, requestedDatetime, updatedDatetime, dueDate, pendingWith,
                    timeline, serviceCode, applicantName, applicantKey, applicantPhone]
    applicationReferenceNumber: no
    applicationStatus: {{path: st, codes: status}}
    departmentStatus: {{fields: {{code: st, label: {{path: st, label_of: status}}}}}}
    statusNotes: note
"""
CODES = """tables:
  status:
    enum: ApplicationStatus
    codes:
      1: {meaning: SUBMITTED, label: {en: New, hi: नया}}
      2: {meaning: DELIVERED, label: {en: Done, hi: पूर्ण}}
"""


def write_department(
    root: Path,
    name: str = "forests",
    *,
    change: tuple[str, str] = ("", ""),
    manifest: str = MANIFEST,
    **files: str,
) -> Path:
    """Write a department with one changed text in its manifest, and files as `codes_yaml="…"`."""
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    text = manifest.format(name=name)
    assert change[0] in text
    (folder / "department.yaml").write_text(text.replace(*change, 1), encoding="utf-8")
    for file, content in {"codes_yaml": CODES, **files}.items():
        stem, _, ending = file.rpartition("_")
        (folder / f"{stem}.{ending}").write_text(content, encoding="utf-8")
    return folder
