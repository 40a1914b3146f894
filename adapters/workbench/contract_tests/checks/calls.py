"""Asks an adapter what a sample answers, and searches as a sample of a search was asked."""

import datetime as dt
from collections.abc import Mapping

from adapters.adapter import ManifestAdapter
from adapters.contract import Capability, DepartmentError, SearchReply
from adapters.workbench.contract_tests.subjects import context, keys_of
from adapters.workbench.replay.samples import Sample
from schema.provenance import Record, SourceWarning


class ContractBrokenError(Exception):
    """An adapter does not do what every adapter must do.

    Attributes:
        message: what it does instead.
        remedy: where to look.
    """

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}")
        self.message = message
        self.remedy = remedy


Criteria = Mapping[str, object]
SEARCHES: Mapping[Capability, Criteria] = {
    Capability.CITIZENS_SEARCH: {"name": "Ram Devi", "district": "Karnal"},
    Capability.APPLICATIONS_SEARCH: {"statuses": None, "since": None, "offset": 0, "limit": 20},
    Capability.APPLICATIONS_CHANGES_SINCE: {"since": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
}


async def ask(adapter: ManifestAdapter, sample: Sample) -> tuple[list[Record], list[SourceWarning]]:
    """Records and warnings of all keys; raises the error of any of them."""
    if sample.capability.is_search:
        reply = await search(adapter, sample.capability)
        return list(reply.rows.records), list(reply.rows.warnings)
    found = await adapter.look_up(sample.capability, await keys_of(adapter, sample), context())
    records: list[Record] = []
    warnings: list[SourceWarning] = []
    strays = 0
    for rows in found.results.values():
        if isinstance(rows, DepartmentError):
            raise rows
        records += rows.records
        own = [w for w in rows.warnings if w.code != "UNASKED_ROW"]
        warnings += own
        # They stand with every key of a group.
        strays = max(strays, len(rows.warnings) - len(own))
    return records, [*warnings, *[SourceWarning(code="UNASKED_ROW")] * strays]


async def search(adapter: ManifestAdapter, capability: Capability) -> SearchReply:
    return await adapter.search(capability, SEARCHES[capability], context())
