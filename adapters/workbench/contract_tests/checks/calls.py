"""Makes the calls that the samples answer, and defines the error of a broken contract."""

import datetime as dt
from collections.abc import Mapping

from adapters.adapter import ManifestAdapter
from adapters.contract import Capability, DepartmentError, SearchReply
from adapters.workbench.contract_tests.subjects import context, keys_of
from adapters.workbench.look_ups import look_up_all
from adapters.workbench.replay.samples import Sample
from schema.codes import WarningCode
from schema.provenance import Record, SourceWarning


class ContractBrokenError(Exception):
    """An adapter breaks a rule of the contract.

    Attributes:
        message: what the adapter did.
        remedy: what to correct.
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


async def read_sample(
    adapter: ManifestAdapter, sample: Sample
) -> tuple[list[Record], list[SourceWarning]]:
    """Make the sample's call; return the records and warnings of all keys.

    Raises:
        DepartmentError: the call, or one of its keys, failed.
    """
    if sample.capability.is_search:
        reply = await search(adapter, sample.capability)
        return list(reply.rows.records), list(reply.rows.warnings)
    found = await look_up_all(adapter, sample.capability, await keys_of(adapter, sample), context())
    records: list[Record] = []
    warnings: list[SourceWarning] = []
    strays = 0
    for rows in found.results.values():
        if isinstance(rows, DepartmentError):
            raise rows
        records += rows.records
        own = [w for w in rows.warnings if w.code != WarningCode.UNREQUESTED_ROW]
        warnings += own
        # The adapter repeats this warning for every key of a batch; count it once.
        strays = max(strays, len(rows.warnings) - len(own))
    return records, [*warnings, *[SourceWarning(code=WarningCode.UNREQUESTED_ROW)] * strays]


async def search(adapter: ManifestAdapter, capability: Capability) -> SearchReply:
    """Search with the criteria of `SEARCHES`, with which samples of searches are recorded."""
    return await adapter.search(capability, SEARCHES[capability], context())
