"""Every mock: its start page, and its replies to invalid requests."""

import json
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from mocks.options import CONTROL_PORTS, DEFAULT_PORTS
from mocks.start_page import about
from tests.support.processes import PROJECT, Mock, module_command

PATHS = {
    "population": "/population/sample",
    "registry": "/citizens/batch",
    "pensions": "/PensionService",
    "scholarships": "/api/v1/applications",
    "helpdesk": "/open311/v2/requests.json",
    "water": "/water/service.php",
    "food": "/epds/server.php",
    "power": "/axis/services/PowerService",
    "labour": "/bocw/v1/registrations",
    "labour-welfare": "/graphql",
    "identity": "/token",
    "sms": "/messages",
    "trade-licences": "/r1/HR/GOV/ULB/SERVICEPLUS/trade-licences/applications/search",
}
SOAP = ("pensions", "water", "food", "power")
IN_ENVELOPE = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>{}</e:Body></e:Envelope>'
BODIES: Mapping[str, str | bytes] = {
    "empty": "",
    "unclosed": "<a><b",
    "only a processing instruction": IN_ENVELOPE.format("<?php echo ?>"),
    "an entity": "<!DOCTYPE a [<!ENTITY b 'c'>]>" + IN_ENVELOPE.format("<x>&b;</x>"),
    "deeply nested elements": "<a>" * 50_000,
    "deeply nested lists": "[" * 50_000,
    "wrong types": json.dumps({"identifiers": 1, "query": 2, "applied_by": [[3]]}),
    "a deeply nested query": json.dumps({"query": "{a" * 20_000}),
    "binary": bytes(range(256)) * 100,
}
QUERIES = {
    "scholarships": ("page=" + "9" * 5000, "page=0", "pageSize=x", "from=31-02-2026"),
    "population": ("n=" + "9" * 5000, "n=-1"),
    "helpdesk": (
        "start_date=0001-01-01T00:00:00%2B14:00",
        "end_date=9999-12-31T23:59:59-14:00",
        "start_date=9999-12-31T00:00:00Z",
        "service_request_id=,",
    ),
}
"""Invalid numbers and times; each is refused with HTTP 400 or in the envelope."""


@pytest.fixture(params=PATHS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def mock(name: str, request: pytest.FixtureRequest) -> Mock:
    fixture = "oracle" if name == "population" else name.replace("-", "_")
    running: Mock = request.getfixturevalue(fixture)
    return running


def is_handled(response: httpx.Response) -> bool:
    """Return True if the mock did not crash and shows no stack trace."""
    return response.text != "Internal Server Error" and "Traceback" not in response.text


def test_the_start_page_shows_how_to_call_the_mock(name: str, mock: Mock) -> None:
    for path in ("/", "/_mock", "/_mock/"):
        page = httpx.get(f"{mock.url}{path}", trust_env=False)
        assert page.status_code == 200
        assert page.headers["content-type"].startswith("text/plain")
        assert page.text.startswith(f"{name}: {about(name)}")
        assert f"curl -X PUT {mock.url}/_mock/faults" in page.text
        assert all(f"  {switch} " in page.text for switch in ("refuse", "drip"))
    assert mock.calls() == {}


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
def test_the_commands_on_the_start_page_work(name: str, mock: Mock) -> None:
    page = httpx.get(mock.url, trust_env=False).text
    commands = page.partition("Call it:\n")[2].partition("\n\n")[0].splitlines()
    assert commands
    for command in commands:
        done = subprocess.run(
            ["curl", "--silent", "--fail-with-body", "--noproxy", "*", *shlex.split(command)[1:]],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
        # This command needs a token first.
        assert done.returncode == 0 or "TOKEN" in command, done.stdout
        assert done.stdout


def test_a_wrong_path_or_method_is_refused(name: str, mock: Mock) -> None:
    wrong = mock.http.get("/no/such/path")
    assert wrong.status_code in (404, 500)
    assert is_handled(wrong)
    method = mock.http.put(PATHS[name], content="x")
    assert method.status_code == 405
    if name not in SOAP:
        for response in (wrong, method):
            assert isinstance(response.json(), dict | list)


@pytest.mark.parametrize("body", BODIES)
def test_invalid_bodies_are_refused(name: str, mock: Mock, body: str) -> None:
    headers = {"SOAPAction": "urn:sje:pension:v1/GetPensions"}
    response = mock.http.post(PATHS[name], content=BODIES[body], headers=headers)
    assert is_handled(response)
    assert response.status_code in (200, 400, 401, 405, 500)
    if name in SOAP:
        assert response.status_code == 500
        assert "faultstring" in response.text


@pytest.mark.parametrize("name", QUERIES, indirect=True)
def test_invalid_query_parameters_are_refused(name: str, mock: Mock) -> None:
    for query in QUERIES[name]:
        response = mock.http.get(f"{PATHS[name]}?{query}")
        content: Any = response.json()
        assert response.status_code == 400 or content["status"] == "false", query


@pytest.mark.parametrize("name", ["pensions", "food", "registry", "trade-licences"], indirect=True)
def test_a_body_that_is_too_large_is_refused(name: str, mock: Mock) -> None:
    headers = {"SOAPAction": "urn:sje:pension:v1/GetPensions"}
    response = mock.http.post(PATHS[name], content=b" " * (9 << 20), headers=headers)
    assert response.status_code == 413
    assert is_handled(response)


def test_the_help_lists_every_mock() -> None:
    done = subprocess.run(
        module_command("mocks", "--help"),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=10,
        check=True,
    )
    for name, port in DEFAULT_PORTS.items():
        assert f"{port}  {about(name)}" in done.stdout
        if name in CONTROL_PORTS:
            assert f"(control port {CONTROL_PORTS[name]})" in done.stdout


def test_a_mock_without_http_has_its_start_page_on_the_control_port(certificates: Mock) -> None:
    page = httpx.get(certificates.ready["control"], trust_env=False).text
    assert page.startswith(f"certificates: {about('certificates')}")
    assert "psql postgresql://hub_reader:hub-reader@" in page
    assert str(certificates.ready["citizens"]) in page
