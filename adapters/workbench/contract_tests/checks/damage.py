"""A damaged reply costs its own rows only."""

import copy
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from lxml import etree

from adapters.adapter import ManifestAdapter
from adapters.contract import DepartmentError
from adapters.workbench.contract_tests.checks.calls import ContractBrokenError, ask
from adapters.workbench.contract_tests.subjects import Subject, opened
from adapters.workbench.replay.samples import Sample
from adapters.workbench.replay.stages import CanNotReplayError

MOST_DAMAGES = 120
MOST_WORDS = 30
_WORD = re.compile(rb"[^\s,;|~]+")


async def damaged_replies_cost_their_own_rows(subject: Subject, sample: Sample) -> None:
    """A value of a wrong type, missing, or unknown: warnings or a typed error, never a crash."""
    damages = damages_of(sample.path.read_bytes(), sample.path.suffix)
    with subject.stage(sample) as stage:
        if stage.refill is None:
            raise CanNotReplayError("this sample can't be damaged here")
        if stage.is_read_once:
            for damaged in islice(damages, MOST_DAMAGES):
                stage.refill(damaged)
                async with opened(stage.manifest) as adapter:
                    await _ask_damaged(adapter, sample)
            return
        async with opened(stage.manifest) as adapter:
            for damaged in islice(damages, MOST_DAMAGES):
                stage.refill(damaged)
                await _ask_damaged(adapter, sample)


async def _ask_damaged(adapter: ManifestAdapter, sample: Sample) -> None:
    with suppress(DepartmentError):
        try:
            await ask(adapter, sample)
        except DepartmentError:
            raise
        except Exception as error:
            raise ContractBrokenError(
                f"a damaged {sample.path.name} raises {type(error).__name__}",
                "report this, with the sample",
            ) from None


def damages_of(content: bytes, suffix: str) -> Iterator[bytes]:
    """The reply with one leaf after the other made wrong: emptied, of another type, gone."""
    if suffix == ".json":
        yield from _damaged_json(json.loads(content))
    elif suffix == ".xml":
        yield from _damaged_xml(content)
    elif suffix in (".csv", ".txt"):
        yield from _damaged_lines(content)
    else:
        raise CanNotReplayError(f"a {suffix or 'nameless'} sample can't be damaged here")


def _damaged_json(tree: Any) -> Iterator[bytes]:
    for place in _leaves(tree, ()):
        for wrong in (None, "\u0000?", 3.5, {"x": "y"}):
            damaged = copy.deepcopy(tree)
            around = damaged
            for step in place[:-1]:
                around = around[step]
            if not place:
                continue
            around[place[-1]] = wrong
            yield json.dumps(damaged).encode()


def _leaves(tree: Any, place: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    children: Any = ()
    if isinstance(tree, dict):
        children = tree.items()
    elif isinstance(tree, list):
        # The first two rows stand for all.
        children = enumerate(tree[:2])
    else:
        yield place
    for key, child in children:
        yield from _leaves(child, (*place, key))


def _damaged_lines(content: bytes) -> Iterator[bytes]:
    """Lines gone, cut and doubled; words replaced by others as wide, by text that is none too."""
    lines = content.splitlines(keepends=True)
    for number, line in enumerate(lines):
        for other in (b"", line[: len(line) // 2], line + line):
            yield b"".join([*lines[:number], other, *lines[number + 1 :]])
    for word in islice(_WORD.finditer(content), MOST_WORDS):
        for wrong in (b"?", b" ", b"\xff"):
            width = word.end() - word.start()
            yield content[: word.start()] + wrong * width + content[word.end() :]


def _damaged_xml(content: bytes) -> Iterator[bytes]:
    tree = etree.fromstring(content)
    count = sum(1 for element in tree.iter("*") if not len(element))
    for number in range(count):
        for wrong in ("", "?", None):
            damaged = copy.deepcopy(tree)
            leaf = [element for element in damaged.iter("*") if not len(element)][number]
            parent = leaf.getparent()
            if wrong is not None:
                leaf.text = wrong
            elif parent is not None:
                parent.remove(leaf)
            yield etree.tostring(damaged, encoding="utf-8", xml_declaration=True)
