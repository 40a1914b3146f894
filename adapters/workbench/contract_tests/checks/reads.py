"""A recorded reply is read whole."""

from collections.abc import Sequence

from adapters.assembly import record_type_of
from adapters.contract import DepartmentError
from adapters.workbench.contract_tests.checks.calls import ContractBrokenError, ask
from adapters.workbench.contract_tests.subjects import Subject, opened
from adapters.workbench.replay.samples import Sample
from schema.provenance import Record, SourceWarning


async def sample_is_read_whole(subject: Subject, sample: Sample) -> None:
    """Every record of a recorded reply is read, with the warnings that are told of it only."""
    where = f"samples/{sample.path.name}"
    with subject.stage(sample) as stage:
        async with opened(stage.manifest) as adapter:
            try:
                records, warnings = await ask(adapter, sample)
            except DepartmentError as error:
                wanted = sample.entry.error
                if not sample.is_error or (wanted is not None and wanted != error.code):
                    raise ContractBrokenError(
                        f"{where} gives {error.code}: {error.message}",
                        "correct the call, or say `error:` in samples.yaml",
                    ) from None
                return
    if sample.is_error:
        raise ContractBrokenError(
            f"{where} is an error, and gives {len(records)} records instead",
            "say in the connector how the department tells errors",
        )
    _compare_count(where, sample, records)
    kind = record_type_of(sample.capability)
    strangers = [r for r in records if not isinstance(r, kind)]
    if strangers:
        raise ContractBrokenError(
            f"{where} gives records of another type than {kind.__name__}", "correct `record`"
        )
    given = warning_texts(warnings)
    if given != sorted(sample.entry.warnings):
        raise ContractBrokenError(
            f"{where} gives the warnings {given or 'none'}, not {sample.entry.warnings or 'none'}",
            "correct the field rules, or list them under `warnings:` in samples.yaml",
        )


def warning_texts(warnings: Sequence[SourceWarning]) -> list[str]:
    """As `samples.yaml` lists them."""
    return sorted(f"{each.code} {each.field_path or ''}".strip() for each in warnings)


def _compare_count(where: str, sample: Sample, records: list[Record]) -> None:
    expected = sample.entry.records
    if expected is None and not records and not sample.path.stem.endswith("-none"):
        raise ContractBrokenError(
            f"{where} gives no record",
            "correct `rows` and `key`, or say `records: 0` in samples.yaml",
        )
    if expected is not None and len(records) != expected:
        raise ContractBrokenError(
            f"{where} gives {len(records)} records, not {expected}", "correct `rows` and `key`"
        )
