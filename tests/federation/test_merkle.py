"""The tree: every leaf counts, none can be passed off as a node, and a path shows that one is in it."""

import hashlib

import pytest

from wallstreetfeds.federation.evidence.merkle import inclusion_path, leaf_hash, merkle_root, root_of_path

TAG = "tests/1"


def leaves(count, salt=b""):
    return [leaf_hash(f"leaf/{k}", salt + bytes([k])) for k in range(count)]


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def test_three_leaves_by_hand():
    a, b, c = leaves(3)
    assert a == sha(b"\x00", (6).to_bytes(8, "little"), b"leaf/0", b"\x00")
    top = sha(b"\x01", sha(b"\x01", a, b), c)
    assert merkle_root(TAG, [a, b, c]) == sha(
        b"\x02", (7).to_bytes(8, "little"), (3).to_bytes(8, "little"), TAG.encode(), top
    )


@pytest.mark.parametrize("count", range(1, 18))
def test_every_leafs_path_leads_to_the_root_and_another_leafs_does_not(count):
    tree = leaves(count)
    root = merkle_root(TAG, tree)
    for index, leaf in enumerate(tree):
        path = inclusion_path(tree, index)
        assert len(path) <= (count - 1).bit_length()
        assert root_of_path(TAG, leaf, index, count, path) == root
        assert root_of_path(TAG, leaf_hash("leaf/0", b"other"), index, count, path) != root
        if count > 1:
            moved = (index + 1) % count
            with_another_place = None
            try:
                with_another_place = root_of_path(TAG, leaf, moved, count, path)
            except ValueError:
                continue
            assert with_another_place != root


def test_the_root_changes_with_every_leaf_their_order_their_number_and_the_tag():
    tree = leaves(5)
    roots = {merkle_root(TAG, tree), merkle_root("tests/2", tree), merkle_root(TAG, tree[::-1])}
    roots |= {merkle_root(TAG, tree[:count]) for count in range(1, 5)}
    for k in range(5):
        roots.add(merkle_root(TAG, [*tree[:k], leaf_hash(f"leaf/{k}", b"other"), *tree[k + 1 :]]))
    assert len(roots) == 3 + 4 + 5


def test_a_node_in_place_of_two_leaves_gives_another_root():
    a, b, c, d = leaves(4)
    forged = [sha(b"\x01", a, b), sha(b"\x01", c, d)]
    assert merkle_root(TAG, forged) != merkle_root(TAG, [a, b, c, d])


def test_a_doubled_last_leaf_gives_another_root():
    a, b, c = leaves(3)
    assert merkle_root(TAG, [a, b, c]) != merkle_root(TAG, [a, b, c, c])


def test_names_and_values_do_not_run_into_each_other():
    assert leaf_hash("ab", b"c") != leaf_hash("a", b"bc")


def test_a_tree_without_leaves_and_leaves_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match="at least one leaf"):
        merkle_root(TAG, [])
    with pytest.raises(ValueError, match="no leaf 3 in a tree of 3"):
        inclusion_path(leaves(3), 3)
    with pytest.raises(ValueError, match="no leaf -1"):
        root_of_path(TAG, bytes(32), -1, 3, [])


@pytest.mark.parametrize("change", [lambda path: path[:-1], lambda path: [*path, bytes(32)], lambda path: []])
def test_a_path_of_another_length_is_refused(change):
    tree = leaves(5)
    with pytest.raises(ValueError, match="length"):
        root_of_path(TAG, tree[1], 1, 5, change(inclusion_path(tree, 1)))


@pytest.mark.parametrize("client", [-1, 3])
def test_there_is_no_proof_for_a_client_that_is_not_there(scored, client):
    with pytest.raises(ValueError, match=f"clients 0 to 2, got {client}"):
        scored.manifest.proof(client)
