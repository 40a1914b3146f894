"""Calls a SOAP department: writes the request, opens the reply, checks and reads its content."""

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from lxml import etree

from adapters.connectors.connector import Bindings, CallPlan, Connector, RowsOfReply, walk
from adapters.connectors.http.authentication import open_requests
from adapters.connectors.http.errors import (
    department_error,
    fault_of,
    malformed,
    session_expired,
)
from adapters.connectors.http.login_keeper import Login, LoginKeeper
from adapters.connectors.http.logins import checked_token
from adapters.connectors.http.transport import HttpReply
from adapters.connectors.http.writes import decided, response_of
from adapters.connectors.setup import Setup
from adapters.connectors.soap.envelope import EnvelopeOpener, Opened
from adapters.connectors.soap.outcome import FaultRules, OutcomeRule, ReplyMeaning, status_of
from adapters.connectors.soap.results import ResultReader, Tree, UndescribedError
from adapters.connectors.soap.security import Security
from adapters.connectors.soap.settings import (
    SessionRule,
    SoapCall,
    SoapLoginRule,
    SoapSettings,
    SoapWrite,
)
from adapters.connectors.soap.writer import RequestWriter
from adapters.connectors.soap.wsdl import Operation, Wsdl
from adapters.connectors.soap.xroad import check_carried_back
from adapters.connectors.write_replies import WritePlan, WriteResponse
from adapters.contract import (
    CallContext,
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    MalformedReplyError,
)
from adapters.mapping.access import Shape
from adapters.mapping.values import as_list
from schema.provenance import SourceWarning

