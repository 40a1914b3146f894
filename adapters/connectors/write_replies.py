"""What a department's reply to a write means: the reply as received, and the manifest's rules.

A connector returns every reply that arrived as a `WriteResponse`, also one that reports a failure.
The rules of the manifest decide first. If none matches, the failure that a read would have decides.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BeforeValidator

from adapters.contract import DepartmentError
from adapters.mapping.rules import StrictModel
from adapters.mapping.value_rules import Pattern, Steps, Texts

CallT = TypeVar("CallT")
STATUS, TEXT, FAULT, HEADER = "@status", "@text", "@fault", "@header"
MOST_TEXT = 20_000
"""Maximum number of characters of a reply that `@text` contains."""
HOW_TO_WRITE = "write @status, @text, @fault/code, @fault/string, @fault/detail or @header/NAME"


class WriteMeaning(StrEnum):
    """What a reply to a write means."""

    DONE = "DONE"
    """The department has received the write."""
    ALREADY_THERE = "ALREADY_THERE"
    """The department had received the same write, or another one of the citizen, before."""
    REFUSED = "REFUSED"
    """The department did not accept the write, and repeating it does not help."""
    NOT_DONE = "NOT_DONE"
    """The write certainly had no effect. It may be sent again."""
    UNCLEAR = "UNCLEAR"
    """The write may have had an effect. The department must be asked."""


def _reply_path(path: str) -> str:
    first, _, rest = path.partition("/")
    if not first.startswith("@"):
        return path
    wanted = {
        STATUS: not rest,
        TEXT: not rest,
        FAULT: rest in ("code", "string", "detail"),
        HEADER: bool(rest) and "/" not in rest,
    }
    if not wanted.get(first):
        raise ValueError(HOW_TO_WRITE)
    return path


ReplyPath = Annotated[Steps, AfterValidator(_reply_path)]
"""A path from the reply to a value. A step into a list is a position from 0, or leads to its first
element. `@status` is the HTTP status, `@text` the whole reply as text, `@fault/code` and
`@fault/string` those of a SOAP Fault or GraphQL error, `@header/NAME` an HTTP header."""


class ReplyRule(StrictModel):
    """What a reply with a certain value means.

    Attributes:
        path: path from the reply to the value.
        matches: regular expression that is searched in the value.
        one_of: values; without `one_of` and `matches`, any value.
        means: what the reply means: DONE (received), ALREADY_THERE (received before), REFUSED (not
            accepted), NOT_DONE (certainly not stored; may be sent again) or UNCLEAR (may be
            stored; the department must be asked).
    """

    path: ReplyPath
    matches: Pattern | None = None
    one_of: Texts = []
    means: WriteMeaning

    def applies(self, response: "WriteResponse") -> bool:
        """Return whether the reply has such a value."""
        text = response.text_at(self.path)
        if text is None:
            return False
        if self.one_of and text not in self.one_of:
            return False
        return self.matches is None or re.search(self.matches, text) is not None


def _number_from_path(value: object) -> object:
    return {"path": value} if isinstance(value, str) else value


class NumberRule(StrictModel):
    """Where a reply has a number.

    Attributes:
        path: path from the reply to the number, or to a text that contains it.
        matches: regular expression that finds it in the text; its group, or all that it matches.
    """

    path: ReplyPath
    matches: Pattern | None = None

    def number_in(self, response: "WriteResponse") -> str | None:
        """Return the number; None if the reply has none."""
        text = response.text_at(self.path)
        if text is None or self.matches is None:
            return text
        found = re.search(self.matches, text)
        if found is None:
            return None
        return (found[found.re.groups and 1] or "").strip() or None


WrittenNumber = Annotated[NumberRule, BeforeValidator(_number_from_path)]
"""`{path: …, matches: …}`, or a path."""


class WriteReplyRule(StrictModel):
    """How the reply to a write is read.

    Attributes:
        reference: the department's number of the new application or grievance.
        token: the department's token until it assigns the number.
        receipt: the hub's receipt number that the department returns. A reply with another one
            belongs to another write.
        rules: the first rule that applies decides what the reply means. If none applies, envelope,
            HTTP status and Fault decide as for look-ups.
    """

    reference: WrittenNumber | None = None
    token: WrittenNumber | None = None
    receipt: WrittenNumber | None = None
    rules: list[ReplyRule] = []

    def meaning_of(self, response: "WriteResponse") -> WriteMeaning | None:
        """Return what the rules say about a reply; None if no rule applies."""
        return next((rule.means for rule in self.rules if rule.applies(response)), None)


@dataclass(frozen=True, slots=True)
class WritePlan(Generic[CallT]):
    """The manifest's description of a write, for its connector.

    Attributes:
        capability: its name, the value of a `WriteCapability`.
        call: the `call`, in the connector's own model.
        reply: how the reply is read.
        placeholders: names of the placeholders in the call.
    """

    capability: str
    call: CallT
    reply: WriteReplyRule
    placeholders: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WriteResponse:
    """A reply to a write, as received.

    Attributes:
        content: the decoded reply: the body of a REST reply, the result of a SOAP operation, the
            row of a procedure, the response of a GraphQL server with `data` and `errors`, or
            what is known of a written file. None if there is none, or if it is a text.
        text: the reply as text, at most `MOST_TEXT` characters; empty if the protocol has none.
        status: HTTP status; None if the protocol has none.
        fault: `code`, `string` and `detail` of a SOAP Fault, database error or GraphQL error.
        headers: HTTP headers by name in lower case.
        failure: the error that a look-up with this reply would raise; None if it reports success.
    """

    content: Any = None
    text: str = ""
    status: int | None = None
    fault: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    failure: DepartmentError | None = None

    def text_at(self, path: str) -> str | None:
        """Return the value at a `ReplyPath` as text; None if there is none, or only blanks."""
        first, _, rest = path.partition("/")
        value: Any
        match first:
            case "@status":
                value = self.status
            case "@text":
                value = self.text
            case "@header":
                value = self.headers.get(rest.lower())
            case "@fault":
                value = self.fault.get(rest)
            case _:
                value = _value_at(self.content, path.split("/"))
        if value is None or isinstance(value, Mapping | list | tuple):
            return None
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return text.strip() or None


def _value_at(tree: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        if isinstance(tree, list | tuple):
            is_position = step.isdecimal() and len(step) < 5
            nth = int(step) if is_position else 0
            tree = tree[nth] if nth < len(tree) else None
            if is_position:
                continue
        tree = tree.get(step) if isinstance(tree, Mapping) else None
    return tree[0] if isinstance(tree, list | tuple) and len(tree) == 1 else tree
