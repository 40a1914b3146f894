"""What a manifest says of a department's database and of each statement."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from adapters.mapping.rules import StrictModel

DialectName = Literal["any", "postgresql", "sqlite", "mysql", "oracle", "mssql"]


def _for_every_dialect(value: object) -> object:
    return {"any": value} if isinstance(value, str) else value


class DatabaseSettings(StrictModel):
    """The connector of a department that is read from its database.

    Attributes:
        url: `postgresql://user:password@host:port/name`, `mariadb://…`, `mysql://…`,
            `oracle://…`, `mssql://…` or `sqlite:///file`.
    """

    kind: Literal["database"]
    url: str = Field(pattern=r"^(postgresql|sqlite|mysql|mariadb|oracle|mssql)(\+\w+)?://")


class DatabaseCall(StrictModel):
    """One statement, or one stored procedure that gives rows.

    Attributes:
        sql: the statement, or one per dialect; values only as `:name`, never written into it.
            In PostgreSQL a list is bound as an array (`= ANY(:keys)`), elsewhere as `IN :keys`.
        procedure: name of a stored procedure, instead of `sql`.
        arguments: names that are bound to its arguments, in order; a list as one text, joined by
            commas.
        pad: keys are padded with blanks to so many characters, where the column is `CHAR(n)` and
            the database compares the blanks.
        keyset: columns that order the rows and tell them apart: a long result is read page by
            page, each after the last row of the one before. The statement then has no `ORDER BY`
            and no `LIMIT` of its own.
        page: rows of a page.
        watermark: for changes, the column that says when a row was changed, in local time: rows
            of `since` and later are asked for, paged by it and by `keyset`.
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
            raise ValueError("say what is run: either `sql` or `procedure`")
        if self.arguments and self.procedure is None:
            raise ValueError("`arguments` are those of a `procedure`")
        if (self.keyset or self.watermark) and self.procedure is not None:
            raise ValueError("a procedure can't be paged; leave `keyset` and `watermark` out")
        return self
