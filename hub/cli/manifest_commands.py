"""Commands for whoever writes a manifest: to begin one, to check one, and what its keys may be."""

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.console import err, out


def check(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[FOLDER|NAME]", help="A department's folder or name; all when not given."
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail it too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Check departments before they run: mistakes, gaps, costs. Exits 1 on errors."""
    from hub.cli.check_report import run_check

    raise typer.Exit(run_check(what, strict=strict, as_json=as_json, out=out))


def introspect(
    kind: Annotated[str, typer.Argument(help="wsdl, openapi, database or graphql.")],
    source: Annotated[str, typer.Argument(help="A path, a URL, or a database's URL.")],
    to: Annotated[Path | None, typer.Option(help="Folder to write; NAME when not given.")] = None,
    name: Annotated[str | None, typer.Option(help="Identifier of the department.")] = None,
    user: Annotated[
        str | None,
        typer.Option(help="Basic auth for the URL; password in HUB_INTROSPECT_PASSWORD."),
    ] = None,
    host: Annotated[
        list[str] | None,
        typer.Option(help="A further host that may be asked for what is imported; repeatable."),
    ] = None,
) -> None:
    """Write a manifest to start from, out of what a department publishes of itself."""
    from hub.cli.introspection import introspect as run

    run(kind, source, to, name, user, out, host or ())


def manifest_schema(
    to: Annotated[
        Path | None, typer.Option(help="Folder for all four; department.yaml's alone is printed.")
    ] = None,
) -> None:
    """Print the JSON Schema of department.yaml, or write those of all files of a manifest."""
    from adapters.manifest.json_schema import FILES, written

    if to is None:
        print(written("manifest.schema.json"), end="")
        return
    for name in FILES:
        (to / name).write_text(written(name), encoding="utf-8")
        err.print(f"Wrote {to / name}.")
