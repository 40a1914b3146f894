"""`hub adapter`: its subcommands."""

import datetime as dt
import logging
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.console import CliError, err, out

adapter_cli = typer.Typer(
    help="Write, test and record the adapter of a department.", no_args_is_help=True
)


@adapter_cli.callback()
def _quiet() -> None:
    """What a connector logs of a bad line, a sample may have been recorded for."""
    logging.getLogger("adapters.connectors").setLevel(logging.ERROR)


@adapter_cli.command("test")
def adapter_test(
    names: Annotated[
        list[str] | None, typer.Argument(help="Departments by name, or folders of manifests.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every installed department.")] = False,
    samples: Annotated[
        bool, typer.Option("--samples", help="Over the recorded replies (if nothing else is said).")
    ] = False,
    mock: Annotated[str | None, typer.Option(help="At a mock of it that answers there.")] = None,
    live: Annotated[
        bool, typer.Option("--live", help="At the department, where its environment says.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdicts as JSON.")] = False,
) -> None:
    """Hold adapters against the contract; prints the tier reached and what the next one wants.

    Exits 1 when one is below bronze or breaks the contract."""
    from adapters.manifest import find_departments
    from adapters.workbench.contract_tests.subjects import Mode
    from hub.cli.adapter.folders import folder_of
    from hub.cli.adapter.quality import test_adapters

    if sum((samples, mock is not None, live)) > 1:
        raise CliError("give one of --samples, --mock and --live.")
    folders = find_departments() if everything else [folder_of(each) for each in names or ()]
    if not folders:
        raise CliError("name a department or a folder, or give --all.")
    if mock is not None and len(folders) > 1:
        raise CliError("--mock goes with one department.")
    mode = Mode.MOCK if mock is not None else Mode.LIVE if live else Mode.SAMPLES
    raise typer.Exit(test_adapters(folders, mode, mock, as_json=as_json, out=out, err=err))


@adapter_cli.command("bench")
def adapter_bench(
    names: Annotated[
        list[str] | None, typer.Argument(help="Departments by name, or folders of manifests.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every installed department.")] = False,
    repeats: Annotated[int, typer.Option(min=1, max=100_000, help="Times each sample is read.")] = (
        200
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure how fast recorded replies are read; keeps benchmark.json beside the manifest."""
    from adapters.manifest import find_departments
    from hub.cli.adapter.benchmark import bench_adapters
    from hub.cli.adapter.folders import folder_of

    folders = find_departments() if everything else [folder_of(each) for each in names or ()]
    if not folders:
        raise CliError("name a department or a folder, or give --all.")
    bench_adapters(folders, repeats, as_json=as_json, out=out, err=err)


@adapter_cli.command("record")
def adapter_record(
    name: Annotated[str, typer.Argument(help="A department by name, or a manifest's folder.")],
    capability: Annotated[str, typer.Argument(help="What is asked, as applications_by_citizen.")],
    keys: Annotated[
        list[str] | None, typer.Argument(help="The keys to ask for; none for a search.")
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(help="File to write; samples/CAPABILITY beside the manifest if not given."),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Ask there instead, as a mock or a sandbox.")
    ] = None,
    since: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day (UTC) from which a search asks, 2026-11-20."),
    ] = None,
) -> None:
    """Call a department and keep its reply as a sample, with personal data replaced."""
    from hub.cli.adapter.folders import folder_of
    from hub.cli.adapter.samples import record_sample

    moment = since.replace(tzinfo=dt.UTC) if since is not None else None
    record_sample(folder_of(name), capability, keys or (), to, url, out, since=moment)


@adapter_cli.command("new")
def adapter_new(
    kind: Annotated[
        str | None, typer.Option(help="soap, rest, database, files or graphql; asked if not given.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Identifier, as forest-permits; asked if not given.")
    ] = None,
    label: Annotated[str | None, typer.Option(help="Its name in English.")] = None,
    from_wsdl: Annotated[
        str | None, typer.Option(help="A WSDL (path or URL) to start from.")
    ] = None,
    from_openapi: Annotated[
        str | None, typer.Option(help="An OpenAPI document (path or URL) to start from.")
    ] = None,
    to: Annotated[Path, typer.Option(help="Folder in which the manifest's folder is made.")] = Path(
        "."
    ),
    user: Annotated[
        str | None,
        typer.Option(help="Basic auth for the URL; password in HUB_INTROSPECT_PASSWORD."),
    ] = None,
    host: Annotated[
        list[str] | None,
        typer.Option(help="A further host that may be asked for what is imported; repeatable."),
    ] = None,
) -> None:
    """Write a manifest to start from; asks for what is not given."""
    from hub.cli.adapter.starter import AdapterOptions, start_adapter

    options = AdapterOptions(kind, name, label, from_wsdl, from_openapi, to, user, host or ())
    start_adapter(options, out)
