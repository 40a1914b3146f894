"""The settings of a department with files and of its calls in a manifest."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from adapters.connectors.secrets import Secret
from adapters.mapping.date_formats import UnknownDateFormatError
from adapters.mapping.dates import FORMAT_REMEDY, compile_format
from adapters.mapping.rules import StrictModel
from adapters.mapping.value_rules import Pattern
from adapters.units import Bytes, Seconds


def _byte_range(value: object) -> object:
    """Read `14-53` or `14` as a pair of numbers from 1, both inclusive."""
    match = re.fullmatch(r"(\d+)(?:-(\d+))?", str(value))
    if not match or not 0 < int(match[1]) <= int(match[2] or match[1]):
        raise ValueError("write the first and last byte, counted from 1, for example 14-53")
    return int(match[1]), int(match[2] or match[1])


def _date_format(value: str) -> str:
    try:
        compile_format(value)
    except UnknownDateFormatError:
        raise ValueError(FORMAT_REMEDY) from None
    return value


ByteRange = Annotated[tuple[int, int], BeforeValidator(_byte_range)]
"""First and last byte of a fixed-width line, from 1. In CSV, both are the number of a column."""


class HeaderRule(StrictModel):
    """The first line of a file.

    Attributes:
        marker: first characters of the line.
        stamp: byte range of the time at which the file was made.
    """

    marker: str = Field(min_length=1)
    stamp: ByteRange | None = None


class TrailerRule(StrictModel):
    """The last line of a file. A file without it is incomplete.

    Attributes:
        marker: first characters of the line (in CSV, its first value).
        count: byte range of the number of rows (in CSV, column number from 1).
        sum: byte range of the control sum (in CSV, column number from 1).
        sum_of: name of the column that is summed.
    """

    marker: str = Field(min_length=1)
    count: ByteRange | None = None
    sum: ByteRange | None = None
    sum_of: str | None = None


class FixedRule(StrictModel):
    """Layout of fixed-width lines.

    Attributes:
        line_bytes: width of every line in bytes, without its line end.
        header, trailer: first and last line.
        detail: first characters of every row; by default every line that is neither header nor
            trailer is a row.
        fields: byte range of each column, by name.
    """

    line_bytes: int = Field(gt=0, le=65_536)
    header: HeaderRule | None = None
    detail: str = ""
    trailer: TrailerRule | None = None
    fields: dict[str, ByteRange] = Field(min_length=1)

    @model_validator(mode="after")
    def _within_the_line(self) -> Self:
        for name, (_, last) in self.fields.items():
            if last > self.line_bytes:
                raise ValueError(f"end {name} at byte {self.line_bytes}, the end of the line")
        return self


class CsvRule(StrictModel):
    """Layout of separated values, one row per line.

    Attributes:
        delimiter: separator of the values, one character.
        header: whether the first line contains the names of the columns.
        columns: names of the columns; with a `header`, the required ones.
        trailer: last line.
        line_bytes: maximum length of a line in bytes.
    """

    delimiter: str = Field(default=",", min_length=1, max_length=1)
    header: bool = True
    columns: list[str] = Field(min_length=1)
    trailer: TrailerRule | None = None
    line_bytes: Bytes = 16 << 10


class FileRule(StrictModel):
    """A file type.

    Attributes:
        name: regular expression of the whole file name. If no header contains the time at which the
            file was made, the group `stamp` of the name does.
        stamp_format: date format of the stamp; without it, the file's modification time is used.
        fixed, csv: layout of the file; one of them.
        identity: columns that identify what a row is about. If several rows are about the same, the
            row of the newest file is used. Without `identity`, every distinct row is used.
        every: how often the department promises a file.
        grace: how long after that the file is reported as late.
        final_newline: whether a file is incomplete if its last line has no line end.
        file_bytes: maximum size of a file after decompression.
        rows: maximum number of rows in a file.
        keep: rows that are in no newer file are deleted after this time.
        optional: columns that may be blank although rows are looked up by them.
    """

    name: Pattern
    stamp_format: Annotated[str, AfterValidator(_date_format)] | None = None
    fixed: FixedRule | None = None
    csv: CsvRule | None = None
    identity: list[str] = []
    every: Seconds | None = None
    grace: Seconds = 3600.0
    final_newline: bool = True
    file_bytes: Bytes = 64 << 20
    rows: int = Field(default=500_000, gt=0)
    keep: Seconds = 400 * 86_400.0
    optional: list[str] = []

    @model_validator(mode="after")
    def _one_layout(self) -> Self:
        if (self.fixed is None) == (self.csv is None):
            raise ValueError("write either `fixed` or `csv`")
        trailer = self.fixed.trailer if self.fixed else self.csv.trailer if self.csv else None
        wanted = [*self.identity, *([trailer.sum_of] if trailer and trailer.sum_of else [])]
        for column in wanted:
            if column not in self.columns:
                raise ValueError(f"add the column {column!r}, which `identity` or `sum_of` names")
        if trailer and (trailer.sum is None) != (trailer.sum_of is None):
            raise ValueError("write both `sum` and `sum_of`, or neither")
        return self

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        if self.fixed is not None:
            return list(self.fixed.fields)
        return self.csv.columns if self.csv is not None else []


class OutgoingHeader(HeaderRule):
    """The first line of a file to a department.

    Attributes:
        sequence: byte range of the file's sequence number.
    """

    sequence: ByteRange | None = None


class OutgoingFixed(FixedRule):
    """Layout of fixed-width lines to a department.

    Attributes:
        zeros: columns with whole numbers, which are filled with zeros on the left.
    """

    header: OutgoingHeader | None = None
    zeros: list[str] = []


class OutboxRule(StrictModel):
    """Files that the hub writes for the department.

    Attributes:
        folder: the department's incoming folder, relative to the folder of `url`.
        name: file name, with `{sequence}` and, if needed, the local time `{now:yyyymmdd}`.
        fixed, csv: layout of the file; one of them.
        stamp_format: date format of the header's stamp.
        encoding: code page of the file.
        line_end: `lf` or `crlf`.
        every: a file is made once in this time if rows wait.
        at: local time of the day from which `every` is counted, for example `20:00`.
        rows: maximum number of rows; a file is made at once when so many wait.
    """

    folder: str = Field(min_length=1)
    name: str = Field(min_length=1, max_length=200, pattern=r"^[^/]*\{sequence[}|][^/]*$")
    fixed: OutgoingFixed | None = None
    csv: CsvRule | None = None
    stamp_format: Annotated[str, AfterValidator(_date_format)] = "yyyymmddHHMMSS"
    encoding: Literal["utf-8", "ascii", "iso-8859-1", "cp1252"] = "utf-8"
    line_end: Literal["lf", "crlf"] = "lf"
    every: Seconds = 86_400.0
    at: str = Field(default="00:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    rows: int = Field(default=1000, gt=0, le=100_000)

    @model_validator(mode="after")
    def _one_layout(self) -> Self:
        if (self.fixed is None) == (self.csv is None):
            raise ValueError("write either `fixed` or `csv`")
        if self.trailer and self.trailer.sum_of and self.trailer.sum_of not in self.columns:
            raise ValueError(f"add the column {self.trailer.sum_of!r}, which `sum_of` names")
        if self.trailer and (self.trailer.sum is None) != (self.trailer.sum_of is None):
            raise ValueError("write both `sum` and `sum_of`, or neither")
        return self

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        if self.fixed is not None:
            return list(self.fixed.fields)
        return self.csv.columns if self.csv is not None else []

    @property
    def trailer(self) -> TrailerRule | None:
        """The last line."""
        layout = self.fixed or self.csv
        return layout.trailer if layout is not None else None


class FilesSettings(StrictModel):
    """The connector of a department that delivers files.

    Attributes:
        url: `file:///folder`, or `sftp://user@host:port/folder`.
        password, client_key: the hub's credentials at the SFTP server; the private key as it is in
            its file.
        host_key: public key of the SFTP server, `ssh-ed25519 AAAA…`; the hub connects to no other.
        poll: time between two polls of the folder.
        look_back: older files are ignored.
        settle: a file that changed more recently than this is left for the next poll.
        files: file types by name.
        outbox: files that the hub writes for the department, by name.
    """

    kind: Literal["files"]
    url: str = Field(pattern=r"^(file:///|sftp://[^/@]+@[^/]+/)")
    password: Secret | None = None
    client_key: Secret | None = None
    host_key: str | None = None
    poll: Seconds = 300.0
    look_back: Seconds = 30 * 86_400.0
    settle: Seconds = 2.0
    files: dict[str, FileRule] = Field(min_length=1)
    outbox: dict[str, OutboxRule] = {}


class FilesCall(StrictModel):
    """A look-up in the rows of a file type.

    Attributes:
        file: name of the file type.
        by: column that is compared with the keys.
    """

    file: str
    by: str


class FilesWrite(StrictModel):
    """A write: one row of the next file to the department.

    Attributes:
        outbox: name of the outbox.
        row: values of columns, as templates; the other columns stay blank. `"<<": "{fields}"` gives
            the form's fields to the columns of the same names.
    """

    outbox: str
    row: dict[str, Any] = Field(min_length=1)
