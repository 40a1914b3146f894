"""Connects consents with the policy, the access log and the metrics."""

from collections.abc import Callable

from hub.access.consent.artefact import ConsentScope
from hub.access.consent.consents import Consents, ScopeOf
from hub.access.consent.events import CORRELATION_ID, ConsentAct, ConsentEvent, Recorder
from hub.access.consent.nominations import Nominations
from hub.access.log import AccessLog, Act
from hub.access.policy import Level, Policy, Relation
from hub.access.principal import Role
from hub.access.signing import Signer
from hub.observe import ConsentMetrics
from hub.store import Store
from schema.ids import IdCipher
from schema.language import Text
from schema.personal import FieldClass

ACTS = {
    ConsentAct.REQUESTED: Act.REQUEST_CONSENT,
    ConsentAct.CODE_SENT: Act.SEND_CODE,
    ConsentAct.GIVEN: Act.GRANT_CONSENT,
    ConsentAct.REFUSED: Act.REFUSE_CONSENT,
    ConsentAct.WITHDRAWN: Act.WITHDRAW_CONSENT,
    ConsentAct.NOMINATED: Act.NOMINATE,
    ConsentAct.NOMINATION_WITHDRAWN: Act.WITHDRAW_NOMINATION,
}
"""The acts that the access log records."""


def scope_in(policy: Policy) -> ScopeOf:
    """Return the function that reads from the policy what a consent opens."""

    def scope_of(role: Role, purpose: str) -> ConsentScope:
        found = policy.purpose(purpose)
        # A policy file can lose a purpose that a stored request has.
        title = Text(purpose) if found is None else found.title

        def is_shown(each: FieldClass) -> bool:
            decision = policy.decision(each, role, Relation.ON_BEHALF, purpose, in_list=False)
            return decision.level is not Level.NONE

        return ConsentScope(title, [each.name for each in FieldClass if is_shown(each)])

    return scope_of


def recorder(log: AccessLog, count: Callable[[str], None]) -> Recorder:
    """Return the function that writes acts to the access log and counts them."""

    async def record(event: ConsentEvent) -> None:
        act = ACTS.get(event.act)
        if act is not None:
            citizens = [event.member_identifier]
            await log.administrative(
                event.principal,
                act,
                event.target,
                citizens=citizens,
                correlation_id=CORRELATION_ID.get(),
            )
        count(event.act)

    return record


def open_consents(
    store: Store,
    signer: Signer,
    ids: IdCipher,
    policy: Policy,
    log: AccessLog,
    metrics: ConsentMetrics,
    issuer: str,
) -> tuple[Consents, Nominations]:
    """Return the consents and the nominations of a hub.

    Args:
        issuer: URL of the hub, for artefacts.
    """
    record = recorder(log, metrics.act)
    consents = Consents(
        store,
        signer,
        ids,
        scope_in(policy),
        issuer=issuer,
        record=record,
        altered=metrics.altered,
    )
    return consents, Nominations(store, signer, ids, record, metrics.altered)
