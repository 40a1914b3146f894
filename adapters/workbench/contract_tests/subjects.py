"""A department under test: its manifest, its samples, and the system that is called."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.connectors.connector import without_nulls
from adapters.connectors.setup import NO_WRAPPERS, Wrappers
from adapters.contract import CallContext, Capability
from adapters.manifest import Manifest, load_department
from adapters.workbench.replay.addresses import load_with_placeholders, redirected
from adapters.workbench.replay.samples import Sample, read_all_samples
from adapters.workbench.replay.server import RecordedReply
from adapters.workbench.replay.stages import (
    CONTENT_TYPES,
    CanNotReplayError,
    Stage,
    delivered_rows_stage,
    delivery_stage,
    http_stage,
    rows_stage,
    tables_stage,
)
from adapters.workbench.replay.write_samples import WriteSample
from schema.needed_fields import ALL_FIELDS

CORRELATION_ID = "contract-test"
SECONDS = 10.0


class Mode(StrEnum):
    """What the adapter calls: servers that replay samples, a mock, or the department itself."""

    SAMPLES = "samples"
    MOCK = "mock"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Subject:
    """A department under test.

    Attributes:
        manifest: its manifest. Except in mode LIVE, unset environment variables have placeholders.
        samples: its recorded replies.
        mode: what the adapter calls.
        url: address of the mock, in mode MOCK.
        writes: its recorded replies to writes.
    """

    manifest: Manifest
    samples: tuple[Sample, ...]
    mode: Mode
    url: str | None = None
    writes: tuple[WriteSample, ...] = ()

    @classmethod
    def load(cls, folder: Path, mode: Mode = Mode.SAMPLES, url: str | None = None) -> "Subject":
        """Read the manifest and the samples in `folder`.

        Raises:
            ManifestError: the manifest or `samples.yaml` is wrong.
        """
        manifest = load_department(folder) if mode is Mode.LIVE else load_with_placeholders(folder)
        samples, writes = read_all_samples(folder)
        return cls(manifest, tuple(samples), mode, url, tuple(writes))

    @property
    def name(self) -> str:
        return self.manifest.file.department

    @property
    def kind(self) -> str:
        return self.manifest.file.connector.kind

    @property
    def look_ups(self) -> list[Capability]:
        return [each for each in self.manifest.file.capabilities if not each.is_search]

    def samples_of(self, capability: Capability, *, errors: bool = False) -> list[Sample]:
        return [s for s in self.samples if s.capability == capability and s.is_error == errors]

    def known_keys(self, capability: Capability) -> list[str]:
        """Return the keys for which the samples have records."""
        named = [
            key for s in self.samples_of(capability) if s.entry.records for key in s.entry.keys
        ]
        return list(dict.fromkeys(named))

    def stage(self, sample: Sample) -> AbstractContextManager[Stage]:
        """Serve the sample to the connector; see `stage_of`."""
        return stage_of(self.manifest, sample)

    @asynccontextmanager
    async def adapter(self, sample: Sample | None = None) -> AsyncIterator[ManifestAdapter]:
        """Build the adapter, which calls a stage with the sample; if None, the department."""
        if sample is None:
            async with opened(self.department()) as adapter:
                yield adapter
            return
        with self.stage(sample) as stage:
            async with opened(stage.manifest) as adapter:
                yield adapter

    def department(self) -> Manifest:
        """Return the manifest that calls the department itself, or its mock."""
        if self.mode is Mode.MOCK and self.url is not None:
            return redirected(self.manifest, self.url)
        return self.manifest


def stage_of(manifest: Manifest, sample: Sample) -> AbstractContextManager[Stage]:
    """Serve the sample to the manifest's connector.

    Raises:
        CanNotReplayError: this sample can't be served here.
    """
    content = sample.path.read_bytes()
    match (manifest.file.connector.kind, sample.path.suffix):
        case ("database", ".sql"):
            return tables_stage(manifest, content.decode())
        case ("database", _):
            return rows_stage(manifest, sample.capability, content)
        case ("files", ".json"):
            return delivered_rows_stage(manifest, sample.capability, content)
        case ("files", _):
            return delivery_stage(manifest, sample.path)
    return http_stage(manifest, replies_of(sample, content))


def replies_of(sample: Sample | WriteSample, content: bytes) -> list[RecordedReply]:
    """Return the replies of the sample's conversation; the one with `content` is the last."""
    further = [
        RecordedReply(
            (sample.path.parent / each.reply).read_bytes(),
            each.status,
            {**_typed(Path(each.reply)), **each.headers},
            each.when,
        )
        for each in sample.entry.also
    ]
    headers = {**_typed(sample.path), **sample.entry.headers}
    return [*further, RecordedReply(content, sample.entry.status, headers)]


def _typed(path: Path) -> Mapping[str, str]:
    known = CONTENT_TYPES.get(path.suffix)
    return {"Content-Type": known} if known else {}


@asynccontextmanager
async def opened(
    manifest: Manifest, wrappers: Wrappers = NO_WRAPPERS
) -> AsyncIterator[ManifestAdapter]:
    """Build the manifest's adapter, and close it at the end.

    Raises:
        ManifestError: the manifest is wrong.
    """
    adapter = build_adapter(manifest, wrappers=wrappers)
    try:
        yield adapter
    finally:
        await adapter.close()


def context(seconds: float = SECONDS) -> CallContext:
    """Return the context of a call that must end within `seconds`."""
    return CallContext(CORRELATION_ID, asyncio.get_running_loop().time() + seconds)


async def keys_of(adapter: ManifestAdapter, sample: Sample) -> list[str]:
    """Return the sample's keys: those in `samples.yaml`, otherwise those of the reply's rows.

    Raises:
        CanNotReplayError: a row is not an object.
    """
    if sample.entry.keys or sample.capability.is_search:
        return list(sample.entry.keys)
    compiled = adapter.compiled[sample.capability]
    bindings = {"keys": ["1"]} if compiled.at_once > 1 else {"key": "1"}
    readers = compiled.readers.readers_for(ALL_FIELDS, for_merging=True)
    reply = await adapter.connector.call(sample.capability.value, bindings, context(), None)
    functions = readers.of_structs if reply.are_structs else readers.of_mappings
    assert functions is not None
    assert functions.key_of is not None
    rows = without_nulls(reply.rows)
    try:
        raw = [" ".join(str(functions.key_of(row)).split()) for row in rows]
    except AttributeError:
        raise CanNotReplayError(
            f"a row of {sample.path.name} is not an object; correct `rows` or the sample"
        ) from None
    return list(dict.fromkeys(key.removeprefix(compiled.key_prefix) for key in raw))
