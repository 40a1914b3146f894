"""What a mock department brings to the server that runs it."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Scope

from mocks.faults.failures import FailureReplies


@dataclass(frozen=True, slots=True)
class MockDepartment:
    """`operation_of` names a request for the call counts; `examples` are commands that ask it, with
    `{url}` for where it is.
    """

    app: ASGIApp
    operation_of: Callable[[Scope], str]
    failures: FailureReplies
    examples: tuple[str, ...]
