"""Makes the tree's leaves: one JSON object for each entry."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from hub.access.log.acts import ActEntry
from hub.access.log.entries import AccessEntry
from hub.access.log.fields import field_set
from hub.access.log.keys import LogKey
from hub.access.log.persons import member, numbered
from hub.access.principal import Principal

PERSONS_PER_LEAF = 1_000
"""An entry about more people becomes several leaves: tlog-tiles limits a leaf to 65,535 bytes."""
MAX_TEXT = 500

Entry = AccessEntry | ActEntry


class Leaf(NamedTuple):
    """A leaf before it is in the tree: its content, and the hashes of its people."""

    content: bytes
    persons: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Concerned:
    """The people of one entry.

    Attributes:
        persons: identities of the people that the data is about, each once.
        reader: identity of the principal, if the principal is a citizen.
    """

    persons: Sequence[str]
    reader: str | None


def concerned_by(entries: Sequence[Entry]) -> list[Concerned]:
    """Return the people of each entry. Entries about the same people share one object.

    The calls of one operation often concern the same people, as do repeated operations.
    """
    known: dict[Hashable, Concerned] = {}
    found: list[Concerned] = []
    for entry in entries:
        numbers = tuple(entry.numbers) if isinstance(entry, AccessEntry) else ()
        own = entry.principal.member_identifier
        key = tuple(entry.citizens), numbers, own
        concerned = known.get(key)
        if concerned is None:
            persons = dict.fromkeys(map(member, entry.citizens))
            persons |= dict.fromkeys(numbered(*each) for each in numbers)
            concerned = known[key] = Concerned(list(persons), member(own) if own else None)
        found.append(concerned)
    return found


def identities_of(concerned: Iterable[Concerned]) -> dict[str, None]:
    """Return the identities of all people, each once."""
    found: dict[str, None] = {}
    for each in {id(each): each for each in concerned}.values():
        found |= dict.fromkeys(each.persons)
        if each.reader:
            found[each.reader] = None
    return found


def leaves_of(
    entries: Sequence[Entry],
    concerned: Sequence[Concerned],
    hashes: Mapping[str, bytes],
    key: LogKey,
) -> tuple[list[Leaf], dict[str, bytes]]:
    """Return the leaves of the entries, and the sets of fields that they name, by digest.

    Args:
        concerned: the people of each entry.
        hashes: the hash of each identity.
        key: hides the principals.
    """
    leaves: list[Leaf] = []
    sets: dict[str, bytes] = {}
    principal: Principal | None = None
    about_principal: dict[str, object] = {}
    parts: dict[int, list[_Part]] = {}
    for entry, people in zip(entries, concerned, strict=True):
        if entry.principal is not principal:
            principal = entry.principal
            about_principal = _principal(principal, key)
            if people.reader:
                about_principal["reader"] = text_of(hashes[people.reader])
        if isinstance(entry, AccessEntry):
            digest, content = field_set(entry.capability, entry.needed)
            sets[digest] = content
            body = _access(entry, digest)
        else:
            body = _act(entry)
        body |= about_principal
        if id(people) not in parts:
            parts[id(people)] = list(_parts([hashes[each] for each in people.persons]))
        for persons, written in parts[id(people)]:
            body["persons"] = written
            leaves.append(Leaf(orjson.dumps(body), persons))
    return leaves, sets


def text_of(person: bytes) -> str:
    """Return a person's hash as leaves contain it."""
    return person.hex()


def _principal(principal: Principal, key: LogKey) -> dict[str, object]:
    found = {
        "role": principal.role.value,
        "subject": key.principal_of(principal.subject),
        "subjectKey": key.key_id if principal.subject else "",
        "portal": _plain(principal.client),
        "centre": _plain(principal.centre or ""),
        "office": _plain(principal.department or ""),
    }
    return {name: value for name, value in found.items() if value}


def _access(entry: AccessEntry, fields: str) -> dict[str, object]:
    body: dict[str, object] = {
        "kind": "access",
        "started": entry.started_us,
        "ended": entry.ended_us,
        "correlation": entry.correlation_id,
        "department": entry.department,
        "capability": entry.capability.name,
        "fields": fields,
        "outcome": entry.error_code or "OK",
    }
    if entry.purpose:
        body["purpose"] = entry.purpose
    if entry.legal_basis:
        body["basis"] = entry.legal_basis
    if entry.consent:
        body["consent"] = entry.consent
    return body


def _act(entry: ActEntry) -> dict[str, object]:
    return {
        "kind": "act",
        "started": entry.at_us,
        "ended": entry.at_us,
        "correlation": entry.correlation_id,
        "act": entry.act.value,
        "target": _plain(entry.target),
        "reason": _plain(entry.reason),
    }


def _plain(text: str) -> str:
    """Return the text cut to a length that a leaf can hold, without lone surrogates."""
    return text[:MAX_TEXT].encode(errors="backslashreplace").decode()


_Part = tuple[Sequence[bytes], orjson.Fragment]
"""The people of one leaf: their hashes, and the hashes as JSON."""


def _parts(persons: Sequence[bytes]) -> Iterator[_Part]:
    for start in range(0, max(1, len(persons)), PERSONS_PER_LEAF):
        part = persons[start : start + PERSONS_PER_LEAF]
        yield part, orjson.Fragment(orjson.dumps([text_of(each) for each in part]))
