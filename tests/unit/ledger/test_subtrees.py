# SPDX-License-Identifier: Apache-2.0
"""Where rows of complete subtrees stand, and what is done with a file that does not fit."""

import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.crypto.digests import SHA256
from datong.kernel.errors import Unavailable
from datong.ledger import merkle, subtrees
from datong.ledger.subtrees import ROW, Stale, Subtrees, complete, place_of, rows_of, tiles_in


def tiles(count):
    return [SHA256.hash(number.to_bytes(4, "big")) for number in range(count)]


@given(st.integers(0, 3000))
def test_rows_and_tiles_are_told_from_each_other(count):
    assert tiles_in(rows_of(count)) == count
    assert tiles_in(max(0, rows_of(count + 1) - 1)) == count


def test_every_place_is_taken_once():
    places = [place_of(level, number) for level in range(6) for number in range(32 >> level)]
    assert sorted(places) == list(range(rows_of(32)))


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 21])
def test_every_node_is_the_root_over_its_tiles(tmp_path, count, monkeypatch):
    monkeypatch.setattr(subtrees, "WRITE_AT", 5)
    leaves = tiles(count)
    held = Subtrees(tmp_path, SHA256)
    for number, leaf in enumerate(leaves):
        held.push(leaf, number * 10)
    held.flush()
    again = Subtrees(tmp_path, SHA256)
    assert again.tiles == count
    for level in range(count.bit_length()):
        for number in range(count >> level):
            assert again.node(level, number) == merkle.root(leaves[number << level : (number + 1) << level])
    assert [again.end(number) for number in range(count)] == [number * 10 for number in range(count)]
    assert complete(leaves[:1], SHA256) == leaves[0]
    held.close()
    again.close()


def test_it_goes_on_where_it_was_left_even_inside_a_row(tmp_path):
    leaves = tiles(9)
    first = Subtrees(tmp_path, SHA256)
    for leaf in leaves[:6]:
        first.push(leaf, 1)
    first.flush()
    first.close()
    path = tmp_path / subtrees.NAME
    path.write_bytes(path.read_bytes()[: rows_of(4) * ROW.size + 7])
    second = Subtrees(tmp_path, SHA256)
    assert second.tiles == 4
    for leaf in leaves[4:8]:
        second.push(leaf, 1)
    second.flush()
    assert second.node(3, 0) == merkle.root(leaves[:8])
    second.close()


def test_what_is_not_there_is_stale(tmp_path):
    held = Subtrees(tmp_path, SHA256)
    with pytest.raises(Stale):
        held.node(0, 0)
    held.close()


def test_a_folder_that_takes_nothing_gets_a_temporary_file(tmp_path, monkeypatch):
    def refused(*_args, **_more):
        raise PermissionError(13, "Permission denied")

    opened = os.open
    monkeypatch.setattr(os, "open", lambda path, *more: refused() if str(path).endswith(subtrees.NAME) else opened(path, *more))
    held = Subtrees(tmp_path, SHA256)
    held.push(tiles(1)[0], 5)
    held.flush()
    assert held.end(0) == 5
    held.forget()
    assert held.tiles == 0
    assert list(tmp_path.iterdir()) == []
    held.close()


def test_a_full_disk_moves_it_aside_and_then_says_so(tmp_path, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    held = Subtrees(tmp_path, SHA256)
    held.push(tiles(1)[0], 5)
    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(Stale):
        held.flush()
    held.push(tiles(1)[0], 5)
    with pytest.raises(Unavailable):
        held.flush()
    held.close()


def test_the_file_is_for_its_owner_alone(tmp_path):
    held = Subtrees(tmp_path, SHA256)
    assert stat.S_IMODE((tmp_path / subtrees.NAME).stat().st_mode) == 0o600
    held.close()
