"""Searches texts for the numbers of people that the hub must never show."""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from mocks.population import Population

HIDDEN = {"id", "cursor", "startCursor", "endCursor"}
"""Fields of an answer that must not contain a number, also not encoded."""
SHORTEST = 8
"""Shorter numbers occur in times and ids by chance."""
TOKEN = re.compile(r"[\w+/=-]{8,}")


@cache
def numbers_of(citizens: int) -> frozenset[str]:
    """Return the numbers that `Citizen.identifiers` masks, of the mocks' whole population."""
    found: set[str] = set()
    for citizen in Population(citizens, 1).citizens:
        found |= {citizen.family_id, citizen.member_id, citizen.aadhaar_reference}
        found |= {number for numbers in citizen.links.values() for number in numbers}
    return frozenset(each for each in found if each and len(each) >= SHORTEST)


def leaks(texts: Iterable[str], citizens: int) -> list[str]:
    """Return the texts that contain a number, as it is or in base64."""
    numbers = numbers_of(citizens)
    lengths = {len(number) for number in numbers}
    return [
        text
        for text in texts
        if any(
            reading[start : start + length] in numbers
            for reading in _readings(text)
            for length in lengths
            for start in range(len(reading) - length + 1)
        )
    ]


def leaks_in_files(contents: Mapping[str, bytes], citizens: int) -> list[str]:
    """Return the names of the files that contain a number."""
    numbers = [number.encode() for number in numbers_of(citizens)]
    return [name for name, content in contents.items() if any(each in content for each in numbers)]


def _readings(text: str) -> Iterator[str]:
    yield text
    for token in TOKEN.findall(text):
        padded = token.rstrip("=") + "=" * (-len(token.rstrip("=")) % 4)
        try:
            yield base64.b64decode(padded.translate({45: "+", 95: "/"})).decode("latin-1")
        except ValueError:
            continue


def hidden_texts(answer: Any) -> Iterator[str]:
    """Yield the ids, cursors and errors of an answer."""
    if isinstance(answer, list):
        for each in answer:
            yield from hidden_texts(each)
    elif isinstance(answer, dict):
        for key, value in answer.items():
            if key == "errors":
                yield from map(str, value or ())
            elif key in HIDDEN and isinstance(value, str):
                yield value
            else:
                yield from hidden_texts(value)
