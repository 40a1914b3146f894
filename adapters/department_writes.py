"""The writes of one department: fills the call, sends it once, and reads what the reply means."""

import datetime as dt
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.connectors.connector import Connector
from adapters.connectors.filters import NoCodeError
from adapters.connectors.templates import REQUEST_VALUES, request_values
from adapters.connectors.write_replies import WriteMeaning, WritePlan, WriteResponse
from adapters.contract import (
    CallContext,
    Capability,
    DepartmentError,
    DepartmentFaultError,
    DepartmentRefusedError,
    LookUpReply,
    MalformedReplyError,
    Rows,
)
from adapters.write_filling import WriteFilling
from adapters.writes import Misfit, WriteCapability, WriteReply, WriteRequest
from schema.application import Application
from schema.grievance import Grievance
from schema.needed_fields import ALL_FIELDS
from schema.service import ServiceRequestType

FINDERS = {
    WriteCapability.SUBMIT_APPLICATION: Capability.FIND_SUBMISSION,
    WriteCapability.SUBMIT_GRIEVANCE: Capability.FIND_GRIEVANCE,
}
"""The look-up with which the department finds what a write has made."""


@dataclass(frozen=True, slots=True)
class CompiledWrite:
    """A write ready to send.

    Attributes:
        plan: its call, and how the reply is read.
        call: the call as plain values, with its placeholders.
        documents: the fields of a document.
        is_repeatable: whether the department ignores a second copy.
    """

    plan: WritePlan[Any]
    call: Any
    documents: Mapping[str, Any]
    is_repeatable: bool = False


LookUpOne = Callable[[Capability, Sequence[str], CallContext], Awaitable[LookUpReply]]


