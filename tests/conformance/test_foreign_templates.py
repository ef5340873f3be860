# SPDX-License-Identifier: Apache-2.0
"""Templates of another platform, as it ships them, filled in as its users do: they import, and say what they leave open."""

import pytest

from datong.contexts.catalog import usecases
from datong.contexts.catalog.models import ImportRow
from factories.books import foreign, imported
from factories.catalog import a_compiler

pytestmark = pytest.mark.django_db


@pytest.fixture
def compiler():
    usecases.seed_classes()
    return a_compiler()


def filled(book, sheet, head, row):
    """One row below the head, by the words of its columns."""
    page = book[sheet]
    words = {str(cell.value).lstrip("*").strip(): cell.column for cell in page[head] if cell.value}
    line = page.max_row + 1 if page.max_row > head else head + 1
    for word, value in row.items():
        page.cell(line, words[word], value)
    return line


def test_the_template_of_resources(compiler):
    book = foreign("resources.xlsx")
    entry = {
        "数据资源目录名称": "低保对象", "目录提供方": "民政局", "所属业务对象": "人/居民", "数据所属事项": "最低生活保障", "空间范围": "全市", "数据时间范围": "2025/04/27-2026/01/01",
        "更新周期": "每日", "数据分级": "3级", "数据资源目录描述": "低保对象的基本信息", "资源属性分类一": "父节点/子节点", "共享属性": "有条件共享",
        "共享条件/不予共享依据": "用于救助审核", "共享方式": "共享平台方式", "开放属性": "不予开放", "数据是否存在物理删除": "否",
    }  # fmt: skip
    filled(book, "数据资源目录导入", 3, entry)
    for name, field, kind, length, key in (("公民身份号码", "SFZH", "字符型", "18", "是"), ("金额", "JE", "高精度型", "10", "否"), ("时刻", "SK", "时间型", "", "否")):
        filled(book, "信息项导入", 2, {"数据资源目录名称": "低保对象", "信息项业务名称": name, "信息项技术名称": field, "数据类型": kind, "数据长度": length, "共享属性": "有条件共享",
                                      "开放属性": "不予开放", "敏感属性": "非敏感", "涉密属性": "非涉密", "是否主键": key})  # fmt: skip
    job = imported(book, by=compiler)
    assert (job.stage, job.total, job.imported, job.refused) == ("finished", 1, 1, 0), job.error
    row = ImportRow.objects.get()
    made = row.version
    assert (made.name, made.update_cycle, made.level, made.sharing_type, made.use_conditions, made.opening_type) == (
        "低保对象", "daily", "general_3", "conditional", "用于救助审核", "closed",
    )  # fmt: skip
    assert [(one.field, one.type, one.length, one.key) for one in made.items.all()] == [("sfzh", "C", 18, True), ("je", "N", 10, False), ("sk", "C", None, False)]
    assert {"sharing_methods", "class_code"} <= set(row.flags)
    assert (row.raw["共享方式"], row.raw["分类"], row.raw["空间范围"], row.raw["所属业务对象"]) == ("共享平台方式", "父节点/子节点", "全市", "人/居民")


def test_the_template_of_items_makes_one_entry(compiler):
    book = foreign("items.xlsx")
    filled(book, "信息项", 3, {"信息项名称": "姓名", "数据类型": "字符型", "信息项描述": "中文名"})
    filled(book, "信息项", 3, {"信息项名称": "登记时间", "数据类型": "时间戳型", "信息项描述": "写入时刻"})
    job = imported(book, by=compiler, name="婚姻登记.xlsx")
    made = ImportRow.objects.get(job=job).version
    assert (made.name, [(one.name, one.type, one.field) for one in made.items.all()]) == ("婚姻登记", [("姓名", "C", "xing_ming"), ("登记时间", "T", "dengjishijian")])


def test_the_information_catalogue(compiler):
    book = foreign("info_catalog.xlsx")
    filled(book, "信息资源目录", 1, {"信息资源目录名称": "企业登记", "信息资源来源部门": "市场监管局", "更新周期": "每月", "信息资源目录描述": "登记信息", "共享属性": "不予共享",
                                     "共享条件/不予共享依据": "某法第一条", "开放属性": "不予开放"})  # fmt: skip
    filled(book, "信息项", 1, {"信息资源目录名称": "企业登记", "信息项名称": "统一社会信用代码", "映射字段": "tyshxydm", "数据类型": "字符型", "数据长度": "18", "是否主键": "是",
                              "敏感属性": "敏感"})  # fmt: skip
    job = imported(book, by=compiler)
    made = ImportRow.objects.get(job=job).version
    assert (made.withheld_basis, made.update_cycle, made.items.get().field, made.items.get().personal) == ("某法第一条", "monthly", "tyshxydm", True)


def test_a_secret_in_a_foreign_template_stays_out(compiler):
    book = foreign("resources.xlsx")
    filled(book, "数据资源目录导入", 3, {"数据资源目录名称": "某目录"})
    filled(book, "信息项导入", 2, {"数据资源目录名称": "某目录", "信息项业务名称": "某项", "数据类型": "字符型", "涉密属性": "涉密"})
    job = imported(book, by=compiler)
    assert (job.imported, job.refused) == (0, 1)
    assert "secrecy" in ImportRow.objects.get().faults


@pytest.mark.parametrize("name", ["resources.xlsx", "items.xlsx", "info_catalog.xlsx"])
def test_an_empty_template_says_that_it_is_empty(compiler, name):
    job = imported(foreign(name), by=compiler)
    assert job.stage == "failed" and "没有目录" in job.error
