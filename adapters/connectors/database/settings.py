"""What a manifest says of a department's database and of each statement."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from adapters.mapping.rules import StrictModel


def _for_every_dialect(value: object) -> object:
    return {"any": value} if isinstance(value, str) else value


class DatabaseSettings(StrictModel):
    """The connector of a department that is read from its database.

    Attributes:
        url: `postgresql://user:password@host:port/name` or `sqlite:///file`.
    """

    kind: Literal["database"]
    url: str = Field(pattern=r"^(postgresql|sqlite)(\+\w+)?://")


class DatabaseCall(StrictModel):
    """One statement.

    Attributes:
        sql: the statement, or one per dialect; values only as `:name`, never written into it.
            In PostgreSQL a list is bound as an array (`= ANY(:keys)`), elsewhere as `IN :keys`.
    """

    sql: Annotated[
        dict[Literal["any", "postgresql", "sqlite"], str], BeforeValidator(_for_every_dialect)
    ]
