"""Sends queries to a hub over HTTP, for `hub query`, `status` and `department`."""

from pathlib import Path
from typing import Any

import httpx
import orjson

from hub.cli.console import CliError

SECONDS = 60.0


def read_document(argument: str) -> str:
    """Return the argument if it contains a brace; otherwise the content of the file of that name.

    Raises:
        CliError: if there is no such file, or it is not text.
    """
    if "{" in argument:
        return argument
    try:
        return Path(argument).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CliError(
            f"there is no file {argument!r}. A query on the command line must contain braces."
        ) from None
    except (OSError, UnicodeDecodeError):
        raise CliError(f"can't read the file {argument!r} as text.") from None


def read_variables(argument: str | None) -> dict[str, Any] | None:
    """Return the variables of `--variables`; None if it is not given.

    Raises:
        CliError: if `argument` is not a JSON object.
    """
    if argument is None:
        return None
    try:
        variables = orjson.loads(argument)
    except orjson.JSONDecodeError:
        raise CliError("--variables is not JSON.") from None
    if not isinstance(variables, dict):
        raise CliError('--variables must be an object, for example \'{"id": "7KNL042101"}\'.')
    return variables


def query_hub(
    url: str,
    document: str,
    variables: dict[str, Any] | None = None,
    *,
    token: str | None = None,
    purpose: str | None = None,
    seconds: float = SECONDS,
) -> dict[str, Any]:
    """Return the hub's response to one operation.

    Args:
        url: GraphQL URL of the hub.
        document: the operation.
        variables: its variables.
        token: bearer token of the signed-in person; None for none.
        purpose: code of the purpose; None to state none.
        seconds: time limit.

    Raises:
        CliError: if the hub does not respond, or the server at `url` is not a hub.
    """
    try:
        reply = httpx.post(
            url,
            json={"query": document, "variables": variables},
            headers={
                **({"Authorization": f"Bearer {token}"} if token else {}),
                **({"Hub-Purpose": purpose} if purpose else {}),
            },
            timeout=seconds,
            trust_env=False,
        )
        response = reply.json()
    except (httpx.ConnectError, httpx.UnsupportedProtocol):
        raise CliError(
            f"no hub answers on {url}. Start one with `hub serve` or `hub demo`; "
            "`--url` or HUB_PORT selects another address."
        ) from None
    except httpx.HTTPError as error:
        reason = str(error) or type(error).__name__
        raise CliError(f"the hub on {url} did not send a complete response: {reason}.") from None
    except ValueError:
        raise CliError(f"the server on {url} is not a hub: it did not send JSON.") from None
    if not isinstance(response, dict) or not ({"data", "errors"} & response.keys()):
        raise CliError(f"the server on {url} is not a hub: it did not send a GraphQL response.")
    return response
