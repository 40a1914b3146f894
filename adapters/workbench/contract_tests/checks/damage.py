"""Checks that a damaged reply costs its own rows only."""

import copy
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml import etree

from adapters.adapter import ManifestAdapter
from adapters.contract import DepartmentError
from adapters.workbench.contract_tests.checks.calls import ContractBrokenError, read_sample
from adapters.workbench.contract_tests.subjects import Subject, opened
from adapters.workbench.replay.samples import Sample
from adapters.workbench.replay.stages import CanNotReplayError

MOST_DAMAGES = 120
MOST_WORDS = 30
_WORD = re.compile(rb"[^\s,;|~]+")


async def damaged_replies_cost_their_own_rows(subject: Subject, sample: Sample) -> None:
    """Check that a wrong or missing value gives warnings or a `DepartmentError`, nothing else.

    Raises:
        CanNotReplayError: this sample can't be damaged here.
        ContractBrokenError: a damaged reply raises another error.
    """
    damages = damages_of(sample.path.read_bytes(), sample.path.suffix)
    with subject.stage(sample) as stage:
        if stage.refill is None:
            raise CanNotReplayError("the check can't damage this kind of sample")
        if stage.is_read_once:
            for damaged in islice(damages, MOST_DAMAGES):
                stage.refill(damaged)
                async with opened(stage.manifest) as adapter:
                    await _read_damaged(adapter, sample)
            return
        async with opened(stage.manifest) as adapter:
            for damaged in islice(damages, MOST_DAMAGES):
                stage.refill(damaged)
                await _read_damaged(adapter, sample)


async def _read_damaged(adapter: ManifestAdapter, sample: Sample) -> None:
    try:
        await read_sample(adapter, sample)
    except DepartmentError:
        return
    except Exception as error:
        raise ContractBrokenError(
            f"a damaged {sample.path.name} raises {type(error).__name__}",
            "report this as a bug of the hub, with the sample",
        ) from None


def damages_of(content: bytes, suffix: str) -> Iterator[bytes]:
    """Yield damaged copies of the reply: in each, one value is empty, of another type or missing.

    Raises:
        CanNotReplayError: files with this suffix can't be damaged.
    """
    if suffix == ".json":
        yield from _damaged_json(json.loads(content))
    elif suffix == ".xml":
        yield from _damaged_xml(content)
    elif suffix in (".csv", ".txt"):
        yield from _damaged_lines(content)
    else:
        raise CanNotReplayError(
            f"the check can't damage a {suffix} file, only .json, .xml, .csv and .txt"
        )


def _damaged_json(tree: Any) -> Iterator[bytes]:
    for path in _leaves(tree, ()):
        for wrong in (None, "\u0000?", 3.5, {"x": "y"}):
            damaged = copy.deepcopy(tree)
            around = damaged
            for step in path[:-1]:
                around = around[step]
            if not path:
                continue
            around[path[-1]] = wrong
            yield json.dumps(damaged).encode()


def _leaves(tree: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    children: Any = ()
    if isinstance(tree, dict):
        children = tree.items()
    elif isinstance(tree, list):
        # Two rows are enough: all rows have the same form.
        children = enumerate(tree[:2])
    else:
        yield path
    for key, child in children:
        yield from _leaves(child, (*path, key))


def _damaged_lines(content: bytes) -> Iterator[bytes]:
    """Yield copies with a line removed, cut or repeated, or with a word replaced."""
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
