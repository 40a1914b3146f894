"""The kinds of connectors: values of `connector.kind` in a manifest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.connectors.connector import Connector
from adapters.connectors.database import (
    DatabaseCall,
    DatabaseConnector,
    DatabaseSettings,
    DatabaseWrite,
)
from adapters.connectors.database.statements import names_bound_by
from adapters.connectors.files import FilesCall, FilesConnector, FilesSettings, FilesWrite
from adapters.connectors.graphql import (
    GraphqlCall,
    GraphqlConnector,
    GraphqlSettings,
    GraphqlWrite,
)
from adapters.connectors.graphql import placeholders_of as names_filled_in
from adapters.connectors.rest import RestCall, RestConnector, RestSettings, RestWrite
from adapters.connectors.setup import Setup
from adapters.connectors.soap import SoapCall, SoapConnector, SoapSettings, SoapWrite
from adapters.connectors.templates import placeholders_in
from adapters.mapping.rules import StrictModel

ConnectorSettings = RestSettings | SoapSettings | DatabaseSettings | FilesSettings | GraphqlSettings


@dataclass(frozen=True, slots=True)
class ConnectorKind:
    """One kind of connector.

    Attributes:
        call: model of a capability's `call`.
        set_up: creates the connector; raises `SetupError`.
        placeholders_of: returns the names of the placeholders in a call, or in that of a write.
        write: model of the `call` of a write; None if this kind makes no writes.
    """

    call: type[StrictModel]
    set_up: Callable[[Setup[Any, Any]], Connector]
    placeholders_of: Callable[[Any], set[str]] = lambda call: placeholders_in(call.model_dump())
    write: type[StrictModel] | None = None


KINDS: Mapping[type[StrictModel], ConnectorKind] = {
    RestSettings: ConnectorKind(RestCall, RestConnector, write=RestWrite),
    SoapSettings: ConnectorKind(SoapCall, SoapConnector, write=SoapWrite),
    DatabaseSettings: ConnectorKind(DatabaseCall, DatabaseConnector, names_bound_by, DatabaseWrite),
    FilesSettings: ConnectorKind(FilesCall, FilesConnector, write=FilesWrite),
    GraphqlSettings: ConnectorKind(GraphqlCall, GraphqlConnector, names_filled_in, GraphqlWrite),
}
"""Kinds by the model of the manifest's `connector`."""
