"""The consent artefact, after API Setu's form (electronic consent framework of MeitY)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from hub.access.consent.records import Consent
from schema.language import Text

MEDIA_TYPE = "consent-artefact+jwt"
INDIA = ZoneInfo("Asia/Kolkata")


@dataclass(frozen=True, slots=True)
class ConsentScope:
    """What a consent for a purpose opens to the requester.

    Attributes:
        title: the purpose, for citizens.
        classes: names of the field classes that the requester sees.
    """

    title: Text
    classes: Sequence[str]


def artefact_of(consent: Consent, scope: ConsentScope, issuer: str) -> dict[str, Any]:
    """Return the artefact of a consent that was given, before it is signed.

    Args:
        issuer: URL of the hub, where the citizen can withdraw the consent.
    """
    assert consent.given_at is not None
    assert consent.expires_at is not None
    given, expires = _written(consent.given_at), _written(consent.expires_at)
    return {
        "consentId": consent.consent_id,
        "timestamp": given,
        "issuer": issuer,
        "dataConsumer": {
            "id": consent.requester.hex(),
            "role": consent.role,
            "client": consent.client,
            "department": consent.department,
            "centre": consent.centre,
        },
        "dataProviders": [{"id": each} for each in sorted(consent.departments)],
        "purpose": {
            "code": consent.purpose,
            "description": scope.title.en,
            "descriptionLocal": scope.title.hi,
        },
        "user": {
            "idType": "HUB_PSEUDONYM",
            "idNumber": consent.citizen.hex(),
            "givenBy": consent.given_by,
        },
        "data": [{"id": each} for each in scope.classes],
        "permission": {
            "access": "VIEW",
            "dateRange": {"from": given, "to": expires},
            # As often as the purpose needs: zero is no limit.
            "frequency": {"unit": "DAY", "value": 0, "repeats": 0},
        },
        "expiry": expires,
        "revoker": {"url": issuer, "operation": "withdrawConsent"},
    }


def _written(moment: dt.datetime) -> str:
    return moment.astimezone(INDIA).isoformat(timespec="seconds")
