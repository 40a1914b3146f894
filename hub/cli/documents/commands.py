"""The subcommands of `hub documents`."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from hub.cli.console import err, out

documents_cli = typer.Typer(
    help="Register, check and list trusted documents.", no_args_is_help=True
)

FolderOption = Annotated[
    Path | None,
    typer.Option("--in", help="Folder or JSON file (default: HUB_TRUSTED_DOCUMENTS)."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@documents_cli.command("add")
def add(
    files: Annotated[list[Path], typer.Argument(help="Files with one document each.")],
    purpose: Annotated[
        str | None, typer.Option(help="Code of the purpose of their operations.")
    ] = None,
    client: Annotated[
        list[str] | None, typer.Option(help="Portal that may send them; repeatable. Default: all.")
    ] = None,
    to: FolderOption = None,
) -> None:
    """Check documents and copy them into the folder of trusted documents."""
    from hub.cli.documents.registration import add_documents

    for added in add_documents(files, purpose, client or [], to):
        err.print(f"Added {added.name} ({added.sha256}).", highlight=False, soft_wrap=True)


@documents_cli.command("check")
def check(folder: FolderOption = None, as_json: JsonOption = False) -> None:
    """Check all trusted documents against the schema and the policy. Exit 1 on mistakes."""
    from hub.cli.documents.checks import documents_at, problems_of
    from hub.cli.documents.registration import new_documents, purposes_of_policy
    from hub.cli.settings import read_settings

    settings = read_settings()
    place, found = documents_at(folder, settings)
    problems = list(problems_of(found, new_documents(), purposes_of_policy(settings)))
    if as_json:
        entries = [{"place": each.place, "message": each.message} for each in problems]
        print(json.dumps(entries, ensure_ascii=False, indent=2))
    else:
        for each in problems:
            err.print(f"{each.place}: {each.message}", markup=False, highlight=False)
        out.print(f"{place}: {len(found)} documents, {len(problems)} mistakes.", highlight=False)
    if problems:
        raise typer.Exit(1)


@documents_cli.command("list")
def list_documents(folder: FolderOption = None, as_json: JsonOption = False) -> None:
    """List the trusted documents with their ids, purposes and clients."""
    from hub.cli.documents.checks import documents_at
    from hub.cli.settings import read_settings

    place, found = documents_at(folder, read_settings())
    if as_json:
        entries = [
            {
                "id": each.name,
                "sha256": each.sha256,
                "purpose": each.purpose,
                "clients": each.clients,
                "place": each.place,
            }
            for each in found
        ]
        print(json.dumps(entries, ensure_ascii=False, indent=2))
        return
    table = Table("id", "purpose", "clients", "sha256", title=f"{len(found)} documents in {place}")
    for each in found:
        table.add_row(
            each.name,
            each.purpose or "-",
            ", ".join(each.clients) or "all",
            each.sha256[7:23] + "…",
        )
    out.print(table)


@documents_cli.command("privacy")
def privacy(
    folder: FolderOption = None,
    against: Annotated[
        str | None,
        typer.Option(help="Git revision: print only what the documents read more than there."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the personal data that each document reads, from which departments, and for what.

    With --against, exit 1 if a document reads more than before.
    """
    from hub.cli.documents.checks import documents_at
    from hub.cli.documents.privacy import print_additions, print_reads, reads_of_documents
    from hub.cli.documents.revisions import documents_of_revision
    from hub.cli.settings import read_settings

    settings = read_settings()
    place, found = documents_at(folder, settings)
    reads = reads_of_documents(found, settings)
    if against is None:
        print_reads(reads, as_json=as_json)
        return
    before = reads_of_documents(documents_of_revision(place, against), settings)
    if print_additions(reads, before, as_json=as_json):
        raise typer.Exit(1)
