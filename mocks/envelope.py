"""JSON envelope of departments that reply with HTTP 200 to everything.

`status` and `code` in the envelope show whether the call succeeded.
"""

from typing import Any

from starlette.responses import Response

from mocks.responses import json_response


def refusal(code: str, message: str, status: int = 200) -> Response:
    """Return a failure; `code` is the envelope's code, `status` the HTTP status."""
    return json_response({"status": "false", "code": code, "msg": message, "data": ""}, status)


def rows_response(rows: list[dict[str, Any]], message: str, **more: int) -> Response:
    """Return rows: a single row as an object, several as a list, none as the failure E102.

    Args:
        more: further values of the envelope.
    """
    if not rows:
        return refusal("E102", "Data not found")
    data = rows[0] if len(rows) == 1 else rows
    return json_response({"status": "true", "code": "S100", "msg": message, **more, "data": data})
