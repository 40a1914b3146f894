"""What auditors do with the log's database: verify it, and list the people of a breach."""

import contextlib
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from hub.access.log.database import Database
from hub.access.log.export import Leaf, checkpoints_of, leaves_in
from hub.access.log.keys import LogKey, origin_prefix, public_keys
from hub.access.log.notes import verifier_key
from hub.access.log.persons import Persons
from hub.access.log.reader import Found, LogReader
from hub.access.log.retention import deleted_in
from hub.access.log.tree import BUNDLE_BITS, first_id, origin_of
from hub.access.log.verifier import (
    PARENT,
    Checkpoint,
    NoteError,
    Problem,
    TreeCheck,
    digest_of,
    read_all,
    read_checkpoint,
)
from hub.store.tables import microseconds_of, moment_of


@dataclass(frozen=True, slots=True)
class Verified:
    """The result of a verification.

    Attributes:
        records: number of records.
        without_content: how many of them have lost their content after the retention time.
        problems: the first problem of each tree, and all wrong checkpoints.
    """

    records: int
    without_content: int
    problems: Sequence[Problem]


async def verify(
    database: Database, keys: Sequence[bytes] = (), kept: Sequence[bytes] = ()
) -> Verified:
    """Verify all trees in the database of a log, also while a hub writes it.

    Args:
        keys: public keys of the log; those in the database if empty.
        kept: checkpoints that the auditor kept.
    """
    trusted = list(keys) or await public_keys(database)
    prefix = await origin_prefix(database)
    problems: list[Problem] = []
    extra: list[Checkpoint] = []
    for index, note in enumerate(kept, 1):
        try:
            extra.append(read_checkpoint(note, trusted, f"kept checkpoint {index}"))
        except NoteError as error:
            problems.append(Problem(PARENT, None, f"the kept checkpoint {index} {error}"))
    stored = await database.fetch("SELECT digest, content FROM access_log_fields")
    sets = {
        digest_of(bytes(content))
        for digest, content in stored
        if digest_of(bytes(content)).encode() == digest
    }
    records = without_content = 0
    query = "SELECT tree, size FROM access_log_tree ORDER BY tree"
    for tree, size in await database.fetch(query):
        origin = origin_of(prefix, tree)
        signed = await checkpoints_of(database, tree)
        notes = {f"checkpoint of size {each}": note for each, note in signed}
        found = [each for each in extra if each.origin == origin]
        for source, read in zip(notes, read_all(notes, trusted), strict=True):
            if isinstance(read, str):
                problems.append(Problem(tree, None, f"the {source} {read}"))
            elif read.origin != origin:
                text = f"the {source} is of another tree, {read.origin}"
                problems.append(Problem(tree, None, text))
            else:
                found.append(read)
        # A hub that runs may have signed checkpoints since the tree's size was read.
        covered = max([size, *(each.size for each in found)])
        check = TreeCheck(tree, found, sets.__contains__, deleted=await deleted_in(database, tree))
        people = IndexCount(tree, covered)
        async for leaves in leaves_in(database, tree, covered):
            for leaf in leaves:
                check.add(*leaf)
            people.add(leaves)
        problem = check.finish() or await people.problem(database)
        if problem is not None:
            problems.append(problem)
        records += check.size
        without_content += check.without_content
    return Verified(records, without_content, problems)


