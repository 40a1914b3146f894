"""Encodes a submission's content, sender and citizen, before they are stored encrypted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from hub.access import Principal, Role
from hub.durable.model import Content, Sender


@dataclass(frozen=True, slots=True)
class Contents:
    """The personal part of a submission.

    Attributes:
        member: Family ID member number of the citizen; empty after the content was deleted.
        sender: who submitted it.
        content: what was submitted.
    """

    member: str
    sender: Sender
    content: Content


DELETED = Contents("", Sender(Principal(Role.ANONYMOUS)), Content())
"""Stands for a content that was deleted because the submission ended long ago."""


def stored_sender(sender: Sender) -> Sender:
    """Return the sender as it is stored: without the token of the sign-in."""
    return replace(sender, principal=replace(sender.principal, token_id="", issued_at=0))


def encoded(contents: Contents) -> bytes:
    """Return the contents as JSON."""
    principal, content = contents.sender.principal, contents.content
    return orjson.dumps(
        {
            "member": contents.member,
            "principal": {
                "role": principal.role,
                "member_identifier": principal.member_identifier,
                "subject": principal.subject,
                "client": principal.client,
                "department": principal.department,
                "districts": sorted(principal.districts),
                "centre": principal.centre,
                "assurance": principal.assurance,
            },
            "purpose": contents.sender.purpose,
            "legal_basis": contents.sender.legal_basis,
            "consent": contents.sender.consent,
            "correlation_id": contents.sender.correlation_id,
            "values": content.values,
            "facts": content.facts,
            "reference": content.reference,
            "concerns": content.concerns,
            "documents": list(content.documents),
            "language": content.language,
        }
    )


def decoded(encoded_contents: bytes) -> Contents:
    """Return the contents that `encoded` made."""
    read: Mapping[str, Any] = orjson.loads(encoded_contents)
    principal = dict(read["principal"])
    principal["role"] = Role(principal["role"])
    principal["districts"] = frozenset(principal["districts"])
    sender = Sender(
        Principal(**principal),
        read["purpose"],
        read["legal_basis"],
        read["consent"],
        read["correlation_id"],
    )
    content = Content(
        read["values"],
        read["facts"],
        read["reference"],
        read["concerns"],
        tuple(read["documents"]),
        read["language"],
    )
    return Contents(read["member"], sender, content)
