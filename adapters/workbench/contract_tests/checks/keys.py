"""Each key gets its own rows, and one that nobody has gets none."""

from collections.abc import Mapping

from adapters.adapter import ManifestAdapter
from adapters.assembly import record_type_of
from adapters.contract import (
    Capability,
    DepartmentError,
    DepartmentFaultError,
    DepartmentRefusedError,
)
from adapters.workbench.contract_tests.checks.calls import ContractBrokenError
from adapters.workbench.contract_tests.subjects import CORRELATION_ID, context
from schema.provenance import Record

UNKNOWN_KEYS = ("999999999", "no such key", "ढूँढो", "%2F/../x'--", "0" * 300)


async def keys_get_their_own_rows(
    adapter: ManifestAdapter, capability: Capability, expected: Mapping[str, int | None]
) -> None:
    """A batch gives each key its rows; `expected` says how many, None where nobody knows."""
    reply = await adapter.look_up(capability, list(expected), context())
    if reply.results.keys() != expected.keys():
        raise ContractBrokenError("a look-up does not answer the keys asked", "correct `key`")
    for count, rows in zip(expected.values(), reply.results.values(), strict=True):
        if isinstance(rows, DepartmentError):
            raise ContractBrokenError(
                f"a key that is known gives {rows.code}", "correct the call of the capability"
            )
        numbers = {record.local_id() for record in rows.records}  # type: ignore[attr-defined]
        if count is not None and len(numbers) != count:
            raise ContractBrokenError(
                f"a key has {count} records and gives {len(numbers)}", "correct `rows` and `key`"
            )
        for record in rows.records:
            _has_origin(adapter, capability, record)


def _has_origin(adapter: ManifestAdapter, capability: Capability, record: Record) -> None:
    origin = record.origin
    if not isinstance(record, record_type_of(capability)) or origin is None:
        raise ContractBrokenError("a record does not say where it comes from", "correct `record`")
    if (origin.department, origin.correlation_id) != (adapter.department, CORRELATION_ID):
        raise ContractBrokenError("a record says that it comes from elsewhere", "report this")


async def unknown_key_gives_no_rows(adapter: ManifestAdapter, capability: Capability) -> None:
    """A key that the department does not know has no rows, which is no error."""
    for key in UNKNOWN_KEYS:
        try:
            reply = await adapter.look_up(capability, [key], context())
        except (DepartmentFaultError, DepartmentRefusedError) as error:
            raise ContractBrokenError(
                f"a key that nobody has, of {len(key)} characters, gives {error.code}",
                "name the reply for it: `empty`, `empty_statuses`",
            ) from None
        rows = reply.results[key]
        if isinstance(rows, DepartmentError) or list(rows.records):
            what = "an error" if isinstance(rows, DepartmentError) else "rows"
            raise ContractBrokenError(
                f"a key that nobody has gives {what}",
                "name the reply for it: `empty`, `empty_statuses`, or `key`",
            )