class IndexCount:
    """Counts the rows that the index of people must have for the complete bundles of a tree.

    Citizens read their accesses through this index, which is not part of the tree.
    """

    def __init__(self, tree: int, size: int) -> None:
        self._tree = tree
        self._end = size >> BUNDLE_BITS << BUNDLE_BITS
        self._rows = 0
        self._bundle = -1
        self._people: set[str] = set()

    def add(self, leaves: Sequence[Leaf]) -> None:
        """Count the people in leaves, which must come in their order."""
        for record, _digest, content in leaves:
            if record >= self._end or content is None:
                continue
            if record >> BUNDLE_BITS != self._bundle:
                self._rows += len(self._people)
                self._bundle, self._people = record >> BUNDLE_BITS, set()
            with contextlib.suppress(ValueError, AttributeError, TypeError):
                # The tree's verification names a record that was changed.
                self._people.update(json.loads(content).get("persons", ()))

    async def problem(self, database: Database) -> Problem | None:
        """Return what is wrong with the index; None if it has as many rows as it must have."""
        expected = self._rows + len(self._people)
        first = first_id(self._tree)
        query = "SELECT count(*) FROM access_log_person WHERE bundle >= ? AND bundle < ?"
        ends = first >> BUNDLE_BITS, (first + self._end) >> BUNDLE_BITS
        ((found,),) = await database.fetch(query, *ends)
        if found == expected:
            return None
        text = f"the index of people has {found} rows in place of {expected}"
        return Problem(self._tree, None, f"{text}: citizens do not see all accesses")


async def verifier_keys(database: Database) -> list[str]:
    """Return the public keys of the log as signed-note writes them, one for each tree."""
    prefix = await origin_prefix(database)
    return [
        verifier_key(origin_of(prefix, tree), key)
        for (tree,) in await database.fetch("SELECT tree FROM access_log_tree ORDER BY tree")
        for key in await public_keys(database)
    ]


@dataclass(slots=True)
class Touched:
    """A person in a breach: somebody read the person's data.

    Attributes:
        person: Family ID member number, or scheme and number; None if the person was erased.
        accesses: how many entries there are.
        first: time of the first access (UTC).
        last: time of the last access (UTC).
        departments: identifiers of the departments that the records came from.
        fields: names of the fields that were read.
    """

    person: str | None
    accesses: int = 0
    first: dt.datetime | None = None
    last: dt.datetime | None = None
    departments: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class BreachFilter:
    """Which accesses belong to a breach. An attribute that is None admits all.

    Attributes:
        start: first moment.
        end: first moment after the breach.
        department: identifier of the department that the records came from.
        principal: the principal: issuer, `|` and subject.
        centre: identifier of the service centre.
    """

    start: dt.datetime
    end: dt.datetime
    department: str | None = None
    principal: str | None = None
    centre: str | None = None

    def admits(self, found: Found, subjects: frozenset[str]) -> bool:
        """Return whether an entry belongs to the breach."""
        body = found.body
        return (
            body["kind"] == "access"
            and body["outcome"] == "OK"
            and self.department in (None, body["department"])
            and self.centre in (None, body.get("centre"))
            and (self.principal is None or body.get("subject") in subjects)
        )


async def touched(
    database: Database, keys: Sequence[LogKey], breach: BreachFilter
) -> list[Touched]:
    """Return the people in a breach, those with most accesses first."""
    reader = LogReader(database)
    subjects = frozenset(key.principal_of(breach.principal or "") for key in keys)
    found: dict[str, Touched] = {}
    start, end = microseconds_of(breach.start), microseconds_of(breach.end)
    async for entry in reader.between(start, end):
        if breach.admits(entry, subjects):
            names = await reader.fields(entry.body["fields"])
            for person in entry.body["persons"]:
                _note(found.setdefault(person, Touched(None)), entry, names)
    persons = await Persons(database, keys).identities([bytes.fromhex(each) for each in found])
    for digest, identity in persons.items():
        found[digest.hex()].person = identity.removeprefix("member|")
    return sorted(found.values(), key=lambda each: (-each.accesses, each.person or ""))


def _note(person: Touched, entry: Found, fields: Sequence[str]) -> None:
    moment = moment_of(entry.body["started"])
    person.accesses += 1
    person.first = moment if person.first is None else min(person.first, moment)
    person.last = moment if person.last is None else max(person.last, moment)
    person.departments.add(entry.body["department"])
    person.fields.update(fields)
