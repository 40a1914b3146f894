"""SOAP sessions: opened once, shared, renewed, rejected, closed."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.contract import (
    Capability,
    DepartmentAuthError,
    Rows,
)
from adapters.manifest import find_departments, load_departments
from adapters.manifest.problems import ManifestError
from tests.connectors.soap_department import (
    BY_CITIZEN,
    ReceivedRequest,
    Reply,
    SoapServer,
    applications,
    department,
    envelope,
)
from tests.connectors.soap_wsdls import LOGIN, WRAPPED, document_wsdl
from tests.support.calls import call_context
from tests.support.processes import Mock

FIND = 'operation: Find\narguments: {Owner: "{keys}"}'
WSDL = document_wsdl(WRAPPED + LOGIN, operations=("Find", "Login", "Logoff"), header="Ticket")
SESSION = """auth_faults: [Wrong password]
session:
  login:
    operation: Login
    arguments: {{User: hub, Password: "${{env:FOREST_PASSWORD}}"}}
  token: Session
  expired: [Session Expired]
  {further}"""
ROW = "<Row><Number>N1</Number><Owner>{owner}</Owner><Status>01</Status></Row>"


def fault(message: str) -> Reply:
    inner = (
        f"<s:Fault><faultcode>s:Server</faultcode><faultstring>{message}</faultstring></s:Fault>"
    )
    return Reply(envelope(inner))


class Department:
    """A department with one session at a time; the newest login counts."""

    def __init__(self) -> None:
        self.logins = 0
        self.finds = 0
        self.logoffs: list[str] = []
        self.refuses = False
        self.expires_always = False
        self.login_came = threading.Event()
        self.barrier: threading.Event | None = None

    def answer(self, request: ReceivedRequest) -> Reply:
        operation = request.payload.tag.rpartition("}")[2]
        if operation == "Login":
            return self._login(request)
        if operation == "Logoff":
            self.logoffs.append(request.payload.findtext("{urn:forest}Session") or "")
            return Reply(envelope('<LogoffResponse xmlns="urn:forest"/>'))
        self.finds += 1
        token = self.token_in(request)
        if self.expires_always or token != f"T{self.logins}":
            return fault("Session Expired. Please Login Again")
        owners = [each.text or "" for each in request.payload.iterfind("{urn:forest}Owner")]
        found = "".join(ROW.format(owner=owner) for owner in owners)
        return Reply(envelope(f'<FindResponse xmlns="urn:forest">{found}</FindResponse>'))

    def token_in(self, request: ReceivedRequest) -> str | None:
        header = request.envelope.find("{*}Header")
        return (
            request.payload.findtext("{urn:forest}Session")
            or (header.findtext("{urn:forest}Ticket") if header is not None else None)
            or request.headers.get("X-Ticket")
            or (request.headers.get("Cookie") or "").removeprefix("ASP.NET_SessionId=")
        )

    def _login(self, request: ReceivedRequest) -> Reply:
        self.logins += 1
        self.login_came.set()
        if self.barrier is not None:
            self.barrier.wait(5)
        if self.refuses or request.payload.findtext("{urn:forest}Password") != "p{x}&":
            return fault("Wrong password")
        token = f"T{self.logins}"
        body = f'<LoginResponse xmlns="urn:forest"><Session>{token}</Session></LoginResponse>'
        cookie = {"Set-Cookie": f"ASP.NET_SessionId={token}; path=/; HttpOnly"}
        return Reply(envelope(body), headers=cookie)


@pytest.fixture
def server(server: SoapServer, monkeypatch: pytest.MonkeyPatch) -> SoapServer:
    # A password that looks like a placeholder is sent unchanged.
    monkeypatch.setenv("FOREST_PASSWORD", "p{x}&")
    return server


@pytest.fixture
def forest(server: SoapServer) -> Department:
    forest = Department()
    server.answer = forest.answer
    return forest


def adapter_of(
    folder: Path, server: SoapServer, further: str = "argument: Session", call: str = FIND
) -> ManifestAdapter:
    connector = SESSION.format(further=further)
    return department(
        folder, server.url, WSDL, call=call, rows="Row", connector=connector, at_once=1000
    )


TARGETS = {
    "argument": "argument: Session",
    "header": "header: ticket",
    "another header": "header: '{urn:forest}Ticket'",
    "http_header": "http_header: X-Ticket",
    "cookie": "cookies: [ASP.NET_SessionId]",
}


@pytest.mark.parametrize("target", TARGETS)
async def test_the_token_is_sent_where_the_manifest_says(
    target: str, server: SoapServer, forest: Department, tmp_path: Path
) -> None:
    adapter = adapter_of(tmp_path, server, TARGETS[target])
    assert len(await applications(adapter)) == 1
    assert len(await applications(adapter)) == 1
    await adapter.close()
    assert (forest.logins, forest.finds) == (1, 2)


async def test_many_calls_at_once_log_in_once(
    server: SoapServer, forest: Department, tmp_path: Path
) -> None:
    adapter = adapter_of(tmp_path, server)
    await asyncio.gather(*(applications(adapter, f"A{n}") for n in range(8)))
    assert (forest.logins, forest.finds) == (1, 8)
    # Another client logs in: all calls are rejected, and one login follows.
    forest.logins += 1
    await asyncio.gather(*(applications(adapter, f"A{n}") for n in range(8)))
    await adapter.close()
    assert forest.logins == 3
    assert forest.finds <= 8 + 16


async def test_a_session_that_never_lasts_is_an_auth_error(
    server: SoapServer, forest: Department, tmp_path: Path
) -> None:
    adapter = adapter_of(tmp_path, server)
    forest.expires_always = True
    with pytest.raises(DepartmentAuthError):
        await applications(adapter)
    await adapter.close()
    assert (forest.logins, forest.finds) == (2, 2)


async def test_an_operation_that_changes_data_is_not_sent_again(
    server: SoapServer, forest: Department, tmp_path: Path
) -> None:
    adapter = adapter_of(tmp_path, server, call=f"{FIND}\nrepeatable: false")
    await applications(adapter)
    forest.logins += 1
    with pytest.raises(DepartmentAuthError):
        await applications(adapter)
    assert forest.finds == 2
    # The session is renewed for the next call.
    assert len(await applications(adapter)) == 1
    await adapter.close()


async def test_a_rejected_login_is_not_repeated_by_waiting_calls(
    server: SoapServer, forest: Department, tmp_path: Path
) -> None:
    adapter = adapter_of(tmp_path, server)
    forest.refuses = True
    outcomes = await asyncio.gather(
        *(applications(adapter, f"A{n}") for n in range(8)), return_exceptions=True
    )
    assert all(isinstance(each, DepartmentAuthError) for each in outcomes)
    with pytest.raises(DepartmentAuthError) as caught:
        await applications(adapter)
    await adapter.close()
    assert forest.logins == 1
    assert forest.finds == 0
    assert caught.value.fault is not None
    assert caught.value.fault.string == "Wrong password"
    assert "p{x}&" not in str(caught.value)


async def test_a_cancelled_call_does_not_cancel_the_login(
    server: SoapServer, forest: Department, tmp_path: Path
) -> None:
    adapter = adapter_of(tmp_path, server)
    forest.barrier = threading.Event()
    impatient = asyncio.create_task(applications(adapter))
    patient = asyncio.create_task(applications(adapter, "A2"))
    await asyncio.to_thread(forest.login_came.wait, 5)
    impatient.cancel()
    forest.barrier.set()
    assert len(await patient) == 1
    await adapter.close()
    assert forest.logins == 1


async def test_the_hub_logs_off_when_it_stops(
    server: SoapServer, forest: Department, tmp_path: Path
) -> None:
    further = "argument: Session\n  logoff: {operation: Logoff, arguments: {Session: '{token}'}}"
    adapter = adapter_of(tmp_path, server, further)
    await applications(adapter)
    await adapter.close()
    assert forest.logoffs == ["T1"]


async def test_a_login_reply_without_a_token(server: SoapServer, tmp_path: Path) -> None:
    body = envelope('<LoginResponse xmlns="urn:forest"><Said>Hello</Said></LoginResponse>')
    server.answer = lambda _: Reply(body)
    adapter = adapter_of(tmp_path, server)
    with pytest.raises(DepartmentAuthError, match="has no token"):
        await applications(adapter)
    await adapter.close()


@pytest.mark.parametrize(
    ("session", "message"),
    [
        ("{login: {operation: Login}}", "what the login returns"),
        ("{login: {operation: Login}, token: x}", "where the token is sent"),
        ("{login: {operation: Login}, cookies: [x], argument: y}", "in the login's reply"),
        ("{login: {operation: Logon}, token: x, argument: y}", "did you mean 'Login'"),
        (
            "{login: {operation: Login, arguments: {Password: secret}}, token: x, argument: y}",
            "a credential is written in the file",
        ),
    ],
)
def test_inconsistent_session_settings_are_refused(
    session: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ManifestError, match=message):
        department(
            tmp_path,
            "http://203.0.113.1",
            WSDL,
            call=FIND,
            rows="Row",
            connector=f"session: {session}",
        )


@pytest.fixture(scope="module")
def power() -> Iterator[Mock]:
    mock = Mock("power")
    yield mock
    mock.stop()


@pytest.fixture
async def power_adapter(
    power: Mock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[ManifestAdapter]:
    monkeypatch.setenv("HUB_POWER_URL", power.url)
    (manifest,) = load_departments(find_departments(None, ("power",)))
    adapter = build_adapter(manifest)
    power.clear_calls()
    yield adapter
    power.clear_faults()
    await adapter.close()


CONSUMER = "50600000421"


async def test_power_is_called_in_one_session(power: Mock, power_adapter: ManifestAdapter) -> None:
    for _ in range(3):
        reply = await power_adapter.look_up(BY_CITIZEN, [CONSUMER], call_context())
        rows = reply.results[CONSUMER]
        assert isinstance(rows, Rows)
        assert len(rows.records) == 1
    assert power.calls() == {"doLogin": 1, "getApplications": 3}


async def test_power_ends_an_idle_session(power: Mock, power_adapter: ManifestAdapter) -> None:
    await power_adapter.look_up(BY_CITIZEN, [CONSUMER], call_context())
    power.set_faults(session_idle=1e-9)
    with pytest.raises(DepartmentAuthError):
        # So short that the new session has expired too.
        await power_adapter.look_up(BY_CITIZEN, [CONSUMER], call_context())
    power.clear_faults()
    reply = await power_adapter.look_up(BY_CITIZEN, [CONSUMER], call_context())
    assert isinstance(reply.results[CONSUMER], Rows)


async def test_two_hubs_end_each_others_sessions(
    power: Mock, power_adapter: ManifestAdapter
) -> None:
    (manifest,) = load_departments(find_departments(None, ("power",)))
    other = build_adapter(manifest)
    for adapter in (power_adapter, other, power_adapter):
        reply = await adapter.look_up(
            Capability.APPLICATIONS_BY_CITIZEN, [CONSUMER], call_context()
        )
        assert isinstance(reply.results[CONSUMER], Rows)
    await other.close()
    assert power.calls()["doLogin"] == 3