Content = tuple[Tree, list[SourceWarning]]
"""The content of a reply, and warnings about what was repaired to read it."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """A call, prepared: its operation, the reader of its replies, and paths to its rows."""

    call: SoapCall | SoapWrite
    operation: Operation
    reader: ResultReader
    outcome: OutcomeRule | None
    rows: str | None
    total: str | None


class SoapConnector(Connector):
    """The `soap` connector of one department.

    Raises:
        SetupError: the WSDL or a certificate can't be used.
    """

    def __init__(self, setup: Setup[SoapSettings, SoapCall]) -> None:
        settings = setup.settings
        self._department = setup.department
        self._settings = settings
        self._deadline = setup.deadline
        self._requests = open_requests(setup)
        self._wsdl = Wsdl(
            setup.folder, settings.wsdl, settings.service, settings.port, settings.version
        )
        self._plans = {
            name: self._plan(plan, ("capabilities", name, "call"), settings.outcome)
            for name, plan in setup.plans.items()
        }
        security = None
        if settings.security is not None:
            security = Security(settings.security, setup.folder)
        self._writer = RequestWriter(setup.department, settings, self._wsdl, security)
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
        # "No rows" is no success of a write.
        self._write_opener = replace(self._opener, rules=replace(self._opener.rules, empty=[]))
        self._writes = {name: self._write_plan(plan) for name, plan in setup.writes.items()}
        session = settings.session
        self._logins = self._login_keeper(session) if session is not None else None

    def _plan(
        self,
        plan: CallPlan[SoapCall],
        key_path: tuple[str, ...],
        outcome: OutcomeRule | None = None,
    ) -> _Plan:
        """Prepare a call. `outcome` is the connector's, for calls that have none of their own."""
        operation = self._wsdl.operation(plan.call.operation, (*key_path, "operation"))
        reader = ResultReader(plan.call, operation, self._wsdl)
        outcome = plan.call.outcome or outcome
        return _Plan(plan.call, operation, reader, outcome, plan.rows, plan.total)

    async def call(
        self, capability: str, bindings: Bindings, context: CallContext, shape: Shape | None
    ) -> RowsOfReply:
        plan = self._plans[capability]
        attempt = partial(self._rows, plan, bindings, context)
        if self._logins is None:
            return await attempt(None)
        return await self._logins.run(attempt, may_repeat=plan.call.repeatable)

    def _write_plan(self, plan: WritePlan[SoapWrite]) -> tuple[WritePlan[SoapWrite], _Plan]:
        key_path = ("writes", plan.capability, "call", "operation")
        operation = self._wsdl.operation(plan.call.operation, key_path)
        reader = ResultReader(plan.call, operation, self._wsdl)
        outcome = plan.call.outcome or self._settings.outcome
        outcome = outcome and outcome.model_copy(update={"empty": []})
        return plan, _Plan(plan.call, operation, reader, outcome, None, None)

    async def write(
        self, capability: str, bindings: Bindings, context: CallContext
    ) -> WriteResponse:
        attempt = partial(self._write_once, *self._writes[capability], bindings, context)
        return await (attempt(None) if self._logins is None else self._logins.run(attempt))

    def check_write(self, capability: str, bindings: Bindings, context: CallContext) -> None:
        _, plan = self._writes[capability]
        login = Login("token") if self._logins is not None else None
        self._writer.write(plan.call, plan.operation, bindings, context, login)

    async def _write_once(
        self,
        write: WritePlan[SoapWrite],
        plan: _Plan,
        bindings: Bindings,
        context: CallContext,
        login: Login | None,
    ) -> WriteResponse:
        request, xroad = self._writer.write(plan.call, plan.operation, bindings, context, login)
        return await self._requests.send(
            request, lambda reply: decided(write, self._write_response(plan, reply, xroad))
        )

    def _write_response(
        self, plan: _Plan, reply: HttpReply, xroad: list[etree._Element]
    ) -> WriteResponse:
        tree: Tree | None = None
        failure: DepartmentError | None = reply.page_error(self._department)
        if failure is None:
            try:
                opened = self._write_opener.open(reply)
                if opened is not None and xroad:
                    check_carried_back(self._department, xroad, opened.header)
                tree, _ = self._read(plan, opened) if opened is not None else ({}, [])
                self._check_status(plan, tree)
            except DepartmentError as error:
                failure = error
        fault = self._write_opener.fault_in(reply) if failure is not None and tree is None else None
        return response_of(reply, tree, failure, fault)

    async def _rows(
        self, plan: _Plan, bindings: Bindings, context: CallContext, login: Login | None
    ) -> RowsOfReply:
        _, content = await self._exchange(plan, bindings, context, login)
        if content is None:
            return RowsOfReply((), 0 if plan.total else None)
        tree, warnings = content
        try:
            total = walk(tree, plan.total) if plan.total else None
            rows = as_list(walk(tree, plan.rows))
            return RowsOfReply(rows, int(total) if total is not None else None, warnings=warnings)
        except (TypeError, ValueError):
            raise malformed(self._department, "its rows") from None

    async def _exchange(
        self, plan: _Plan, bindings: Bindings, context: CallContext, login: Login | None
    ) -> tuple[HttpReply, Content | None]:
        """Send one call; return the reply, and its content unless it means "no rows"."""
        request, xroad = self._writer.write(plan.call, plan.operation, bindings, context, login)

        def read(reply: HttpReply) -> tuple[HttpReply, Content | None]:
            if not request.repeatable and (page := reply.page_error(self._department)) is not None:
                raise page
            opened = self._opener.open(reply)
            if xroad and opened is not None:
                check_carried_back(self._department, xroad, opened.header)
            return reply, self._content(plan, opened)

        return await self._requests.send(request, read)

    def _content(self, plan: _Plan, opened: Opened | None) -> Content | None:
        """Return the content and its warnings; None if the reply means "no rows".

        Raises:
            DepartmentError: the reply reports a failure, or does not fit the WSDL.
        """
        if opened is None:
            return None
        tree, warnings = self._read(plan, opened)
        return (tree, warnings) if self._check_status(plan, tree) else None

    def _read(self, plan: _Plan, opened: Opened) -> Content:
        try:
            return plan.reader.read(opened)
        except UndescribedError as error:
            raise MalformedReplyError(
                self._department,
                f"{self._department} sent XML that does not fit its WSDL: {error}.",
            ) from None
        except (TypeError, ValueError):
            raise malformed(self._department, "the code of its outcome") from None

    def _check_status(self, plan: _Plan, tree: Tree) -> bool:
        """Return whether the reply has rows; raise the error if it reports a failure."""
        try:
            status = status_of(tree, plan.outcome) if plan.outcome is not None else None
        except (TypeError, ValueError):
            raise malformed(self._department, "the code of its outcome") from None
        if status is None or status.meaning is ReplyMeaning.ROWS:
            return True
        if status.meaning is ReplyMeaning.NO_ROWS:
            return False
        fault = fault_of(status.code, status.message)
        text = " ".join(each for each in (status.code, status.message) if each).lower()
        session = self._settings.session
        if session is not None and any(each.lower() in text for each in session.expired):
            raise session_expired(self._department, fault)
        is_auth = status.meaning is ReplyMeaning.AUTH_FAILED
        kind = DepartmentAuthError if is_auth else DepartmentFaultError
        raise department_error(kind, self._department, fault)

    def _login_keeper(self, rule: SessionRule) -> LoginKeeper:
        login_plan = self._login_plan(rule.login, "login")
        logoff_plan = self._login_plan(rule.logoff, "logoff") if rule.logoff is not None else None

        async def log_in() -> Login:
            reply, content = await self._exchange(login_plan, {}, self._own_context(), None)
            cookies = reply.cookies()
            return Login(
                self._token_in({} if content is None else content[0], rule),
                {name: cookies[name] for name in rule.cookies if name in cookies},
            )

        async def log_off(login: Login) -> None:
            assert logoff_plan is not None
            await self._exchange(logoff_plan, {"token": login.token}, self._own_context(), login)

        return LoginKeeper(
            self._department,
            log_in,
            log_off=log_off if logoff_plan is not None else None,
            within=self._deadline,
            idle=rule.idle,
            hold=rule.hold,
        )

    def _own_context(self) -> CallContext:
        """Return the context of a login, which belongs to no operation of a client."""
        return CallContext("session", asyncio.get_running_loop().time() + self._deadline)

    def _login_plan(self, rule: SoapLoginRule, name: str) -> _Plan:
        call = SoapCall(operation=rule.operation, arguments=rule.arguments, outcome=rule.outcome)
        return self._plan(CallPlan(name, call, None, None), ("connector", "session", name))

    def _token_in(self, tree: Tree, rule: SessionRule) -> str | None:
        if rule.token is None:
            return None
        try:
            token: Any = walk(tree, rule.token)
        except TypeError:
            token = None
        if not isinstance(token, str) or not token.strip():
            raise DepartmentAuthError(
                self._department,
                f"The reply of {self._department} to the hub's login has no token.",
            )
        return checked_token(self._department, token) if rule.http_header else token.strip()

    async def close(self) -> None:
        if self._logins is not None:
            await self._logins.close()
        await self._requests.close()
