"""The envelope of every reply: HTTP 200, and the truth in `status` and `code`."""

from typing import Any

from starlette.responses import Response

from mocks.responses import json_response


class RefusalError(Exception):
    """A refusal in the envelope; `code` as E413."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def answer(self) -> Response:
        """The 200 that means no."""
        return json_response({"status": "false", "code": self.code, "msg": str(self), "data": ""})


def page_response(rows: list[dict[str, Any]], page: int, page_size: int, total: int) -> Response:
    """A page of rows; one row alone comes as an object, none as a refusal."""
    if not rows:
        return RefusalError("E102", "Data not found").answer()
    return json_response(
        {
            "status": "true",
            "code": "S100",
            "msg": "OK",
            "page": page,
            "pages": -(-total // page_size),
            "total": total,
            "data": rows[0] if len(rows) == 1 else rows,
        }
    )
