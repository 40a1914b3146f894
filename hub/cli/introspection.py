"""`hub introspect`: writes a manifest from what a department publishes."""

import re
import warnings
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from adapters.assembly import build_adapter
from adapters.connectors.soap.wsdl_problems import explain
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
    """Write a manifest from the description; print what was found, guessed and not read.

    Args:
        kind: `wsdl`, `openapi`, `database` or `graphql`.
        source: path or URL of the description.
        to: folder to write. None: a folder with the department's name.
        name: identifier of the department. None: made from the description's title.
        user: user for basic auth.
        out: console for messages.
        hosts: other hosts from which documents may be imported.

    Returns: the folder.

    Raises:
        CliError: the description can't be read, or the folder can't be written.
    """
    if kind not in KINDS:
        raise CliError(f"the kind {kind!r} is unknown: give one of {', '.join(KINDS)}.")
    try:
        description = describe(kind, Source(source, user, hosts))
    except IntrospectionError as error:
        raise CliError(f"{error}.") from None
    name = name or name_of(description.title)
    check_identifier(name)
    folder = to or Path(name)
    shown = re.sub(r"//[^/@]+@", "//…@", source)
    try:
        written = write_folder(description, name, folder, shown)
    except FileExistsError:
        raise CliError(
            f"the folder {folder} is not empty; give another folder with --to."
        ) from None
    except OSError as error:
        raise CliError(f"{folder} can't be written: {error.strerror}.") from None
    made = f" ({description.make})" if description.make else ""
    count = len(description.operations)
    out.print(f"Read {count} operation{'s' if count != 1 else ''}{made}.", markup=False)
    for note in description.notes[:MOST_NOTES_SHOWN]:
        out.print(f"  not read: {note}", markup=False, highlight=False, soft_wrap=True)
    if len(description.notes) > MOST_NOTES_SHOWN:
        out.print(f"  … and {len(description.notes) - MOST_NOTES_SHOWN} more, in department.yaml")
    out.print(f"Wrote {', '.join(str(path) for path in written)}.", soft_wrap=True, markup=False)
    _print_open_decisions(folder, out)
    return folder


def check_identifier(name: str) -> None:
    """Raise `CliError` if a department can't have this identifier."""
    if not re.fullmatch(r"[a-z][a-z0-9-]{1,40}", name):
        raise CliError(
            f"--name {name}: use small letters, digits and hyphens, for example forest-permits."
        )


def name_of(title: str) -> str:
    """Return an identifier made from a title."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    plain = re.sub(r"^[^a-z]+", "", plain)[:40].strip("-")
    return plain if len(plain) > 1 else "department"


def _print_open_decisions(folder: Path, out: Console) -> None:
    text = (folder / "department.yaml").read_text(encoding="utf-8")
    marked = sum("DECIDE" in line for line in text.splitlines()[2:])
    guessed = sum("# guessed from" in line for line in text.splitlines()[3:])
    out.print(f"{marked} lines of department.yaml are marked DECIDE.")
    if guessed:
        out.print(f"{guessed} rules are marked `guessed from`: check them, too.")
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
        # zeep raises many kinds of errors for a broken WSDL.
        reason, remedy = explain(error)
        out.print(
            f"It does not load yet: the connector can't read the document: {reason}; {remedy}.",
            markup=False,
            soft_wrap=True,
        )
        return
    capabilities = ", ".join(manifest.file.capabilities) or "none"
    out.print(f"It loads; guessed capabilities: {capabilities}.", soft_wrap=True)
    if writes := re.findall(r"(?m)^#  (\w+):$", text.partition("\n#writes:")[2]):
        out.print(f"Guessed writes, as comments: {', '.join(writes)}.", soft_wrap=True)
    if "\n# Operations that are not used:" in text and not manifest.file.capabilities:
        out.print("department.yaml says for each operation why it is not used.")
