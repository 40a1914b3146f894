"""The mock of the water office: rpc/encoded SOAP."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree

from tests.support.processes import Mock

PATH = "/water/service.php"
CONSUMER = "WS-KNL-00042"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
ENC = "{http://schemas.xmlsoap.org/soap/encoding/}"


def call(mock: Mock, operation: str, argument: str, *values: str) -> httpx.Response:
    items = "".join(f"<item>{value}</item>" for value in values)
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        f'<w:{operation} xmlns:w="urn:ulb:water"><{argument}>{items}</{argument}></w:{operation}>'
        "</e:Body></e:Envelope>"
    )
    return mock.http.post(
        PATH, content=body, headers={"SOAPAction": f'"urn:ulb:water#{operation}"'}
    )


def array_in(response: httpx.Response) -> Any:
    assert response.status_code == 200
    array = etree.fromstring(response.content).find(".//return")
    assert array is not None
    return array


def test_applications_are_an_encoded_array(water: Mock) -> None:
    array = array_in(call(water, "getApplications", "consumer_nos", CONSUMER, "none"))
    assert array.get(f"{ENC}arrayType") == "ns1:Application[1]"
    (item,) = array
    assert item.get(f"{XSI}type") == "ns1:Application"
    fields = {child.tag: (child.text or "").strip() for child in item}
    assert fields["app_no"] == "ULB-WSC/2026/00042"
    assert fields["applied"] == "02-02-2026"
    assert item.find("svc").get(f"{XSI}type") == "xsd:int"
    assert item.find("desk").get(f"{XSI}nil") == "true"


def test_an_application_is_found_by_its_number(water: Mock) -> None:
    response = call(water, "getApplicationsByNo", "app_nos", "ULB-WSC/2026/00042", "none")
    assert [item.findtext("app_no") for item in array_in(response)] == ["ULB-WSC/2026/00042"]


def test_no_rows_are_an_empty_array(water: Mock) -> None:
    array = array_in(call(water, "getApplications", "consumer_nos", "none"))
    assert array.get(f"{ENC}arrayType") == "ns1:Application[0]"
    assert len(array) == 0


@pytest.mark.parametrize(
    ("operation", "argument", "values", "message"),
    [
        ("getEverything", "x", ["1"], "not a valid method"),
        ("getApplications", "wrong", ["1"], "consumer_nos is missing"),
        ("getApplications", "consumer_nos", list(map(str, range(26))), "At most 25"),
    ],
)
def test_a_wrong_call_is_a_fault_with_500(
    water: Mock, operation: str, argument: str, values: list[str], message: str
) -> None:
    response = call(water, operation, argument, *values)
    assert response.status_code == 500
    assert message in (etree.fromstring(response.content).findtext(".//faultstring") or "")


def test_quirks_of_the_water_office(water: Mock) -> None:
    water.set_faults(forbidden_characters=1)
    assert b"&#x0B;" in call(water, "getApplications", "consumer_nos", CONSUMER).content
    water.set_faults(empty_500=1)
    response = call(water, "getApplications", "consumer_nos", "none")
    assert (response.status_code, response.content) == (500, b"")
    assert call(water, "getApplications", "consumer_nos", CONSUMER).status_code == 200
    water.set_faults(other_namespace=1)
    assert b'"urn:ulb:water:731"' in call(water, "getApplications", "consumer_nos", "x").content


def test_the_adapter_has_the_same_wsdl() -> None:
    own = files("mocks.water").joinpath("water.wsdl").read_bytes()
    folder = Path(__file__).parents[2] / "adapters" / "departments" / "water"
    assert own == (folder / "water.wsdl").read_bytes()


def test_calls_are_counted_by_operation(water: Mock) -> None:
    call(water, "getApplications", "consumer_nos", CONSUMER)
    water.http.get(f"{PATH}?wsdl")
    assert water.calls() == {"GET /water/service.php?wsdl": 1, "getApplications": 1}


FORM = {
    "ref": "CH7K3M9QXT2VDA",
    "consumer_no": CONSUMER,
    "family_member": "",
    "svc": "7",
    "property_id": "NIS/112",
    "connection": "BOTH",
    "road_cut": "1",
    "pipe_mm": "20",
    "origin": "kendra",
}


def apply(mock: Mock, **changed: str) -> httpx.Response:
    fields = "".join(f"<{name}>{text}</{name}>" for name, text in {**FORM, **changed}.items())
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        f'<w:applyConnection xmlns:w="urn:ulb:water"><application>{fields}</application>'
        "</w:applyConnection></e:Body></e:Envelope>"
    )
    action = {"SOAPAction": '"urn:ulb:water#applyConnection"'}
    return mock.http.post(PATH, content=body, headers=action)


def test_an_application_is_answered_with_a_sentence(water: Mock) -> None:
    text = etree.fromstring(apply(water).content).findtext(".//return") or ""
    (received,) = water.submissions()
    assert text == f"Thank you! Your application no. is {received['reference']}. Please note it."
    (found,) = array_in(call(water, "getApplicationsByRef", "refs", FORM["ref"], "none"))
    assert (found.findtext("app_no"), found.findtext("ref")) == (
        received["reference"],
        FORM["ref"],
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"ref": ""},
        {"svc": "8"},
        {"property_id": "P" * 31},
        {"connection": "GAS"},
        {"road_cut": "2"},
        {"pipe_mm": "60"},
        {"consumer_no": ""},
    ],
)
def test_a_wrong_application_is_a_fault(water: Mock, changed: dict[str, str]) -> None:
    response = apply(water, **changed)
    assert response.status_code == 500
    assert etree.fromstring(response.content).findtext(".//faultcode") == "SOAP-ENV:Client"
    assert water.submissions() == []
