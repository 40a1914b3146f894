"""Metrics of sign-in."""

from collections.abc import Callable
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge


class SignInMetrics:
    """Counts the tokens that were checked, and the fetches of issuers' keys."""

    def __init__(self, registry: CollectorRegistry) -> None:
        sign_ins = Counter(
            "hub_sign_ins",
            "Tokens checked, by outcome: ok, invalid, expired, revoked or unavailable. Tokens that "
            "were checked within the last minute are not checked again.",
            ["outcome"],
            registry=registry,
        )
        fetches = Counter(
            "hub_issuer_key_fetches",
            "Fetches of issuers' keys, by outcome: ok or failed.",
            ["issuer", "outcome"],
            registry=registry,
        )
        self._age = Gauge(
            "hub_revocations_age_seconds",
            "Seconds since the list of revocations was last read from the database.",
            registry=registry,
        )
        self._sign_ins = cache(sign_ins.labels)
        self._fetches = cache(fetches.labels)

    def sign_in(self, outcome: str) -> None:
        """Count a token that was checked."""
        self._sign_ins(outcome).inc()

    def fetched(self, issuer: str, outcome: str) -> None:
        """Count a fetch of an issuer's keys. The outcome is `ok` or `failed`."""
        self._fetches(issuer, outcome).inc()

    def watch_age(self, age: Callable[[], float]) -> None:
        """Read the age of the list of revocations whenever the metrics are shown."""
        self._age.set_function(age)
