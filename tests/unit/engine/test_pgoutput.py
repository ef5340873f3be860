# SPDX-License-Identifier: Apache-2.0
"""Messages of logical decoding: bytes a PostgreSQL 18 wrote, and bytes nobody wrote."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.engine.errors import SourceUnreadable
from datong.engine.plans import pgoutput
from datong.engine.plans.pgoutput import UNCHANGED, Change, Committed, Relation, Truncated

BEGUN = "420000000001af56f0000303d67734b349000002f2"
RELATION = (
    "52000040017075626c69630074006400050169640000000017ffffffff00760000000019ffffffff006f6b0000000010ffffffff0063000000041200000008"
    "0069700000000365ffffffff"
)
REAL = {
    RELATION: Relation(16385, "public", "t", "d", (("id", 23), ("v", 25), ("ok", 16), ("c", 1042), ("ip", 869))),
    "49000040014e0005740000000131740000000a787878787878787878787400000001747400000004612020207400000007312e322e332e34": Change(
        16385, ("1", "xxxxxxxxxx", "t", "a   ", "1.2.3.4")
    ),
    "55000040014e0005740000000132757400000001667400000004612020207400000007312e322e332e34": Change(
        16385, ("2", UNCHANGED, "f", "a   ", "1.2.3.4")
    ),
    "55000040014b00057400000001316e6e6e6e4e00057400000001336e6e6e6e": Change(
        16385, ("3", None, None, None, None), ("1", None, None, None, None)
    ),
    "44000040014b00057400000001336e6e6e6e": Change(16385, None, ("3", None, None, None, None)),
    "54000000010000004001": Truncated((16385,)),
    "43000000000001af56f00000000001af5720000303d67734b349": Committed(28268320),
    BEGUN: None,
    "59000040050061006200": None,
}
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
CELLS = st.lists(st.one_of(st.none(), st.just(UNCHANGED), WORDS), max_size=6).map(tuple)


@pytest.mark.parametrize("text", REAL)
def test_what_a_server_wrote_is_read(text):
    assert pgoutput.read(bytes.fromhex(text)) == REAL[text]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(made):
    _read_or_refuse(made)


@given(st.sampled_from(sorted(REAL)), st.integers(0, 200), st.integers(0, 255), st.integers(0, 200))
def test_a_damaged_message_is_a_message_or_refused(text, place, byte, cut):
    whole = bytearray.fromhex(text)
    whole[place % len(whole)] = byte
    _read_or_refuse(bytes(whole))
    _read_or_refuse(bytes(whole[: cut % len(whole)]))


@pytest.mark.parametrize("text", [one for one in REAL if REAL[one] is not None])
def test_no_part_of_a_message_passes_for_it(text):
    whole = bytes.fromhex(text)
    for end in range(len(whole)):
        with pytest.raises(SourceUnreadable):
            pgoutput.read(whole[:end])
    with pytest.raises(SourceUnreadable):
        pgoutput.read(whole + b"\0")


@given(st.integers(0, 2**32 - 1), CELLS, st.one_of(st.none(), CELLS))
def test_what_is_written_is_read(number, new, old):
    before = b"" if old is None else b"O" + _cells(old)
    assert pgoutput.read(b"U" + struct.pack(">I", number) + before + b"N" + _cells(new)) == Change(number, new, old)


@given(st.integers(0, 2**64 - 1))
def test_places_are_read_as_they_are_written(place):
    assert pgoutput.position(pgoutput.written(place)) == place


@pytest.mark.parametrize("text", ["", "0", "x/1", "1/y", "/"])
def test_what_is_no_place_is_refused(text):
    with pytest.raises(SourceUnreadable):
        pgoutput.position(text)


def _read_or_refuse(made: bytes) -> None:
    try:
        said = pgoutput.read(made)
    except SourceUnreadable as refused:
        assert refused.fields.keys() == {"log"}
    else:
        assert said is None or isinstance(said, Relation | Change | Truncated | Committed)


def _cells(cells: tuple[object, ...]) -> bytes:
    parts = [struct.pack(">H", len(cells))]
    for cell in cells:
        if isinstance(cell, str):
            parts.append(b"t" + struct.pack(">i", len(cell.encode())) + cell.encode())
        else:
            parts.append(b"n" if cell is None else b"u")
    return b"".join(parts)
