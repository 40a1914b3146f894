"""Reads success or failure from a reply's codes or prose (`docs/quirks.md` 2, 6, 7), or its Fault.

Faults of SOAP 1.1 and 1.2 are converted to the hub's errors.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import islice
from typing import Annotated, Any, NamedTuple

from lxml import etree
from pydantic import AfterValidator

from adapters.connectors.connector import walk
from adapters.connectors.http.errors import department_error, fault_of, session_expired
from adapters.connectors.http.xroad import exchange_error
from adapters.connectors.soap.versions import SOAP_12, SoapVersion
from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentRefusedError,
)
from adapters.mapping.rules import StrictModel

MOST_CODES = 10
"""Maximum number of codes taken from a Fault's detail."""
INVALID_REQUEST = frozenset(
    {"Client", "Sender", "VersionMismatch", "MustUnderstand", "DataEncodingUnknown"}
)
"""Codes that mean that the request is invalid."""
SECURITY_FAULTS = frozenset(
    {
        "FailedAuthentication",
        "FailedCheck",
        "InvalidSecurity",
        "InvalidSecurityToken",
        "MessageExpired",
        "SecurityTokenUnavailable",
        "UnsupportedAlgorithm",
        "UnsupportedSecurityToken",
    }
)
"""Codes of WS-Security (SOAP Message Security 1.1, 12): the security header is wrong."""


def _matchable(value: str) -> str:
    if value.startswith("/"):
        try:
            re.compile(_expression(value))
        except re.error as error:
            raise ValueError(f"this is not a regular expression: {error}") from None
    return value


def _expression(pattern: str) -> str:
    return pattern[1:].removesuffix("/")


TextPattern = Annotated[str, AfterValidator(_matchable)]
"""A whole text, in upper or lower case, or `/regular expression/` that is searched in a text."""


def matches_any(text: str, patterns: list[str]) -> bool:
    """Return True if the department's text matches one of the `TextPattern`s."""
    squeezed = " ".join(text.split())
    for pattern in patterns:
        if pattern.startswith("/"):
            if re.search(_expression(pattern), squeezed, re.IGNORECASE):
                return True
        elif squeezed.lower() == pattern.lower():
            return True
    return False


class OutcomeRule(StrictModel):
    """How a reply that is not a Fault reports success or failure.

    Attributes:
        code: path to the code, or to the prose if there is no code.
        message: path to the message.
        ok: codes or prose that mean success. If empty: all that is not `empty` or `refused`.
        empty: codes or prose that mean "no rows".
        refused: codes or prose that mean that the hub's credentials are wrong.
    """

    code: str | None = None
    message: str | None = None
    ok: list[TextPattern] = []
    empty: list[TextPattern] = []
    refused: list[TextPattern] = []


class ReplyMeaning(Enum):
    """The meaning of a reply according to an `OutcomeRule`."""

    ROWS = auto()
    NO_ROWS = auto()
    AUTH_FAILED = auto()
    FAILED = auto()


class ReplyStatus(NamedTuple):
    """The meaning of a reply, with the department's code and message."""

    meaning: ReplyMeaning
    code: str | None
    message: str | None


def status_of(tree: Mapping[str, Any], rule: OutcomeRule) -> ReplyStatus:
    """Return the status that a reply reports.

    Raises:
        TypeError: the reply has an unexpected form.
    """
    code, message = _text_at(tree, rule.code), _text_at(tree, rule.message)
    texts = [text for text in (code, message) if text is not None]

    def has(patterns: list[str]) -> bool:
        return any(matches_any(text, patterns) for text in texts)

    if has(rule.empty):
        meaning = ReplyMeaning.NO_ROWS
    elif has(rule.refused):
        meaning = ReplyMeaning.AUTH_FAILED
    elif not rule.ok or has(rule.ok):
        meaning = ReplyMeaning.ROWS
    else:
        meaning = ReplyMeaning.FAILED
    return ReplyStatus(meaning, code, message)


