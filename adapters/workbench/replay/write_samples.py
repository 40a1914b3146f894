"""Samples of writes: what the hub sends for a submission, and the recorded reply of the department.

`samples.yaml` lists them under `writes`, each with the submission, the expected request and the
expected outcome.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import Field

from adapters.manifest.document import Document
from adapters.manifest.problems import Problem
from adapters.mapping.rules import StrictModel, did_you_mean
from adapters.writes import WriteCapability, WriteDocument, WriteRequest


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


class SentDocument(StrictModel):
    """A document of a submission.

    Attributes:
        type: code of the evidence that it proves.
        name: file name.
        media_type: for example `application/pdf`.
        content: its content, a short text.
    """

    type: str = ""
    name: str = "document.pdf"
    media_type: str = "application/pdf"
    content: str = "%PDF-1.4 made up"

    def document(self) -> WriteDocument:
        content = self.content.encode()

        async def read() -> bytes:
            return content

        return WriteDocument(
            evidence=self.type,
            name=self.name,
            media_type=self.media_type,
            size_bytes=len(content),
            sha256=sha256(content).hexdigest(),
            content=read,
        )


class SentWrite(StrictModel):
    """A submission of made-up people. The keys are those of `WriteRequest`.

    Attributes:
        receipt: the hub's receipt number.
        submitted_at: when the hub accepted it, with a time zone.
        service: the hub's code of the service; empty if it concerns none.
        citizen: the department's number of the citizen.
        member: Family ID member number.
        reference: the department's number that the write concerns.
        values: values of the service's form by attribute code.
        facts: further values by placeholder.
        documents: documents that are sent with it.
    """

    receipt: str
    submitted_at: dt.datetime
    service: str = ""
    citizen: str | None = None
    member: str = ""
    reference: str | None = None
    values: dict[str, str | list[str]] = {}
    facts: dict[str, str] = {}
    documents: list[SentDocument] = []

    def request(self) -> WriteRequest:
        submitted_at = self.submitted_at
        if submitted_at.tzinfo is None:
            submitted_at = submitted_at.replace(tzinfo=dt.UTC)
        return WriteRequest(
            receipt=self.receipt,
            submitted_at=submitted_at,
            service_code=self.service,
            citizen=self.citizen,
            member=self.member,
            reference=self.reference,
            values=dict(self.values),
            facts=dict(self.facts),
            documents=[each.document() for each in self.documents],
        )


class WriteEntry(StrictModel):
    """The entry of one recorded reply to a write in `samples.yaml`.

    Attributes:
        capability: the write. Default: the file's name up to `-` or `.`.
        send: the submission.
        request: name of the file with the expected body: JSON, or the element in a SOAP Body.
        line: expected method and path, for example `POST /permits`.
        reference, token: numbers that the adapter must read.
        final: false if a number will come later.
        already_there: true if the department had received it before.
        error: expected error code, for example DEPARTMENT_REFUSED.
        not_done: with `error`: whether the write certainly had no effect.
        status, headers: of the HTTP reply.
        also: further replies of the conversation.
    """

    capability: WriteCapability | None = None
    send: SentWrite
    request: str | None = None
    line: str | None = None
    reference: str | None = None
    token: str | None = None
    final: bool = True
    already_there: bool = False
    error: str | None = None
    not_done: bool = False
    status: int = Field(default=200, ge=200, le=599)
    headers: dict[str, str] = {}
    also: list[FurtherReply] = []

    @property
    def files(self) -> list[str]:
        """Names of further files that the sample consists of."""
        request = [self.request] if self.request is not None else []
        return [*request, *(each.reply for each in self.also)]


@dataclass(frozen=True, slots=True)
class WriteSample:
    """One recorded reply to a write.

    Attributes:
        path: its file.
        capability: the write that it answers.
        entry: its entry in `samples.yaml`.
    """

    path: Path
    capability: WriteCapability
    entry: WriteEntry

    @property
    def name(self) -> str:
        return self.path.stem


def write_samples_of(
    folder: Path, entries: Mapping[str, WriteEntry], listing: Document, problems: list[Problem]
) -> list[WriteSample]:
    """Return the samples of writes in the folder `samples`. Mistakes are added to `problems`."""
    samples: list[WriteSample] = []
    for name, entry in entries.items():
        at = ("writes", name)
        for wanted in missing_files(folder, (name, *entry.files)):
            message = f"there is no file {wanted!r} in this folder"
            known = {path.name for path in folder.iterdir()} - {listing.path.name}
            problems.append(listing.problem(at, message, did_you_mean(wanted, known)))
        capability = entry.capability or _capability_in(name)
        if capability is None:
            message = f"{name!r} does not begin with the name of a write"
            remedy = "write its `capability`"
            problems.append(listing.problem(at, message, remedy))
        else:
            samples.append(WriteSample(folder / name, capability, entry))
    return samples


def missing_files(folder: Path, names: Sequence[Any]) -> list[str]:
    """Return the names that are no files in the folder."""
    return [name for name in names if not (folder / name).is_file()]


def _capability_in(name: str) -> WriteCapability | None:
    word = name.partition(".")[0].partition("-")[0]
    return WriteCapability(word) if word in set(WriteCapability) else None
