# SPDX-License-Identifier: Apache-2.0
"""Profiles count and never convert; declarations decide letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.engine.base import Block
from datong.engine.plans import declared, profiling
from datong.kernel.sharing import ItemType


def profile_of(*values, most=profiling.MOST_ROWS):
    profiles, complete = profiling.profile(["c"], [Block(range(1, len(values) + 1), [values])], most)
    return profiles[0], complete


@pytest.mark.parametrize(
    ("value", "shapes"),
    [
        ("0", {"ascii", "integer"}), ("007", {"ascii", "leading_zero"}), ("-12", {"ascii", "integer"}), ("00:10", {"ascii", "clock"}),
        ("1.50", {"ascii", "decimal"}), ("2026-02-28", {"ascii", "date"}), ("2026-02-30", {"ascii"}), ("2026/2/3", {"ascii", "date"}),
        ("20260228", {"ascii", "integer", "compact_date"}), ("2026-02-28 08:00", {"ascii", "datetime"}), ("星期一", set()), ("true", {"ascii", "boolean"}),
        ("2026-02-28 00:00:00", {"ascii", "date", "datetime"}), ("1e5", {"ascii"}), ("１２", set()), ("2026-02-28T08:00:00+08:00", {"ascii", "datetime"}),
    ],
)  # fmt: skip
def test_what_a_value_reads_as(value, shapes):
    assert set(profiling.shapes_of(value)) == shapes


@pytest.mark.parametrize(
    ("value", "pattern"), [("330102199001011234", "9{18}"), ("浙A12345", "汉A9{5}"), ("2026-02-28", "9{4}-9{2}-9{2}"), ("ab C", "a{2} A"), ("ж", "文")]
)
def test_patterns_show_shape_and_no_value(value, pattern):
    assert profiling.pattern_of(value) == pattern


def test_a_profile_counts():
    found, complete = profile_of("01", None, "", " 2 ", "2", "张三")
    assert complete
    assert (found.rows, found.nulls, found.values, found.distinct) == (6, 2, 4, 3)
    assert (found.shortest, found.longest, found.longest_bytes) == (1, 2, 6)
    assert found.shapes["leading_zero"] == 1
    assert "张三" not in repr(found)


def test_rows_beyond_the_bound_are_not_read_and_that_is_said():
    found, complete = profile_of(*map(str, range(10)), most=4)
    assert (found.rows, complete) == (4, False)
    assert profile_of("1", most=1)[1]


@given(st.lists(st.one_of(st.none(), st.text(max_size=12)), max_size=40))
def test_counts_add_up(values):
    found, _ = profile_of(*values)
    assert found.rows == len(values)
    assert found.distinct <= found.values <= found.rows
    assert found.shortest <= found.longest <= found.longest_bytes or not found.values
    assert all(count <= found.values for count in found.shapes.values())


@given(st.lists(st.text(), unique=True, min_size=1), st.integers(1, 20))
def test_samples_are_spread(values, most):
    taken = profiling.spread(values, most)
    assert 1 <= len(taken) <= most and set(taken) <= set(values)


@pytest.mark.parametrize(
    ("base", "letter"),
    [("character varying", "C"), ("text", "C"), ("time without time zone", "C"), ("interval", "C"), ("numeric", "N"), ("bigint", "I"), ("money", "Y"),
     ("real", "F"), ("double precision", "B"), ("date", "D"), ("timestamp with time zone", "T"), ("boolean", "L"), ("bytea", "G"), ("jsonb", "M"),
     ("text[]", "M"), ("geometry", "C")],
)  # fmt: skip
def test_postgresql_letters(base, letter):
    assert declared.postgres(base).type == letter


@pytest.mark.parametrize(
    ("whole", "letter"),
    [("varchar(18)", "C"), ("tinyint(1)", "L"), ("tinyint(4)", "I"), ("bigint(20) unsigned", "N"), ("decimal(10,2)", "N"), ("time", "C"), ("year(4)", "C"),
     ("datetime", "T"), ("bit(1)", "L"), ("bit(8)", "G"), ("longtext", "M"), ("enum('a')", "C"), ("float", "F"), ("double", "B"), ("blob", "G"), ("vector", "C")],
)  # fmt: skip
def test_mysql_letters(whole, letter):
    assert declared.mysql(whole.split("(")[0].split(" ")[0], whole).type == letter


@pytest.mark.parametrize(
    ("whole", "letter"),
    [("INTEGER", "I"), ("VARCHAR(20)", "C"), ("", "C"), ("DATE", "D"), ("TIME", "C"), ("DECIMAL(10,2)", "N"), ("TINYINT", "I"), ("BLOB", "G"), ("POINT", "I")],
)
def test_sqlite_letters_follow_its_own_rule(whole, letter):
    assert declared.sqlite(whole).type == letter


def test_every_letter_has_a_declaration():
    letters = {one.type for table in (declared.POSTGRES, declared.MYSQL) for one in table.values()}
    assert letters | {ItemType.L} == set(ItemType)
