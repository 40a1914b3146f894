"""Checks that a sample is read completely."""

from collections.abc import Sequence

from adapters.contract import DepartmentError
from adapters.record_types import record_type_of
from adapters.workbench.contract_tests.checks.calls import ContractBrokenError, read_sample
from adapters.workbench.contract_tests.subjects import Subject
from adapters.workbench.replay.samples import Sample
from adapters.workbench.warning_details import detail_of
from schema.provenance import Record, SourceWarning

MOST_DETAILS = 5


async def sample_is_read_whole(subject: Subject, sample: Sample) -> None:
    """Check that the adapter reads every record, with exactly the warnings of `samples.yaml`.

    Raises:
        ContractBrokenError: the adapter reads something else than `samples.yaml` says.
    """
    where = f"samples/{sample.path.name}"
    async with subject.adapter(sample) as adapter:
        try:
            records, warnings = await read_sample(adapter, sample)
        except DepartmentError as error:
            expected = sample.entry.error
            if not sample.is_error or expected not in (None, error.code):
                raise ContractBrokenError(
                    f"{where} gives {error.code}: {error.message}",
                    "correct the call, or write `error:` for this sample in samples.yaml",
                ) from None
            return
    if sample.is_error:
        raise ContractBrokenError(
            f"{where} is an error reply, but the adapter reads {len(records)} records from it",
            "describe in `connector` how the department reports errors",
        )
    _compare_count(where, sample, records)
    kind = record_type_of(sample.capability)
    strangers = [r for r in records if not isinstance(r, kind)]
    if strangers:
        raise ContractBrokenError(
            f"{where} gives records that are not of the type {kind.__name__}", "correct `record`"
        )
    given = warning_texts(warnings)
    if given != sorted(sample.entry.warnings):
        raise ContractBrokenError(
            f"{where} gives {_listed(given)}, not {_listed(sample.entry.warnings)}",
            _remedy(subject, sample, warnings),
        )


def _listed(texts: Sequence[str]) -> str:
    if not texts:
        return "no warning"
    return f"the warning{'' if len(texts) == 1 else 's'} {', '.join(texts)}"


def _remedy(subject: Subject, sample: Sample, warnings: Sequence[SourceWarning]) -> str:
    """Return the details of the warnings that `samples.yaml` does not list."""
    unlisted = [each for each in warnings if warning_texts([each])[0] not in sample.entry.warnings]
    details = [detail_of(each, subject.manifest, sample.capability) for each in unlisted]
    listing = "or correct `warnings:` in samples.yaml"
    found = list(dict.fromkeys(details))[:MOST_DETAILS]
    return f"{'. '.join(found)}; {listing}" if found else listing.removeprefix("or ")


def warning_texts(warnings: Sequence[SourceWarning]) -> list[str]:
    """Return the warnings as `samples.yaml` lists them: `CODE field`, sorted."""
    return sorted(f"{each.code} {each.field_path or ''}".strip() for each in warnings)


def _compare_count(where: str, sample: Sample, records: list[Record]) -> None:
    expected = sample.entry.records
    if expected is None and not records and not sample.path.stem.endswith("-none"):
        raise ContractBrokenError(
            f"{where} gives no record",
            "correct `rows` and `key`, or write `records: 0` for this sample in samples.yaml",
        )
    if expected is not None and len(records) != expected:
        raise ContractBrokenError(
            f"{where} gives {len(records)} records, not {expected}", "correct `rows` and `key`"
        )
