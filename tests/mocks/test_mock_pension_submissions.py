"""What the mock of the pensions department receives."""

from collections.abc import Callable
from typing import Any

import pytest
import zeep
from lxml import etree
from zeep.exceptions import Fault

from tests.support.processes import Mock

PPO = "0613/04/002381"
RECEIPT = "CH7K3M9QXT2VDA"
FORM = {
    "BeneficiaryNo": PPO,
    "MemberId": "",
    "ApplicantName": "RAM DEVI",
    "NameHindi": "jke nsoh",
    "DateOfBirth": "15/08/1961",
    "MobileNo": "9812345678",
    "BankAccount": "123456789012",
    "Ifsc": "ABCD0123456",
    "YearlyIncome": "60000",
}


@pytest.fixture
def service(started: Callable[[str], Mock]) -> Any:
    client: Any = zeep.Client
    return client(f"{started('pensions').url}/PensionService?wsdl").service


def submit(service: Any, receipt: str = RECEIPT, scheme: str = "01", **form: str) -> Any:
    return service.SubmitApplication(
        ExternalRef=receipt,
        SchemeCode=scheme,
        SourceCode="K",
        SubmittedOn="24/11/2026 09:00:00",
        Form={**FORM, **form},
        Attachments={
            "Attachment": [
                {"DocumentType": "FAMILY_ID", "FileName": "id.pdf", "Content": b"%PDF"},
                {"DocumentType": "BANK_PASSBOOK", "FileName": "", "Content": b"%PDF"},
            ]
        },
    )


def test_an_application_gets_a_number_and_appears_in_all_lists(
    service: Any, pensions: Mock
) -> None:
    result = submit(service)
    assert (result.StatusCode, result.NewRecord.RecordType) == (0, 2)
    number = result.NewRecord.RecordNo
    assert number.startswith("SJE-OAS/2026/")
    (found,) = service.FindApplications({"ExternalRef": [RECEIPT, "none"]})
    assert (found.ApplicationNo, found.ExternalRef) == (number, RECEIPT)
    assert (found.StatusCode, found.SourceCode) == ("01", "K")
    listed = service.GetApplications({"BeneficiaryNo": [PPO]})
    assert number in {each.ApplicationNo for each in listed}
    (by_number,) = service.GetApplicationsByNumber({"ApplicationNo": [number]})
    assert by_number.ExternalRef == RECEIPT
    page = service.SearchApplications(Offset=0, Limit=1)
    assert page.Application[0].ApplicationNo == number
    assert pensions.submissions() == [
        {
            "hubReference": RECEIPT,
            "reference": number,
            "copies": 1,
            "status": "SUBMITTED",
            "kind": "APPLICATION",
        }
    ]


def test_a_copy_is_stored_as_a_second_application(service: Any, pensions: Mock) -> None:
    first, second = submit(service), submit(service)
    assert first.NewRecord.RecordNo != second.NewRecord.RecordNo
    assert [each["copies"] for each in pensions.submissions()] == [2]


@pytest.mark.parametrize(
    ("scheme", "form", "code"),
    [
        ("09", {}, 20),
        ("01", {"ApplicantName": "N" * 61}, 21),
        ("01", {"NameHindi": "राम देवी"}, 22),
        ("01", {"NameHindi": "k" * 81}, 22),
        ("01", {"DateOfBirth": "31/02/1961"}, 23),
        ("01", {"DateOfBirth": "15/08/1981"}, 27),
        ("01", {"MobileNo": "12"}, 24),
        ("01", {"BankAccount": "12"}, 25),
        ("01", {"YearlyIncome": "300001"}, 26),
        ("02", {"Circumstance": "W"}, 28),
        ("03", {"DisabilityKind": "V", "DisabilityPercent": "59"}, 29),
        ("01", {"BeneficiaryNo": "", "MemberId": "nobody"}, 30),
    ],
)
def test_a_wrong_form_is_refused(
    service: Any, pensions: Mock, scheme: str, form: dict[str, str], code: int
) -> None:
    result = submit(service, scheme=scheme, **form)
    assert (result.StatusCode, result.NewRecord) == (code, None)
    assert pensions.submissions() == []


