"""Finds services by words: in English, in Hindi in both scripts, and misspelt.

The index is built when the hub starts. Each word of a search is compared with the words of each
service. A whole word is worth more than the beginning of a word, and that more than a similar word;
the inside of a word is not compared. A word in the name is worth more than one in the description.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from math import log

from rapidfuzz import process
from rapidfuzz.distance import OSA

from hub.federation.search_words import (
    AUDIENCE_WORDS,
    IGNORED,
    LIFE_EVENT_WORDS,
    WEAK,
    key_of,
    words_in,
)
from schema.department import Department
from schema.labels import LABELS
from schema.language import Text
from schema.service import Service

MOST_WORDS = 12
"""Number of words of a search that are compared."""

CODE, NAME, KEYWORD, GROUP, LIFE_EVENT = 12.0, 8.0, 6.0, 4.0, 4.0
DEPARTMENT, PRODUCT, AUDIENCE, DESCRIPTION = 3.0, 2.0, 2.0, 1.5
"""Weights of the fields of a service."""
WHOLE_WORD, SAME_SOUND, BEGINNING, SIMILAR = 1.0, 0.95, 0.7, 0.6
"""Qualities of a match of two words."""
WEAK_WORD = 0.2
"""Factor for words that many services have."""
WHOLE_NAME = 4.0
"""Score for a search that has all words of a name; a part of it for some of them."""
LEAST_LETTERS = 3
"""Length of the shortest beginning of a word that is compared."""
LEAST_SIMILAR, LONG_WORD = 4, 7
"""Length of the shortest word that is compared with similar words, and of the shortest one that may
differ in two letters."""

Matches = dict[int, float]
"""For each service that has a word: weight of the field, times quality of the match."""


class ServiceSearch:
    """An index of services by their words.

    Args:
        services: all services, in the order of the catalogue.
        departments: departments by identifier.
    """

    def __init__(self, services: Iterable[Service], departments: Mapping[str, Department]) -> None:
        self._services = list(services)
        self._weights: dict[str, Matches] = defaultdict(dict)
        self._names: list[list[frozenset[str]]] = []
        for number, service in enumerate(self._services):
            for weight, text in _texts_of(service, departments):
                self._add(number, weight, words_in(text))
            names = [words_in(each) for each in _both(service.name_text)]
            self._names.append([frozenset(map(key_of, each)) for each in names if each])
        self._words = sorted(self._weights)
        self._by_key: dict[str, list[str]] = defaultdict(list)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in self._words:
            self._by_key[key_of(word)].append(word)
            self._by_length[len(word)].append(word)
        self._keys = sorted(self._by_key)

    def _add(self, number: int, weight: float, words: Sequence[str]) -> None:
        # People write one word for two: rationcard.
        pairs = [one + other for one, other in pairwise(words)] if weight >= KEYWORD else []
        for word in [*words, *pairs]:
            weights = self._weights[word]
            weights[number] = max(weight, weights.get(number, 0.0))

    def find(self, search: str) -> list[Service]:
        """Return the services that match a search, best first.

        If a service matches all words, only such services are returned; otherwise, those that match
        the most words. Those with more of the words as a whole come first.
        """
        words = [each for each in words_in(search) if each not in IGNORED][:MOST_WORDS]
        if not words:
            return []
        is_weak = [word in WEAK for word in words]
        if all(is_weak):
            is_weak = [False] * len(words)
        scores: dict[int, float] = defaultdict(float)
        counts: dict[int, int] = defaultdict(int)
        whole_words: dict[int, int] = defaultdict(int)
        for (whole, matches), weak in zip(self._matches_of_all(words), is_weak, strict=True):
            if not matches:
                continue
            rarity = log(1 + len(self._services) / len(matches)) * (WEAK_WORD if weak else 1)
            for number, value in matches.items():
                scores[number] += value * rarity
                counts[number] += not weak
            for number in whole:
                whole_words[number] += not weak
        most = max(counts.values(), default=0)
        keys = frozenset(map(key_of, words))
        ranked = [
            (-whole_words[number], -scores[number] - self._share_of_name(number, keys), number)
            for number, count in counts.items()
            if count == most and most > 0
        ]
        return [self._services[number] for _, _, number in sorted(ranked)]

    def _share_of_name(self, number: int, keys: frozenset[str]) -> float:
        shares = (len(name & keys) / len(name) for name in self._names[number])
        return WHOLE_NAME * max(shares, default=0.0)

    def _matches_of_all(self, words: Sequence[str]) -> list[tuple[Matches, Matches]]:
        """Return, for each word, the services that have the whole word, and all matches.

        Two words that are one in a service match as that.
        """
        whole = [self._exact(word) for word in words]
        joined = [self._exact(one + other) for one, other in pairwise(words)]
        for position, matches in enumerate(joined):
            _merge(whole[position], matches)
            _merge(whole[position + 1], matches)
        return [
            (each, self._with_parts(word, each)) for word, each in zip(words, whole, strict=True)
        ]

    def _with_parts(self, word: str, whole: Matches) -> Matches:
        """Return the matches of the whole word, of the beginnings of words, and of similar words.

        Similar words are compared only if there are no other matches.
        """
        matches = dict(whole)
        for each in self._beginning_with(word):
            _merge(matches, self._weights[each], BEGINNING)
        if not matches:
            for each, similarity in self._similar(word):
                _merge(matches, self._weights[each], SIMILAR * similarity)
        return matches

    def _exact(self, word: str) -> Matches:
        matches: Matches = dict(self._weights.get(word, {}))
        for each in self._by_key.get(key_of(word), ()):
            _merge(matches, self._weights[each], SAME_SOUND)
        return matches

    def _beginning_with(self, word: str) -> Iterator[str]:
        if len(word) < LEAST_LETTERS:
            return
        yield from _range_of(self._words, word)
        key = key_of(word)
        if len(key) > LEAST_LETTERS:
            for each in _range_of(self._keys, key):
                yield from self._by_key[each]

    def _similar(self, word: str) -> Iterator[tuple[str, float]]:
        """Return words that differ in one letter, or in two if they are long, with the similarity.

        The first letters are equal: few people mistake them.
        """
        if len(word) >= LEAST_SIMILAR:
            most = 1 if len(word) < LONG_WORD else 2
            for length in range(len(word) - most, len(word) + most + 1):
                for each, distance in _near(word, self._by_length.get(length, ()), most):
                    yield each, 1 - distance / len(word)
        key = key_of(word)
        if len(key) > LEAST_SIMILAR:
            for near, distance in _near(key, self._keys, 1):
                for each in self._by_key[near]:
                    yield each, 1 - distance / len(key)


def _near(word: str, words: Sequence[str], most: int) -> Iterator[tuple[str, int]]:
    """Return the words that differ in at most `most` letters, with the number of letters."""
    found = process.extract(word, words, scorer=OSA.distance, score_cutoff=most, limit=None)
    for each, distance, _ in found:
        if each[0] == word[0]:
            yield each, distance


def _range_of(words: Sequence[str], beginning: str) -> Sequence[str]:
    """Return the words that begin with a text, from a sorted list."""
    return words[bisect_left(words, beginning) : bisect_left(words, beginning + "\U0010ffff")]


def _merge(matches: Matches, weights: Matches, quality: float = 1.0) -> None:
    for number, weight in weights.items():
        value = weight * quality
        if value > matches.get(number, 0.0):
            matches[number] = value


def _both(text: Text | None) -> list[str]:
    return [] if text is None else [each for each in (text.en, text.hi) if each]


def _texts_of(
    service: Service, departments: Mapping[str, Department]
) -> Iterator[tuple[float, str]]:
    """Return the texts of a service, each with its weight."""
    yield CODE, service.code
    department = departments.get(service.department_identifier)
    named: list[tuple[float, Text | None]] = [
        (NAME, service.name_text),
        (GROUP, service.group_text),
        (DEPARTMENT, department.name_text if department else None),
        (PRODUCT, service.produces_text),
        (DESCRIPTION, service.description_text),
    ]
    for weight, text in named:
        for each in _both(text):
            yield weight, each
    for keyword in service.keywords:
        yield KEYWORD, keyword
    for event in service.life_events:
        for each in (*_both(LABELS["LifeEvent"][event.name]), LIFE_EVENT_WORDS[event]):
            yield LIFE_EVENT, each
    for audience in service.audience:
        yield AUDIENCE, AUDIENCE_WORDS.get(audience, "")
