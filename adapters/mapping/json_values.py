"""Reads JSON without changing a value: numbers keep all digits.

A number with a fraction or an exponent is not converted to a binary floating-point number. It stays
as the department wrote it.
"""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from adapters.mapping.charsets import NoCharsetError, decode
from schema.codes import WarningCode
from schema.provenance import SourceWarning

MOST_DIGITS = 1000
"""Digits of an integer that Python converts quickly. A longer one stays text."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


class NotJsonError(ValueError):
    """The content is not JSON, even after repair."""


class JsonNumber(str):
    """A number with a fraction or an exponent, as it was written."""

    __slots__ = ()


_DECODER = msgspec.json.Decoder(float_hook=JsonNumber)


def read_json(
    content: bytes | str, charset: str | None = None
) -> tuple[Any, tuple[SourceWarning, ...]]:
    """Return a JSON document, and warnings about what was repaired.

    Repaired are: another character set than UTF-8, a byte order mark, and control characters in
    texts. Bytes that are damaged in a document in UTF-8 become lone surrogates, so that only the
    fields with them are invalid.

    Args:
        content: the document.
        charset: the character set that the department declares, if any.

    Raises:
        NotJsonError: it can't be read.
    """
    try:
        return _DECODER.decode(content), ()
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass
    warnings: list[SourceWarning] = []
    text = content if isinstance(content, str) else _decoded(content, charset, warnings)
    text = text.lstrip("\ufeff")
    try:
        return _read_text(text, strict=True), tuple(warnings)
    except ValueError:
        pass
    except RecursionError:
        raise NotJsonError from None
    found = _CONTROL.search(text)
    first = "a line break or tab" if found is None else f"U+{ord(found[0]):04X}"
    warnings.append(SourceWarning(code=WarningCode.FORBIDDEN_CHARACTERS, raw=first))
    try:
        return _read_text(_CONTROL.sub("", text), strict=False), tuple(warnings)
    except (ValueError, RecursionError):
        raise NotJsonError from None


def _decoded(content: bytes, charset: str | None, warnings: list[SourceWarning]) -> str:
    if b"\0" not in content[:2]:
        try:
            # JSON is in UTF-8, whatever is declared (RFC 8259).
            return content.decode()
        except UnicodeDecodeError:
            pass
    try:
        text, is_declared = decode(content, charset)
    except NoCharsetError:
        # Numbers, codes and most texts are readable all the same.
        return content.decode(errors="surrogateescape")
    if not is_declared:
        warnings.append(SourceWarning(code=WarningCode.WRONG_CHARSET))
    return text


def _read_text(text: str, *, strict: bool) -> Any:
    # `NaN` and `Infinity` are not JSON. As texts they make only their own fields invalid.
    return json.loads(
        text, strict=strict, parse_float=JsonNumber, parse_int=_integer, parse_constant=str
    )


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= MOST_DIGITS else digits


def whole_number(value: object) -> int:
    """Return a number of rows or pages that a reply announces.

    Raises:
        ValueError: the value is not a whole number.
    """
    if isinstance(value, str | int) and not isinstance(value, bool):
        try:
            number = Decimal(value.strip() if isinstance(value, str) else value)
        except InvalidOperation:
            raise ValueError(value) from None
        if number.is_finite() and abs(number.adjusted()) < MOST_DIGITS and number == int(number):
            return int(number)
    raise ValueError(value)
