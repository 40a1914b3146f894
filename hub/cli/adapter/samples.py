"""`hub adapter record`: writes a department's reply to a sample."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import yaml
from rich.console import Console

from adapters.contract import Capability, DepartmentError
from adapters.manifest import ManifestError, load_department
from adapters.mapping.rules import did_you_mean
from adapters.workbench.recording import CanNotRecordError, LeakError, Recording, record
from adapters.workbench.replay.addresses import load_with_placeholders, redirected
from adapters.workbench.replay.samples import LISTING
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
) -> None:
    """Call the department and write its reply to a sample and to `samples.yaml`.

    Args:
        folder: folder of the manifest.
        capability, keys: the call to make.
        out: console for messages.
        to: file to write. None: `samples/CAPABILITY` beside the manifest.
        url: address to call instead of the department.
        since: moment from which a search looks for changes.

    Raises:
        CliError: no sample was written; the message says why.
    """
    try:
        manifest = (
            redirected(load_with_placeholders(folder), url) if url else load_department(folder)
        )
        offered = {each.value: each for each in manifest.file.capabilities}
        if capability not in offered:
            raise CliError(
                f"{manifest.file.department} has no capability {capability!r}; "
                f"{did_you_mean(capability, offered)}"
            )
        if not keys and not offered[capability].is_search:
            raise CliError(f"{capability} needs a key: give one that the department knows.")
        recording = asyncio.run(record(manifest, offered[capability], keys, since=since))
    except ManifestError as error:
        raise CliError(str(error)) from None
    except DepartmentError as error:
        raise CliError(f"{error.code}: {error.message}") from None
    except (CanNotRecordError, LeakError) as error:
        raise CliError(f"{error}.") from None
    path = _path(folder, offered[capability], to, recording)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(recording.content)
    pages = _write_pages(path, recording)
    _add_to_listing(path, recording, pages)
    plural = "" if recording.records == 1 else "s"
    what = recording.error or f"{recording.records} record{plural}"
    now = f"; keys in the sample: {', '.join(recording.keys)}" if recording.keys else ""
    out.print(f"Wrote {path}: {what}{now}.", soft_wrap=True)
    if pages:
        out.print(f"The other pages are in {', '.join(pages.values())}.", soft_wrap=True)
    elif recording.calls > 1:
        out.print(
            f"{recording.calls} requests were sent (pages, a login); the sample is the last reply. "
            f"Write the others by hand, and list them under `also:` in {LISTING}.",
            soft_wrap=True,
        )
    out.print(
        "Read it before you commit it: personal data is recognised by guessing.", soft_wrap=True
    )


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


def _add_to_listing(path: Path, recording: Recording, pages: dict[str, str]) -> None:
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
    if pages:
        fields["also"] = [{"when": text, "reply": name} for text, name in pages.items()]
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
    for line in lines:
        if line.startswith("  ") and not line.startswith("   "):
            inside = line.strip().startswith(f"{path.name}:")
        if not inside:
            kept.append(line)
    kept += [f"  {line}" for line in entry.splitlines()]
    listing.write_text("\n".join(kept) + "\n", encoding="utf-8")
