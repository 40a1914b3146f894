"""Purpose-bound consent of citizens: requests, artefacts, one-time codes, nominations."""

from hub.access.consent.artefact import ConsentScope
from hub.access.consent.codes import OneTimeCodes
from hub.access.consent.consents import ConsentEvent, Consents
from hub.access.consent.nominations import Nominations, Nominee
from hub.access.consent.records import Consent, ConsentState, GivenBy

__all__ = [
    "Consent",
    "ConsentEvent",
    "ConsentScope",
    "ConsentState",
    "Consents",
    "GivenBy",
    "Nominations",
    "Nominee",
    "OneTimeCodes",
]
