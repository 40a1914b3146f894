"""Checks that each key gets its own rows, and that an unknown key gets none."""

from collections.abc import Mapping

from adapters.adapter import ManifestAdapter
from adapters.contract import (
    Capability,
    DepartmentError,
    DepartmentFaultError,
    DepartmentRefusedError,
    IncompleteReplyError,
)
from adapters.record_types import record_type_of
from adapters.workbench.contract_tests.checks.calls import ContractBrokenError
from adapters.workbench.contract_tests.subjects import CORRELATION_ID, context
from adapters.workbench.look_ups import look_up_all
from schema.provenance import Record

UNKNOWN_KEYS = ("999999999", "no such key", "ढूँढो", "%2F/../x'--", "0" * 300)


async def keys_get_their_own_rows(
    adapter: ManifestAdapter, capability: Capability, expected: Mapping[str, int | None]
) -> None:
    """Check that a batch gives each key its own rows.

    Args:
        adapter: the adapter under test.
        capability: a look-up.
        expected: number of records of each key; None if unknown.

    Raises:
        ContractBrokenError: a key has wrong rows, or a record has no origin.
    """
    reply = await look_up_all(adapter, capability, list(expected), context())
    if reply.results.keys() != expected.keys():
        raise ContractBrokenError(
            "the look-up returns other keys than those requested", "correct `key`"
        )
    for count, rows in zip(expected.values(), reply.results.values(), strict=True):
        if isinstance(rows, DepartmentError):
            raise ContractBrokenError(
                f"a known key gives the error {rows.code}", "correct the capability's `call`"
            )
        numbers = {record.local_id() for record in rows.records}  # type: ignore[attr-defined]
        if count is not None and len(numbers) != count:
            raise ContractBrokenError(
                f"a key has {count} records, but the adapter returns {len(numbers)}",
                "correct `rows` and `key`",
            )
        for record in rows.records:
            _has_origin(adapter, capability, record)


def _has_origin(adapter: ManifestAdapter, capability: Capability, record: Record) -> None:
    origin = record.origin
    if not isinstance(record, record_type_of(capability)) or origin is None:
        raise ContractBrokenError("a record has no origin or the wrong type", "correct `record`")
    if (origin.department, origin.correlation_id) != (adapter.department, CORRELATION_ID):
        raise ContractBrokenError(
            "the origin of a record names another department or call",
            "report this as a bug of the hub",
        )


async def unknown_key_gives_no_rows(
    adapter: ManifestAdapter, capability: Capability, *, is_replayed: bool = False
) -> None:
    """Check that an unknown key gives no rows and no error.

    Args:
        adapter: the adapter under test.
        capability: a look-up.
        is_replayed: True if every key gets the same recorded reply. Its rows are of other keys, so
            that the adapter must report the reply as incomplete.

    Raises:
        ContractBrokenError: an unknown key gives rows or an error.
    """
    for key in UNKNOWN_KEYS:
        try:
            reply = await adapter.look_up(capability, [key], context())
        except (DepartmentFaultError, DepartmentRefusedError) as error:
            raise ContractBrokenError(
                f"an unknown key of {len(key)} characters gives {error.code}",
                "describe the department's reply for it: `empty`, `empty_statuses`",
            ) from None
        rows = reply.results[key]
        if is_replayed and isinstance(rows, IncompleteReplyError):
            continue
        if isinstance(rows, DepartmentError) or list(rows.records):
            what = "an error" if isinstance(rows, DepartmentError) else "rows"
            raise ContractBrokenError(
                f"an unknown key gives {what}",
                "describe the reply for it: `empty`, `empty_statuses`; or correct `key`",
            )
