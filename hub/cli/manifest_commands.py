"""Commands for authors of manifests: check, introspect, and the JSON Schema."""

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.console import err, out

UserOption = Annotated[
    str | None,
    typer.Option(help="User of basic auth; the password is in HUB_INTROSPECT_PASSWORD."),
]
HostOption = Annotated[
    list[str] | None,
    typer.Option(help="Another host from which documents may be imported; repeatable."),
]


def check(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[FOLDER|NAME]", help="Folder or name of a department. Default: all."
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Treat warnings like errors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Check manifests before they run: mistakes, gaps, costs. Exits with 1 on errors."""
    from hub.cli.check_report import run_check

    raise typer.Exit(run_check(what, strict=strict, as_json=as_json, out=out))


def introspect(
    kind: Annotated[str, typer.Argument(help="wsdl, openapi, database or graphql.")],
    source: Annotated[
        str, typer.Argument(help="Path or URL of the description, or URL of a database.")
    ],
    to: Annotated[Path | None, typer.Option(help="Folder to write. Default: NAME.")] = None,
    name: Annotated[str | None, typer.Option(help="Identifier of the department.")] = None,
    user: UserOption = None,
    host: HostOption = None,
) -> None:
    """Write a manifest to start from, using the description that a department publishes."""
    from hub.cli.introspection import introspect as run

    run(kind, source, to, name, user, out, host or ())


def manifest_schema(
    to: Annotated[
        Path | None,
        typer.Option(
            help="Folder to write all four schemas to. Default: print that of department.yaml."
        ),
    ] = None,
) -> None:
    """Print the JSON Schema of department.yaml, or write the schemas of all manifest files."""
    from adapters.workbench.json_schema import FILES, written

    if to is None:
        print(written("manifest.schema.json"), end="")
        return
    for name in FILES:
        (to / name).write_text(written(name), encoding="utf-8")
        err.print(f"Wrote {to / name}.")
