# SPDX-License-Identifier: Apache-2.0
"""Declared columns: what a schema refuses."""

import pytest

from datong.engine.base import Column, Schema
from datong.engine.plans.reasons import REASONS
from datong.kernel.errors import Malformed
from datong.kernel.sharing import ItemType


@pytest.mark.parametrize("name", ["", "_batch", "a b", 'a"b', "a;b", "a,b", "a=b", "a\nb", "a\0b", "x" * 129, "a`b", "a\\b"])
def test_a_field_name_that_no_table_may_hold_is_refused(name):
    with pytest.raises(Malformed):
        Column(name, ItemType.C)


@pytest.mark.parametrize("name", ["code", "统一社会信用代码", "select", "x" * 128, "größe"])
def test_other_names_are_welcome(name):
    assert Column(name, ItemType.C).field == name


@pytest.mark.parametrize("wrong", [{"length": 0}, {"length": -1}, {"precision": -1}, {"precision": 19}])
def test_lengths_and_precisions_have_bounds(wrong):
    with pytest.raises(Malformed) as caught:
        Column("amount", ItemType.N, **wrong)
    assert "amount" in caught.value.fields


def test_names_differ_beyond_their_case():
    with pytest.raises(Malformed, match="two items"):
        Schema((Column("Code", ItemType.C), Column("code", ItemType.C)))


def test_a_schema_has_a_column():
    with pytest.raises(Malformed):
        Schema(())


def test_a_key_column_is_always_required():
    schema = Schema((Column("code", ItemType.C, key=True), Column("name", ItemType.C)))
    assert schema.keys == ("code",)
    assert [column.required for column in schema.columns] == [True, False]


def test_every_reason_is_a_sentence_and_only_the_repeated_one_names_a_line():
    assert all(sentence.strip() for sentence in REASONS.values())
    assert [code for code, sentence in REASONS.items() if "{" in sentence] == ["repeated"]
