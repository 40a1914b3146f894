"""Finds the logins before a recorded call, and replaces their secrets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from adapters.connectors.http.transport import HttpReply
from adapters.connectors.secrets import names_secret
from adapters.workbench.recording.bodies import sample_of_body
from adapters.workbench.recording.exchanges import Exchange
from adapters.workbench.recording.replacement import Replacer


@dataclass(frozen=True, slots=True)
class RecordedLogin:
    """The reply to a login, with its secrets replaced.

    Attributes:
        when: text that only the login's request contains.
        content: the reply.
        suffix: suffix of its file: `.json` or `.xml`.
        status: HTTP status.
        headers: the headers that a login needs, such as `Set-Cookie`.
    """

    when: str
    content: bytes
    suffix: str
    status: int
    headers: Mapping[str, str]


def _login_marks(settings: Any) -> list[str]:
    """Return texts by which the requests of a connector's logins are recognised."""
    marks: list[str] = []
    session, auth = getattr(settings, "session", None), getattr(settings, "auth", None)
    if session is not None:
        marks.append(session.login.operation)
    urls = (getattr(auth, "token_url", None), getattr(getattr(auth, "login", None), "url", None))
    marks += [urlsplit(url).path.rstrip("/") for url in urls if url is not None]
    return [each for each in marks if each]


def logins_of(
    replacer: Replacer, exchanges: Sequence[Exchange], main: Exchange, settings: Any
) -> Iterator[RecordedLogin]:
    """Yield the logins before the call; if several have the same mark, only the last."""
    for mark in _login_marks(settings):
        found = [each for each in exchanges if each.holds(mark) and not main.holds(mark)]
        if not found:
            continue
        reply = found[-1].reply
        content, suffix = b"", ".json"
        if reply.body.strip():
            content, suffix = sample_of_body(replacer, reply.body)
        headers = {n: replacer.replace_text(v) for n, v in _token_headers(settings, reply).items()}
        cookies = [f"{n}={replacer.replace_text(v)}" for n, v in _needed_cookies(settings, reply)]
        if cookies:
            headers["Set-Cookie"] = f"{cookies[0]}; Path=/"
        yield RecordedLogin(mark, content, suffix, reply.status, headers)


def _token_headers(settings: Any, reply: HttpReply) -> Mapping[str, str]:
    name = getattr(getattr(getattr(settings, "auth", None), "login", None), "token_header", None)
    return {name: reply.headers[name]} if name is not None and name in reply.headers else {}


def _needed_cookies(settings: Any, reply: HttpReply) -> list[tuple[str, str]]:
    """Return the cookies of a login reply; those that the manifest names come first."""
    login = getattr(getattr(settings, "auth", None), "login", None)
    named = [
        *getattr(getattr(settings, "session", None), "cookies", ()),
        getattr(login, "token_cookie", None),
    ]
    return sorted(reply.cookies().items(), key=lambda cookie: cookie[0] not in named)


def tokens_of(exchange: Exchange) -> Iterator[str]:
    """Yield the credentials in the headers of a request, and the cookies of its reply."""
    for name, value in exchange.request.headers.items():
        if names_secret(name):
            yield value
            yield from value.split()[1:]
    yield from exchange.reply.cookies().values()
