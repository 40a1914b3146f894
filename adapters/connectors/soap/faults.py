"""SOAP Faults of 1.1 and 1.2 as the hub's errors."""

from dataclasses import dataclass, field
from itertools import islice

from lxml import etree

from adapters.connectors.http.errors import SessionExpiredError, fault_of
from adapters.connectors.http.xroad import exchange_error
from adapters.connectors.soap.outcome import says
from adapters.connectors.soap.versions import SOAP_12, SoapVersion
from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentRefusedError,
)

MOST_CODES = 10
"""Of a Fault's detail."""
OURS = frozenset({"Client", "Sender", "VersionMismatch", "MustUnderstand", "DataEncodingUnknown"})
"""Codes that say that the question is wrong."""

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
"""Codes of WS-Security (SOAP Message Security 1.1, 12): what is wrong is the security header."""


@dataclass(frozen=True, slots=True)
class FaultRules:
    """Texts that say what a Fault means.

    Attributes:
        auth: the hub's credentials are wrong.
        expired: the session has expired.
        empty: there are no rows; whole, or `/regular expression/`.
        through_xroad: whether codes may be X-Road's.
    """

    auth: list[str] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    through_xroad: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """A Fault as it came.

    Attributes:
        code: its code (in 1.2 the innermost subcode, else the code), without a prefix.
        kind: the code that says whose fault it is.
        string: what it says in words.
        detail: code-like leaves of its detail; free text stays with the department.
    """

    code: str
    kind: str
    string: str
    detail: dict[str, str] | None


def read_fault(node: etree._Element, version: SoapVersion) -> Fault:
    if version is SOAP_12:
        return _read_12(node, f"{{{version.namespace}}}")
    # Some servers qualify what 1.1 wants unqualified.
    code = _bare(_text(node, "faultcode"))
    return Fault(code, code, _text(node, "faultstring"), _detail(_child(node, "detail")))


def _read_12(node: etree._Element, soap: str) -> Fault:
    code = node.find(f"{soap}Code")
    kind = innermost = _bare(code.findtext(f"{soap}Value")) if code is not None else ""
    while code is not None and (code := code.find(f"{soap}Subcode")) is not None:
        innermost = _bare(code.findtext(f"{soap}Value")) or innermost
    reason = node.findtext(f"{soap}Reason/{soap}Text") or ""
    return Fault(innermost, kind, reason, _detail(node.find(f"{soap}Detail")))


def error_of(department: str, fault: Fault, rules: FaultRules) -> DepartmentError | None:
    """The error that a Fault amounts to; None when it means "no rows"."""
    if rules.empty and says(fault.string, rules.empty):
        return None
    told = fault_of(fault.code, fault.string, fault.detail)
    if _has_any(fault.string, rules.expired):
        return SessionExpiredError(department, f"{department} ended the hub's session.", fault=told)
    if fault.code in SECURITY_FAULTS or _has_any(fault.string, rules.auth):
        return DepartmentAuthError(
            department, f"{department} refused the hub's credentials.", fault=told
        )
    if rules.through_xroad and (error := exchange_error(department, told)) is not None:
        return error
    if fault.kind.partition(".")[0] in OURS:
        return DepartmentRefusedError(
            department, f"{department} refused the hub's question.", fault=told
        )
    return DepartmentFaultError(department, f"{department} reports a failure.", fault=told)


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
