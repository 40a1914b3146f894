"""What a manifest says of a SOAP department and of each call to it."""

from typing import Any, Literal

from pydantic import Field

from adapters.mapping.rules import StrictModel


class SoapSettings(StrictModel):
    """The connector of a SOAP department.

    Attributes:
        wsdl: name of the WSDL file beside the manifest; the hub never fetches one while it runs.
        endpoint: where to send requests; the WSDL's own address is not used.
        auth_faults: texts whose presence in a Fault means that the hub's credentials are wrong.
    """

    kind: Literal["soap"]
    wsdl: str
    endpoint: str = Field(pattern=r"^https?://")
    auth_faults: list[str] = []


class SoapCall(StrictModel):
    """One call.

    Attributes:
        operation: name of the WSDL's operation.
        arguments: its arguments by element name; placeholders.
    """

    operation: str
    arguments: dict[str, Any] = {}
