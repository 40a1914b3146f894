"""`hub query`: asks a hub over HTTP."""

from pathlib import Path
from typing import Any

import httpx
import orjson

from hub.cli.failures import CliError

SECONDS = 60.0


def read_document(given: str) -> str:
    """The document itself if it looks like one, else the content of the file of that name."""
    if "{" in given:
        return given
    try:
        return Path(given).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CliError(
            f"there is no file {given!r}; a query on the command line has braces."
        ) from None
    except (OSError, UnicodeDecodeError):
        raise CliError(f"the file {given!r} can't be read as text.") from None


def read_variables(given: str | None) -> dict[str, Any] | None:
    if given is None:
        return None
    try:
        variables = orjson.loads(given)
    except orjson.JSONDecodeError:
        raise CliError("--variables is not JSON.") from None
    if not isinstance(variables, dict):
        raise CliError('--variables must be an object, as \'{"id": "7KNL042101"}\'.')
    return variables


def ask(
    url: str,
    document: str,
    variables: dict[str, Any] | None = None,
    *,
    token: str | None = None,
    seconds: float = SECONDS,
) -> dict[str, Any]:
    """The hub's response within so many seconds; raises `CliError` when there is no hub."""
    try:
        reply = httpx.post(
            url,
            json={"query": document, "variables": variables},
            headers={"Authorization": f"Bearer {token}"} if token else None,
            timeout=seconds,
            trust_env=False,
        )
        response = reply.json()
    except (httpx.ConnectError, httpx.UnsupportedProtocol):
        raise CliError(
            f"no hub answers on {url}; start one with `hub serve` or `hub demo`."
        ) from None
    except httpx.HTTPError:
        raise CliError(f"the hub on {url} did not answer whole.") from None
    except ValueError:
        raise CliError(f"what answers on {url} is no hub: it did not send JSON.") from None
    if not isinstance(response, dict) or not ({"data", "errors"} & response.keys()):
        raise CliError(f"what answers on {url} is no hub: it did not send a GraphQL response.")
    return response
