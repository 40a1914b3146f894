"""Rows of the table `consent`: requests for consent, and the consents that citizens gave."""

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Row

from hub.access.principal import Principal
from hub.access.signing import Signer
from hub.store.tables import microseconds_of, moment_of


class ConsentState(StrEnum):
    """State of a request for consent, and of the consent that follows from it.

    The table does not contain `EXPIRED`. It follows from `expires_at`.
    """

    REQUESTED = "REQUESTED"
    ACTIVE = "ACTIVE"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    LAPSED = "LAPSED"
    EXPIRED = "EXPIRED"


class GivenBy(StrEnum):
    """How a citizen's consent was given."""

    CITIZEN = "CITIZEN"
    GUARDIAN = "GUARDIAN"
    NOMINEE = "NOMINEE"
    ONE_TIME_CODE = "ONE_TIME_CODE"


@dataclass(frozen=True, slots=True)
class Consent:
    """A request for consent, or the consent that a citizen gave.

    Attributes:
        consent_id: a UUID without hyphens.
        citizen: pseudonym of the citizen.
        requester: pseudonym of the principal who requested the consent.
        purpose: code of the purpose.
        departments: identifiers of the departments that the consent covers.
        role: role of the requester.
        client: portal that the requester used.
        department: identifier of the requester's department; None for operators.
        centre: identifier of the requester's service centre; None for officers.
        seconds: how long the consent is valid after it was given.
        requested_at: when it was requested.
        lapses_at: when the request lapses if the citizen does not decide.
        state: the state when the row was written; see `state_at`.
        given_by: how the consent was given; None before.
        given_at: when the consent was given; None before.
        expires_at: when the consent expires; None before it was given.
        ended_at: when it was refused, withdrawn or replaced; None before.
        artefact: the signed artefact of the consent; None before it was given.
    """

    consent_id: str
    citizen: bytes
    requester: bytes
    purpose: str
    departments: frozenset[str]
    role: str
    client: str
    department: str | None
    centre: str | None
    seconds: int
    requested_at: dt.datetime
    lapses_at: dt.datetime
    state: ConsentState = ConsentState.REQUESTED
    given_by: GivenBy | None = None
    given_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    artefact: str | None = None

    def covers(self, department: str) -> bool:
        """Return whether the consent covers this department."""
        return department in self.departments

    def state_at(self, now: dt.datetime) -> ConsentState:
        """Return the state at a time."""
        if self.state is ConsentState.REQUESTED and self.lapses_at <= now:
            return ConsentState.LAPSED
        if self.state is ConsentState.ACTIVE and (
            self.expires_at is None or self.expires_at <= now
        ):
            return ConsentState.EXPIRED
        return self.state

    def given(self, given_by: GivenBy, now: dt.datetime) -> "Consent":
        """Return the consent that follows from this request, without its artefact."""
        return replace(
            self,
            state=ConsentState.ACTIVE,
            given_by=given_by,
            given_at=now,
            expires_at=now + dt.timedelta(seconds=self.seconds),
        )

    def ended(self, state: ConsentState, now: dt.datetime) -> "Consent":
        """Return the row after a refusal, a withdrawal or a replacement."""
        return replace(self, state=state, ended_at=now)


def requester_text(principal: Principal) -> str:
    """Return the text that names a requester: the person in one role and office."""
    office = (principal.department or "", principal.centre or "")
    return "|".join((principal.role, principal.subject, *office))


class AlteredRowError(Exception):
    """A row does not match its seal: somebody changed it without the hub."""


def row_of(consent: Consent, signer: Signer) -> dict[str, Any]:
    """Return the values of the table's columns, with the seal."""
    values = {
        "consent_id": consent.consent_id,
        "citizen": consent.citizen,
        "requester": consent.requester,
        "purpose": consent.purpose,
        "departments": " ".join(sorted(consent.departments)),
        "role": consent.role,
        "client": consent.client,
        "department": consent.department,
        "centre": consent.centre,
        "seconds": consent.seconds,
        "requested_us": microseconds_of(consent.requested_at),
        "lapses_us": microseconds_of(consent.lapses_at),
        "state": str(consent.state),
        "given_by": None if consent.given_by is None else str(consent.given_by),
        "given_us": _microseconds(consent.given_at),
        "expires_us": _microseconds(consent.expires_at),
        "ended_us": _microseconds(consent.ended_at),
        "artefact": consent.artefact,
    }
    return {**values, "seal": signer.seal(sealed_content(values))}


def consent_of(row: Row[Any], signer: Signer) -> Consent:
    """Return the consent in a row of the table.

    Raises:
        AlteredRowError: the row does not match its seal.
    """
    values = row._asdict()
    check_seal(values, signer)
    given_by = values["given_by"]
    return Consent(
        values["consent_id"],
        bytes(values["citizen"]),
        bytes(values["requester"]),
        values["purpose"],
        frozenset(values["departments"].split()),
        values["role"],
        values["client"],
        values["department"],
        values["centre"],
        values["seconds"],
        moment_of(values["requested_us"]),
        moment_of(values["lapses_us"]),
        ConsentState(values["state"]),
        None if given_by is None else GivenBy(given_by),
        _moment(values["given_us"]),
        _moment(values["expires_us"]),
        _moment(values["ended_us"]),
        values["artefact"],
    )


def check_seal(values: dict[str, Any], signer: Signer) -> None:
    """Remove the seal from a row's values and check it.

    Raises:
        AlteredRowError: the other values do not match it.
    """
    seal = bytes(values.pop("seal"))
    if not signer.is_sealed(sealed_content(values), seal):
        raise AlteredRowError


def sealed_content(values: dict[str, Any]) -> bytes:
    """Return a row's values, without the seal, as the text that the seal covers."""
    written = {
        str(name): each.hex() if isinstance(each, bytes) else each for name, each in values.items()
    }
    return orjson.dumps(written, option=orjson.OPT_SORT_KEYS)


def _microseconds(moment: dt.datetime | None) -> int | None:
    return None if moment is None else microseconds_of(moment)


def _moment(microseconds: int | None) -> dt.datetime | None:
    return None if microseconds is None else moment_of(microseconds)
