"""Verifies an export of the access log. Needs Python 3.11 or later and nothing else.

    python verify.py DIR [--key FILE] [--checkpoint FILE]...

The log is a Merkle tree (RFC 6962) in the files of C2SP tlog-tiles, with checkpoints that are
signed with Ed25519 (C2SP tlog-checkpoint, signed-note). This program checks each record against its
hash, the hashes against every checkpoint, and the signatures. It names the first bad record.

A log that was cut back to an older state, with all later checkpoints removed, looks complete. Keep
checkpoints (`https://HUB/access-log/checkpoint`) and pass them with `--checkpoint`. Take the public
keys from the operator of the hub, not from the export, and pass them with `--key`.
"""

import argparse
import binascii
import json
import struct
import sys
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256, sha512
from multiprocessing import Pool
from pathlib import Path

HASH = 32
WIDTH = 256
"""Hashes of a tile, and records of a bundle."""
LENGTH = struct.Struct(">H")
FIELDS = b'"fields":"'
MISSING = bytes(HASH)
"""Stands in tiles for the hash of a record that is not in the hub's database."""
FEW_CHECKPOINTS = 100
"""Fewer checkpoints are verified in one process. A signature takes some milliseconds."""
PARENT = 0
"""The tree of which the records are checkpoints of the other trees."""


@dataclass(frozen=True)
class Problem:
    """What is wrong with a tree.

    Attributes:
        tree: number of the tree.
        record: index of the record; None if no single record is wrong.
        text: what is wrong.
    """

    tree: int
    record: int | None
    text: str

    def __str__(self) -> str:
        where = "" if self.record is None else f", record {self.record}"
        return f"tree {self.tree}{where}: {self.text}"


class NoteError(Exception):
    """A checkpoint is not well-formed, or its signature is wrong."""


@dataclass(frozen=True)
class Checkpoint:
    """A signed statement: the first `size` records of the tree `origin` have this root.

    Attributes:
        source: where the checkpoint comes from, for messages.
    """

    origin: str
    size: int
    root: bytes
    source: str = "checkpoint"


def read_checkpoint(note: bytes, keys: Iterable[bytes], source: str = "checkpoint") -> Checkpoint:
    """Return the checkpoint in a signed note.

    Args:
        keys: public keys of the log, 32 bytes each.

    Raises:
        NoteError: the note is not a checkpoint, or none of the keys signed it.
    """
    try:
        text, _, signatures = note.decode().partition("\n\n")
        text += "\n"
        origin, size, root = text.splitlines()[:3]
        found = Checkpoint(origin, int(size), b64decode(root, validate=True), source)
    except (ValueError, binascii.Error):
        raise NoteError("is not a checkpoint") from None
    known = {key_id(found.origin, key): key for key in keys}
    for line in signatures.splitlines():
        mark, name, signature = (*line.split(" "), "", "")[:3]
        try:
            content = b64decode(signature, validate=True)
        except (ValueError, binascii.Error):
            continue
        key = known.get(content[:4])
        if mark == "\u2014" and name == found.origin and key is not None:
            if is_signed(key, text.encode(), content[4:]):
                return found
            raise NoteError("has a forged signature")
    raise NoteError("is not signed with a key of the log")


def _read_or_text(given: tuple[str, bytes, list[bytes]]) -> Checkpoint | str:
    source, note, keys = given
    try:
        return read_checkpoint(note, keys, source)
    except NoteError as error:
        return str(error)


def read_all(notes: dict[str, bytes], keys: list[bytes]) -> list[Checkpoint | str]:
    """Return the checkpoint in each note, by its source, or what is wrong with it."""
    given = [(source, note, keys) for source, note in notes.items()]
    if len(given) < FEW_CHECKPOINTS:
        return [_read_or_text(each) for each in given]
    with Pool() as pool:
        return pool.map(_read_or_text, given)


def key_id(name: str, key: bytes) -> bytes:
    return sha256(name.encode() + b"\n\x01" + key).digest()[:4]


