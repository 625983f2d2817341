"""The hash tree, by the vectors of Certificate Transparency and by trying all small trees."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.merkle import (
    EMPTY,
    Tree,
    consistency_path,
    inclusion_path,
    is_consistent,
    is_included,
    leaf_hash,
    root_of,
)

ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
# The reference vectors of RFC 6962, whose tree RFC 9162 keeps.
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
}
CONSISTENCY = {
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}


def hexed(path):
    return [node.hex() for node in path]


@pytest.mark.parametrize("size", range(9))
def test_roots_are_those_of_the_vectors(size):
    assert root_of(LEAVES[:size]).hex() == ROOTS[size]


def test_proofs_are_those_of_the_vectors():
    for (index, size), path in INCLUSION.items():
        assert hexed(inclusion_path(LEAVES[:size], index)) == path
    for (old, size), path in CONSISTENCY.items():
        assert hexed(consistency_path(LEAVES[:size], old)) == path


@pytest.mark.parametrize("size", range(1, 34))
def test_each_proof_of_a_small_tree_holds_and_no_other(size):
    leaves = [leaf_hash(bytes([number])) for number in range(size)]
    root = root_of(leaves)
    for index in range(size):
        path = inclusion_path(leaves, index)
        assert is_included(leaves[index], index, size, path, root)
        assert not is_included(leaves[index], index, size, [*path, EMPTY], root)
        assert not is_included(leaf_hash(b"other"), index, size, path, root)
        for other in set(range(size)) - {index}:
            assert not is_included(leaves[index], other, size, path, root)
    for old in range(1, size + 1):
        path = consistency_path(leaves, old)
        before = root_of(leaves[:old])
        assert is_consistent(old, before, size, root, path)
        assert not is_consistent(old, EMPTY, size, root, path)
        assert not is_consistent(old, before, size, root, [*path, EMPTY])
        if path:
            assert not is_consistent(old, before, size, root, path[:-1])


@given(st.lists(st.binary(max_size=8), max_size=70), st.integers(0, 70))
def test_a_tree_that_is_put_away_and_taken_out_grows_on(entries, pause):
    leaves = [leaf_hash(entry) for entry in entries]
    tree = Tree()
    for leaf in leaves[:pause]:
        tree.append(leaf)
    again = Tree(tree.size, tree.peaks)
    for leaf in leaves[pause:]:
        again.append(leaf)
    assert (again.size, again.root) == (len(leaves), root_of(leaves))
    assert len(again.peaks) == again.size.bit_count()


def test_a_leaf_never_passes_for_a_node():
    pair = LEAVES[0] + LEAVES[1]
    assert leaf_hash(pair) != root_of(LEAVES[:2]) == sha256(b"\1" + pair).digest()
