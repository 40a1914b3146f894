"""The commands of `hub revoke`. `hub.cli.revocation` does the work: it is slow to import."""

from typing import Annotated

import typer

revoke_cli = typer.Typer(
    help="Cut off a token, a person or a service centre: every hub process with this database "
    "(HUB_DATABASE_URL) refuses them within two seconds.",
    no_args_is_help=True,
)
ReasonOption = Annotated[
    str, typer.Option(help="Why, for the list of revocations. Write no personal data.")
]
UntilOption = Annotated[
    str | None,
    typer.Option(
        help="When the revocation ends: after a time (2h), or at a local time (22:30, "
        "2026-11-25T06:00). Default: when `hub revoke undo` is called."
    ),
]


@revoke_cli.command("token")
def revoke_token(
    value: Annotated[
        str, typer.Argument(help="The token's claim `jti`, or - to read the token from stdin.")
    ],
    reason: ReasonOption,
    until: UntilOption = None,
) -> None:
    """Cut off one token. A token that is read from stdin is cut off until it expires."""
    from hub.cli.revocation import revoke

    revoke("token", value, until, reason)


@revoke_cli.command("person")
def revoke_person(
    value: Annotated[
        str, typer.Argument(help="Family ID member number, or 'ISSUER|SUB' from the claims.")
    ],
    reason: ReasonOption,
    until: UntilOption = None,
) -> None:
    """Cut off all tokens of a person. The hub stores a keyed hash of the number."""
    from hub.cli.revocation import revoke

    revoke("person", value, until, reason)


@revoke_cli.command("centre")
def revoke_centre(
    value: Annotated[str, typer.Argument(help="Identifier of the service centre.")],
    reason: ReasonOption,
    until: UntilOption = None,
) -> None:
    """Cut off all operators of a service centre."""
    from hub.cli.revocation import revoke

    revoke("centre", value, until, reason)


@revoke_cli.command("list")
def list_revocations(
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List the revocations in force. Persons are shown as hashes."""
    from hub.cli.revocation import show_revocations

    show_revocations(as_json=as_json)


@revoke_cli.command("undo")
def undo_revocation(
    kind: Annotated[str, typer.Argument(help="token, person or centre.")],
    value: Annotated[str, typer.Argument(help="As for the revocation, or as the list shows it.")],
) -> None:
    """End a revocation."""
    from hub.cli.revocation import undo

    undo(kind, value)
