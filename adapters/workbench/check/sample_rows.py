"""Reads the rows of a department's samples with its own connector."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from adapters.connectors.connector import Connector, RowsOfReply, without_nulls
from adapters.connectors.setup import Wrappers
from adapters.contract import Capability, MalformedReplyError
from adapters.manifest.model import Manifest
from adapters.manifest.problems import ManifestError
from adapters.workbench.contract_tests.checks.calls import read_sample
from adapters.workbench.contract_tests.subjects import opened, stage_of
from adapters.workbench.observed_replies import ObservingConnector
from adapters.workbench.replay.samples import Sample, read_samples

MOST_SAMPLES = 12
MOST_BYTES = 1 << 20


@dataclass(slots=True)
class SampleRows:
    """The content of a capability's samples.

    Attributes:
        rows: the rows of all of its samples, before mapping.
        has_total: True if a reply had the number of all rows.
        without_rows: samples that should have records, but in which no row was found.
    """

    rows: list[Mapping[str, Any]] = field(default_factory=list)
    has_total: bool = False
    without_rows: list[Path] = field(default_factory=list)


def _observed(found: SampleRows, inner: Connector) -> Connector:
    """Return the connector, with the rows of its replies added to `found`."""

    def add(reply: RowsOfReply) -> None:
        found.rows += without_nulls(reply.rows)
        found.has_total |= reply.total_count is not None

    return ObservingConnector(inner, add, is_shaped=False)


def rows_of_samples(manifest: Manifest) -> Mapping[Capability, SampleRows]:
    """Return the rows in the samples of each capability that has samples with records."""
    try:
        samples = read_samples(manifest.folder)
    except ManifestError:
        # `hub adapter test` reports what is wrong with the samples.
        return {}
    return asyncio.run(_read(manifest, samples))


async def _read(manifest: Manifest, samples: list[Sample]) -> Mapping[Capability, SampleRows]:
    found: dict[Capability, SampleRows] = {}
    read: dict[Capability, int] = {}
    for sample in samples:
        capability = sample.capability
        is_large = sample.path.stat().st_size > MOST_BYTES
        if sample.is_error or sample.entry.records == 0 or is_large:
            continue
        if capability not in manifest.file.capabilities or read.get(capability, 0) >= MOST_SAMPLES:
            continue
        read[capability] = read.get(capability, 0) + 1
        own = SampleRows()
        try:
            with stage_of(manifest, sample) as stage:
                wrappers = Wrappers(connector=partial(_observed, own))
                async with opened(stage.manifest, wrappers) as adapter:
                    await read_sample(adapter, sample)
        except MalformedReplyError:
            pass
        except Exception:
            # A sample may contain anything. `hub adapter test` reports what is wrong with it.
            if not own.rows:
                continue
        every = found.setdefault(capability, SampleRows())
        every.rows += own.rows
        every.has_total |= own.has_total
        if not own.rows and not sample.path.stem.endswith("-none"):
            every.without_rows.append(sample.path)
    return found
