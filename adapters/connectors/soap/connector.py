"""Calls a SOAP department."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any

from adapters.connectors.connector import Connector, RowsOfReply, walk
from adapters.connectors.http.authentication import open_transport
from adapters.connectors.http.errors import fault_of
from adapters.connectors.http.transport import HttpReply
from adapters.connectors.setup import Setup
from adapters.connectors.soap.envelope import EnvelopeOpener, Opened
from adapters.connectors.soap.faults import FaultRules
from adapters.connectors.soap.outcome import Outcome, OutcomeRule, judge
from adapters.connectors.soap.results import ResultReader, Tree, UndescribedError
from adapters.connectors.soap.security import Security
from adapters.connectors.soap.session import Session, SessionExpiredError, SessionKeeper
from adapters.connectors.soap.settings import LoginRule, SessionRule, SoapCall, SoapSettings
from adapters.connectors.soap.writer import RequestWriter
from adapters.connectors.soap.wsdl import Operation, Wsdl
from adapters.connectors.soap.xroad import check_carried_back
from adapters.contract import (
    CallContext,
    DepartmentAuthError,
    DepartmentFaultError,
    DepartmentTimeoutError,
    MalformedReplyError,
)
from adapters.mapping.access import Shape
from adapters.mapping.values import as_list
from schema.provenance import SourceWarning


@dataclass(frozen=True, slots=True)
class _Plan:
    """A call with its operation, how its reply is read and judged, and where rows are in it."""

    call: SoapCall
    operation: Operation
    reader: ResultReader
    outcome: OutcomeRule | None
    rows: str | None = None
    total: str | None = None


class SoapConnector(Connector):
    """The `soap` connector of one department; raises `SetupError`."""

    def __init__(self, setup: Setup[SoapSettings, SoapCall]) -> None:
        settings = setup.settings
        self._department = setup.department
        self._settings = settings
        self._deadline = setup.deadline
        self._transport = open_transport(setup, settings)
        self._wsdl = Wsdl(
            setup.folder, settings.wsdl, settings.service, settings.port, settings.version
        )
        self._plans = {
            name: self._plan(
                plan.call,
                ("capabilities", name, "call", "operation"),
                plan.call.outcome or settings.outcome,
                plan.rows,
                plan.total,
            )
            for name, plan in setup.plans.items()
        }
        security = settings.security
        self._writer = RequestWriter(
            setup.department,
            settings,
            self._wsdl,
            Security(security, setup.folder) if security is not None else None,
        )
        self._opener = EnvelopeOpener(
            setup.department,
            FaultRules(
                auth=settings.auth_faults,
                expired=settings.session.expired if settings.session is not None else [],
                empty=settings.empty_faults,
                through_xroad=settings.xroad is not None,
            ),
            settings.empty_statuses,
            setup.reply_bytes,
        )
        self._sessions = (
            self._session_keeper(settings.session) if settings.session is not None else None
        )

    def _plan(
        self,
        call: SoapCall,
        place: tuple[str, ...],
        outcome: OutcomeRule | None,
        rows: str | None = None,
        total: str | None = None,
    ) -> _Plan:
        operation = self._wsdl.operation(call.operation, place)
        reader = ResultReader(call, operation, self._wsdl)
        return _Plan(call, operation, reader, outcome, rows, total)

    async def call(
        self,
        capability: str,
        bindings: Mapping[str, object],
        context: CallContext,
        shape: Shape | None,
    ) -> RowsOfReply:
        plan = self._plans[capability]
        if self._sessions is None:
            return await self._rows(plan, bindings, context, None)
        session = await self._sessions.current()
        try:
            return await self._rows(plan, bindings, context, session)
        except SessionExpiredError:
            instead = await self._sessions.instead_of(session)
            if not plan.call.repeatable:
                raise
        return await self._rows(plan, bindings, context, instead)

    async def _rows(
        self,
        plan: _Plan,
        bindings: Mapping[str, object],
        context: CallContext,
        session: Session | None,
    ) -> RowsOfReply:
        _, opened = await self._exchange(plan, bindings, context, session)
        read = self._tree(plan, opened)
        if read is None:
            return RowsOfReply((), 0 if plan.total else None)
        tree, warnings = read
        try:
            total = walk(tree, plan.total) if plan.total else None
            rows = as_list(walk(tree, plan.rows))
            if None in rows:
                rows = [row for row in rows if row is not None]
            return RowsOfReply(rows, int(total) if total is not None else None, warnings=warnings)
        except (TypeError, ValueError):
            raise MalformedReplyError(
                self._department,
                f"{self._department} sent XML of another form: its rows can't be found.",
            ) from None

    async def _exchange(
        self,
        plan: _Plan,
        bindings: Mapping[str, object],
        context: CallContext,
        session: Session | None,
    ) -> tuple[HttpReply, Opened | None]:
        """Sends one call; the reply, opened unless it means "no rows"."""
        request = self._writer.write(plan.call, plan.operation, bindings, context, session)
        reply = await self._transport.send(
            "POST", self._settings.endpoint, headers=request.headers, content=request.content
        )
        opened = self._opener.open(reply)
        if request.xroad and opened is not None:
            check_carried_back(self._department, request.xroad, opened.header)
        return reply, opened

    def _tree(self, plan: _Plan, opened: Opened | None) -> tuple[Tree, list[SourceWarning]] | None:
        """What the reply holds; None when it means "no rows"; raises what else it amounts to."""
        if opened is None:
            return None
        try:
            tree, warnings = plan.reader.read(opened)
            verdict = judge(tree, plan.outcome) if plan.outcome is not None else None
        except (UndescribedError, TypeError, ValueError, ArithmeticError):
            raise MalformedReplyError(
                self._department, f"{self._department} sent XML that its WSDL does not describe."
            ) from None
        if verdict is None or verdict.outcome is Outcome.ROWS:
            return tree, warnings
        if verdict.outcome is Outcome.NO_ROWS:
            return None
        fault = fault_of(verdict.code, verdict.message)
        said = " ".join(each for each in (verdict.code, verdict.message) if each)
        session = self._settings.session
        if session is not None and any(text.lower() in said.lower() for text in session.expired):
            raise SessionExpiredError(
                self._department, f"{self._department} ended the hub's session.", fault=fault
            )
        if verdict.outcome is Outcome.REFUSED:
            raise DepartmentAuthError(
                self._department, f"{self._department} refused the hub's credentials.", fault=fault
            )
        raise DepartmentFaultError(
            self._department, f"{self._department} reports a failure.", fault=fault
        )

    def _session_keeper(self, rule: SessionRule) -> SessionKeeper:
        login = self._login_plan(rule.login, "login")
        logoff = self._login_plan(rule.logoff, "logoff") if rule.logoff is not None else None

        async def log_in() -> Session:
            reply, opened = await self._alone(login, {}, None)
            read = self._tree(login, opened)
            tree = {} if read is None else read[0]
            return Session(self._token_in(tree, rule), _cookies_of(reply, rule.cookies))

        async def log_off(session: Session) -> None:
            assert logoff is not None
            await self._alone(logoff, {"token": session.token}, session)

        return SessionKeeper(
            log_in, log_off if logoff is not None else None, idle=rule.idle, hold=rule.hold
        )

    def _login_plan(self, rule: LoginRule, name: str) -> _Plan:
        place = ("connector", "session", name, "operation")
        call = SoapCall(operation=rule.operation, arguments=rule.arguments)
        return self._plan(call, place, rule.outcome)

    async def _alone(
        self, plan: _Plan, bindings: Mapping[str, object], session: Session | None
    ) -> tuple[HttpReply, Opened | None]:
        """A call that belongs to no question, with a deadline of its own."""
        context = CallContext("session", asyncio.get_running_loop().time() + self._deadline)
        try:
            async with asyncio.timeout(self._deadline):
                return await self._exchange(plan, bindings, context, session)
        except TimeoutError:
            raise DepartmentTimeoutError(
                self._department, f"{self._department} did not answer the hub's login in time."
            ) from None

    def _token_in(self, tree: Tree, rule: SessionRule) -> str | None:
        if rule.token is None:
            return None
        try:
            token: Any = walk(tree, rule.token)
        except TypeError:
            token = None
        if not isinstance(token, str) or not token.strip():
            raise DepartmentAuthError(
                self._department, f"{self._department} answered the hub's login without a token."
            )
        return token.strip()

    async def close(self) -> None:
        if self._sessions is not None:
            await self._sessions.close()
        await self._transport.close()


def _cookies_of(reply: HttpReply, names: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for header in reply.headers.getall("Set-Cookie", []):
        try:
            found |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        except CookieError:
            continue
    return {name: found[name] for name in names if name in found}
