"""Commands that send a query to a running hub, and that get a token of the demo for it."""

import json
import time
from typing import Annotated

import typer

from hub.cli.console import CliError, err

DEMO_ISSUER = "http://127.0.0.1:9115"
DocumentArgument = Annotated[
    str, typer.Argument(help="A GraphQL document ('{...}'), or a file that contains one.")
]
VariablesOption = Annotated[
    str | None, typer.Option(help="The document's variables, as a JSON object.")
]
UrlOption = Annotated[
    str | None, typer.Option(help="GraphQL URL of the hub. Default: the hub on this machine.")
]
IssuerOption = Annotated[str, typer.Option(help="URL of the demo's identity provider.")]
PEOPLE = "citizen:7KNL042101, operator, officer:pensions:Karnal, helpdesk, auditor, admin, …"


def query(
    document: DocumentArgument,
    variables: VariablesOption = None,
    url: UrlOption = None,
    person: Annotated[
        str | None, typer.Option("--as", help=f"Sign in as a person of the demo: {PEOPLE}")
    ] = None,
    token: Annotated[
        str | None, typer.Option(help="Access token to send. Default: none, not signed in.")
    ] = None,
    purpose: Annotated[
        str | None, typer.Option(help="Code of the purpose, for example HELPDESK_SUPPORT.")
    ] = None,
    issuer: IssuerOption = DEMO_ISSUER,
    as_json: Annotated[bool, typer.Option("--json", help="Print the response as JSON.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 also when only a part of the data is missing.")
    ] = False,
    timed: Annotated[
        bool, typer.Option("--time", help="Print how long the hub took, on standard error.")
    ] = False,
) -> None:
    """Send a query to a running hub. Exit 1 when the response has no data."""
    from hub.cli.hub_client import query_hub, read_document, read_variables
    from hub.cli.identity_provider import fetch_token
    from hub.cli.response_tables import print_response
    from hub.cli.settings import local_hub_url

    if person is not None and token is not None:
        raise CliError("--as and --token exclude each other.")
    given = (read_document(document), read_variables(variables))
    if person is not None:
        token = fetch_token(person, issuer)
    begun = time.perf_counter()
    response = query_hub(url or local_hub_url(), *given, token=token, purpose=purpose)
    took = time.perf_counter() - begun
    if as_json:
        print(json.dumps(response, ensure_ascii=False, indent=2))
    else:
        print_response(response)
    if timed:
        err.print(f"The hub took {took * 1000:.0f} ms.", highlight=False)
    if response.get("data") is None or (strict and "errors" in response):
        raise typer.Exit(1)


def token(
    person: Annotated[str, typer.Option("--as", help=f"Who signs in: {PEOPLE}")],
    issuer: IssuerOption = DEMO_ISSUER,
) -> None:
    """Print an access token of a person of the demo."""
    from hub.cli.identity_provider import fetch_token

    print(fetch_token(person, issuer))
