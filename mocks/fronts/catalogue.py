"""Every front: which mocks can have it, and what it does."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.types import ASGIApp

from mocks.fronts import rest, soap
from mocks.fronts.certificates import Certificates
from mocks.fronts.exchange import Front, Fronted

REST, SOAP = ("scholarships",), ("pensions",)


@dataclass(frozen=True, slots=True)
class FrontRule:
    """One front.

    Attributes:
        mocks: those that can have it.
        does: what it is.
        make: gives each mock a front of its own; None where it is the connection that differs.
        switches: faults that the front plays.
    """

    mocks: tuple[str, ...]
    does: str
    make: Callable[[Certificates], Front] | None
    switches: tuple[str, ...] = ()


FRONTS = {
    "mtls": FrontRule((*REST, *SOAP), "TLS, and the hub shows a certificate", None),
    "hmac": FrontRule(REST, "requests are signed with a shared secret", lambda _: rest.signed),
    "session": FrontRule(REST, "the hub logs in", lambda _: rest.Sessions()),
    "xml": FrontRule(REST, "questions and answers are XML", lambda _: rest.in_xml),
    "link": FrontRule(REST, "the header Link leads to the next page", lambda _: rest.linked),
    "etag": FrontRule(REST, "what has not changed is not sent again", lambda _: rest.tagged),
    "username-token": FrontRule(
        SOAP, "WS-Security: password as text or digest, Timestamp", lambda _: soap.UsernameTokens()
    ),
    "signature": FrontRule(
        SOAP,
        "WS-Security: X.509 signature, Timestamp",
        lambda made: soap.Signatures(made.give_to_hub()),
    ),
    "addressing": FrontRule(SOAP, "WS-Addressing 1.0", lambda _: soap.addressed),
    "mtom": FrontRule(SOAP, "replies are MTOM packages", lambda _: soap.packaged),
    "xroad": FrontRule(
        SOAP, "X-Road's message protocol 4.0", lambda _: soap.exchanged, (soap.MIXUP,)
    ),
}


def fronts_of(mock: str) -> dict[str, str]:
    """Those that a mock can have, each with what it is."""
    return {name: rule.does for name, rule in FRONTS.items() if mock in rule.mocks}


def switches_of(names: Iterable[str]) -> list[str]:
    """Faults that a mock can play when it is behind these fronts."""
    return [switch for name in names for switch in FRONTS[name].switches]


def behind(app: ASGIApp, names: Iterable[str], certificates: Certificates) -> ASGIApp:
    """The application behind these fronts; the first is met first."""
    for name in reversed(list(names)):
        make = FRONTS[name].make
        if make is not None:
            app = Fronted(app, make(certificates))
    return app
