"""Reads the recorded replies beside a manifest: the folder `samples` and its `samples.yaml`."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from adapters.contract import Capability
from adapters.manifest.document import Document, read_document
from adapters.manifest.problems import ManifestError, Problem
from adapters.manifest.validation import validate
from adapters.mapping.rules import StrictModel, did_you_mean
from adapters.workbench.replay.write_samples import (
    FurtherReply,
    WriteEntry,
    WriteSample,
    missing_files,
    write_samples_of,
)
from adapters.writes import WriteCapability

LISTING = "samples.yaml"


class SampleEntry(StrictModel):
    """The entry of one recorded reply in `samples.yaml`.

    Attributes:
        capability: the capability that was called. Default: the file's name up to `-` or `.`.
        keys: the requested keys. Default: the keys of the reply's rows.
        records: number of records that the adapter must read. None: at least one.
        warnings: expected warnings, each as `CODE field`, in any order.
        error: expected error code, for example DEPARTMENT_REFUSED.
        status, headers: of the HTTP reply.
        also: further replies of the conversation.
    """

    capability: Capability | None = None
    keys: list[str] = []
    records: int | None = Field(default=None, ge=0)
    warnings: list[str] = []
    error: str | None = None
    status: int = Field(default=200, ge=200, le=599)
    headers: dict[str, str] = {}
    also: list[FurtherReply] = []


class SamplesFile(StrictModel):
    """`samples.yaml`.

    Attributes:
        samples: replies to look-ups and searches, by file.
        writes: replies to writes, by file.
    """

    samples: dict[str, SampleEntry] = {}
    writes: dict[str, WriteEntry] = {}


@dataclass(frozen=True, slots=True)
class Sample:
    """One recorded reply.

    Attributes:
        path: its file.
        capability: the capability that it answers.
        entry: its entry in `samples.yaml`, or an empty one.
        listed: True if `samples.yaml` lists it.
    """

    path: Path
    capability: Capability
    entry: SampleEntry
    listed: bool

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def is_error(self) -> bool:
        """True for an error reply: its entry, or the name of an unlisted file, says so."""
        return self.entry.error is not None or (
            not self.listed and self.path.stem.endswith(("-fault", "-error"))
        )


def read_samples(folder: Path) -> list[Sample]:
    """Return the samples of the manifest in `folder`, without those of writes.

    Raises:
        ManifestError: a file is missing, or belongs to no capability.
    """
    return read_all_samples(folder)[0]


def read_all_samples(folder: Path) -> tuple[list[Sample], list[WriteSample]]:
    """Return the samples of reads and of writes of the manifest in `folder`.

    Raises:
        ManifestError: a file is missing, or belongs to no capability.
    """
    samples_folder = folder / "samples"
    if not samples_folder.is_dir():
        return [], []
    problems: list[Problem] = []
    listing = samples_folder / LISTING
    document = read_document(listing) if listing.exists() else Document(listing, {})
    file = validate(SamplesFile, document.content or {}, document, problems) or SamplesFile()
    for name, model in file.samples.items():
        for wanted in missing_files(
            samples_folder, (name, *(further.reply for further in model.also))
        ):
            names = {path.name for path in samples_folder.iterdir()}
            message = f"there is no file {wanted!r} in this folder"
            remedy = did_you_mean(wanted, names - {LISTING})
            problems.append(document.problem(("samples", name), message, remedy))
    writes = write_samples_of(samples_folder, file.writes, document, problems)
    parts = {further.reply for model in file.samples.values() for further in model.also}
    parts |= {name for each in file.writes.values() for name in each.files} | set(file.writes)
    samples: list[Sample] = []
    for path in sorted(samples_folder.iterdir()):
        if path.name == LISTING or path.name in parts or path.name.startswith("."):
            continue
        model = file.samples.get(path.name, SampleEntry())
        capability = model.capability or _capability_in(path, problems)
        if capability is not None:
            samples.append(Sample(path, capability, model, path.name in file.samples))
    if problems:
        raise ManifestError(problems)
    return samples, writes


def _capability_in(path: Path, problems: list[Problem]) -> Capability | None:
    word = path.name.partition(".")[0].partition("-")[0]
    try:
        return Capability(word)
    except ValueError:
        if word in set(WriteCapability):
            remedy = f"list it under `writes` in {LISTING}, with the submission that it answers"
            problems.append(Problem(path, 1, "", f"{word} is a write", remedy))
            return None
        remedy = f"rename the file to CAPABILITY-VARIANT{path.suffix}; " + did_you_mean(
            word, list(Capability)
        )
        problems.append(Problem(path, 1, "", f"{word!r} is not a capability", remedy))
        return None
