"""Enums of the schema. Each member is written `NAME = described("what it means")`."""

from enum import Enum

from strawberry import enum_value
from strawberry.types.enum import EnumValueDefinition


class DescribedEnum(Enum):
    """An enum of described members. The value of a member is its name."""

    def __init__(self, definition: EnumValueDefinition) -> None:
        definition.value = self.name


def described(description: str) -> EnumValueDefinition:
    """Return the definition of a member with this description in the schema."""
    return enum_value(None, description=description)
