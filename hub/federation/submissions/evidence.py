"""Checks the documents of an application against the service's definition in the catalogue."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

import strawberry

from hub.durable.attachments.model import Attachment
from hub.federation.submissions.form_validation import is_met
from schema.certificate import CertificateType
from schema.form import EvidenceType
from schema.ids import IdCipher
from schema.node import try_from_global_id
from schema.problem_codes import ProblemCode
from schema.problem_messages import DOCUMENT_MISSING, filled, problem_message
from schema.submission_problem import EvidenceProblem

HasCertificate = Callable[[CertificateType], Awaitable[bool]]
"""Returns whether the citizen has a valid certificate of a type."""


def local_ids(ids: IdCipher, given: Sequence[str]) -> list[str | None]:
    """Return the attachment's id in each global id; None for other texts."""

    def local_id(global_id: str) -> str | None:
        decoded = try_from_global_id(ids, global_id)
        return decoded[1] if decoded is not None and decoded[0] == "Attachment" else None

    return [local_id(each) for each in given]


MOST_BYTES = 25 << 20
"""Size of all documents of one submission. A delivery holds them in memory."""


def check_attachments(
    ids: IdCipher, given: Sequence[str], found: Mapping[str, Attachment]
) -> tuple[list[Attachment], list[EvidenceProblem]]:
    """Return the documents of an input that can be sent, and the problems of the others.

    Args:
        given: global ids of attachments.
        found: the citizen's attachments among them, by id.
    """
    usable: dict[str, Attachment] = {}
    problems = []
    size = 0
    for global_id, local_id in zip(given, local_ids(ids, given), strict=True):
        attachment = found.get(local_id or "")
        if attachment is None or attachment.receipt is not None:
            code = ProblemCode.ATTACHMENT_NOT_AVAILABLE
            problems.append(_problem(code, None, global_id))
        elif attachment.attachment_id in usable:
            problems.append(_problem(ProblemCode.REPEATED, attachment.evidence, global_id))
        elif size + attachment.size_bytes > MOST_BYTES:
            problems.append(_problem(ProblemCode.FILE_TOO_LARGE, attachment.evidence, global_id))
        else:
            size += attachment.size_bytes
            usable[attachment.attachment_id] = attachment
    return list(usable.values()), problems


async def check_evidence(
    evidence: Sequence[EvidenceType],
    values: Mapping[str, object],
    documents: Sequence[Attachment],
    has_certificate: HasCertificate,
) -> list[EvidenceProblem]:
    """Return the problems of an application's documents.

    Args:
        evidence: the documents that the service needs.
        values: the checked values of the form, which decide what is needed.
        documents: what the citizen attached.
        has_certificate: decides whether a certificate replaces a missing document.
    """
    needed = [each for each in evidence if is_met(each.visible_if, values)]
    problems = list(_wrong(needed, documents))
    sent = {each.evidence for each in documents}
    for choices in _required(needed):
        if any(each.code in sent for each in choices):
            continue
        certificates = (each.satisfied_by_certificate for each in choices)
        if not any([await has_certificate(each) for each in certificates if each is not None]):
            problems.append(_missing(choices))
    return problems


def _wrong(
    needed: Sequence[EvidenceType], documents: Sequence[Attachment]
) -> Iterator[EvidenceProblem]:
    by_code = {each.code: each for each in needed}
    for document in documents:
        if not document.evidence:
            continue
        definition = by_code.get(document.evidence)
        code = None
        if definition is None:
            code = ProblemCode.UNKNOWN_EVIDENCE
        elif document.media_type not in definition.media_types:
            code = ProblemCode.MEDIA_TYPE_NOT_ALLOWED
        elif document.size_bytes > definition.max_size_bytes:
            code = ProblemCode.FILE_TOO_LARGE
        if code is not None:
            yield _problem(code, document.evidence)


def _required(needed: Sequence[EvidenceType]) -> list[list[EvidenceType]]:
    """Return the required documents. One document of each list is enough."""
    groups: dict[str, list[EvidenceType]] = {}
    for each in needed:
        key = f"group {each.group.key}" if each.group is not None else f"document {each.code}"
        groups.setdefault(key, []).append(each)
    return [choices for choices in groups.values() if any(each.required for each in choices)]


def _missing(choices: Sequence[EvidenceType]) -> EvidenceProblem:
    group = choices[0].group
    return EvidenceProblem(
        code=ProblemCode.REQUIRED,
        message_text=filled(
            DOCUMENT_MISSING, name=choices[0].name_text if group is None else group.name_text
        ),
        evidence=choices[0].code if group is None else group.key,
    )


def _problem(
    code: ProblemCode, evidence: str | None, attachment: str | None = None
) -> EvidenceProblem:
    return EvidenceProblem(
        code=code,
        message_text=problem_message(code),
        evidence=evidence or None,
        attachment=None if attachment is None else strawberry.ID(attachment),
    )
