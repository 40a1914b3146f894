"""`hub introspect`: writes a manifest to start from."""

import re
import warnings
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from adapters.assembly import build_adapter
from adapters.manifest import ManifestError
from adapters.workbench.introspection import (
    KINDS,
    IntrospectionError,
    Source,
    describe,
    write_folder,
)
from adapters.workbench.replay.addresses import load_with_placeholders
from hub.cli.console import CliError

MOST_NOTES_SHOWN = 30


def introspect(
    kind: str,
    source: str,
    to: Path | None,
    name: str | None,
    user: str | None,
    out: Console,
    hosts: Sequence[str] = (),
) -> Path:
    """Writes the folder and tells what was found, guessed, and not read; the folder."""
    if kind not in KINDS:
        raise CliError(f"there is no {kind!r}: give one of {', '.join(KINDS)}.")
    try:
        description = describe(kind, Source(source, user, hosts))
    except IntrospectionError as error:
        raise CliError(f"{error}.") from None
    name = name or name_of(description.title)
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,40}", name):
        raise CliError(f"--name {name}: small letters, digits and hyphens, as forest-permits.")
    folder = to or Path(name)
    shown = re.sub(r"//[^/@]+@", "//…@", source)
    try:
        written = write_folder(description, name, folder, shown)
    except FileExistsError:
        raise CliError(f"the folder {folder} is not empty; give another one with --to.") from None
    except OSError as error:
        raise CliError(f"{folder} can't be written: {error.strerror}.") from None
    made = f" ({description.make})" if description.make else ""
    out.print(f"Read {len(description.operations)} operations{made}.", markup=False)
    for note in description.notes[:MOST_NOTES_SHOWN]:
        out.print(f"  not read: {note}", markup=False, highlight=False, soft_wrap=True)
    if len(description.notes) > MOST_NOTES_SHOWN:
        out.print(f"  … and {len(description.notes) - MOST_NOTES_SHOWN} more, in department.yaml")
    out.print(f"Wrote {', '.join(str(path) for path in written)}.", soft_wrap=True, markup=False)
    _tell_what_is_left(folder, out)
    return folder


def name_of(title: str) -> str:
    """An identifier made of a title."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    plain = re.sub(r"^[^a-z]+", "", plain)[:40].strip("-")
    return plain if len(plain) > 1 else "department"


def _tell_what_is_left(folder: Path, out: Console) -> None:
    text = (folder / "department.yaml").read_text(encoding="utf-8")
    count = text.count("# DECIDE")
    out.print(f"{count} places in department.yaml say DECIDE.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            manifest = load_with_placeholders(folder)
            build_adapter(manifest)
    except ManifestError as error:
        out.print("It does not load yet:")
        for problem in error.problems:
            out.print(f"  {problem}", markup=False, highlight=False, soft_wrap=True)
        return
    except Exception as error:
        # A library that reads WSDLs stumbles in many ways over broken ones.
        words = " ".join(str(error).split())[:200]
        out.print(
            f"It does not load yet: the connector can't read the document as it is "
            f"({type(error).__name__}: {words}).",
            markup=False,
            soft_wrap=True,
        )
        return
    capabilities = ", ".join(manifest.file.capabilities) or "none"
    out.print(f"It loads; guessed capabilities: {capabilities}.", soft_wrap=True)
