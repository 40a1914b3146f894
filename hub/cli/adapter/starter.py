"""`hub adapter new`: writes a manifest to start from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from rich.console import Console

from adapters.workbench.introspection.yaml_text import scalar
from hub.cli.adapter.skeletons import CONNECTORS, department_yaml
from hub.cli.console import CliError
from hub.cli.introspection import check_identifier, introspect

CODES = """# The department's codes and the hub's word for each.
# A code that is not listed becomes UNKNOWN, with a warning.
tables:
  application_status:
    enum: ApplicationStatus
    codes: {}  # DECIDE: each code, like "02": {meaning: UNDER_PROCESS, label: With the clerk}
"""
SAMPLES = """# What the hub must read from each sample in this folder (docs/adapter-testing.md).
samples: {}
"""


@dataclass(frozen=True, slots=True)
class AdapterOptions:
    """The options of `hub adapter new`. The command prompts for options that are None.

    Attributes:
        kind: kind of the connector.
        name: identifier of the department.
        label: its name in English.
        from_wsdl, from_openapi: path or URL of the document to start from.
        to: folder in which the department's folder is created.
        user: user for basic auth.
        hosts: other hosts from which documents may be imported.
    """

    kind: str | None
    name: str | None
    label: str | None
    from_wsdl: str | None
    from_openapi: str | None
    to: Path
    user: str | None
    hosts: Sequence[str] = ()


def start_adapter(options: AdapterOptions, out: Console) -> None:
    """Write the folder of a new department, and print the next steps.

    Raises:
        CliError: an option can't be used, or the folder is not empty.
    """
    source = options.from_wsdl or options.from_openapi
    kind = _kind(options) if source is None else ""
    name = options.name or typer.prompt(
        "Identifier, for example forest-permits", default="my-department"
    )
    check_identifier(name)
    folder = options.to / name
    if source is not None:
        what = "wsdl" if options.from_wsdl else "openapi"
        introspect(what, source, folder, name, options.user, out, options.hosts)
    else:
        label = options.label or typer.prompt("Its name in English", default=name.title())
        if folder.exists() and any(folder.iterdir()):
            raise CliError(f"the folder {folder} is not empty; give another folder with --to.")
        folder.mkdir(parents=True, exist_ok=True)
        text = department_yaml(kind, name, scalar(label))
        (folder / "department.yaml").write_text(text, encoding="utf-8")
        (folder / "codes.yaml").write_text(CODES, encoding="utf-8")
    (folder / "samples").mkdir(exist_ok=True)
    (folder / "samples" / "samples.yaml").write_text(SAMPLES, encoding="utf-8")
    out.print(f"Wrote {folder}. Then:", soft_wrap=True)
    out.print(f"  1. decide what is marked DECIDE in {folder}/department.yaml", soft_wrap=True)
    out.print(f"  2. hub adapter record {folder} CAPABILITY KEY", soft_wrap=True)
    out.print(f"  3. hub adapter test {folder}", soft_wrap=True)


def _kind(options: AdapterOptions) -> str:
    kind = options.kind or typer.prompt(
        f"Kind of its interface ({', '.join(CONNECTORS)})", default="rest"
    )
    if kind not in CONNECTORS:
        raise CliError(f"there is no kind {kind!r}: give one of {', '.join(CONNECTORS)}.")
    if kind == "soap":
        raise CliError("for SOAP give --from-wsdl: the WSDL describes operations and types.")
    return str(kind)