class TreeCheck:
    """Checks the records of one tree, which are added in their order.

    Args:
        tree: number of the tree.
        checkpoints: the checkpoints with right signatures.
        sets: names of the sets of fields that have the right digest.
        level1: hash of each complete tile, from the files; empty if there are none.
        deleted: how many of the first records may lack their content, because of retention.
    """

    def __init__(
        self,
        tree: int,
        checkpoints: Iterable[Checkpoint],
        sets: Callable[[str], bool],
        level1: list[bytes] | None = None,
        deleted: int = 0,
    ) -> None:
        self.tree = tree
        self.size = 0
        self.without_content = 0
        self.problem: Problem | None = None
        self._checkpoints = sorted(checkpoints, key=lambda each: each.size)
        self._next = 0
        self._good = 0
        self._sets = sets
        self._level1 = level1 or []
        self._deleted = deleted
        self._stack: list[bytes] = []
        self._skip(0)

    def add(self, record: int, digest: bytes, content: bytes | None) -> None:
        """Check the next record: its hash in the tree, and its content if there is one."""
        if self.problem is not None:
            return
        if record != self.size or digest == MISSING:
            self._fail(self.size, "is missing")
            return
        if content is None:
            self.without_content += 1
            if record >= self._deleted:
                self._fail(record, "has no content, although retention has not deleted it")
                return
        elif sha256(b"\x00" + content).digest() != digest:
            self._fail(record, "was changed: its content does not have its hash")
            return
        elif (bad := self._bad_set(content)) is not None:
            self._fail(record, f"names the set of fields {bad}, which is missing or was changed")
            return
        self._append(digest)
        if self.problem is None:
            self._compare()

    def finish(self) -> Problem | None:
        """Return the first problem, after the last record was added."""
        if self.problem is None and self._next < len(self._checkpoints):
            missing = self._checkpoints[self._next]
            self._fail(
                self.size,
                f"is missing: the {missing.source} of size {missing.size} covers it",
            )
        return self.problem

    def _append(self, digest: bytes) -> None:
        complete, level = self.size, 0
        while complete & 1:
            digest = sha256(b"\x01" + self._stack.pop() + digest).digest()
            complete >>= 1
            level += 1
            if level == 8:
                self._compare_tile(self.size >> 8, digest)
        self._stack.append(digest)
        self.size += 1

    def _compare_tile(self, tile: int, digest: bytes) -> None:
        if tile < len(self._level1) and self._level1[tile] != digest:
            first = tile * WIDTH
            self._fail(
                max(first, self._good),
                f"or a later one, up to {first + WIDTH - 1}, was changed together with its hash: "
                "the tile above differs",
            )

    def _compare(self) -> None:
        """Compare the root with the checkpoints of this size."""
        while self._next < len(self._checkpoints):
            checkpoint = self._checkpoints[self._next]
            if checkpoint.size != self.size:
                return
            if checkpoint.root != self._root():
                last = checkpoint.size - 1
                more = "" if last == self._good else f"or a later one, up to {last}, "
                self._fail(
                    self._good,
                    f"{more}was changed together with its hash: the {checkpoint.source} of size "
                    f"{checkpoint.size} has another root",
                )
                return
            self._good = checkpoint.size
            self._next += 1

    def _skip(self, size: int) -> None:
        """Compare the checkpoints of the empty tree."""
        if self._checkpoints and self._checkpoints[0].size == size:
            self._compare()

    def _root(self) -> bytes:
        if not self._stack:
            return sha256().digest()
        root = self._stack[-1]
        for left in reversed(self._stack[:-1]):
            root = sha256(b"\x01" + left + root).digest()
        return root

    def _bad_set(self, content: bytes) -> str | None:
        """Return the set of fields that a record names, if the log does not have it."""
        # The search is faster than JSON. A text in the record cannot match: its quotes are escaped.
        start = content.find(FIELDS)
        if start < 0:
            return None
        name = content[start + len(FIELDS) :].partition(b'"')[0].decode(errors="replace")
        return None if self._sets(name) else name

    def _fail(self, record: int, text: str) -> None:
        self.problem = Problem(self.tree, record, text)


# Ed25519 (RFC 8032, section 5.1). Checking a signature needs no secret, so its time may vary.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]


def _add(a: Point, b: Point) -> Point:
    p = (a[1] - a[0]) * (b[1] - b[0]) % P
    q = (a[1] + a[0]) * (b[1] + b[0]) % P
    r = 2 * a[3] * b[3] * D % P
    s = 2 * a[2] * b[2] % P
    e, f, g, h = q - p, s - r, s + r, q + p
    return e * f % P, g * h % P, f * g % P, e * h % P


def _double(a: Point) -> Point:
    p, q = a[0] * a[0] % P, a[1] * a[1] % P
    h = p + q
    e = h - (a[0] + a[1]) * (a[0] + a[1])
    g = p - q
    f = 2 * a[2] * a[2] + g
    e, f = e % P, f % P
    return e * f % P, g * h % P, f * g % P, e * h % P


