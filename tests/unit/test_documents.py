"""Files of certificates: which are shown, and which replies of departments are refused."""

import datetime as dt
from typing import Any

import pytest

from adapters.contract import CallContext, Capability, LookUpReply, MalformedReplyError, Rows
from hub.access import Principal
from hub.access.principal import Role
from hub.access.signed_addresses import DocumentAddresses
from hub.federation import Directory
from hub.federation.documents import BoundDocuments
from hub.federation.gateway import PrincipalRequest
from schema.certificate import Certificate, CertificateStatus, CertificateType
from schema.certificate_document import CertificateFile, StoredDocument
from schema.errors import HubError
from schema.status import DepartmentStatus
from tests.support.disclosure import open_disclosure
from tests.support.ids import IDS
from tests.support.own_manifests import MANIFESTS

DIRECTORY = Directory(MANIFESTS)
LOCAL_ID = "certificates|104233|HR-SCC-2026-001234"


class FakeGateway:
    def __init__(self, *contents: bytes) -> None:
        self.contents = contents

    async def look_up(
        self, _request: object, _department: str, capability: Capability, keys: list[str]
    ) -> LookUpReply:
        assert capability is Capability.DOCUMENTS_BY_CERTIFICATE
        files = [
            CertificateFile(
                certificate_number=keys[0],
                content=each,
                holder_key="104233",
                department_identifier="certificates",
            )
            for each in self.contents
        ]
        return LookUpReply({keys[0]: Rows(files)}, 1, dt.datetime.now(dt.UTC))


def documents(*contents: bytes) -> BoundDocuments:
    gateway: Any = FakeGateway(*contents)
    request = PrincipalRequest(Principal(Role.CITIZEN), CallContext("test", 0.0))
    disclosure = open_disclosure(request, DIRECTORY)
    return BoundDocuments(DocumentAddresses(IDS, 300), DIRECTORY, gateway, request, disclosure)


def certificate(stored: StoredDocument | None, department: str = "certificates") -> Certificate:
    return Certificate(
        certificate_number="HR-SCC-2026-001234",
        certificate_type=CertificateType.SCHEDULED_CASTE_CERTIFICATE,
        certificate_status=CertificateStatus.ISSUED,
        department_status=DepartmentStatus(code="I"),
        department_identifier=department,
        holder_key="104233",
        stored_document=stored,
    )


def test_a_certificate_with_a_pdf_has_a_document() -> None:
    found = documents().document_of(certificate(StoredDocument(media_type="application/pdf")))
    assert found is not None
    assert found.size_bytes is None


@pytest.mark.parametrize(
    ("media_type", "department"),
    [
        (None, "certificates"),
        ("text/html", "certificates"),
        ("application/pdf", "pensions"),
    ],
)
def test_other_certificates_have_none(media_type: str | None, department: str) -> None:
    stored = StoredDocument(media_type=media_type) if media_type else None
    assert documents().document_of(certificate(stored, department)) is None


async def test_a_pdf_is_returned() -> None:
    assert (await documents(b"%PDF-1.7 x").read(LOCAL_ID, "TESTING")).content == b"%PDF-1.7 x"


@pytest.mark.parametrize("content", [b"<html>", b"", b" %PDF-1.4", b"MZ"])
async def test_a_file_that_is_no_pdf_is_refused(content: bytes) -> None:
    with pytest.raises(MalformedReplyError, match="not a PDF"):
        await documents(content).read(LOCAL_ID, "TESTING")


@pytest.mark.parametrize(
    "local_id",
    ["certificates|999999|HR-SCC-2026-001234", "pensions|1|2", "nowhere|1|2", "certificates", ""],
)
async def test_the_file_of_another_holder_is_not_found(local_id: str) -> None:
    with pytest.raises(HubError, match="no file"):
        await documents(b"%PDF-1.7").read(local_id, "TESTING")


async def test_a_certificate_without_a_file_is_not_found() -> None:
    with pytest.raises(HubError, match="no file"):
        await documents().read(LOCAL_ID, "TESTING")
