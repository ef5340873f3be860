# SPDX-License-Identifier: Apache-2.0
"""Chinese and Latin text as terms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.engine.backends.text import chinese, pinyin

ANY = st.text(max_size=60)
HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=12)


@given(ANY)
def test_any_text_gives_terms_without_blanks(text):
    for told in (chinese.bag(text), chinese.prose(text), chinese.neighbours(chinese.runs(text))):
        assert all(term and not term.isspace() for term in told.split())
    assert chinese.sounded(text).letters == chinese.sounded(text).letters


@given(HAN)
def test_every_two_neighbours_are_found(text):
    pairs = {text[place : place + 2] for place in range(len(text) - 1)}
    assert pairs <= set(chinese.bag(text).split())
    assert pairs == set(chinese.neighbours([text]).split())


@pytest.mark.parametrize(
    ("text", "letters"),
    [("重庆", "chongqing"), ("银行", "yinhang"), ("行政", "xingzheng"), ("旅游", "lvyou"), ("会计", "kuaiji"), ("人社厅", "renshetin" + "g")],
)
def test_phrases_sound_as_they_are_said(text, letters):
    assert chinese.sounded(text).letters == letters


@pytest.mark.parametrize(
    ("letters", "reading"),
    [("hukou", (["hu", "kou"], "")), ("renkoux", (["ren", "kou"], "x")), ("xian", (["xian"], "")), ("lvyou", (["lv", "you"], ""))],
)
def test_letters_are_read_as_sounds(letters, reading):
    assert pinyin.readings(letters)[0] == reading


@pytest.mark.parametrize("letters", ["", "hjxx", "12", "户", "zzz", "v" * 200])
def test_letters_that_are_no_sounds_have_no_reading(letters):
    assert pinyin.readings(letters) == []


def test_readings_are_few_however_long_the_word():
    assert len(pinyin.readings("xian" * 12)) <= pinyin.MOST_READINGS


def test_width_and_case_do_not_matter():
    assert chinese.runs("Ａ股（２０２４年）ABC") == ["a", "股", "2024", "年", "abc"]


def test_initials_begin_at_words():
    assert {"rk", "rkdj", "dj"} <= set(chinese.sounded("人口登记").initials)


def test_characters_no_word_holds_are_paired():
    assert "区医" in chinese.prose("啊区医").split() or "啊区" in chinese.prose("啊区医").split()


@pytest.mark.parametrize(("letters", "span"), [("huji", "户籍"), ("hj", "户籍"), ("huj", "户籍"), ("zz", "")])
def test_a_span_is_found_by_its_sound(letters, span):
    assert chinese.span("浙江省户籍迁移", letters) == span
