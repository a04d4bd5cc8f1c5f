"""Hash trees: every leaf leads to the root, and nothing else does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bizsecure.proofs.merkle import climb, leaf, node, root, way_up

leaves = st.integers(1, 40).map(lambda number: [leaf(bytes([each])) for each in range(number)])


@given(leaves, st.data())
def test_every_leaf_leads_to_the_root(hashes: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(hashes) - 1))
    assert climb(hashes[index], way_up(hashes, index)) == root(hashes)


@given(leaves, st.data())
def test_nothing_else_leads_there(hashes: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(hashes) - 1))
    assert climb(leaf(b"another"), way_up(hashes, index)) != root(hashes)


@given(leaves, st.sampled_from([1, 2, 4, 8]))
def test_the_tree_over_parts_is_the_tree_over_all(hashes: list[bytes], size: int) -> None:
    parts = [root(hashes[begin : begin + size]) for begin in range(0, len(hashes), size)]
    assert root(parts) == root(hashes)


def test_a_leaf_is_no_node() -> None:
    left, right = leaf(b"left"), leaf(b"right")
    assert leaf(left + right) != node(left, right)


def test_of_nothing_there_is_a_root_too() -> None:
    assert root([]) == bytes(32)
