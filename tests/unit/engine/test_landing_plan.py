# SPDX-License-Identifier: Apache-2.0
"""The landing plan as a value: steps, order, and text that stays text."""

from datetime import UTC, datetime

import pytest

from datong.engine.backends.duck.dialect import DuckDialect
from datong.engine.backends.spark.dialect import SparkDialect
from datong.engine.base import Column, Schema, Stamp
from datong.engine.plans import casting, landing
from datong.engine.plans.reasons import REASONS
from datong.kernel.sharing import ItemType

DIALECTS = [DuckDialect(), SparkDialect()]
STAMP = Stamp("it's.csv", "b'1", datetime(2026, 1, 1, tzinfo=UTC))


def a_plan(*columns, headers=("甲", "乙")):
    schema = Schema(columns)
    return landing.LandingPlan(schema, {name: n for n, name in enumerate(schema.fields)}, headers, STAMP)


def test_every_type_has_a_cast():
    assert casting._CASTS.keys() == set(ItemType)


@pytest.mark.parametrize("sql", DIALECTS, ids=lambda d: d.name)
@pytest.mark.parametrize("kind", ItemType)
def test_every_fault_has_a_reason(kind, sql):
    made = casting.cast(Column("x", kind, length=4, nullable=False), "c0", sql)
    assert {check.code for check in made.checks} <= REASONS.keys()
    assert made.checks[0].code == "missing"


@pytest.mark.parametrize("sql", DIALECTS, ids=lambda d: d.name)
def test_text_is_taken_as_it_stands(sql):
    assert casting.cast(Column("code", ItemType.C), "c0", sql) == casting.Cast("nullif(c0, '')", ())


@pytest.mark.parametrize("sql", DIALECTS, ids=lambda d: d.name)
def test_steps_with_a_key_look_for_repeats(sql):
    plan = a_plan(Column("code", ItemType.C, key=True), Column("day", ItemType.D))
    assert [step.name for step in landing.steps(plan, sql)] == ["judged", "firsts", "repeats", "sound", "rejected"]


@pytest.mark.parametrize("sql", DIALECTS, ids=lambda d: d.name)
def test_steps_without_a_key_do_not(sql):
    steps = landing.steps(a_plan(Column("a", ItemType.C), Column("b", ItemType.C)), sql)
    assert [step.name for step in steps] == ["judged", "sound", "rejected"]
    assert not any("repeats" in step.sql for step in steps)


def test_names_and_labels_cannot_leave_their_quotes():
    sql = landing.steps(a_plan(Column("code", ItemType.C, key=True), headers=("x'); drop table staged; --",)), DuckDialect())
    whole = " ".join(step.sql for step in sql)
    assert "'it''s.csv'" in whole
    assert "'b''1'" in whole
    assert "'x''); drop table staged; --'" in whole


def test_spark_escapes_what_spark_unescapes():
    assert SparkDialect().literal("a\\'b") == "'a\\\\\\'b'"
    assert SparkDialect().identifier("a`b") == "`a``b`"


def test_an_absent_nullable_column_is_null():
    plan = landing.LandingPlan(Schema((Column("a", ItemType.C), Column("b", ItemType.I))), {"a": 0}, ("甲",), STAMP)
    assert "cast(null as varchar(1))" in landing.steps(plan, DuckDialect())[0].sql
