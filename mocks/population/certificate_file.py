"""The files of certificates: small PDF documents with invented text."""

from mocks.population.citizen import Citizen
from mocks.population.records import Certificate

TITLES = {
    "REV-SCC": "Scheduled Caste Certificate",
    "REV-RES": "Resident Certificate",
    "REV-INC": "Income Certificate",
    "REV-FRD": "Copy of the record of rights",
}
DOCUMENT_TYPES = {"REV-SCC": "CASTC", "REV-RES": "RESCR", "REV-INC": "INCER", "REV-FRD": "LNDRC"}
"""Types of documents in DigiLocker (made up in their form)."""
ISSUER = "in.gov.haryana.revenue"


def file_of(certificate: Certificate, holder: Citizen) -> bytes | None:
    """Return the certificate as a PDF; None if it was revoked."""
    if certificate.status_code == "R":
        return None
    lines = [
        TITLES[certificate.service_code],
        f"No. {certificate.number}",
        f"Holder: {holder.name.latin}",
        f"Issued on {certificate.issued_on:%d/%m/%Y} by the {certificate.issued_by}",
        f"Valid until {certificate.valid_to:%d/%m/%Y}" if certificate.valid_to else "",
        f"Check it at {verification_url(certificate)}",
        "This document is part of a demonstration. Everything in it is invented.",
    ]
    return pdf_of(lines)


def digilocker_uri(certificate: Certificate) -> str:
    """Return the address in DigiLocker: issuer, type of document and id."""
    document_id = certificate.number.replace("-", "")
    return f"{ISSUER}-{DOCUMENT_TYPES[certificate.service_code]}-{document_id}"


def verification_url(certificate: Certificate) -> str:
    """Return the address that is printed on the certificate."""
    return f"https://revenue.example/verify/{certificate.number}"


def pdf_of(lines: list[str]) -> bytes:
    """Return a PDF with one page of text lines in Latin letters."""
    shown = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
    content = f"BT /F1 12 Tf 18 TL 72 770 Td\n{shown}ET".encode("latin-1", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    written = b"%PDF-1.4\n"
    offsets = []
    for number, each in enumerate(objects, start=1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    rows = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, rows)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n" % (count, len(written))
    return written + table + trailer + b"%%EOF\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
