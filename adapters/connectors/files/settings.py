"""What a manifest says of a department's files: where they are, how they are laid out."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from adapters.connectors.secrets import Secret
from adapters.mapping.date_formats import UnknownDateFormatError
from adapters.mapping.dates import FORMAT_REMEDY, compile_format
from adapters.mapping.rules import StrictModel
from adapters.units import Bytes, Seconds


def _byte_range(value: object) -> object:
    """`14-53` (bytes, from 1, both ends included) or `14` as a pair."""
    match = re.fullmatch(r"(\d+)(?:-(\d+))?", str(value))
    if not match or not 0 < int(match[1]) <= int(match[2] or match[1]):
        raise ValueError("write where it stands as 14-53: first and last byte, counted from 1")
    return int(match[1]), int(match[2] or match[1])


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"this is not a regular expression: {error}") from None
    return value


def _date_format(value: str) -> str:
    try:
        compile_format(value)
    except UnknownDateFormatError:
        raise ValueError(FORMAT_REMEDY) from None
    return value


ByteRange = Annotated[tuple[int, int], BeforeValidator(_byte_range)]


class HeaderRule(StrictModel):
    """The first line. `stamp` is where the moment stands at which the file was made."""

    marker: str = Field(min_length=1)
    stamp: ByteRange | None = None


class TrailerRule(StrictModel):
    """The last line; a file without it is half-written.

    Attributes:
        marker: what it begins with (in CSV, its first column).
        count: where the number of rows stands (in CSV, the number of the column, from 1).
        sum: where the control sum stands.
        sum_of: the field that it is the sum of.
    """

    marker: str = Field(min_length=1)
    count: ByteRange | None = None
    sum: ByteRange | None = None
    sum_of: str | None = None


class FixedRule(StrictModel):
    """Lines of a fixed width.

    Attributes:
        line_bytes: width of every line in bytes, without its end.
        header, trailer: first and last line.
        detail: what a line with a row begins with; every other line when not given.
        fields: by name, where it stands in bytes.
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
                raise ValueError(f"{name} ends at byte {last}, the line at {self.line_bytes}")
        return self


class CsvRule(StrictModel):
    """Lines of separated values; a row is one line.

    Attributes:
        delimiter: one character.
        header: whether the first line names the columns.
        columns: their names; with a `header`, those that must be there.
        trailer: last line.
        line_bytes: longest line.
    """

    delimiter: str = Field(default=",", min_length=1, max_length=1)
    header: bool = True
    columns: list[str] = Field(min_length=1)
    trailer: TrailerRule | None = None
    line_bytes: Bytes = 16 << 10


class FileRule(StrictModel):
    """One kind of file.

    Attributes:
        name: regular expression of its whole name; its group `stamp` is the moment at which the
            file was made, where no header tells it.
        stamp_format: date format of the stamp; without a stamp the file's own time is taken.
        fixed, csv: its layout: one of them.
        identity: columns that name what a row is about; the newest row about it counts. Without
            them every different row counts.
        every: how often a new file is promised.
        grace: how long after that it is late.
        final_newline: whether the last line ends like the others: else the file is half-written.
        file_bytes: most bytes of a file, after decompression.
        rows: most rows of a file.
        keep: rows that no newer file tells are dropped after so long.
    """

    name: Annotated[str, AfterValidator(_pattern)]
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

    @model_validator(mode="after")
    def _one_layout(self) -> Self:
        if (self.fixed is None) == (self.csv is None):
            raise ValueError("say how lines are laid out: either `fixed` or `csv`")
        trailer = self.fixed.trailer if self.fixed else self.csv.trailer if self.csv else None
        wanted = [*self.identity, *([trailer.sum_of] if trailer and trailer.sum_of else [])]
        for column in wanted:
            if column not in self.columns:
                raise ValueError(f"there is no column {column!r}")
        if trailer and (trailer.sum is None) != (trailer.sum_of is None):
            raise ValueError("a control sum needs both `sum` and `sum_of`")
        return self

    @property
    def columns(self) -> list[str]:
        """Names of a row's values."""
        if self.fixed is not None:
            return list(self.fixed.fields)
        return self.csv.columns if self.csv is not None else []


class FilesSettings(StrictModel):
    """The connector of a department that leaves files.

    Attributes:
        url: `file:///folder`, or `sftp://user@host:port/folder`.
        password, client_key: what the SFTP server knows the hub by; the key as in its file.
        host_key: the server's public key, as `ssh-ed25519 AAAA…`; the hub refuses any other.
        poll: how often it is looked for new files.
        look_back: files older than this are left alone.
        settle: a file that has changed within so long is left for the next look.
        files: kinds of files by name.
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


class FilesCall(StrictModel):
    """Rows of one kind of file: those whose column `by` is one of the keys."""

    file: str
    by: str
