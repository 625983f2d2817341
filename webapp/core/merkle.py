"""The hash tree of RFC 9162, section 2.1: roots, and proofs of inclusion and of consistency.

Pure: bytes in, bytes out.  ``leaves`` are leaf hashes (``leaf_hash`` of each entry), in order.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import accumulate

EMPTY = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry; what a leaf is can never pass for a node."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return sha256(b"\1" + left + right).digest()


class Tree:
    """A tree that only grows; it keeps the roots of its perfect subtrees, the largest first."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash."""
        self.peaks.append(leaf)
        filled = self.size
        while filled & 1:
            right = self.peaks.pop()
            self.peaks[-1] = node_hash(self.peaks[-1], right)
            filled >>= 1
        self.size += 1

    @property
    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self.peaks:
            return EMPTY
        *_, whole = accumulate(reversed(self.peaks), lambda right, left: node_hash(left, right))
        return whole


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    tree = Tree()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root


def inclusion_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the proof that leaf ``index`` is in the tree (section 2.1.3.1)."""
    if len(leaves) == 1:
        return []
    left = _left(len(leaves))
    if index < left:
        return [*inclusion_path(leaves[:left], index), root_of(leaves[left:])]
    return [*inclusion_path(leaves[left:], index - left), root_of(leaves[:left])]


def consistency_path(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return the proof that the tree of ``old_size`` is how this one began (section 2.1.4.1)."""
    return _subproof(leaves, old_size, is_whole=True) if 0 < old_size < len(leaves) else []


def _subproof(leaves: Sequence[bytes], old_size: int, *, is_whole: bool) -> list[bytes]:
    if old_size == len(leaves):
        return [] if is_whole else [root_of(leaves)]
    left = _left(len(leaves))
    if old_size <= left:
        below = _subproof(leaves[:left], old_size, is_whole=is_whole)
        return [*below, root_of(leaves[left:])]
    below = _subproof(leaves[left:], old_size - left, is_whole=False)
    return [*below, root_of(leaves[:left])]


def _left(size: int) -> int:
    """Return the largest power of two below ``size``."""
    return int(1 << (size - 1).bit_length() - 1)


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Tell whether a proof of inclusion holds (section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(
    old_size: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]
) -> bool:
    """Tell whether a proof of consistency holds (section 2.1.4.2)."""
    if old_size == size:
        return old_root == root and not path
    if not 0 < old_size < size or not path:
        return False
    nodes = list(path) if old_size & (old_size - 1) else [old_root, *path]
    place, last = old_size - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, node)
        place, last = place >> 1, last >> 1
    return last == 0 and (old, new) == (old_root, root)
