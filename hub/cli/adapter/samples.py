"""`hub adapter record`: writes a department's reply to a sample."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import yaml
from rich.console import Console
from rich.text import Text

from adapters.contract import Capability, DepartmentError
from adapters.manifest import Manifest, ManifestError, load_department
from adapters.mapping.rules import did_you_mean
from adapters.workbench.contract_tests.checks import ContractBrokenError, sample_is_read_whole
from adapters.workbench.contract_tests.subjects import Subject
from adapters.workbench.recording import (
    CanNotRecordError,
    LeakError,
    RecordedLogin,
    Recording,
    record,
)
from adapters.workbench.replay.addresses import load_with_placeholders, redirected
from adapters.workbench.replay.samples import LISTING
from adapters.workbench.replay.stages import CanNotReplayError
from adapters.workbench.write_calls import MayWriteError, refuse_writes
from adapters.writes import WriteCapability
from hub.cli.console import CliError


def record_sample(
    folder: Path,
    capability: str,
    keys: Sequence[str],
    to: Path | None,
    url: str | None,
    out: Console,
    *,
    since: dt.datetime | None = None,
    yes_it_reads: bool = False,
) -> None:
    """Call the department and write its reply to a sample and to `samples.yaml`.

    Args:
        folder: folder of the manifest.
        capability, keys: the call to make.
        out: console for messages.
        to: file to write. None: `samples/CAPABILITY` beside the manifest.
        url: address to call instead of the department.
        since: moment from which a search looks for changes.
        yes_it_reads: True to call also an operation that looks like a write.

    Raises:
        CliError: no sample was written; the message says why.
    """
    try:
        manifest = (
            redirected(load_with_placeholders(folder), url) if url else load_department(folder)
        )
        offered = _offered(manifest, capability)
        if not keys and not offered[capability].is_search:
            raise CliError(f"{capability} needs a key: give one that the department knows.")
        if not yes_it_reads:
            # With --url, the server is a mock or a sandbox: refuse only calls that surely write.
            refuse_writes(manifest, [offered[capability]], in_doubt=url is None)
        recording = asyncio.run(record(manifest, offered[capability], keys, since=since))
    except ManifestError as error:
        raise CliError(str(error)) from None
    except DepartmentError as error:
        raise CliError(f"{error.code}: {error.message}") from None
    except (CanNotRecordError, LeakError, MayWriteError) as error:
        raise CliError(f"{error}.") from None
    path = _path(folder, offered[capability], to, recording)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(recording.content)
    pages = _write_pages(path, recording)
    logins = _write_logins(path, recording)
    _add_to_listing(path, recording, pages, logins)
    _print_result(path, recording, out)
    others = [*pages.values(), *(name for name, _ in logins)]
    if others:
        out.print(f"The other replies are in {', '.join(others)}.", soft_wrap=True)
    if recording.calls > 1 + len(others):
        out.print(
            f"{recording.calls} requests were sent; the sample is the last reply. "
            f"Write the others by hand, and list them under `also:` in {LISTING}.",
            soft_wrap=True,
        )
    if path.parent == folder / "samples":
        _print_differences(folder, path, out)
    out.print(
        "Read it before you commit it: personal data is recognised by guessing.", soft_wrap=True
    )


def _offered(manifest: Manifest, capability: str) -> dict[str, Capability]:
    """Return the department's capabilities by name.

    Raises:
        CliError: it has no such capability, or it is a write.
    """
    if capability in set(WriteCapability):
        raise CliError(
            f"{capability} is a write, and no write is recorded. Copy a request and its reply from "
            "a sandbox, and list them under `writes` in samples.yaml (docs/adapter-testing.md)."
        )
    offered = {each.value: each for each in manifest.file.capabilities}
    if capability not in offered:
        raise CliError(
            f"{manifest.file.department} has no capability {capability!r}; "
            f"{did_you_mean(capability, offered)}"
        )
    return offered


def _print_result(path: Path, recording: Recording, out: Console) -> None:
    plural = "" if recording.records == 1 else "s"
    what = recording.error or f"{recording.records} record{plural}"
    now = f"; keys in the sample: {', '.join(recording.keys)}" if recording.keys else ""
    if not recording.warnings:
        none = "" if recording.error else ", no warning"
        out.print(f"Wrote {path}: {what}{none}{now}.", soft_wrap=True)
        return
    count = len(recording.warnings)
    text = f"{count} WARNING{'' if count == 1 else 'S'}"
    out.print(
        Text.assemble(f"Wrote {path}: {what}, ", (text, "bold red"), f"{now}."), soft_wrap=True
    )
    for detail in recording.details:
        out.print(Text(f"  {detail}", style="bold red"), soft_wrap=True)
    out.print(
        "Correct the manifest and record again. If the department's values are wrong, keep the "
        f"sample: {LISTING} lists its warnings.",
        soft_wrap=True,
    )


def _print_differences(folder: Path, path: Path, out: Console) -> None:
    """Replay the sample; print the differences from the department's own reply."""
    try:
        subject = Subject.load(folder)
        for sample in subject.samples:
            if sample.path == path:
                asyncio.run(sample_is_read_whole(subject, sample))
    except (ManifestError, ContractBrokenError, CanNotReplayError) as error:
        text = "The sample is not read as the department's reply was: "
        out.print(Text.assemble((text, "bold red"), str(error)), soft_wrap=True)


