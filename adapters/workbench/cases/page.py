"""Parses the page of a case: its title and its fenced blocks."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from adapters.contract import Capability
from adapters.manifest.document import MAX_BYTES
from adapters.manifest.problems import ManifestError
from adapters.mapping.rules import StrictModel

_FENCE = re.compile(r"^(`{3,})(.*)$")
REPLY, CALL, EXPECT = "reply", "call", "expect"


class CaseCall(StrictModel):
    """The block `yaml call`: the call to make.

    Attributes:
        capability: the capability.
        keys: a look-up's keys.
        criteria: a search's criteria, named after the placeholders of the manifest's `call`.
    """

    capability: Capability
    keys: list[str] = []
    criteria: dict[str, Any] = {}


class CaseWarning(StrictModel):
    code: str
    field: str | None = None
    raw: str | None = None


class CaseExpectation(StrictModel):
    """The block `yaml expect`: the expected result.

    Attributes:
        records: for each key, its records in order, each with the fields to compare. A search has
            one list.
        warnings: all warnings, in any order.
        error: expected error code, instead of records.
        requests: for each request in order, texts that it must contain.
    """

    records: dict[str, list[dict[str, Any]]] | list[dict[str, Any]] | None = None
    warnings: list[CaseWarning] = []
    error: str | None = None
    requests: list[list[str]] = []


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, name, settings, text, and the number of its first line."""

    language: str
    name: str
    settings: Mapping[str, str]
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Case:
    """The parsed page of a case.

    Attributes:
        path: path of the page.
        title: its heading.
        files: blocks that are files of the manifest's folder, by name.
        replies: blocks named `reply`, in order.
        call, expect: the blocks of that name.
    """

    path: Path
    title: str
    files: Mapping[str, Block]
    replies: Sequence[Block]
    call: Block
    expect: Block


def find_cases(folder: Path) -> list[Path]:
    """Return the pages of the cases beside a manifest."""
    return sorted((folder / "cases").glob("*.md"))


def read_case(path: Path) -> Case:
    """Parse the page of a case.

    Raises:
        ManifestError: the page is wrong; holds the line and the remedy.
    """
    blocks = list(_blocks(path))
    title = next((line[2:].strip() for line in _text_of(path).splitlines() if line[:2] == "# "), "")
    if not title:
        raise _wrong(path, 1, "the page has no heading", "begin with `# What the case shows`")
    files: dict[str, Block] = {}
    replies: list[Block] = []
    single: dict[str, Block] = {}
    for block in blocks:
        if block.name == REPLY:
            replies.append(block)
        elif block.name in (CALL, EXPECT):
            if block.name in single:
                raise _wrong(
                    path, block.line, f"there is a second block `{block.name}`", "keep one"
                )
            single[block.name] = block
        elif block.name:
            _check_name(path, block)
            files[block.name] = block
    for name in (CALL, EXPECT):
        if name not in single:
            raise _wrong(path, 1, f"there is no block `yaml {name}`", "add it (docs/cases.md)")
    return Case(path, title, files, replies, single[CALL], single[EXPECT])


def _check_name(path: Path, block: Block) -> None:
    parts = PurePosixPath(block.name)
    if "." not in block.name or parts.is_absolute() or ".." in parts.parts:
        raise _wrong(
            path,
            block.line,
            f"the block name {block.name!r} is unknown",
            "name it reply, call, expect, or like a file of the manifest's folder",
        )


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _wrong(path, 1, "the page is too large", f"keep it under {MAX_BYTES:,} bytes")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise _wrong(path, 1, "the page can't be read as text", "save it as UTF-8") from None


def _blocks(path: Path) -> Sequence[Block]:
    blocks: list[Block] = []
    fence, info, start = "", "", 0
    lines: list[str] = []
    for number, line in enumerate(_text_of(path).splitlines(), start=1):
        match = _FENCE.match(line)
        if not fence:
            if match:
                fence, info, start, lines = match[1], match[2], number, []
        elif match and match[1] == fence and not match[2].strip():
            blocks.append(_block(path, info, "\n".join(lines) + "\n", start))
            fence = ""
        else:
            lines.append(line)
    if fence:
        raise _wrong(path, start, "the block is not closed", f"add a line {fence}")
    return blocks


def _block(path: Path, info: str, text: str, line: int) -> Block:
    try:
        words = shlex.split(info)
    except ValueError:
        raise _wrong(
            path, line, "a quote in the block's first line is not closed", "close it"
        ) from (None)
    settings = dict(word.split("=", 1) for word in words[2:] if "=" in word)
    return Block(words[0] if words else "", words[1] if words[1:] else "", settings, text, line)


def _wrong(path: Path, line: int, message: str, remedy: str) -> ManifestError:
    return ManifestError.single(path, message, remedy, line)
