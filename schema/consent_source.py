"""The port through which resolvers read and change consents and nominations."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Protocol

from schema.connections import SortKey
from schema.consent import Consent, ConsentPage, ConsentState, Nomination
from schema.language import Language
from schema.purpose import Purpose


class ConsentSource(Protocol):
    """Purposes, consents and nominations.

    A citizen may read and decide the own consents, those of a minor whose guardian the citizen is,
    and those of a deceased person whose nominee the citizen is.
    """

    def purposes(self) -> list[Purpose]:
        """Return the purposes that the principal may state."""

    async def page(
        self,
        member_identifier: str,
        states: Collection[ConsentState],
        first: int,
        after: SortKey | None,
    ) -> ConsentPage:
        """Return the citizen's consents after the sort key `after`, newest first.

        Raises:
            HubError: `NOT_FOUND`, the principal may not act for the citizen. `STORE_UNAVAILABLE`.
        """

    async def one(self, consent_id: str, member_identifier: str) -> Consent:
        """Return one consent of the citizen by its UUID.

        Raises:
            HubError: `NOT_FOUND`, `STORE_UNAVAILABLE`.
        """

    async def request(
        self,
        member_identifier: str,
        purpose: str,
        departments: Sequence[str] | None,
        days: int | None,
    ) -> str:
        """Request a citizen's consent; return the id of the request.

        Args:
            departments: identifiers; None for all that the purpose covers.
            days: how long the consent is to be valid; None for the usual time.

        Raises:
            HubError: `FORBIDDEN`, `PURPOSE_NOT_ALLOWED`, `PURPOSE_NOT_COVERED`, `RATE_LIMITED`,
                `STORE_UNAVAILABLE`.
        """

    async def send_code(self, request_id: str, lang: Language) -> dt.datetime:
        """Send a one-time code to the citizen; return when it expires.

        Raises:
            HubError: `FORBIDDEN`, `NOT_FOUND`, `CONSENT_ENDED`, `MESSAGES_UNAVAILABLE`,
                `RATE_LIMITED`, `STORE_UNAVAILABLE`.
        """

    async def confirm(self, request_id: str, code: str) -> tuple[dt.datetime, str]:
        """Give a consent with a one-time code; return when it expires, and its artefact.

        Raises:
            HubError: `FORBIDDEN`, `NOT_FOUND`, `CONSENT_ENDED`, `CODE_REJECTED`, `RATE_LIMITED`,
                `STORE_UNAVAILABLE`.
        """

    async def grant(self, consent_id: str) -> Consent:
        """Grant a request: the consent is valid from then on.

        Raises:
            HubError: `NOT_FOUND`, `CONSENT_ENDED`, `STORE_UNAVAILABLE`.
        """

    async def refuse(self, consent_id: str) -> Consent:
        """Refuse a request; errors as `grant`."""

    async def withdraw(self, consent_id: str) -> Consent:
        """Withdraw a consent; errors as `grant`."""

    async def nominations(self) -> list[Nomination]:
        """Return the principal's valid nominations.

        Raises:
            HubError: `FORBIDDEN`, `STORE_UNAVAILABLE`.
        """

    async def nominate(self, member_identifier: str) -> Nomination:
        """Name a person.

        Raises:
            HubError: `FORBIDDEN`, `BAD_USER_INPUT`, `STORE_UNAVAILABLE`.
        """

    async def withdraw_nomination(self, nomination_id: str) -> Nomination:
        """Withdraw a nomination of the principal.

        Raises:
            HubError: `FORBIDDEN`, `NOT_FOUND`, `STORE_UNAVAILABLE`.
        """
