"""Calls a SOAP department."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import zeep
from lxml import etree
from zeep.exceptions import Error as ZeepError
from zeep.helpers import serialize_object
from zeep.transports import Transport

from adapters.connectors.setup import Setup, SetupError
from adapters.connectors.soap.envelope import open_envelope
from adapters.connectors.soap.reader import NotCoveredError, Read, compile_element
from adapters.connectors.soap.settings import SoapCall, SoapSettings
from adapters.connectors.templates import MISSING, fill
from adapters.connectors.wire import RowsOfReply, walk
from adapters.contract import CallContext, DepartmentRefusedError, MalformedReplyError
from adapters.mapping.access import Shape
from adapters.mapping.rules import did_you_mean
from adapters.mapping.values import as_list


class ImportFromNetworkError(Exception):
    """A WSDL imports something that is not beside it; the message says what."""


class _LocalFilesOnly(Transport):
    """Refuses whatever a WSDL wants to import from the network."""

    def _load_remote_data(self, url: str) -> bytes:
        raise ImportFromNetworkError(f"it imports {url}; save that file and import it by name")


class SoapConnector:
    """The `soap` connector of one department; raises `SetupError`."""

    def __init__(self, setup: Setup[SoapSettings, SoapCall]) -> None:
        settings = setup.settings
        self._department = setup.department
        self._settings = settings
        self._plans = setup.plans
        self._line = setup.http_line()
        self._client = _read_wsdl(setup.folder, settings.wsdl)
        self._service = self._client.service
        operations = self._service._binding._operations
        for name, plan in setup.plans.items():
            if plan.call.operation not in operations:
                raise SetupError(
                    ("capabilities", name, "call", "operation"),
                    f"{settings.wsdl} has no operation {plan.call.operation!r}",
                    did_you_mean(plan.call.operation, operations),
                )
        self._readers = _compile_readers(
            operations[plan.call.operation].output.body for plan in setup.plans.values()
        )
        self._actions = {
            name: operations[plan.call.operation].soapaction or ""
            for name, plan in setup.plans.items()
        }

    async def call(
        self,
        capability: str,
        bindings: Mapping[str, object],
        context: CallContext,
        shape: Shape | None,
    ) -> RowsOfReply:
        plan = self._plans[capability]
        reply = await self._line.send(
            "POST",
            self._settings.endpoint,
            headers={
                "Content-Type": "text/xml; charset=utf-8",
                "SOAPAction": f'"{self._actions[capability]}"',
                "X-Correlation-Id": context.correlation_id,
            },
            content=self._request(plan.call, bindings),
        )
        content = open_envelope(self._department, reply, self._settings.auth_faults)
        tree = self._read(content)
        try:
            total = walk(tree, plan.total) if plan.total else None
            return RowsOfReply(
                as_list(walk(tree, plan.rows)), int(total) if total is not None else None
            )
        except (TypeError, ValueError):
            raise MalformedReplyError(
                self._department,
                f"{self._department} sent XML of another form: its rows can't be found.",
            ) from None

    def _request(self, call: SoapCall, bindings: Mapping[str, object]) -> bytes:
        arguments = fill(call.arguments, bindings)
        try:
            envelope = self._client.create_message(
                self._service, call.operation, **({} if arguments is MISSING else arguments)
            )
        except (ZeepError, TypeError, ValueError) as error:
            raise DepartmentRefusedError(
                self._department,
                f"The manifest's arguments of {call.operation} do not fit the WSDL: "
                f"{type(error).__name__}.",
            ) from None
        return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")

    def _read(self, content: etree._Element) -> dict[str, Any]:
        reader = self._readers.get(str(content.tag))
        try:
            if reader is not None:
                return reader(content) or {}
        except NotCoveredError:
            # This one reply has something special: zeep reads it.
            pass
        except (ValueError, TypeError, ArithmeticError):
            raise self._undescribed() from None
        return self.read_with_zeep(content)

    def read_with_zeep(self, content: etree._Element) -> dict[str, Any]:
        """What compiled readers do not cover, slowly."""
        types = self._client.wsdl.types
        try:
            element = types.get_element(content.tag)
            return serialize_object(element.parse(content, types), dict) or {}
        except (ZeepError, ValueError, TypeError, LookupError, ArithmeticError):
            raise self._undescribed() from None

    def _undescribed(self) -> MalformedReplyError:
        return MalformedReplyError(
            self._department, f"{self._department} sent XML that its WSDL does not describe."
        )

    async def close(self) -> None:
        await self._line.close()


def _compile_readers(elements: Iterable[Any]) -> dict[str, Read]:
    """Readers by the tag of the reply's element; without those that zeep has to read."""
    readers: dict[str, Read] = {}
    for element in elements:
        with suppress(NotCoveredError):
            readers[element.qname.text] = compile_element(element)
    return readers


def _read_wsdl(folder: Path, name: str) -> zeep.Client:
    path = folder / name
    place = ("connector", "wsdl")
    if not path.is_file():
        message = f"there is no file {name} beside the manifest"
        raise SetupError(place, message, "save the department's WSDL there")
    try:
        return zeep.Client(str(path), transport=_LocalFilesOnly())
    except (
        ImportFromNetworkError,
        ZeepError,
        etree.XMLSyntaxError,
        ValueError,
        LookupError,
    ) as error:
        raise SetupError(place, f"{name} can't be read: {error}", "correct it") from None
