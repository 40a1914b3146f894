"""Sends queries to a hub over HTTP."""

from importlib.resources import files
from typing import Any

import httpx

from mocks.lab.console import LabError

SECONDS = 60.0


def document_named(name: str) -> str:
    """Return the GraphQL document `mocks/lab/queries/NAME.graphql`."""
    return (files("mocks.lab") / "queries" / f"{name}.graphql").read_text(encoding="utf-8")


def query_hub(
    url: str,
    document: str,
    variables: dict[str, Any] | None = None,
    *,
    token: str | None = None,
    purpose: str | None = None,
) -> dict[str, Any]:
    """Return the hub's response to one operation.

    Args:
        url: GraphQL URL of the hub.
        document: the operation.
        variables: its variables.
        token: access token of the signed-in person; None for none.
        purpose: code of the purpose; None to state none.

    Raises:
        LabError: if the hub at `url` does not return JSON.
    """
    try:
        reply = httpx.post(
            url,
            json={"query": document, "variables": variables},
            headers={
                **({"Authorization": f"Bearer {token}"} if token else {}),
                **({"Hub-Purpose": purpose} if purpose else {}),
            },
            timeout=SECONDS,
            trust_env=False,
        )
        response: dict[str, Any] = reply.json()
    except (httpx.HTTPError, ValueError) as error:
        raise LabError(f"the hub at {url} did not respond: {error}") from None
    return response
