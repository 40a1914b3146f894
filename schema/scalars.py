"""The scalars of the schema, with links to their specifications."""

import datetime as dt
import re
from typing import NewType

import strawberry
from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.schema.config import StrawberryConfig

from schema.upload import UploadedFile, parse_upload, serialize_upload

MOST_PAISE = 2**53 - 1
"""The largest integer that all JSON parsers read exactly (RFC 8259, section 6)."""

Paise = NewType("Paise", int)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)


def _parse_date(value: object) -> dt.date:
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise StrawberryInputCoercionError("A Date is a day such as 2026-11-25.")


def _parse_datetime(value: object) -> dt.datetime:
    try:
        if isinstance(value, str) and _DATE_TIME.fullmatch(value):
            return dt.datetime.fromisoformat(value.upper())
    except ValueError:
        pass
    raise StrawberryInputCoercionError(
        "A DateTime has a time zone, for example 2026-11-25T06:00:00+05:30."
    )


def _exact_paise(value: object) -> int:
    if type(value) is not int or not -MOST_PAISE <= value <= MOST_PAISE:
        raise StrawberryInputCoercionError(f"Paise are an integer of at most {MOST_PAISE}.")
    return value


CONFIG = StrawberryConfig(
    scalar_map={
        dt.date: strawberry.scalar(
            name="Date",
            description="A day, for example 2026-11-25 (RFC 3339, full-date).",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
            serialize=dt.date.isoformat,
            parse_value=_parse_date,
        ),
        dt.datetime: strawberry.scalar(
            name="DateTime",
            description="A moment with its time zone, for example 2026-11-25T06:00:00+05:30 "
            "(RFC 3339, date-time).",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
            serialize=dt.datetime.isoformat,
            parse_value=_parse_datetime,
        ),
        Paise: strawberry.scalar(
            name="Paise",
            description="An amount in paise: a JSON number without a fraction, from -(2^53 - 1) to "
            "2^53 - 1. JavaScript and all JSON parsers read it exactly.",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc8259#section-6",
            serialize=_exact_paise,
            parse_value=_exact_paise,
        ),
        UploadedFile: strawberry.scalar(
            name="Upload",
            description="A file. Send it as a part of a multipart request, and null as the value "
            "of its variable.",
            specified_by_url="https://github.com/jaydenseric/graphql-multipart-request-spec",
            serialize=serialize_upload,
            parse_value=parse_upload,
        ),
    }
)
