"""Purpose-bound consent of citizens: requests, artefacts, one-time codes, nominations."""

from hub.access.consent.artefact import ConsentScope
from hub.access.consent.codes import OneTimeCodes
from hub.access.consent.consents import Consents
from hub.access.consent.events import ConsentAct, ConsentEvent
from hub.access.consent.nominations import Nominations, Nominee
from hub.access.consent.records import Consent, ConsentState, GivenBy

__all__ = [
    "Consent",
    "ConsentAct",
    "ConsentEvent",
    "ConsentScope",
    "ConsentState",
    "Consents",
    "GivenBy",
    "Nominations",
    "Nominee",
    "OneTimeCodes",
]
