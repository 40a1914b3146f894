"""The subcommands of `hub adapter`."""

import datetime as dt
import logging
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.console import CliError, err, out
from hub.cli.manifest_commands import HostOption, UserOption

adapter_cli = typer.Typer(
    help="Write, test and record the adapter of a department.", no_args_is_help=True
)

NamesArgument = Annotated[
    list[str] | None, typer.Argument(help="Names of departments, or folders of manifests.")
]
YesItReadsOption = Annotated[
    bool,
    typer.Option(
        "--yes-it-reads", help="Call also operations that look like writes; you know they read."
    ),
]
AllOption = Annotated[bool, typer.Option("--all", help="All installed departments.")]


@adapter_cli.callback()
def _quiet() -> None:
    # Samples contain bad lines on purpose; the connectors would log each.
    logging.getLogger("adapters.connectors").setLevel(logging.ERROR)


@adapter_cli.command("test")
def adapter_test(
    names: NamesArgument = None,
    everything: AllOption = False,
    samples: Annotated[
        bool, typer.Option("--samples", help="Replay the samples (default).")
    ] = False,
    mock: Annotated[
        str | None, typer.Option(help="URL of a mock of the department to call.")
    ] = None,
    live: Annotated[
        bool,
        typer.Option(
            "--live", help="Call the department itself; its environment variables must be set."
        ),
    ] = False,
    yes_it_reads: YesItReadsOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Test adapters against the contract; print the tier reached and what the next one requires.

    Exits with 1 if an adapter is below bronze or breaks the contract."""
    from adapters.workbench.contract_tests.subjects import Mode
    from hub.cli.adapter.folders import folders_of
    from hub.cli.adapter.quality import test_adapters

    if sum((samples, mock is not None, live)) > 1:
        raise CliError("give only one of --samples, --mock and --live.")
    folders = folders_of(names or (), everything=everything)
    if mock is not None and len(folders) > 1:
        raise CliError("--mock needs exactly one department.")
    mode = Mode.MOCK if mock is not None else Mode.LIVE if live else Mode.SAMPLES
    code = test_adapters(folders, mode, mock, yes_it_reads=yes_it_reads, as_json=as_json, out=out)
    raise typer.Exit(code)


@adapter_cli.command("bench")
def adapter_bench(
    names: NamesArgument = None,
    everything: AllOption = False,
    repeats: Annotated[
        int, typer.Option(min=1, max=100_000, help="Number of reads of each sample.")
    ] = (200),
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure how fast samples are read, and write benchmark.json beside the manifest."""
    from hub.cli.adapter.benchmark import bench_adapters
    from hub.cli.adapter.folders import folders_of

    folders = folders_of(names or (), everything=everything)
    bench_adapters(folders, repeats, as_json=as_json, out=out, err=err)


@adapter_cli.command("record")
def adapter_record(
    name: Annotated[str, typer.Argument(help="Name of a department, or folder of a manifest.")],
    capability: Annotated[
        str, typer.Argument(help="Capability to call, for example applications_by_citizen.")
    ],
    keys: Annotated[
        list[str] | None, typer.Argument(help="Keys to look up; none for a search.")
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option(help="File to write. Default: samples/CAPABILITY beside the manifest."),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="URL to call instead, for example of a mock or a sandbox.")
    ] = None,
    since: Annotated[
        dt.datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="First day (UTC) of a search for changes, for example 2026-11-20.",
        ),
    ] = None,
    yes_it_reads: YesItReadsOption = False,
) -> None:
    """Call a department and write its reply to a sample, with personal data replaced."""
    from hub.cli.adapter.folders import folder_of
    from hub.cli.adapter.samples import record_sample

    moment = since.replace(tzinfo=dt.UTC) if since is not None else None
    record_sample(
        folder_of(name),
        capability,
        keys or (),
        to,
        url,
        out,
        since=moment,
        yes_it_reads=yes_it_reads,
    )


@adapter_cli.command("new")
def adapter_new(
    kind: Annotated[
        str | None, typer.Option(help="soap, rest, database, files or graphql. Default: a prompt.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Identifier, for example forest-permits. Default: a prompt.")
    ] = None,
    label: Annotated[str | None, typer.Option(help="Name of the department in English.")] = None,
    from_wsdl: Annotated[
        str | None, typer.Option(help="Path or URL of a WSDL to start from.")
    ] = None,
    from_openapi: Annotated[
        str | None, typer.Option(help="Path or URL of an OpenAPI document to start from.")
    ] = None,
    to: Annotated[
        Path, typer.Option(help="Folder in which to create the manifest's folder.")
    ] = Path("."),
    user: UserOption = None,
    host: HostOption = None,
) -> None:
    """Write a manifest to start from; prompt for missing options."""
    from hub.cli.adapter.starter import AdapterOptions, start_adapter

    options = AdapterOptions(kind, name, label, from_wsdl, from_openapi, to, user, host or ())
    start_adapter(options, out)