def _path(folder: Path, capability: Capability, to: Path | None, recording: Recording) -> Path:
    if to is None:
        return folder / "samples" / f"{capability.value}{recording.suffix}"
    return to if to.suffix else to.with_suffix(recording.suffix)


def _write_pages(path: Path, recording: Recording) -> dict[str, str]:
    """Write the other pages; return their file names by the text in the request.

    The highest page comes first, because the text `page=1` is also in `page=10`.
    """
    names: dict[str, str] = {}
    for number, (text, content) in enumerate(recording.pages, start=2):
        further = path.with_name(f"{path.stem}-page-{number}{path.suffix}")
        further.write_bytes(content)
        names[text] = further.name
    return dict(reversed(names.items()))


Logins = Sequence[tuple[str, RecordedLogin]]
"""File names, each with the login that the file records."""


def _write_logins(path: Path, recording: Recording) -> Logins:
    written: list[tuple[str, RecordedLogin]] = []
    for number, login in enumerate(recording.logins, start=1):
        more = f"-{number}" if number > 1 else ""
        further = path.with_name(f"{path.stem}-login{more}{login.suffix}")
        further.write_bytes(login.content)
        written.append((further.name, login))
    return written


def _add_to_listing(
    path: Path, recording: Recording, pages: dict[str, str], logins: Logins
) -> None:
    """Add the sample to `samples.yaml`, or replace its entry there."""
    listing = path.parent / LISTING
    fields: dict[str, object] = {"keys": list(recording.keys)} if recording.keys else {}
    if recording.error is not None:
        fields["error"] = recording.error
    else:
        fields["records"] = recording.records
        if recording.warnings:
            fields["warnings"] = list(recording.warnings)
    if recording.status != 200:
        fields["status"] = recording.status
    also: list[dict[str, object]] = [
        {"when": login.when, "reply": name}
        | ({"status": login.status} if login.status != 200 else {})
        | ({"headers": dict(login.headers)} if login.headers else {})
        for name, login in logins
    ]
    also += [{"when": text, "reply": name} for text, name in pages.items()]
    if also:
        fields["also"] = also
    entry = yaml.safe_dump(
        {path.name: fields},
        allow_unicode=True,
        default_flow_style=None,
        sort_keys=False,
        width=1000,
    )
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.exists() else ["samples:"]
    kept: list[str] = []
    inside = False
    start_of_writes = next(
        (nth for nth, line in enumerate(lines) if line.startswith("writes:")), None
    )
    writes = [] if start_of_writes is None else lines[start_of_writes:]
    for line in lines[:start_of_writes]:
        if line.startswith("  ") and not line.startswith("   "):
            inside = line.strip().startswith(f"{path.name}:")
        if not inside:
            kept.append(line)
    kept += [f"  {line}" for line in entry.splitlines()]
    kept += writes
    listing.write_text("\n".join(kept) + "\n", encoding="utf-8")