def _decoded(content: bytes) -> Point | None:
    y = int.from_bytes(content, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


NEUTRAL: Point = (0, 1, 1, 0)
BASE = _decoded((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Return whether the signature of the message was made with the private key of `key`."""
    if len(signature) != 64 or len(key) != 32:
        return False
    public, r = _decoded(key), _decoded(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if public is None or r is None or BASE is None or s >= ORDER:
        return False
    digest = sha512(signature[:32] + key + message).digest()
    h = int.from_bytes(digest, "little") % ORDER
    # s * BASE - h * public, both at once; it must be r.
    negative = (P - public[0], public[1], 1, P - public[3])
    both = _add(BASE, negative)
    result = NEUTRAL
    for bit in range(max(s.bit_length(), h.bit_length()) - 1, -1, -1):
        result = _double(result)
        one, two = s >> bit & 1, h >> bit & 1
        if one and two:
            result = _add(result, both)
        elif one:
            result = _add(result, BASE)
        elif two:
            result = _add(result, negative)
    x, y, z, _ = result
    return (x - r[0] * z) % P == 0 and (y - r[1] * z) % P == 0


def tile_path(number: int, width: int = WIDTH) -> str:
    """Return the path of a tile or bundle, as tlog-tiles writes its number."""
    text = f"{number % 1000:03d}"
    while number >= 1000:
        number //= 1000
        text = f"x{number % 1000:03d}/{text}"
    return text if width == WIDTH else f"{text}.p/{width}"


@dataclass
class Export:
    """An exported log.

    Attributes:
        folder: the folder of the export.
        keys: public keys of the log, 32 bytes each.
        kept: signed notes that the auditor kept, by their file's name.
    """

    folder: Path
    keys: list[bytes] = field(default_factory=list)
    kept: dict[str, bytes] = field(default_factory=dict)

    def problems(self, report: Callable[[str], None]) -> list[Problem]:
        """Return the first problem of each tree.

        Args:
            report: receives what was verified.
        """
        about = json.loads((self.folder / "log.json").read_text())
        if not self.keys:
            self.keys = [bytes.fromhex(each) for each in about["keys"]]
            report("The public keys are those of the export. Pass the operator's with --key.")
        found: list[Problem] = []
        extra: dict[str, list[Checkpoint]] = {}
        trees = {int(number): tree for number, tree in about["trees"].items()}
        origins = {f"{about['log']}/{number}": number for number in trees}
        for name, note in self.kept.items():
            try:
                checkpoint = read_checkpoint(note, self.keys, f"checkpoint {name}")
            except NoteError as error:
                found.append(Problem(PARENT, None, f"the checkpoint {name} {error}"))
                continue
            if checkpoint.origin not in origins:
                text = f"the checkpoint {name} is of another log, {checkpoint.origin}"
                found.append(Problem(PARENT, None, text))
            extra.setdefault(checkpoint.origin, []).append(checkpoint)
        for number, tree in sorted(trees.items()):
            origin = f"{about['log']}/{number}"
            check = self._tree(number, origin, tree, extra, found)
            report(
                f"Tree {number}: {check.size:,} records, of which {check.without_content:,} "
                "without content (deleted after the retention time)."
            )
            if check.problem is not None:
                found.append(check.problem)
        return found

    def _tree(
        self,
        number: int,
        origin: str,
        about: dict[str, int],
        extra: dict[str, list[Checkpoint]],
        found: list[Problem],
    ) -> TreeCheck:
        folder = self.folder / "trees" / str(number)
        checkpoints = list(extra.get(origin, ()))
        files = [*sorted(folder.glob("checkpoints/*")), folder / "checkpoint"]
        notes = {
            f"checkpoint {file.relative_to(self.folder)}": file.read_bytes()
            for file in files
            if file.is_file()
        }
        if not (folder / "checkpoint").is_file():
            found.append(Problem(number, None, "its newest checkpoint is missing"))
        for source, read in zip(notes, read_all(notes, self.keys), strict=True):
            if isinstance(read, str):
                found.append(Problem(number, None, f"the {source} {read}"))
            elif read.origin != origin:
                text = f"the {source} is of another tree, {read.origin}"
                found.append(Problem(number, None, text))
            else:
                checkpoints.append(read)
        check = TreeCheck(
            number, checkpoints, self._has_set, self._level1(folder), about["deleted"]
        )
        for record, digest, content in self._records(folder):
            check.add(record, digest, content)
            if number == PARENT and content is not None:
                self._add_child(content, record, extra, found)
        check.finish()
        newest = max((each.size for each in checkpoints if each.origin == origin), default=0)
        if check.problem is None and newest < check.size:
            text = f"is in no checkpoint: the newest one covers {newest} records only"
            check.problem = Problem(number, newest, text)
        return check

    def _add_child(
        self,
        content: bytes,
        record: int,
        extra: dict[str, list[Checkpoint]],
        found: list[Problem],
    ) -> None:
        """Note the checkpoint of another tree, which a record of the parent tree contains."""
        try:
            note = json.loads(content)["note"].encode()
            source = f"checkpoint in record {record} of the parent tree"
            checkpoint = read_checkpoint(note, self.keys, source)
        except (ValueError, KeyError, NoteError) as error:
            found.append(Problem(PARENT, record, f"has no checkpoint of another tree ({error})"))
        else:
            extra.setdefault(checkpoint.origin, []).append(checkpoint)

    def _has_set(self, name: str, _known: dict[str, bool] = {}) -> bool:  # noqa: B006
        """Return whether the set of fields is in the export and has the right digest."""
        key = f"{self.folder}/{name}"
        if key not in _known:
            file = self.folder / "fields" / f"{name}.json"
            is_safe = name.replace("-", "").replace("_", "").isalnum()
            _known[key] = is_safe and file.is_file() and digest_of(file.read_bytes()) == name
        return _known[key]

    def _level1(self, folder: Path) -> list[bytes]:
        return [digest for _, digest in _hashes(folder / "tile" / "1")]

    def _records(self, folder: Path) -> Iterator[tuple[int, bytes, bytes | None]]:
        """Yield index, hash and content of each record."""
        contents: list[bytes] | None = None
        for index, digest in _hashes(folder / "tile" / "0"):
            if index % WIDTH == 0:
                contents = _bundle(folder / "tile" / "entries", index // WIDTH)
            place = index % WIDTH
            if contents is None:
                yield index, digest, None
            else:
                yield index, digest, contents[place] or None if place < len(contents) else b""


def digest_of(content: bytes) -> str:
    """Return the name of a set of fields with this content."""
    return urlsafe_b64encode(sha256(content).digest()).decode().rstrip("=")


def _hashes(folder: Path) -> Iterator[tuple[int, bytes]]:
    """Yield index and hash of the hashes in the tiles of one level."""
    number = 0
    while (content := _tile(folder, number)) is not None:
        for start in range(0, len(content), HASH):
            yield number * WIDTH + start // HASH, content[start : start + HASH]
        if len(content) < WIDTH * HASH:
            return
        number += 1


def _tile(folder: Path, number: int) -> bytes | None:
    """Return a tile; None if there is none."""
    file = folder / tile_path(number)
    if file.is_file():
        return file.read_bytes()
    partial = sorted((folder / f"{tile_path(number)}.p").glob("*"), key=lambda each: each.name)
    return partial[-1].read_bytes() if partial else None


def _bundle(folder: Path, number: int) -> list[bytes] | None:
    """Return the contents of the records in a bundle; None if they were deleted."""
    content = _tile(folder, number)
    if content is None:
        return None
    found: list[bytes] = []
    start = 0
    while start + LENGTH.size <= len(content):
        (length,) = LENGTH.unpack_from(content, start)
        start += LENGTH.size
        found.append(content[start : start + length])
        start += length
    return found


def key_in(text: str) -> bytes:
    """Return the public key in a verifier key of signed-note: `NAME+ID+KEY`.

    Raises:
        NoteError: the text is not such a key.
    """
    try:
        # 33 bytes are 44 characters of Base64, which may contain `+`.
        content = b64decode(text.strip()[-44:], validate=True)
    except (ValueError, binascii.Error):
        content = b""
    if len(content) != 33 or content[0] != 1:
        raise NoteError("is not an Ed25519 key of the form NAME+ID+KEY")
    return content[1:]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verify an export of the access log.")
    parser.add_argument("folder", type=Path, help="folder that `hub audit export` wrote")
    parser.add_argument("--key", type=Path, help="file with the log's public keys, one per line")
    parser.add_argument(
        "--checkpoint", type=Path, action="append", default=[], help="a checkpoint that you kept"
    )
    given = parser.parse_args(arguments)
    try:
        keys = []
        if given.key is not None:
            lines = given.key.read_text().splitlines()
            keys = [key_in(line) for line in lines if line.strip()]
        kept = {each.name: each.read_bytes() for each in given.checkpoint}
        problems = Export(given.folder, keys, kept).problems(print)
    except (OSError, NoteError, ValueError, KeyError) as error:
        print(f"The export can't be read: {error}", file=sys.stderr)
        return 2
    for problem in problems:
        print(f"BAD: {problem}")
    if problems:
        return 1
    print("The log is complete and unchanged.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
