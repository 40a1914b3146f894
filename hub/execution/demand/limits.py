"""The limits of one operation, and the error for an operation that exceeds one."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from graphql import GraphQLError, Node

from hub.settings import Settings
from schema.codes import ErrorCode
from schema.errors import HubError


@dataclass(frozen=True, slots=True)
class Limits:
    """Maximum sizes of documents, variables and responses.

    Depth, fields, root fields, aliases and directives are counted after fragments are expanded.
    The setting of each limit is `HUB_MAX_` and its name in upper case.

    Attributes:
        document_bytes: size of a document in bytes.
        tokens: tokens in a document.
        operations: operations in a document.
        fragments: fragments in a document.
        depth: nested fields.
        fields: selected fields.
        root_fields: selected root fields.
        aliases: fields with an alias.
        directives: directives.
        variable_values: values in the variables, including the values in lists and objects.
        variable_depth: nested lists and objects in the variables.
        errors: errors in a response; further ones are only counted.
        cost: estimated cost of an operation.
    """

    document_bytes: int = 64 << 10
    tokens: int = 2_000
    operations: int = 20
    fragments: int = 50
    depth: int = 20
    fields: int = 1_000
    root_fields: int = 200
    aliases: int = 200
    directives: int = 100
    variable_values: int = 1_000
    variable_depth: int = 8
    errors: int = 100
    cost: int = 50_000

    @classmethod
    def configured(cls, settings: Settings) -> "Limits":
        """Return the limits in the hub's settings."""
        return cls(**{each.name: getattr(settings, f"max_{each.name}") for each in fields(cls)})

    def check(
        self, name: str, count: int, what: str, remedy: str, node: Node | None = None
    ) -> None:
        """Compare a count with the limit of this name.

        Args:
            what: what was counted, in words.
            remedy: how to get below the limit.
            node: part of the document that the error points to.

        Raises:
            GraphQLError: the count exceeds the limit.
        """
        maximum: int = getattr(self, name)
        if count > maximum:
            raise limit_error(name, count, maximum, what, remedy, node)

    def check_variables(self, variables: Mapping[str, Any]) -> None:
        """Check the number and the nesting of the values.

        Raises:
            GraphQLError: they exceed a limit.
        """
        if not variables:
            return
        remaining = self.variable_values
        level: list[Any] = list(variables.values())
        depth = 0
        while level:
            remaining -= len(level)
            if remaining < 0:
                count = self.variable_values - remaining
                raise limit_error(
                    "variable_values",
                    count,
                    self.variable_values,
                    "values in the variables, or more",
                    "Send several operations.",
                )
            nested = [each for each in level if each.__class__ is dict or each.__class__ is list]
            if not nested:
                return
            depth += 1
            self.check(
                "variable_depth",
                depth,
                "levels of lists and objects in the variables",
                "No argument needs that many.",
            )
            level = [
                value
                for each in nested
                for value in (each.values() if each.__class__ is dict else each)
            ]


def limit_error(
    name: str, count: int, maximum: int, what: str, remedy: str, node: Node | None = None
) -> GraphQLError:
    """Return the error for a count that exceeds the limit of this name."""
    number = f"{count:,}" if count < 10**15 else "far too many"
    message = f"{number} {what}; the limit is {maximum:,} (HUB_MAX_{name.upper()}). {remedy}"
    return GraphQLError(message, node, original_error=HubError(ErrorCode.LIMIT_EXCEEDED, message))
