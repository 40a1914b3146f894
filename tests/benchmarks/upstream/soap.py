"""Replies of the SOAP department, according to `departments/bench-soap/bench.wsdl`."""

from collections.abc import Sequence
from functools import lru_cache
from xml.sax.saxutils import escape

from tests.benchmarks.upstream.records import (
    DASHBOARD_NUMBER,
    DASHBOARD_ROWS,
    ROWS,
    Application,
    Benefit,
    applications,
    benefits,
)

DAY = "%d/%m/%Y"
MOMENT = "%d/%m/%Y %H:%M:%S"
NAMESPACE = "urn:bench:v1"


@lru_cache(maxsize=16)
def reply_to(request: bytes) -> bytes:
    """Return the reply to a request, by the operation that it names."""
    if b"SearchApplications" in request:
        found = applications(["B0001"], ROWS)
        total = f"<t:TotalCount>{len(found)}</t:TotalCount>"
        return _envelope("SearchApplications", total + "".join(map(_application, found)))
    if b"GetApplications" in request:
        mine = applications([DASHBOARD_NUMBER], DASHBOARD_ROWS)
        return _envelope("GetApplications", "".join(map(_application, mine)))
    given = benefits(DASHBOARD_NUMBER, DASHBOARD_ROWS)
    return _envelope("GetBenefits", "".join(map(_benefit, given)))


def _envelope(operation: str, content: str) -> bytes:
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<t:{operation}Response xmlns:t="{NAMESPACE}"><t:{operation}Result>{content}'
        f"</t:{operation}Result></t:{operation}Response></s:Body></s:Envelope>"
    ).encode()


def _elements(values: Sequence[tuple[str, str]]) -> str:
    return "".join(f"<t:{name}>{escape(value)}</t:{name}>" for name, value in values)


def _application(row: Application) -> str:
    values = [
        ("ApplicationNo", row.number),
        ("BeneficiaryNo", row.citizen),
        ("ServiceCode", row.service),
        ("ApplicantName", row.name),
        ("MobileNo", row.mobile),
        ("StatusCode", row.status),
        ("StatusText", row.status_text),
        ("Remarks", row.remarks),
        ("AppliedOn", row.applied.strftime(MOMENT)),
        ("LastActionOn", row.updated.strftime(MOMENT)),
        ("DueOn", row.due.strftime(DAY)),
    ]
    pending = _elements([("Designation", row.post), ("Office", row.office)])
    content = f"{_elements(values)}<t:PendingWith>{pending}</t:PendingWith>"
    return f"<t:Application>{content}{_elements([('SourceCode', 'CSC')])}</t:Application>"


def _benefit(row: Benefit) -> str:
    values = [
        ("BenefitNo", row.number),
        ("BeneficiaryNo", row.citizen),
        ("ServiceCode", row.service),
        ("StatusCode", row.status),
        ("StatusText", row.status_text),
        ("Amount", f"{row.amount}.00"),
        ("SanctionedOn", row.since.strftime(DAY)),
        ("LastPaidOn", row.last_paid.strftime(DAY)),
    ]
    return f"<t:Benefit>{_elements(values)}</t:Benefit>"
