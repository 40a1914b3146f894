"""Recorded replies beside a manifest: `samples/`, and what `samples.yaml` in it says of them."""

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
    """Another reply of the same conversation: a second page, a login.

    Attributes:
        when: text in the request that it answers.
        reply: its file.
    """

    when: str = Field(min_length=1)
    reply: str
    status: int = Field(default=200, ge=200, le=599)
    headers: dict[str, str] = {}


class SampleEntry(StrictModel):
    """What is known of one recorded reply.

    Attributes:
        capability: what was asked; the file's name up to `-` or `.` when not given.
        keys: the keys that were asked for; those its rows answer when not given.
        records: records to be read from it.
        warnings: warnings to be given, as `CODE field` each, in any order.
        error: code of the error that it is, as DEPARTMENT_REFUSED.
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
        capability: what it answers.
        entry: what `samples.yaml` says of it, or nothing.
        listed: whether it says something.
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
        return self.entry.error is not None or (
            not self.listed and self.path.stem.endswith(("-fault", "-error"))
        )


def read_samples(folder: Path) -> list[Sample]:
    """The samples of the manifest in `folder`; raises `ManifestError`."""
    place = folder / "samples"
    if not place.is_dir():
        return []
    problems: list[Problem] = []
    listing = place / LISTING
    told: dict[str, SampleEntry] = {}
    if listing.exists():
        document = read_document(listing)
        file = validate(SamplesFile, document.content, document, problems)
        told = file.samples if file else {}
        names = {path.name for path in place.iterdir()}
        for name, model in told.items():
            for wanted in (name, *(further.reply for further in model.also)):
                if wanted not in names:
                    at = document.line_of(("samples", name))
                    message = f"there is no file {wanted!r} here"
                    remedy = did_you_mean(wanted, names - {LISTING})
                    problems.append(Problem(listing, at, f"samples.{name}", message, remedy))
    parts = {further.reply for model in told.values() for further in model.also}
    samples: list[Sample] = []
    for path in sorted(place.iterdir()):
        if path.name == LISTING or path.name in parts or path.name.startswith("."):
            continue
        model = told.get(path.name, SampleEntry())
        capability = model.capability or _capability_in(path, problems)
        if capability is not None:
            samples.append(Sample(path, capability, model, path.name in told))
    if problems:
        raise ManifestError(problems)
    return samples


def _capability_in(path: Path, problems: list[Problem]) -> Capability | None:
    word = path.name.partition(".")[0].partition("-")[0]
    try:
        return Capability(word)
    except ValueError:
        remedy = f"name it CAPABILITY-WHAT{path.suffix}; {did_you_mean(word, list(Capability))}"
        problems.append(Problem(path, 1, "", f"{word!r} is no capability", remedy))
        return None
