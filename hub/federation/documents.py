"""The files of certificates: their addresses, and their content from the departments."""

from dataclasses import dataclass, replace
from typing import cast

from adapters.contract import Capability, MalformedReplyError, Rows
from hub.access.signed_addresses import DocumentAddresses
from hub.federation.directory import Directory
from hub.federation.disclosure import Disclosure
from hub.federation.gateway import DepartmentGateway, PrincipalRequest
from hub.federation.merge import single_record
from schema.certificate import Certificate
from schema.certificate_document import CertificateDocument, CertificateFile
from schema.errors import not_found

PDF = "application/pdf"
PDF_MARK = b"%PDF-"
"""First bytes of every PDF file."""
NO_FILE = "There is no file for this certificate."


@dataclass(frozen=True, slots=True)
class BoundDocuments:
    """`schema.sources.DocumentSource` for one operation."""

    addresses: DocumentAddresses
    directory: Directory
    gateway: DepartmentGateway
    request: PrincipalRequest
    disclosure: Disclosure

    def document_of(self, certificate: Certificate) -> CertificateDocument | None:
        stored = certificate.stored_document
        able = self.directory.with_capability(Capability.DOCUMENTS_BY_CERTIFICATE)
        if stored is None or stored.media_type != PDF:
            return None
        if certificate.department_identifier not in able:
            return None
        local_id = self.disclosure.original(certificate).local_id()
        url, expires = self.addresses.address_of(local_id, self.request.purpose)
        return CertificateDocument(
            url=url,
            expires_datetime=expires,
            media_type=stored.media_type,
            size_bytes=stored.size_bytes,
        )

    async def read(self, local_id: str, purpose: str) -> CertificateFile:
        request = replace(self.request, purpose=purpose)
        capability = Capability.DOCUMENTS_BY_CERTIFICATE
        department, _holder, number = (*local_id.split("|"), "", "")[:3]
        if department not in self.directory.with_capability(capability):
            raise not_found(NO_FILE)
        reply = await self.gateway.look_up(request, department, capability, [number])
        found = reply.results[number]
        if not isinstance(found, Rows):
            raise found
        file = cast("CertificateFile | None", single_record(found, department))
        if file is None or file.local_id() != local_id:
            raise not_found(NO_FILE)
        if not file.content.startswith(PDF_MARK):
            raise MalformedReplyError(department, f"{department} sent a file that is not a PDF.")
        return file