def test_elements_in_another_order_are_a_fault(pensions: Mock) -> None:
    body = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        '<SubmitApplication xmlns="urn:sje:pension:v1"><SchemeCode>01</SchemeCode>'
        f"<ExternalRef>{RECEIPT}</ExternalRef></SubmitApplication></s:Body></s:Envelope>"
    )
    action = {"SOAPAction": '"urn:sje:pension:v1/SubmitApplication"'}
    response = pensions.http.post("/PensionService", content=body, headers=action)
    assert response.status_code == 500
    assert b"E-INVALID" in response.content


def test_an_error_code_does_not_mean_that_nothing_was_stored(service: Any, pensions: Mock) -> None:
    pensions.set_faults(sms_failure=1)
    result = submit(service)
    assert (result.StatusCode, result.NewRecord.RecordType) == (11, 2)
    pensions.set_faults(print_failure=1)
    result = submit(service, "CHOTHER")
    assert (result.StatusCode, result.NewRecord) == (12, None)
    assert [each["copies"] for each in pensions.submissions()] == [1, 1]


def test_a_write_can_be_refused(service: Any, pensions: Mock) -> None:
    pensions.set_faults(refuse_write=1)
    assert submit(service).StatusCode == 40
    assert pensions.submissions() == []


def test_only_a_returned_application_takes_an_answer(service: Any, pensions: Mock) -> None:
    numbers = [submit(service, f"CH{n}").NewRecord.RecordNo for n in range(30)]
    pensions.advance("20d")
    found = service.GetApplicationsByNumber({"ApplicationNo": numbers})
    returned = next(each.ApplicationNo for each in found if each.StatusCode == "03")
    other = next(each.ApplicationNo for each in found if each.StatusCode != "03")
    answer = service.RespondToQuery("CHA", returned, "Passbook attached")
    assert (answer.StatusCode, answer.NewRecord.RecordType) == (0, 3)
    assert service.RespondToQuery("CHA", returned, "Passbook attached").StatusCode == 0
    (row,) = service.GetApplicationsByNumber({"ApplicationNo": [returned]})
    assert row.StatusCode == "02"
    assert service.RespondToQuery("CHB", "none", "x").StatusCode == 41
    assert service.RespondToQuery("CHC", other, "x").StatusCode == 42
    assert [each["kind"] for each in pensions.submissions()].count("QUERY_RESPONSE") == 1


def test_a_pension_begins_after_its_application_is_delivered(service: Any, pensions: Mock) -> None:
    numbers = {submit(service, f"CH{n}").NewRecord.RecordNo for n in range(10)}
    pensions.advance("20d")
    found = service.GetApplicationsByNumber({"ApplicationNo": sorted(numbers)})
    begun = {each.ApplicationNo[-6:] for each in found if each.StatusCode == "06"}
    assert begun
    body = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        '<GetPensions xmlns="urn:sje:pension:v1"><BeneficiaryNumbers>'
        f"<BeneficiaryNo>{PPO}</BeneficiaryNo></BeneficiaryNumbers></GetPensions>"
        "</s:Body></s:Envelope>"
    )
    action = {"SOAPAction": '"urn:sje:pension:v1/GetPensions"'}
    reply = pensions.http.post("/PensionService", content=body, headers=action)
    listed = [each.text for each in etree.fromstring(reply.content).iter("PEN_ID")]
    assert {str(each)[3:] for each in listed} == {"000123", *begun}


def test_too_many_references_are_a_fault(service: Any) -> None:
    with pytest.raises(Fault, match="At most 50"):
        service.FindApplications({"ExternalRef": [f"CH{n}" for n in range(51)]})
