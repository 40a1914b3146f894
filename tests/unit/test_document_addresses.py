"""Addresses of the files of certificates."""

import datetime as dt

import pytest

from hub.access.keys import derived_cipher
from hub.access.signed_addresses import DocumentAddresses
from schema.errors import HubError
from schema.ids import Purpose
from tests.support.ids import IDS

LOCAL_ID = "certificates|104233|HR-SCC-2026-001234"
NOW = 1_795_510_000.5


def addresses(public_url: str = "", now: float = NOW) -> DocumentAddresses:
    return DocumentAddresses(IDS, 300, public_url, lambda: now)


def token_in(address: str) -> str:
    return address.rpartition(DocumentAddresses.PATH)[2]


def test_an_address_leads_to_its_certificate_until_it_expires() -> None:
    address, expires = addresses().address_of(LOCAL_ID, "OWN_DATA")
    assert expires == dt.datetime.fromtimestamp(int(NOW) + 300, dt.UTC)
    assert addresses(now=NOW + 299).content_of(token_in(address)) == (LOCAL_ID, "OWN_DATA")
    with pytest.raises(HubError, match="expired"):
        addresses(now=NOW + 300).content_of(token_in(address))


def test_an_address_has_no_number() -> None:
    address, _ = addresses().address_of(LOCAL_ID, "OWN_DATA")
    assert "104233" not in address
    assert "001234" not in address


@pytest.mark.parametrize(
    ("public_url", "start"),
    [
        ("", "/documents/"),
        ("https://hub.example", "https://hub.example/documents/"),
        ("https://state.example/hub/", "https://state.example/hub/documents/"),
    ],
)
def test_an_address_begins_with_the_public_url(public_url: str, start: str) -> None:
    assert addresses(public_url).address_of(LOCAL_ID, "OWN_DATA")[0].startswith(start)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "zzzz",
        "é",
        IDS.encrypt(Purpose.ID, f"Certificate:{LOCAL_ID}"),
        derived_cipher("the-secret-of-another-hub").encrypt(
            Purpose.DOCUMENT, f"9999999999 {LOCAL_ID}"
        ),
    ],
)
def test_a_token_that_is_no_address_of_this_hub_is_refused(token: str) -> None:
    with pytest.raises(HubError, match="not valid"):
        addresses().content_of(token)


def test_a_changed_token_is_refused() -> None:
    token = token_in(addresses().address_of(LOCAL_ID, "OWN_DATA")[0])
    for position in range(len(token)):
        letter = "A" if token[position] != "A" else "B"
        with pytest.raises(HubError, match="not valid"):
            addresses().content_of(token[:position] + letter + token[position + 1 :])
