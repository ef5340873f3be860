# SPDX-License-Identifier: Apache-2.0
"""What is typed, understood; what is found, explained."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.catalog.domain import finding
from datong.contexts.catalog.domain.asking import MOST_WORDS, Asker, understand
from datong.contexts.catalog.domain.finding import Row, Scribe, proof, regions_above
from datong.contexts.catalog.domain.reasons import Found, Said, explain
from datong.contexts.catalog.domain.views import Reason
from datong.engine.backends.text import chinese
from datong.engine.plans.seeking import Kind

SYNONYMS = {"人社": ("人力资源和社会保障",), "人力资源和社会保障": ("人社",), "驾照": ("机动车驾驶证",)}
ROW = Row(
    7, "307001/12", "浙江省户籍登记", "户籍登记的信息。", "户籍系统", "307001", "综合", "11330000000000001X", "浙江省公安厅", "公安厅", "330106",
    "conditional", "closed", "daily", "general_2", "database", datetime(2026, 1, 2, tzinfo=UTC), 9, "公民身份号码 resident_id\n姓名 person_name",
)  # fmt: skip


def texts(q):
    return [(word.text, word.kind) for word in understand(q, SYNONYMS, chinese).words]


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("人社局社保卡", [("人社", "chinese"), ("社保卡", "chinese")]),
        ("307001/12", [("307001/12", "code")]),
        ("330106 户籍", [("330106", "digits"), ("户籍", "chinese")]),
        ("resident_id", [("resident_id", "latin")]),
        ("ＨＵＫＯＵ", [("hukou", "latin")]),
        ("水", [("水", "chinese")]),
        ("公安局的户籍", [("公安局", "chinese"), ("户籍", "chinese")]),
        ("户籍 户籍", [("户籍", "chinese")]),
        ("!!! 《》", []),
        ("", []),
        ("2026/11/21", [("2026", "digits"), ("11", "digits"), ("21", "digits")]),
    ],
)
def test_words(q, expected):
    assert texts(q) == expected


@given(st.text(max_size=400))
def test_anything_may_be_typed(q):
    asked = understand(q, SYNONYMS, chinese)
    assert len(asked.words) <= MOST_WORDS
    asker = Asker(chinese, with_items=True, known=lambda _field, _text: 1)
    assert len(asker.strict(asked)) == len(asked.words)
    asker.ranks(asked)
    explain(asked, Said(("名称", "部门"), "分类", ()), chinese)


@pytest.mark.parametrize("q", ["护籍迁移", "chagnzhurenkou", "307001/1", "水", "公基金", "户口"])
def test_the_lenient_question_asks_more(q):
    asked = understand(q, SYNONYMS, chinese)
    asker = Asker(chinese, with_items=False, known=lambda _field, _text: 1)
    assert str(asker.lenient(asked)) != str(asker.strict(asked))


def test_the_public_asks_no_items():
    asked = understand("身份 resident_id", {}, chinese)
    told = str(Asker(chinese, with_items=False, known=lambda _field, _text: 0).strict(asked))
    assert f"'{finding.ITEMS}'" not in told


@pytest.mark.parametrize(
    ("q", "reasons", "marks"),
    [
        ("户籍", (), ("户籍",)),
        ("姓名", (Reason(Found.ITEM, "姓名"),), ("姓名",)),
        ("resident_id", (Reason(Found.ITEM, "公民身份号码"),), ("resident_id",)),
        ("huji", (Reason(Found.SOUND, "huji → 户籍"),), ("户籍",)),
        ("护籍", (Reason(Found.SOUND, "护籍 → 户籍"),), ("户籍",)),
        ("综合", (Reason(Found.CLASS, "综合"),), ("综合",)),
        ("天气", (), ()),
    ],
)
def test_reasons(q, reasons, marks):
    items = [tuple(one.split()) for one in ROW.items.split("\n")]
    said = Said((ROW.name, ROW.provider_name, ROW.abstract, ROW.code), ROW.class_name, items)
    assert explain(understand(q, SYNONYMS, chinese), said, chinese) == (reasons, marks)


def test_a_synonym_is_explained():
    said = Said(("失业保险", "浙江省人力资源和社会保障厅"), "综合", ())
    reasons, marks = explain(understand("人社", SYNONYMS, chinese), said, chinese)
    assert (reasons, marks) == ((Reason(Found.SYNONYM, "人社 = 人力资源和社会保障"),), ("人力资源和社会保障",))


def test_an_entry_fills_the_layout():
    entry = Scribe(chinese, {ROW.code: datetime(2026, 3, 1, tzinfo=UTC).date()}).entry(ROW)
    given_fields = {*entry.texts, *entry.labels, *entry.numbers}
    assert given_fields == set(finding.LAYOUT.fields)
    assert {name for name, kind in finding.LAYOUT.fields.items() if kind is Kind.NUMBER} == set(entry.numbers)
    assert entry.labels["region_2"] == "33"
    assert entry.texts["rung"] == "3"
    assert entry.numbers["stale_on"] > 0
    assert {"3", "307", "307001"} <= set(entry.texts["codes"].split())
    assert entry.key == "307001/12"


def test_the_withheld_are_not_open():
    assert Scribe(chinese).entry(ROW._replace(sharing_type="withheld")).texts["open"] == ""
    assert Scribe(chinese).entry(ROW).texts["open"] == "1"


@pytest.mark.parametrize("change", [{"version": 10}, {"provider_name": "x"}, {"region": "330000"}, {"class_name": "x"}, {"pk": 8}])
def test_the_proof_changes_with_what_is_shown(change):
    assert proof(ROW._replace(**change)) != proof(ROW)


@pytest.mark.parametrize(
    ("code", "above"), [("330000", ("33", "", "")), ("330100", ("33", "3301", "")), ("330106", ("33", "3301", "330106")), ("", ("", "", ""))]
)
def test_regions_above(code, above):
    assert regions_above(code) == above
