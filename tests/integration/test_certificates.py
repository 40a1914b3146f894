"""Certificates: their files, verification without sign-in, and their applications."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.processes import Hub, Mock

RAM_DEVI = "7KNL042101"
NUMBER, ISSUED = "HR-SCC-2026-001234", "2026-09-14"


def certificate_of(hub: Hub, fields: str) -> dict[str, Any]:
    document = f"query ($n: String!) {{ certificate(number: $n) {{ {fields} }} }}"
    found: dict[str, Any] = hub.data(document, n=NUMBER)["certificate"]
    return found


def file_at(hub: Hub, address: str, method: str = "GET") -> httpx.Response:
    root = hub.url.removesuffix("/graphql")
    return httpx.request(method, root + address, trust_env=False)


def test_a_certificate_by_number(hub: Hub) -> None:
    certificate = certificate_of(
        hub,
        """certificateType certificateStatus issueDate holderName { fullName script }
           holderInHindi: holderName(lang: HI) { fullName } verificationUrl digiLockerUri
           department { identifier } document { mediaType sizeBytes url expiresDatetime }""",
    )
    document = certificate.pop("document")
    assert certificate == {
        "certificateType": "SCHEDULED_CASTE_CERTIFICATE",
        "certificateStatus": "ISSUED",
        "issueDate": ISSUED,
        "holderName": {"fullName": "रामो देवी", "script": "DEVANAGARI"},
        "holderInHindi": {"fullName": "रामो देवी"},
        "verificationUrl": f"https://revenue.example/verify/{NUMBER}",
        "digiLockerUri": "in.gov.haryana.revenue-CASTC-HRSCC2026001234",
        "department": {"identifier": "certificates"},
    }
    assert document["mediaType"] == "application/pdf"
    assert urlsplit(document["url"]).path.startswith("/documents/")
    assert NUMBER not in document["url"]


def test_the_file_is_a_pdf_that_nobody_stores(hub: Hub) -> None:
    document = certificate_of(hub, "document { url sizeBytes }")["document"]
    response = file_at(hub, document["url"])
    assert response.status_code == 200
    assert response.content.startswith(b"%PDF-")
    assert b"Scheduled Caste Certificate" in response.content
    assert len(response.content) == document["sizeBytes"]
    headers = response.headers
    assert headers["content-type"] == "application/pdf"
    assert headers["content-disposition"] == f'attachment; filename="{NUMBER}.pdf"'
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    head = file_at(hub, document["url"], "HEAD")
    assert (head.content, head.headers["content-length"]) == (b"", str(document["sizeBytes"]))
    assert file_at(hub, document["url"], "POST").status_code == 405


def test_reading_a_file_is_in_the_access_log(hub: Hub) -> None:
    hub.data(
        "query ($id: String!) { citizen(by: {memberIdentifier: $id}) {"
        " identifiers { issuedBy } } }",
        id=RAM_DEVI,
    )
    response = file_at(hub, certificate_of(hub, "document { url }")["document"]["url"])
    log = hub.data(
        """query ($id: String!) { accessLog(citizen: {memberIdentifier: $id}, first: 5) {
             nodes { correlationId capability errorCode } } }""",
        id=RAM_DEVI,
    )["accessLog"]["nodes"]
    assert {
        "correlationId": response.headers["x-correlation-id"],
        "capability": "DOCUMENTS_BY_CERTIFICATE",
        "errorCode": None,
    } in log


@pytest.mark.parametrize("address", ["/documents/", "/documents/zzzz", "/documents/%0a"])
def test_an_invented_address_is_refused(hub: Hub, address: str) -> None:
    response = file_at(hub, address)
    assert response.status_code == 403
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"


def test_a_changed_address_is_refused(hub: Hub) -> None:
    url = certificate_of(hub, "document { url }")["document"]["url"]
    changed = url[:-3] + ("AAA" if url[-3:] != "AAA" else "BBB")
    assert file_at(hub, changed).status_code == 403


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("error", 502, "DEPARTMENT_FAULT"),
        ("hang", 504, "DEPARTMENT_TIMEOUT"),
        ("oversize", 502, "DEPARTMENT_REPLY_TOO_LARGE"),
    ],
)
def test_errors_of_the_department(
    hub: Hub, calm: dict[str, Mock], fault: str, status: int, code: str
) -> None:
    url = certificate_of(hub, "document { url }")["document"]["url"]
    calm["certificates"].set_faults(**{fault: 1})
    response = file_at(hub, url)
    calm["certificates"].clear_faults()
    hub.reopen()
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (
        status,
        code,
    )


def test_the_applications_of_certificates_are_read_in_one_call(
    hub: Hub, departments: dict[str, Mock]
) -> None:
    departments["certificates"].clear_calls()
    data = hub.data(
        """{ a: certificate(number: "HR-SCC-2026-001234") {
               application { applicationReferenceNumber } }
             b: certificate(number: "HR-INC-2026-001235") {
               application { applicationReferenceNumber } } }"""
    )
    assert [data[alias]["application"]["applicationReferenceNumber"] for alias in "ab"] == [
        "REV-SCC/2026/0012345",
        "REV-INC/2026/0012346",
    ]
    assert departments["certificates"].calls() == {
        "certificates_by_number": 1,
        "applications_by_reference": 1,
    }


VERIFY = """query ($number: String!, $date: Date!) {
  verifyCertificate(number: $number, issueDate: $date) {
    verificationStatus verificationStatusLabel(lang: HI) certificateType holderName issuedBy
    validTo department { identifier }
  }
}"""
NOTHING = {
    "verificationStatus": "NOT_FOUND",
    "verificationStatusLabel": "नहीं मिला",
    "certificateType": None,
    "holderName": None,
    "issuedBy": None,
    "validTo": None,
    "department": None,
}


def test_a_certificate_is_verified(hub: Hub) -> None:
    assert hub.data(VERIFY, number=NUMBER, date=ISSUED)["verifyCertificate"] == {
        "verificationStatus": "VALID",
        "verificationStatusLabel": "मान्य",
        "certificateType": "SCHEDULED_CASTE_CERTIFICATE",
        "holderName": "र*** द***",
        "issuedBy": "Tehsildar",
        "validTo": None,
        "department": {"identifier": "certificates"},
    }


@pytest.mark.parametrize(
    ("number", "date"),
    [(NUMBER, "2026-09-13"), ("HR-SCC-2026-999999", ISSUED), ("no number", ISSUED)],
)
def test_wrong_numbers_and_dates_have_one_answer(hub: Hub, number: str, date: str) -> None:
    assert hub.query(VERIFY, number=number, date=date) == {"data": {"verifyCertificate": NOTHING}}


def test_a_missing_department_is_an_error_and_not_a_forged_certificate(
    hub: Hub, calm: dict[str, Mock]
) -> None:
    calm["certificates"].set_faults(error=1)
    response = hub.query(VERIFY, number=NUMBER, date=ISSUED)
    calm["certificates"].clear_faults()
    hub.reopen()
    assert response["data"]["verifyCertificate"] is None
    assert response["errors"][0]["extensions"]["code"] == "DEPARTMENT_FAULT"


def test_tries_in_one_operation_are_bounded(hub: Hub) -> None:
    fields = " ".join(
        f'a{day}: verifyCertificate(number: "{NUMBER}", issueDate: "2026-09-{day}") '
        "{ verificationStatus }"
        for day in range(10, 16)
    )
    response = hub.query(f"{{ {fields} }}")
    assert set(response["data"].values()) == {None}
    assert {error["extensions"]["code"] for error in response["errors"]} == {"BAD_USER_INPUT"}