def _text_at(tree: Mapping[str, Any], path: str | None) -> str | None:
    if path is None:
        return None
    value = walk(tree, path)
    if isinstance(value, dict | list):
        raise TypeError("the code is not a text")
    return None if value is None else str(value)


@dataclass(frozen=True, slots=True)
class FaultRules:
    """The manifest's texts that determine the meaning of a Fault.

    Attributes:
        auth: parts of texts that mean that the hub's credentials are wrong.
        expired: parts of texts that mean that the session has expired.
        empty: patterns of texts that mean "no rows".
        through_xroad: True if the Fault may come from X-Road.
    """

    auth: list[str] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    through_xroad: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """A Fault as received.

    Attributes:
        code: the code without its prefix; in SOAP 1.2 the innermost subcode, if there is one.
        kind: the outermost code, which says whether client or server caused the Fault.
        string: its text.
        detail: elements of its detail with `code` in their name. Other text is left out, because
            it may contain personal data.
    """

    code: str
    kind: str
    string: str
    detail: dict[str, str] | None


def read_fault(node: etree._Element, version: SoapVersion) -> Fault:
    """Return the content of a Fault element."""
    if version is SOAP_12:
        return _read_12(node, f"{{{version.namespace}}}")
    # SOAP 1.1 has no namespace here, but some servers write one.
    code = _bare(_text(node, "faultcode"))
    return Fault(code, code, _text(node, "faultstring"), _detail(_child(node, "detail")))


def _read_12(node: etree._Element, soap: str) -> Fault:
    code = node.find(f"{soap}Code")
    kind = innermost = _bare(code.findtext(f"{soap}Value")) if code is not None else ""
    while code is not None and (code := code.find(f"{soap}Subcode")) is not None:
        innermost = _bare(code.findtext(f"{soap}Value")) or innermost
    reason = node.findtext(f"{soap}Reason/{soap}Text") or ""
    return Fault(innermost, kind, reason, _detail(node.find(f"{soap}Detail")))


def error_of(
    department: str, fault: Fault, rules: FaultRules, status: int = 500
) -> DepartmentError | None:
    """Return the error for a Fault with this HTTP status; None if the Fault means "no rows"."""
    if rules.empty and matches_any(fault.string, rules.empty):
        return None
    shown = fault_of(fault.code, fault.string, fault.detail)
    if _has_any(fault.string, rules.expired):
        return session_expired(department, shown)
    if fault.code in SECURITY_FAULTS or _has_any(fault.string, rules.auth):
        return department_error(DepartmentAuthError, department, shown)
    if rules.through_xroad and (error := exchange_error(department, shown)) is not None:
        return error
    if status in (401, 403):
        return department_error(DepartmentAuthError, department, shown)
    is_invalid = fault.kind.partition(".")[0] in INVALID_REQUEST
    kind = DepartmentRefusedError if is_invalid else DepartmentFaultError
    return department_error(kind, department, shown)


def _has_any(string: str, texts: list[str]) -> bool:
    folded = string.lower()
    return any(text.lower() in folded for text in texts)


def _child(node: etree._Element, name: str) -> etree._Element | None:
    return next((each for each in node if etree.QName(each).localname == name), None)


def _text(node: etree._Element, name: str) -> str:
    child = _child(node, name)
    return (child.text or "").strip() if child is not None else ""


def _bare(code: str | None) -> str:
    return (code or "").strip().rpartition(":")[2]


def _detail(detail: etree._Element | None) -> dict[str, str] | None:
    if detail is None:
        return None
    leaves = (leaf for leaf in detail.iter(etree.Element) if len(leaf) == 0 and leaf is not detail)
    named = ((etree.QName(leaf).localname, leaf.text or "") for leaf in leaves)
    codes = ((name, text) for name, text in named if "code" in name.lower())
    return dict(islice(codes, MOST_CODES)) or None
