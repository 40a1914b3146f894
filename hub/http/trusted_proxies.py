"""Finds the client's address behind proxies that the hub's operator trusts."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

Network = IPv4Network | IPv6Network


class TrustedProxies:
    """ASGI middleware: sets the client's address from `X-Forwarded-For`.

    Each proxy appends the address that it received the request from. So the client's address is the
    last one that is no trusted proxy. Everything before it may be invented by the client.

    Args:
        app: the application.
        networks: the proxies' addresses. The header of any other sender is ignored.
    """

    def __init__(self, app: ASGIApp, networks: Sequence[Network]) -> None:
        self._app = app
        self._networks = networks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if client and self._is_proxy(client[0]):
            scope = {**scope, "client": (self._client_of(scope, client[0]), 0)}
        await self._app(scope, receive, send)

    def _client_of(self, scope: Scope, sender: str) -> str:
        given = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for")
        for each in reversed(given.decode("latin-1").split(",")):
            address = each.strip()
            if not _is_address(address):
                break
            sender = address
            if not self._is_proxy(address):
                break
        return sender

    def _is_proxy(self, address: str) -> bool:
        return _is_address(address) and any(
            ip_address(address) in network for network in self._networks
        )


def behind_proxies(app: ASGIApp, networks: Sequence[Network]) -> ASGIApp:
    """Return the application with the middleware, or unchanged if no proxy is trusted."""
    return TrustedProxies(app, networks) if networks else app


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
