"""The Merkle tree of RFC 6962: hashes of leaves and nodes, and the roots of a growing tree."""

from collections.abc import Iterable
from hashlib import sha256

HASH_BYTES = 32


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of a leaf."""
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node with these children."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the complete subtrees at the right edge of a tree, largest first.

    They are all that is needed to append leaves and to compute the root.

    Args:
        size: number of leaves.
        hashes: the roots, joined.
    """

    __slots__ = ("_hashes", "size")

    def __init__(self, size: int = 0, hashes: bytes = b"") -> None:
        self.size = size
        self._hashes = [
            hashes[start : start + HASH_BYTES] for start in range(0, len(hashes), HASH_BYTES)
        ]

    def appended(self, leaf_hashes: Iterable[bytes]) -> "Frontier":
        """Return the frontier after leaves with these hashes are appended."""
        grown = Frontier(self.size)
        hashes = grown._hashes = list(self._hashes)
        size = self.size
        for each in leaf_hashes:
            complete = size
            while complete & 1:
                each = node_hash(hashes.pop(), each)
                complete >>= 1
            hashes.append(each)
            size += 1
        grown.size = size
        return grown

    def root(self) -> bytes:
        """Return the tree's root hash."""
        if not self._hashes:
            return sha256().digest()
        root = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            root = node_hash(left, root)
        return root

    def to_bytes(self) -> bytes:
        return b"".join(self._hashes)
