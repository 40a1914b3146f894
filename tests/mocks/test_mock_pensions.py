"""The mock of the pensions department: SOAP."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

import httpx
import pytest
import zeep
from lxml import etree

from mocks.pensions.soap import RequestReader
from tests.support.processes import Mock

NAMESPACE = "urn:sje:pension:v1"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
PPO = "0613/04/002381"


@pytest.fixture(scope="module")
def service(started: Callable[[str], Mock]) -> Any:
    client: Any = zeep.Client
    return client(f"{started('pensions').url}/PensionService?wsdl").service


def call(mock: Mock, operation: str, payload: str, action: str | None = None) -> Any:
    envelope = (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><{operation} xmlns="{NAMESPACE}">{payload}'
        f"</{operation}></s:Body></s:Envelope>"
    )
    action = f"{NAMESPACE}/{operation}" if action is None else action
    return mock.http.post(
        "/PensionService", content=envelope.encode(), headers={"SOAPAction": f'"{action}"'}
    )


def fault_of(response: httpx.Response) -> tuple[str | None, str | None]:
    assert response.status_code == 500
    tree = etree.fromstring(response.content)
    return tree.findtext(".//faultcode"), tree.findtext(f".//{{{NAMESPACE}}}Code")


def test_applications_of_a_beneficiary(service: Any) -> None:
    applications = service.GetApplications({"BeneficiaryNo": [PPO, "none"]})
    assert {a.ApplicationNo for a in applications} == {
        "SJE-OAS/2026/000123",
        "SJE-WDP/2026/000456",
    }
    paid = next(a for a in applications if a.SchemeCode == "01")
    assert paid.StatusCode == "06"
    assert paid.AppliedOn == "12/01/2026"
    assert paid.LastActionOn == "07/03/2026 16:05:00"
    assert [event.StatusCode for event in paid.History.Event] == ["01", "02", "04", "06"]
    assert paid.History.Event[2].ActionNo is None


def test_applications_by_number(service: Any) -> None:
    found = service.GetApplicationsByNumber({"ApplicationNo": ["SJE-OAS/2026/000123", "none"]})
    assert [a.ApplicationNo for a in found] == ["SJE-OAS/2026/000123"]
    assert service.GetApplicationsByNumber({"ApplicationNo": ["none"]}) is None


def test_pensions_are_a_dataset(pensions: Mock) -> None:
    payload = f"<BeneficiaryNumbers><BeneficiaryNo>{PPO}</BeneficiaryNo></BeneficiaryNumbers>"
    tree = etree.fromstring(call(pensions, "GetPensions", payload).content)
    result = tree.find(f".//{{{NAMESPACE}}}GetPensionsResult")
    assert result is not None
    assert [etree.QName(part).localname for part in result] == ["schema", "diffgram"]
    (row,) = tree.iterfind(".//NewDataSet/Table")
    assert row.attrib["{urn:schemas-microsoft-com:xml-msdata}rowOrder"] == "0"
    columns = {child.tag: (child.text or "").strip() for child in row}
    assert columns["PEN_ID"] == "PN-000123"
    assert columns["AMT"] == "3000.0000"
    assert "ST_DT" not in columns
    assert columns["LST_PAID"] == "07/11/2026"


def test_a_dataset_without_rows_has_an_empty_diffgram(pensions: Mock) -> None:
    payload = "<BeneficiaryNumbers><BeneficiaryNo>none</BeneficiaryNo></BeneficiaryNumbers>"
    tree = etree.fromstring(call(pensions, "GetPensions", payload).content)
    diffgram = tree.find(".//{urn:schemas-microsoft-com:xml-diffgram-v1}diffgram")
    assert diffgram is not None
    assert len(diffgram) == 0


def test_search_returns_pages_newest_first(service: Any) -> None:
    seen: list[tuple[Any, ...]] = []
    total = 1
    while len(seen) < total:
        page = service.SearchApplications(Offset=len(seen), Limit=100)
        total = page.TotalCount
        seen += [(a.LastActionOn, a.ApplicationNo) for a in page.Application]
    assert len(set(seen)) == total

    def moment(row: tuple[Any, ...]) -> str:
        return f"{row[0][6:10]}{row[0][3:5]}{row[0][:2]}{row[0][10:]}"

    assert [moment(row) for row in seen] == sorted(map(moment, seen), reverse=True)


@pytest.mark.parametrize(("fault", "sent"), [("short_pages", 5), ("lost_rows", 9)])
def test_a_search_sends_fewer_rows_than_its_total(
    pensions: Mock, service: Any, fault: str, sent: int
) -> None:
    whole = service.SearchApplications(Offset=0, Limit=10)
    pensions.set_faults(**{fault: 1})
    page = service.SearchApplications(Offset=0, Limit=10)
    assert page.TotalCount == whole.TotalCount
    assert page.Application == whole.Application[:sent]
    following = service.SearchApplications(Offset=sent, Limit=1).Application
    assert bool(following) is (fault == "short_pages")
    pensions.clear()


def test_search_by_status_and_day(service: Any) -> None:
    page = service.SearchApplications(
        StatusCodes={"StatusCode": ["02", "97"]}, FromDate="01/11/2026", Offset=0, Limit=100
    )
    assert page.TotalCount == len(page.Application)
    assert {a.StatusCode for a in page.Application} <= {"02", "97"}
    assert all(a.LastActionOn[3:10] == "11/2026" for a in page.Application)


def test_more_than_fifty_numbers_are_refused(pensions: Mock) -> None:
    numbers = "".join(f"<BeneficiaryNo>{n}</BeneficiaryNo>" for n in range(51))
    payload = f"<BeneficiaryNumbers>{numbers}</BeneficiaryNumbers>"
    assert fault_of(call(pensions, "GetApplications", payload)) == ("soap:Client", "E-LIMIT")


@pytest.mark.parametrize(
    ("operation", "payload"),
    [
        ("GetApplications", "<Wrong/>"),
        ("GetApplications", "<BeneficiaryNumbers/>"),
        ("SearchApplications", "<Limit>10</Limit><Offset>0</Offset>"),
        ("SearchApplications", "<Offset>0</Offset><Limit>101</Limit>"),
        ("SearchApplications", "<FromDate>2026-11-01</FromDate><Offset>0</Offset><Limit>9</Limit>"),
    ],
)
def test_an_invalid_request_is_refused(pensions: Mock, operation: str, payload: str) -> None:
    assert fault_of(call(pensions, operation, payload)) == ("soap:Client", "E-INVALID")


def test_unknown_operations_are_refused(pensions: Mock) -> None:
    payload = f"<BeneficiaryNumbers><BeneficiaryNo>{PPO}</BeneficiaryNo></BeneficiaryNumbers>"
    for operation, action in (
        ("GetApplications", f"{NAMESPACE}/GetEverything"),
        ("GetApplications", ""),
        ("GetApplications", f"{NAMESPACE}/GetPensions"),
    ):
        assert fault_of(call(pensions, operation, payload, action))[1] == "E-OPERATION"
    response = pensions.http.post(
        "/PensionService",
        content=b"<x/>",
        headers={"SOAPAction": f"{NAMESPACE}/GetPensions"},
    )
    assert fault_of(response)[1] == "E-SOAP"


def test_replies_match_the_schema(pensions: Mock) -> None:
    reader = RequestReader(files("mocks.pensions").joinpath("pension.wsdl").read_bytes())
    for offset in range(0, 300, 100):
        payload = f"<Offset>{offset}</Offset><Limit>100</Limit>"
        response = call(pensions, "SearchApplications", payload)
        assert response.status_code == 200
        reader.payload(response.content)


def test_the_wsdl_contains_the_address_of_the_request(pensions: Mock) -> None:
    wsdl = pensions.http.get("/PensionService?wsdl")
    assert wsdl.headers["content-type"].startswith("text/xml")
    assert f'location="{pensions.url}/PensionService"' in wsdl.text


def test_calls_are_counted_by_operation(pensions: Mock) -> None:
    payload = f"<BeneficiaryNumbers><BeneficiaryNo>{PPO}</BeneficiaryNo></BeneficiaryNumbers>"
    call(pensions, "GetPensions", payload)
    call(pensions, "GetPensions", payload)
    pensions.http.get("/PensionService?wsdl")
    assert pensions.calls() == {"GET /PensionService?wsdl": 1, "GetPensions": 2}
