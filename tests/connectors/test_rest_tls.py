"""Certificates: the department's is always verified; the hub sends its own where required."""

import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from adapters.assembly import build_adapter
from adapters.contract import DepartmentAuthError, DepartmentUnreachableError
from adapters.manifest import ManifestError, load_department
from tests.connectors.certificates import wanting_certificates, write_certificates
from tests.connectors.forest_department import department, numbers, row, write_department

CAPABILITY = {"call": {"path": "/"}, "rows": "rows", "key": "citizen"}


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def files(authority: trustme.CA, tmp_path: Path) -> Path:
    """Return the manifest's folder with certificates."""
    folder = tmp_path / "forest"
    write_certificates(folder, authority)
    return folder


@pytest.fixture(params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def url(authority: trustme.CA, request: pytest.FixtureRequest) -> Iterator[str]:
    body = json.dumps({"rows": [row("F/1", "7")]}).encode()
    with wanting_certificates(authority, request.param, body) as address:
        yield address


def connector(url: str, **tls: str) -> dict[str, Any]:
    return {"kind": "rest", "base_url": url, "tls": tls}


async def test_both_sides_verify_certificates(url: str, files: Path) -> None:
    tls = {"authority": "ca.pem", "certificate": "client.pem", "key": "client.key"}
    async with department(files.parent, connector(url, **tls), CAPABILITY) as adapter:
        assert await numbers(adapter, "7") == {"7": ["F/1"]}


@pytest.mark.parametrize("own", [{}, {"certificate": "stranger.pem"}])
async def test_a_hub_without_the_right_certificate_is_rejected(
    own: dict[str, str], url: str, files: Path
) -> None:
    settings = connector(url, authority="ca.pem", **own)
    async with department(files.parent, settings, CAPABILITY) as adapter:
        with pytest.raises(DepartmentAuthError) as caught:
            await numbers(adapter, "7")
    assert caught.value.fault is not None
    assert "ALERT" in caught.value.fault.code


async def test_a_department_with_an_untrusted_certificate_is_not_called(
    url: str, files: Path
) -> None:
    settings = connector(url, certificate="client.pem", key="client.key")
    async with department(files.parent, settings, CAPABILITY) as adapter:
        with pytest.raises(DepartmentUnreachableError, match="certificate can't be verified"):
            await numbers(adapter, "7")


MISTAKES: list[tuple[dict[str, str], str]] = [
    ({"authority": "no.pem"}, "the authority can't be read: No such file"),
    ({"authority": "client.key"}, "the authority can't be read: it is not a PEM file of this kind"),
    ({"certificate": "no.pem"}, "the certificate can't be read: No such file"),
    ({"certificate": "client.pem", "key": "ca.pem"}, "it is not a PEM file of this kind"),
    ({"key": "client.key"}, "`key` and `password` need a `certificate`"),
]


@pytest.mark.parametrize(("tls", "words"), MISTAKES)
def test_an_unusable_file_is_reported_when_the_manifest_is_loaded(
    tls: dict[str, str], words: str, files: Path
) -> None:
    folder = write_department(files.parent, connector("https://x", **tls), CAPABILITY)
    with pytest.raises(ManifestError) as caught:
        build_adapter(load_department(folder))
    assert any(words in str(problem) for problem in caught.value.problems), caught.value.problems
