"""Reads the recorded replies beside a manifest: the folder `samples` and its `samples.yaml`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from adapters.contract import Capability
from adapters.manifest.document import read_document
from adapters.manifest.problems import ManifestError, Problem
from adapters.manifest.validation import validate
from adapters.mapping.rules import StrictModel, did_you_mean

LISTING = "samples.yaml"


class FurtherReply(StrictModel):
    """Another reply of the same conversation, for example a second page or a login.

    Attributes:
        when: part of the request that this reply answers.
        reply: name of its file.
        status, headers: of the HTTP reply.
    """

    when: str = Field(min_length=1)
    reply: str
    status: int = Field(default=200, ge=200, le=599)
    headers: dict[str, str] = {}


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
    samples: Annotated[dict[str, SampleEntry], Field()] = {}


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
    """Return the samples of the manifest in `folder`.

    Raises:
        ManifestError: a file is missing, or belongs to no capability.
    """
    samples_folder = folder / "samples"
    if not samples_folder.is_dir():
        return []
    problems: list[Problem] = []
    listing = samples_folder / LISTING
    entries: dict[str, SampleEntry] = {}
    if listing.exists():
        document = read_document(listing)
        file = validate(SamplesFile, document.content, document, problems)
        entries = file.samples if file else {}
        names = {path.name for path in samples_folder.iterdir()}
        for name, model in entries.items():
            for wanted in (name, *(further.reply for further in model.also)):
                if wanted not in names:
                    at = document.line_of(("samples", name))
                    message = f"there is no file {wanted!r} in this folder"
                    remedy = did_you_mean(wanted, names - {LISTING})
                    problems.append(Problem(listing, at, f"samples.{name}", message, remedy))
    parts = {further.reply for model in entries.values() for further in model.also}
    samples: list[Sample] = []
    for path in sorted(samples_folder.iterdir()):
        if path.name == LISTING or path.name in parts or path.name.startswith("."):
            continue
        model = entries.get(path.name, SampleEntry())
        capability = model.capability or _capability_in(path, problems)
        if capability is not None:
            samples.append(Sample(path, capability, model, path.name in entries))
    if problems:
        raise ManifestError(problems)
    return samples


def _capability_in(path: Path, problems: list[Problem]) -> Capability | None:
    word = path.name.partition(".")[0].partition("-")[0]
    try:
        return Capability(word)
    except ValueError:
        remedy = f"rename the file to CAPABILITY-VARIANT{path.suffix}; " + did_you_mean(
            word, list(Capability)
        )
        problems.append(Problem(path, 1, "", f"{word!r} is not a capability", remedy))
        return None
