"""All security profiles, with the mocks that can have them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.types import ASGIApp

from mocks.security_profiles import rest, soap
from mocks.security_profiles.certificates import Certificates
from mocks.security_profiles.protected_app import ProtectedApp, Protection

REST, SOAP = ("scholarships",), ("pensions",)


@dataclass(frozen=True, slots=True)
class SecurityProfile:
    """One security profile.

    Attributes:
        mocks: names of the mocks that can have it.
        does: one-line description.
        make: makes the protection of one mock; None if only the connection differs (TLS).
        switches: fault switches that the profile adds.
    """

    mocks: tuple[str, ...]
    does: str
    make: Callable[[Certificates], Protection] | None
    switches: tuple[str, ...] = ()


SECURITY_PROFILES = {
    "mtls": SecurityProfile((*REST, *SOAP), "TLS with a client certificate", None),
    "hmac": SecurityProfile(
        REST, "requests are signed with a shared secret", lambda _: rest.signed
    ),
    "session": SecurityProfile(
        REST, "requests need a session token from a login", lambda _: rest.SessionTokens()
    ),
    "xml": SecurityProfile(REST, "requests and replies are XML", lambda _: rest.in_xml),
    "link": SecurityProfile(
        REST, "the header Link leads to the next page", lambda _: rest.with_links
    ),
    "etag": SecurityProfile(
        REST, "unchanged replies are not sent again (ETag)", lambda _: rest.with_etags
    ),
    "username-token": SecurityProfile(
        SOAP,
        "WS-Security: password as text or digest, Timestamp",
        lambda _: soap.UsernameTokens(),
    ),
    "signature": SecurityProfile(
        SOAP,
        "WS-Security: X.509 signature, Timestamp",
        lambda certificates: soap.Signatures(certificates.issue_to_hub()),
    ),
    "addressing": SecurityProfile(SOAP, "WS-Addressing 1.0", lambda _: soap.with_addressing),
    "mtom": SecurityProfile(SOAP, "replies are MTOM packages", lambda _: soap.as_mtom),
    "xroad": SecurityProfile(
        SOAP, "X-Road message protocol 4.0", lambda _: soap.over_xroad, (soap.MIXUP,)
    ),
}


def profiles_of(mock: str) -> dict[str, str]:
    """Return the profiles that a mock can have: description by name."""
    return {
        name: profile.does for name, profile in SECURITY_PROFILES.items() if mock in profile.mocks
    }


def switches_of(names: Iterable[str]) -> list[str]:
    """Return the fault switches that these profiles add to a mock."""
    return [switch for name in names for switch in SECURITY_PROFILES[name].switches]


def protect(app: ASGIApp, names: Iterable[str], certificates: Certificates) -> ASGIApp:
    """Return the application with these profiles, the first being the outermost."""
    for name in reversed(list(names)):
        make = SECURITY_PROFILES[name].make
        if make is not None:
            app = ProtectedApp(app, make(certificates))
    return app
