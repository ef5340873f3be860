# SPDX-License-Identifier: Apache-2.0
"""What is proposed for a table or a file: fields, names, letters with their reasons; nothing guessed, nothing shown whole."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.config.demo import synthetic
from datong.contexts.catalog.domain.lettering import propose_type
from datong.contexts.catalog.domain.naming import codes_of, field_of, name_of
from datong.contexts.catalog.domain.proposals import propose
from datong.contexts.catalog.domain.shapes import FIELD
from datong.engine.base import Block, Declared, Survey
from datong.engine.plans.profiling import profile
from datong.kernel.sharing import ItemType

SOUNDS = {"姓名": ("xing", "ming"), "统一社会信用代码": ("tong", "yi", "she", "hui", "xin", "yong", "dai", "ma"), "年": ("nian",)}


def profile_of(*values, name="c"):
    return profile([name], [Block(range(len(values)), [values])])[0][0]


def letter(*values, words="列", declared=None):
    return propose_type(profile_of(*values), words, declared)


@pytest.mark.parametrize(
    ("values", "words", "wanted"),
    [
        (["0123456", "0123457"] * 10, "数量", "C"),  # leading zeros
        (["00:10", "08:30"] * 10, "日期", "C"),  # a time of day
        (["星期一", "星期二"] * 10, "日期", "C"),  # weekdays
        (["Mon", "Tue"] * 10, "day", "C"),
        (["330000", "330100"] * 10, "数量", "C"),  # one width: a code
        (["1", "22", "333"] * 5, "行政区划代码", "C"),  # named like a code
        (["1", "22"], "数量", "C"),  # too few
        (["1", "2"] * 10, "性别", "C"),
        (["6222021234567890128", "62220212345678901"] * 10, "数量", "C"),  # too long
        (["1", "22", "333"] * 5, "数量", "I"),
        (["1.5", "22", "333.25"] * 5, "面积", "N"),
        (["1.5", "22", "333.25"] * 5, "金额", "Y"),
        (["1", "22", "333"] * 5, "注册金额", "Y"),
        (["2026-01-05", "2026/1/6"] * 10, "c", "D"),
        (["20260105", "20260106"] * 10, "c", "C"),
        (["20260105", "20260106"] * 10, "成立日期", "D"),
        (["20260105", "20269999"] * 10, "成立日期", "C"),
        (["2026-01-05 08:00", "2026-01-06 09:30:00"] * 10, "c", "T"),
        (["true", "false"] * 10, "c", "L"),
        (["是", "否"] * 10, "c", "C"),
        (["1e5", "2e6"] * 10, "c", "C"),
        (["长" * 400], "说明", "M"),
        (["", None], "空", "C"),
    ],
)
def test_files_propose_from_their_values_and_in_doubt_text(values, words, wanted):
    found = letter(*values, words=words)
    assert found.type == wanted
    assert re.fullmatch(r"[^()]+ \([^()]+\)", found.why), found.why


def test_lengths_are_bytes_estimated_from_the_longest():
    assert letter(*["330102199001011234"] * 10, words="公民身份号码").length == 18
    assert letter("张三", "欧阳修竹", words="姓名").length == 20
    assert letter("1.25", *["3.5"] * 10, words="面积").precision == 2


@pytest.mark.parametrize(
    ("declared", "values", "wanted"),
    [
        (Declared("c", "varchar(18)", ItemType.C, 72), ["330102"] * 3, ("C", 18)),
        (Declared("c", "varchar(18)", ItemType.C, 72), ["张三"] * 3, ("C", 72)),
        (Declared("c", "int", ItemType.I, 4), ["0"] * 30, ("I", 4)),
        (Declared("c", "varchar(10)", ItemType.C, 40), ["2026-01-05"] * 30, ("C", 10)),
        (Declared("c", "tinyint(1)", ItemType.L), ["0", "1"], ("L", None)),
        (Declared("c", "tinyint(1)", ItemType.L), ["0", "7"], ("I", 1)),
        (Declared("c", "DATE", ItemType.D, enforced=False), ["星期一"], ("C", 20)),
        (Declared("c", "DATE", ItemType.D, enforced=False), ["2026-01-05"], ("D", None)),
        (Declared("c", "INTEGER", ItemType.I, 8, enforced=False), ["7", "x"], ("C", 10)),
        (Declared("c", "DECIMAL(10,2)", ItemType.N, 10, 2, enforced=False), ["7", "7.5"], ("N", 10)),
        (Declared("c", "BLOB", ItemType.G, enforced=False), ["00ff"], ("G", None)),
    ],
)
def test_what_a_database_declares_and_enforces_decides(declared, values, wanted):
    found = letter(*values, words="c", declared=declared)
    assert (found.type, found.length) == wanted


@pytest.mark.parametrize(
    ("column", "wanted"),
    [("USER_NAME", "user_name"), ("userName", "user_name"), ("姓名", "xing_ming"), ("统一社会信用代码", "tongyishehuixinyongdaima"), ("2020年", "c_2020_nian"),
     ("未知字", "c7"), ("", "c7"), ("###", "c7"), ("金 额(元)", "c7"), ("ＩＤ", "id"), ("a" * 90, "a" * 63)],
)  # fmt: skip
def test_fields_are_identifiers(column, wanted):
    assert field_of(column, (), 7, SOUNDS) == wanted


@given(st.lists(st.text(max_size=70), max_size=30))
def test_any_columns_get_unique_fields(columns):
    taken = []
    for place, column in enumerate(columns, 1):
        taken.append(field_of(column, taken, place, SOUNDS))
    assert len(set(taken)) == len(taken)
    assert all(FIELD.fullmatch(one) for one in taken)


@pytest.mark.parametrize(
    ("column", "comment", "wanted"),
    [("xm", "姓名", ("姓名", "")), ("xm", "姓名，户籍登记的姓名", ("姓名", "姓名，户籍登记的姓名")), ("姓名", "", ("姓名", "")), ("名称#2", "", ("名称", "")),
     ("zt", "状态 1-正常 2-注销", ("状态", "状态 1-正常 2-注销")), ("x", "长" * 200, ("x", "长" * 200)), ("x", "（备注）", ("x", "（备注）"))],
)  # fmt: skip
def test_names_come_from_comments(column, comment, wanted):
    assert name_of(column, comment) == wanted


def test_code_lists_come_from_comments():
    assert codes_of("状态 1-正常 2-注销") == "1-正常；2-注销"
    assert codes_of("状态（0：在营，1：注销）") == "0：在营；1：注销)"
    assert codes_of("2020-01-01 起") == codes_of("") == ""


def test_a_file_of_persons_is_proposed_with_marks_levels_and_masked_samples():
    rows = list(synthetic.persons(60))
    columns = list(synthetic.PERSON_COLUMNS.values())
    profiles, complete = profile(columns, [Block(range(60), [[row[field] for row in rows] for field in synthetic.PERSON_COLUMNS])])
    made = propose(Survey("人员.csv", "", (), profiles, complete), format_class="spreadsheet", format_type="csv")
    items = {one.column: one for one in made.items}
    assert (made.draft.name, made.rows, made.complete, made.draft.level) == ("人员", 60, True, "general_3")
    assert (items["公民身份号码"].item.type, items["公民身份号码"].item.length, items["公民身份号码"].item.personal) == ("C", 18, True)
    assert (items["户籍区划代码"].item.type, items["出生日期"].item.type, items["性别"].item.code_list) == ("C", "D", "女；男")
    shown = " ".join(sample for one in made.items for sample in one.samples)
    assert not any(row[name] in shown for row in rows for name in ("resident_id", "phone", "address"))
    assert items["姓名"].item.code_list == ""
    assert not any(one.item.query for one in made.items)


def test_a_table_is_proposed_from_its_declaration():
    declared = (Declared("id", "int", ItemType.I, 4, nullable=False, key=True, comment="编号"), Declared("xm", "varchar(90)", ItemType.C, 360, comment="姓名"),
                Declared("xm2", "varchar(90)", ItemType.C, 360, comment="姓名"))  # fmt: skip
    profiles, complete = profile(["id", "xm", "xm2"], [Block(range(2), [["1", "2"], ["张三", None], ["", ""]])])
    made = propose(Survey("gov.people", "人员表，公安", declared, profiles, complete), format_class="database", format_type="mysql")
    first, second, third = (one.item for one in made.items)
    assert (first.name, first.type, first.key, first.nullable, first.query) == ("编号", "I", True, False, True)
    assert (second.name, second.personal, third.name) == ("姓名", True, "姓名（xm2）")
    assert (made.draft.name, made.draft.abstract) == ("人员表", "人员表，公安")
    assert [one.null_rate for one in made.items] == [0, 0.5, 1]
