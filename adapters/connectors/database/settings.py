"""The settings of a database department and of its calls in a manifest."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from adapters.connectors.templates import MERGED
from adapters.mapping.rules import StrictModel

DialectName = Literal["any", "postgresql", "sqlite", "mysql", "oracle", "mssql"]


def _for_every_dialect(value: object) -> object:
    return {"any": value} if isinstance(value, str) else value


class DatabaseSettings(StrictModel):
    """The connector of a department with a database.

    Attributes:
        url: `postgresql://user:password@host:port/name`, `mariadb://…`, `mysql://…`,
            `oracle://…`, `mssql://…` or `sqlite:///file`.
    """

    kind: Literal["database"]
    url: str = Field(pattern=r"^(postgresql|sqlite|mysql|mariadb|oracle|mssql)(\+\w+)?://")


class DatabaseCall(StrictModel):
    """A statement, or a stored procedure that returns rows.

    Attributes:
        sql: the statement, or one per dialect; write values only as `:name`. Write a list as
            `= ANY(:keys)` in PostgreSQL and as `IN :keys` in other databases.
        procedure: name of a stored procedure, instead of `sql`.
        arguments: names bound to the arguments of the procedure, in order; a list is bound as one
            text, joined by commas.
        pad: pads keys with blanks to this length, for columns `CHAR(n)` in databases that compare
            the blanks.
        keyset: columns that order the rows uniquely; they may be NULL. A long result is read page
            by page; each page begins after the last row of the previous one. Leave out `ORDER BY`
            and `LIMIT`.
        page: rows per page.
        watermark: for changes, the column with the time of the last change, in local time or with
            a zone. The hub reads the rows of `since` and later, ordered by this column and by
            `keyset`. Rows in which it is NULL are not changes.
    """

    sql: Annotated[dict[DialectName, str], BeforeValidator(_for_every_dialect)] = {}
    procedure: str | None = Field(default=None, pattern=r"^\w+(\.\w+){0,2}$")
    arguments: list[Annotated[str, Field(pattern=r"^\w+$")]] = []
    pad: int | None = Field(default=None, gt=0, le=4000)
    keyset: list[Annotated[str, Field(pattern=r"^\w+$")]] = []
    page: int = Field(default=1000, gt=0, le=10_000)
    watermark: Annotated[str, Field(pattern=r"^\w+$")] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.sql) == (self.procedure is not None):
            raise ValueError("write either `sql` or `procedure`")
        if self.arguments and self.procedure is None:
            raise ValueError("remove `arguments`: only a `procedure` has them")
        if (self.keyset or self.watermark) and self.procedure is not None:
            raise ValueError("remove `keyset` and `watermark`: a procedure can't be paged")
        return self


class DatabaseWrite(StrictModel):
    """A write: one call of a stored procedure, or of a function that returns a row.

    Attributes:
        procedure: name of the procedure; in PostgreSQL and Oracle, of a function.
        arguments: names of its parameters, in order.
        values: values of the parameters, as templates; a parameter without a value is NULL.
        commits: `hub` if the hub commits the transaction, so that a lost connection before that has
            no effect; `procedure` if the procedure commits by itself.
    """

    procedure: str = Field(pattern=r"^\w+(\.\w+){0,2}$")
    arguments: list[Annotated[str, Field(pattern=r"^\w+$")]] = Field(min_length=1)
    values: dict[str, Any]
    commits: Literal["hub", "procedure"] = "hub"

    @model_validator(mode="after")
    def _values_of_parameters(self) -> Self:
        for name in self.values:
            if name not in self.arguments and name != MERGED:
                raise ValueError(f"add {name!r} to `arguments`: it is the value of no parameter")
        return self
