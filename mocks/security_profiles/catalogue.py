"""Every front: which mocks can have it, and what it does."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.types import ASGIApp

from mocks.security_profiles import rest, soap
from mocks.security_profiles.certificates import Certificates
from mocks.security_profiles.protected_app import Profile, ProtectedApp

REST, SOAP = ("scholarships",), ("pensions",)


@dataclass(frozen=True, slots=True)
class SecurityProfile:
    """One front.

    Attributes:
        mocks: those that can have it.
        does: what it is.
        make: gives each mock a front of its own; None where it is the connection that differs.
        switches: faults that the front plays.
    """

    mocks: tuple[str, ...]
    does: str
    make: Callable[[Certificates], Profile] | None
    switches: tuple[str, ...] = ()


SECURITY_PROFILES = {
    "mtls": SecurityProfile((*REST, *SOAP), "TLS, and the hub shows a certificate", None),
    "hmac": SecurityProfile(
        REST, "requests are signed with a shared secret", lambda _: rest.signed
    ),
    "session": SecurityProfile(REST, "the hub logs in", lambda _: rest.SessionTokens()),
    "xml": SecurityProfile(REST, "questions and answers are XML", lambda _: rest.in_xml),
    "link": SecurityProfile(REST, "the header Link leads to the next page", lambda _: rest.linked),
    "etag": SecurityProfile(REST, "what has not changed is not sent again", lambda _: rest.tagged),
    "username-token": SecurityProfile(
        SOAP, "WS-Security: password as text or digest, Timestamp", lambda _: soap.UsernameTokens()
    ),
    "signature": SecurityProfile(
        SOAP,
        "WS-Security: X.509 signature, Timestamp",
        lambda made: soap.Signatures(made.give_to_hub()),
    ),
    "addressing": SecurityProfile(SOAP, "WS-Addressing 1.0", lambda _: soap.addressed),
    "mtom": SecurityProfile(SOAP, "replies are MTOM packages", lambda _: soap.packaged),
    "xroad": SecurityProfile(
        SOAP, "X-Road's message protocol 4.0", lambda _: soap.exchanged, (soap.MIXUP,)
    ),
}


def profiles_of(mock: str) -> dict[str, str]:
    """Those that a mock can have, each with what it is."""
    return {name: rule.does for name, rule in SECURITY_PROFILES.items() if mock in rule.mocks}


def switches_of(names: Iterable[str]) -> list[str]:
    """Faults that a mock can play when it is protect these fronts."""
    return [switch for name in names for switch in SECURITY_PROFILES[name].switches]


def protect(app: ASGIApp, names: Iterable[str], certificates: Certificates) -> ASGIApp:
    """The application protect these fronts; the first is met first."""
    for name in reversed(list(names)):
        make = SECURITY_PROFILES[name].make
        if make is not None:
            app = ProtectedApp(app, make(certificates))
    return app
