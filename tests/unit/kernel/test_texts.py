# SPDX-License-Identifier: Apache-2.0
"""Texts people type: what is kept is normal and visible, what cannot be seen is refused."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.kernel.errors import Malformed
from datong.kernel.texts import BANNED, JOINERS, clean, line, lines


@given(st.text(max_size=60))
def test_a_line_is_normal_and_visible_or_malformed(text):
    try:
        kept = line("name", text, longest=40)
    except Malformed as error:
        assert list(error.fields) == ["name"]
        return
    assert kept == kept.strip() == unicodedata.normalize("NFC", kept)
    assert 1 <= len(kept) <= 40
    assert not any(unicodedata.category(character) in BANNED and character not in JOINERS for character in kept)
    assert line("name", kept, longest=40) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  张三 ", "张三"),
        ("e\u0301", "é"),
        ("𠮷野", "𠮷野"),
        ("\ue000", "\ue000"),
        ("ئۇيغۇر\u200cچە", "ئۇيغۇر\u200cچە"),
    ],
)
def test_a_line_is_cleaned(text, kept):
    assert line("name", text, longest=40) == kept


@pytest.mark.parametrize(
    "text", ["a\nb", "a\tb", "a\x00b", "a\u202eb", "a\ufeffb", "a\u2028b", "a\x7fb", "a\u00adb", "\ud800"]
)
def test_what_cannot_be_seen_is_refused_by_place(text):
    with pytest.raises(
        Malformed, match=r"name holds a character that cannot be shown \(U\+[0-9A-F]{4,5} at place [12]\)"
    ):
        line("name", text, longest=40)


@pytest.mark.parametrize(("text", "why"), [("", "missing"), ("   ", "missing"), ("x" * 41, "too long")])
def test_length_has_bounds(text, why):
    with pytest.raises(Malformed, match=why) as caught:
        line("name", text, longest=40)
    assert "name" in caught.value.fields


def test_lines_keep_tabs_and_ends_of_lines():
    assert lines("reason", " a\r\nb\rc\td\n", longest=40) == "a\nb\nc\td"
    assert lines("reason", "", longest=40) == ""
    with pytest.raises(Malformed):
        lines("reason", "a\u202eb", longest=40)
    with pytest.raises(Malformed, match="missing"):
        lines("reason", " \n ", longest=40, least=1)


@given(st.text(max_size=60))
def test_what_is_kept_is_what_was_measured(text):
    try:
        kept = lines("note", text, longest=40)
    except Malformed:
        return
    assert kept == clean(text) == clean(kept)
