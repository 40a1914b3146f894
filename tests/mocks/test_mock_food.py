"""The mock of the ration card service: each reply is one text, packed or XML."""

import httpx
import pytest
from lxml import etree

from tests.support.processes import Mock

PATH = "/epds/server.php"
CARD = "0699000001"


def call(mock: Mock, operation: str, argument: str, value: str) -> httpx.Response:
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        f'<f:{operation} xmlns:f="urn:food"><{argument}>{value}</{argument}></f:{operation}>'
        "</e:Body></e:Envelope>"
    )
    return mock.http.post(PATH, content=body, headers={"SOAPAction": f'"urn:food#{operation}"'})


def submit(mock: Mock, reference: str = "CH7K3M9QXT2VDA", **changed: str) -> str:
    """Submit an application; return the result."""
    arguments = {
        "extRef": reference,
        "cardNo": CARD,
        "familyMember": "",
        "category": "PHH",
        "members": "6",
        "address": "112, Nissing, Karnal",
        "shop": "",
        "channel": "KIOSK",
        **changed,
    }
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in arguments.items())
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        f'<f:submitRationCard xmlns:f="urn:food">{inner}<documents><item>'
        "<docType>AFFIDAVIT</docType><docName>a.pdf</docName><docData>JVBERg==</docData>"
        "</item></documents></f:submitRationCard></e:Body></e:Envelope>"
    )
    action = {"SOAPAction": '"urn:food#submitRationCard"'}
    return text_in(mock.http.post(PATH, content=body.encode(), headers=action))


def text_in(response: httpx.Response) -> str:
    assert response.status_code == 200
    return etree.fromstring(response.content).findtext(".//return") or ""


def test_a_card_is_one_packed_text(food: Mock) -> None:
    response = call(food, "getRationCard", "cardNo", CARD)
    assert response.content.startswith(b'<?xml version="1.0" encoding="ISO-8859-1"?>')
    code, message, card, _, members, district, applications = text_in(response).split("|")
    assert (code, message, card, district) == ("1", "SUCCESS", CARD, "KARNAL")
    assert members.split("^")[0] == "RAM DEVI~F~65"
    assert applications.split("~")[:4] == ["FDS-RCN/2025/000042", "RCN", "5", "CARD ISSUED"]
    assert applications.endswith("~-")


def test_an_application_is_xml_in_a_text(food: Mock) -> None:
    response = call(food, "getRationCardByApplication", "appNo", "FDS-RCN/2025/000042")
    assert b"&lt;code&gt;1&lt;/code&gt;" in response.content
    content = etree.fromstring(f"<content>{text_in(response)}</content>")
    assert (content.findtext("code"), content.findtext("app/card")) == ("1", CARD)
    assert content.findtext("app/status_text") == "CARD ISSUED"
    nothing = text_in(call(food, "getRationCardByApplication", "appNo", "none"))
    assert nothing == "<code>0</code><message>NO RECORD FOUND</message>"


def test_an_unknown_card_is_a_text(food: Mock) -> None:
    assert text_in(call(food, "getRationCard", "cardNo", "none")) == "0|NO RECORD FOUND"


def test_a_wrong_call_is_a_fault(food: Mock) -> None:
    response = call(food, "getCards", "cardNo", CARD)
    assert response.status_code == 500
    assert "not defined" in (etree.fromstring(response.content).findtext(".//faultstring") or "")


def test_a_failure_with_200_is_a_text(food: Mock) -> None:
    food.set_faults(fault200=1)
    assert text_in(call(food, "getRationCard", "cardNo", CARD)) == "0|DATABASE ERROR"


def test_no_rows_as_http_500_without_a_body(food: Mock) -> None:
    food.set_faults(empty_500=1)
    response = call(food, "getRationCard", "cardNo", "none")
    assert (response.status_code, response.content) == (500, b"")


def test_an_application_is_stored_once_and_found_by_the_senders_reference(food: Mock) -> None:
    code, message, number = submit(food).split("|")
    assert (code, message) == ("1", "SUCCESS")
    assert submit(food) == "0|EXTERNAL REFERENCE CH7K3M9QXT2VDA ALREADY EXISTS IN DATABASE"
    found = text_in(call(food, "getRationCardByExtRef", "extRef", "CH7K3M9QXT2VDA"))
    content = etree.fromstring(f"<content>{found}</content>")
    assert [each.text for each in content.iter("number")] == [number]
    assert [each.text for each in content.iter("extref")] == ["CH7K3M9QXT2VDA"]
    assert number in text_in(call(food, "getRationCard", "cardNo", CARD))
    assert "NO RECORD" in text_in(call(food, "getRationCardByExtRef", "extRef", "none"))
    assert [(each["copies"], each["status"]) for each in food.submissions()] == [(1, "SUBMITTED")]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"reference": ""}, "EXTERNAL REFERENCE IS NOT VALID"),
        ({"category": "BPL"}, "INVALID CATEGORY BPL"),
        ({"members": "31"}, "MEMBERS SHOULD BE 1 TO 30"),
        ({"address": ""}, "ADDRESS IS BLANK"),
        ({"address": "क" * 84}, "ADDRESS LONGER THAN 250 BYTES"),
        ({"shop": "S" * 61}, "SHOP LONGER THAN 60 BYTES"),
        ({"cardNo": "", "familyMember": "nobody"}, "FAMILY MEMBER NOT FOUND"),
    ],
)
def test_a_refusal_is_prose(food: Mock, changed: dict[str, str], reason: str) -> None:
    assert submit(food, **changed) == f"0|{reason}"
    assert food.submissions() == []


def test_a_write_can_be_refused(food: Mock) -> None:
    food.set_faults(refuse_write=1)
    assert submit(food) == "0|NOT ALLOWED"
    assert food.submissions() == []