@dataclass(frozen=True, slots=True)
class DepartmentWrites:
    """The writes of one department.

    Attributes:
        department: identifier, for errors.
        compiled: the writes by capability.
        filling: fills their calls.
        request_types: when the department assigns numbers, by the hub's code of the service.
    """

    department: str
    compiled: Mapping[WriteCapability, CompiledWrite]
    filling: WriteFilling
    request_types: Mapping[str, ServiceRequestType] = field(default_factory=dict)

    def misfits(
        self,
        service_code: str,
        values: Mapping[str, object],
        facts: Mapping[str, object],
        capability: WriteCapability,
    ) -> Sequence[Misfit]:
        """Return the values that the department does not take as they are."""
        write = self.compiled.get(capability)
        return self.filling.misfits(
            service_code, values, facts, None if write is None else write.call
        )

    async def send(
        self,
        capability: WriteCapability,
        request: WriteRequest,
        context: CallContext,
        connector: Connector,
        find: LookUpOne | None,
    ) -> WriteReply:
        """Send a write once, and return what the department answered.

        Args:
            connector: sends it.
            find: looks up what the department has made of a receipt number; None if the department
                cannot be asked.

        Raises:
            DepartmentError: the department did not confirm the write.
        """
        write = self.compiled[capability]
        started = time.perf_counter()
        bindings = await self._bindings(write, request, context)
        try:
            response = await connector.write(capability.value, bindings, context)
        except NoCodeError as error:
            raise self.filling.refused(error) from None
        reference, is_there = await self._outcome(capability, request, context, response, find)
        token = _number(write, "token", response)
        return WriteReply(
            reference=reference,
            token=token,
            is_final=self._is_final(capability, request, reference, token),
            already_there=is_there,
            latency_ms=round((time.perf_counter() - started) * 1000),
            replied_at=dt.datetime.now(dt.UTC),
        )

    async def check(
        self,
        capability: WriteCapability,
        request: WriteRequest,
        context: CallContext,
        connector: Connector,
    ) -> None:
        """Prepare a write without sending it.

        Raises:
            DepartmentRefusedError: it does not fit the department's description.
        """
        bindings = await self._bindings(self.compiled[capability], request, context)
        connector.check_write(capability.value, bindings, context)

    async def _bindings(
        self, write: CompiledWrite, request: WriteRequest, context: CallContext
    ) -> dict[str, object]:
        placeholders = write.plan.placeholders
        bindings = await self.filling.bindings(request, placeholders, write.documents)
        of_attempt = REQUEST_VALUES & placeholders
        timezone = self.filling.timezone
        return bindings | request_values(of_attempt, timezone, self.department, context)

    async def _outcome(
        self,
        capability: WriteCapability,
        request: WriteRequest,
        context: CallContext,
        response: WriteResponse,
        find: LookUpOne | None,
    ) -> tuple[str | None, bool]:
        """Return the department's number, and whether it had received the write before.

        Raises:
            DepartmentError: the reply does not confirm the write.
        """
        write = self.compiled[capability]
        meaning = write.plan.reply.meaning_of(response)
        if meaning is None and response.failure is not None:
            raise response.failure
        if meaning in (WriteMeaning.REFUSED, WriteMeaning.NOT_DONE, WriteMeaning.UNCLEAR):
            raise self._failed(meaning, response)
        reference = _number(write, "reference", response)
        receipt = _number(write, "receipt", response)
        is_ours = receipt is None or receipt == request.receipt
        if meaning is WriteMeaning.ALREADY_THERE:
            is_known = receipt is not None or write.is_repeatable
            if not is_known and find is not None:
                reference = await self._found(capability, request, context, reference, find)
            elif not is_ours or not is_known:
                raise self._of_others()
        elif not is_ours:
            raise self._unclear("its reply belongs to another submission")
        if reference is None and self._needs_reference(capability, request):
            raise self._unclear("its reply has no number")
        return reference, meaning is WriteMeaning.ALREADY_THERE

    async def _found(
        self,
        capability: WriteCapability,
        request: WriteRequest,
        context: CallContext,
        reference: str | None,
        find: LookUpOne,
    ) -> str | None:
        """Return the number of what the department has made of the receipt number.

        A department that says "already exists" may mean another application of the citizen.
        """
        whole = replace(context, needed=ALL_FIELDS)
        try:
            reply = await find(FINDERS[capability], [request.receipt], whole)
        except DepartmentError:
            raise self._unclear("it has the submission or another one") from None
        found = reply.results[request.receipt]
        if not isinstance(found, Rows):
            raise self._unclear("it has the submission or another one")
        if not found.records:
            raise self._of_others()
        record = found.records[0]
        if isinstance(record, Application):
            return record.application_reference_number or reference
        return record.registration_number if isinstance(record, Grievance) else reference

    def _failed(self, meaning: WriteMeaning, response: WriteResponse) -> DepartmentError:
        fault = response.failure.fault if response.failure is not None else None
        if meaning is WriteMeaning.REFUSED:
            message = f"{self.department} did not accept the submission."
            return DepartmentRefusedError(self.department, message, fault=fault)
        if meaning is WriteMeaning.NOT_DONE:
            message = f"{self.department} could not store the submission."
            error = DepartmentFaultError(self.department, message, fault=fault)
            error.not_done = True
            return error
        message = f"{self.department} may have stored the submission, but reported an error."
        return DepartmentFaultError(self.department, message, fault=fault)

    def _of_others(self) -> DepartmentRefusedError:
        message = f"{self.department} has another submission of the citizen for this."
        return DepartmentRefusedError(self.department, message)

    def _unclear(self, reason: str) -> MalformedReplyError:
        message = f"{self.department} may have stored the submission: {reason}."
        return MalformedReplyError(self.department, message)

    def _needs_reference(self, capability: WriteCapability, request: WriteRequest) -> bool:
        if capability is not WriteCapability.SUBMIT_APPLICATION:
            return False
        realtime = ServiceRequestType.REALTIME
        return self.request_types.get(request.service_code, realtime) is realtime

    def _is_final(
        self,
        capability: WriteCapability,
        request: WriteRequest,
        reference: str | None,
        token: str | None,
    ) -> bool:
        """Return whether no number will come later."""
        if reference is not None:
            return True
        if capability is WriteCapability.SUBMIT_APPLICATION:
            request_type = self.request_types.get(request.service_code)
            return request_type is not ServiceRequestType.BATCH
        return token is None


def _number(write: CompiledWrite, name: str, response: WriteResponse) -> str | None:
    rule = getattr(write.plan.reply, name)
    return None if rule is None else rule.number_in(response)
