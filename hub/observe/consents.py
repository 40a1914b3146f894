"""Metrics of consents and messages."""

from functools import cache

from prometheus_client import CollectorRegistry, Counter


class ConsentMetrics:
    """Counts what happens to consents, and messages to citizens."""

    def __init__(self, registry: CollectorRegistry) -> None:
        acts = Counter(
            "hub_consent_acts",
            "Acts on consents: requested, code_sent, code_rejected, given, refused, withdrawn, "
            "nominated, nomination_withdrawn.",
            ["act"],
            registry=registry,
        )
        self._acts = cache(acts.labels)
        self._altered = Counter(
            "hub_consents_altered",
            "Consents and nominations in the database that something other than the hub changed.",
            registry=registry,
        )
        messages = Counter(
            "hub_messages",
            "Messages to telephones, by outcome: sent, refused or failed (at the SMS gateway).",
            ["outcome"],
            registry=registry,
        )
        self._messages = cache(messages.labels)

    def act(self, act: str) -> None:
        """Count an act."""
        self._acts(act.lower()).inc()

    def altered(self) -> None:
        """Count a row that does not match its seal."""
        self._altered.inc()

    def message(self, outcome: str) -> None:
        """Count a message: `sent`, `refused` or `failed`."""
        self._messages(outcome).inc()
