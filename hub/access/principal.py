"""Principals: who sends an operation."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Role of a principal. It decides, with the policy, what the principal may do.

    `APPLICATION` is a portal without a signed-in person. `ANONYMOUS` is a caller without a token.
    """

    ADMIN = "ADMIN"
    ANONYMOUS = "ANONYMOUS"
    APPLICATION = "APPLICATION"
    AUDITOR = "AUDITOR"
    CITIZEN = "CITIZEN"
    HELPDESK = "HELPDESK"
    INTEGRATOR = "INTEGRATOR"
    OFFICER = "OFFICER"
    OPERATOR = "OPERATOR"


@dataclass(frozen=True, slots=True)
class Principal:
    """The person or system that sends an operation.

    Attributes:
        role: decides, with the policy, what the principal may do.
        member_identifier: Family ID member number, if the principal is a citizen.
        subject: identifies the person at all issuers: the issuer's URL, `|`, and the claim `sub`;
            empty for callers without a token.
        client: the portal that the person uses (claim `azp` or `client_id`).
        department: identifier of an officer's department.
        districts: names of the districts that an officer is responsible for; empty for all.
        centre: identifier of an operator's service centre.
        assurance: level of assurance of the sign-in; 0 if the issuer does not state it.
        token_id: claim `jti` of the token, or a hash of the token.
        issued_at: when the token was issued, in seconds since 1970.
    """

    role: Role
    member_identifier: str | None = None
    subject: str = ""
    client: str = ""
    department: str | None = None
    districts: frozenset[str] = frozenset()
    centre: str | None = None
    assurance: int = 0
    token_id: str = ""
    issued_at: int = 0

    @property
    def caller(self) -> str:
        """The person's number in calls to departments; empty if no person is known.

        It is the member number of a citizen, and otherwise the person's number at the issuer.
        """
        return self.member_identifier or self.subject.partition("|")[2]

    @property
    def scope(self) -> str:
        """Copies of replies are shared only between operations with the same scope."""
        return f"{self.role}:{self.subject or self.member_identifier or ''}"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends an operation, from where and for what.

    Attributes:
        principal: the person or system.
        purpose: code of the purpose, as the client states it in the header `Hub-Purpose`; empty if
            it states none.
        address: the client's IP address; empty if it is unknown.
    """

    principal: Principal
    purpose: str = ""
    address: str = ""
