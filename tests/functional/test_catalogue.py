# SPDX-License-Identifier: Apache-2.0
"""The catalogue by clicking: compiled from a database, brought in by workbook, edited by two at once, found while one types."""

from __future__ import annotations

import re

import openpyxl
import psycopg
import pytest
from playwright.sync_api import expect

from datong.contexts.catalog import queries, usecases
from datong.contexts.catalog.domain import ItemDraft, Stage
from datong.contexts.catalog.models import ImportJob, Version
from datong.engine import face as engine
from datong.kernel.actors import Role
from factories import stores
from factories.books import entries_book, saved
from factories.bridges import a_business_database, over_tcp
from factories.catalog import CLASS, ITEMS, PROVIDER, a_compiler, a_draft, a_resource, an_authority, an_open_draft
from factories.organisations import a_department, an_account
from factories.searching import an_index

pytestmark = pytest.mark.browser
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.CONNECTION_NETWORKS = stores.LOOPBACK


@pytest.fixture(autouse=True)
def _look_here(monkeypatch):
    """Look at sources in this process: starting one takes a second."""
    monkeypatch.setattr(engine, "apart", lambda task, *given, seconds=None, **more: task(*given, **more))


@pytest.fixture
def registers():
    """A database of the provider with two registers, at an address of its own."""
    with psycopg.connect(a_business_database(), autocommit=True) as held:
        held.execute(
            'create schema "户籍"; create table "户籍".people (sfzh varchar(18) primary key, xm varchar(90) not null, lxdh text)'
        )
        held.execute("comment on table \"户籍\".people is '常住人口登记'; comment on column \"户籍\".people.xm is '姓名'")
        held.execute(
            "insert into \"户籍\".people values ('33010219900101101X', '张三丰', '13800000000'), ('33010219900101202X', '李四光', null)"
        )
        held.execute('create table "户籍".houses (code text)')
    with over_tcp(a_business_database()) as address:
        yield address
    with psycopg.connect(a_business_database(), autocommit=True) as held:
        held.execute('drop schema "户籍" cascade')


def test_a_register_is_compiled_from_its_database(at_work, registers):
    page = at_work("bianzhi")
    page.goto("/catalog")
    page.get_by_role("link", name="反向编目").click()
    page.get_by_label("数据库连接串").fill(registers)
    page.get_by_role("button", name="查看内容").click()
    people = page.get_by_role("row").filter(has_text="people")
    expect(people).to_contain_text("户籍")
    expect(people).to_contain_text("常住人口登记")
    expect(page.get_by_role("row").filter(has_text="houses")).to_be_visible()
    assert "s3cret" not in page.content(), "an address is never shown again"
    people.get_by_role("checkbox").check()
    page.get_by_role("button", name="提出信息项").click()
    confirm_two(page)
    expect(page.get_by_text("已建立 1 份草稿")).to_be_visible()
    expect(page.locator("[data-items] tbody tr")).to_have_count(2)
    made = queries.as_draft(Version.objects.get())
    assert (made.name, made.format_class, made.format_type) == ("户籍人口", "database", "postgresql")
    assert [(one.name, one.field, one.type, one.length, one.key, one.personal) for one in made.items] == [
        ("公民身份号码", "sfzh", "C", 18, True, True), ("姓名", "xm", "C", 360, False, True),
    ], "lengths are bytes"  # fmt: skip


def confirm_two(page):
    """Of three columns proposed, take two; one name is corrected, and a class forgotten costs nothing of it."""
    rows = page.locator("table.proposal tbody tr:not(.why)")
    expect(rows).to_have_count(3)
    whys = page.locator("table.proposal tr.why")
    expect(whys.nth(0)).to_contain_text("公民身份号码")
    expect(whys.nth(2)).to_contain_text("空值 50%")
    assert page.locator("[data-take]:checked").count() == 0, "nothing is taken silently"
    shown = page.content()
    assert "张**" in shown
    assert "张三丰" not in shown and "33010219900101101X" not in shown and "13800000000" not in shown
    expect(rows.nth(1).get_by_label("名称")).to_have_value("姓名")
    for place in (0, 1):
        rows.nth(place).locator("[data-take]").check()
    rows.nth(0).get_by_label("名称").fill("公民身份号码")
    page.locator("#t0-name").fill("户籍人口")
    page.get_by_role("button", name="建立草稿").click()
    expect(page.locator(".error-text, .notice.bad").first).to_be_visible()
    expect(rows.nth(0).get_by_label("名称")).to_have_value("公民身份号码")
    expect(page.locator("[data-take]:checked")).to_have_count(2)
    page.get_by_label("信息资源分类").select_option(CLASS)
    page.get_by_role("button", name="建立草稿").click()


def hand_in(page, content):
    page.goto("/catalog/import")
    page.get_by_label("工作簿").set_input_files({"name": "目录.xlsx", "mimeType": XLSX, "buffer": content})
    page.get_by_role("button", name="开始导入").click()
    expect(page.locator(".card .stage").first).to_have_text("排队中")
    usecases.run_import(ImportJob.objects.latest("pk").pk)


def test_a_workbook_comes_back_with_its_faults_and_goes_in_corrected(at_work, tmp_path):
    page = at_work("bianzhi")
    rows = [
        ("村民委员会", CLASS, "名录", "无条件共享", "每年"),
        ("", CLASS, "名录", "无条件共享", "每年"),
        ("业主委员会", CLASS, "名录", "也许", ""),
    ]
    hand_in(page, saved(entries_book(rows, [("村民委员会", "代码", "code", "C", 12, "是")])))
    expect(page.locator("progress")).to_have_attribute("value", "100")
    expect(page.locator(".card .stage").first).to_have_text("已完成")
    expect(page.get_by_role("row").filter(has_text="名称必填")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="业主委员会")).to_contain_text("不在可选范围")
    with page.expect_download() as coming:
        page.get_by_role("link", name="下载导入结果").click()
    coming.value.save_as(tmp_path / "back.xlsx")
    book = openpyxl.load_workbook(tmp_path / "back.xlsx")
    said = [str(row[-1].value or "") for row in book["目录"].iter_rows(min_row=2)]
    assert ["名称必填" in one for one in said] == [False, True, False]
    assert "不在可选范围" in said[2]
    book["目录"]["A3"] = "居民委员会"
    hand_in(page, saved(book))
    facts = page.locator("main dl.facts")
    expect(facts).to_contain_text(re.compile(r"已导入\s*1\s*以前已导入\s*2"))
    page.get_by_role("link", name="查看草稿").click()
    expect(page.locator("main tbody tr")).to_have_count(3)


def test_two_edit_one_draft_and_neither_loses_work(at_work):
    row = a_resource(a_draft(name="低保对象"), stage=Stage.DRAFT)
    an_account("tongshi", roles=[Role.COMPILER], department=a_department(PROVIDER))
    first, second = at_work("bianzhi"), at_work("tongshi")
    for page in (first, second):
        page.goto(f"/catalog/{row.pk}/edit")
    first.get_by_label("摘要").fill("甲写的摘要")
    first.locator("[name='items-1-name']").fill("户主姓名")
    first.get_by_role("button", name="保存草稿").click()
    expect(first.get_by_text("草稿已保存")).to_be_visible()
    second.get_by_label("摘要").fill("乙写的摘要")
    second.get_by_label("联系人").fill("乙 0571-11111111")
    second.locator("[data-add-item]").click()
    last = second.locator("[data-items] tbody tr").last
    for label, text in (("名称", "救助金额"), ("字段", "amount"), ("长度", "12,2")):
        last.get_by_label(label).fill(text)
    last.get_by_label("类型", exact=True).select_option("N")
    second.get_by_role("button", name="保存草稿").click()
    expect(second.get_by_role("heading", level=1)).to_contain_text("合并修改")
    both = second.get_by_role("row").filter(has_text="双方都改了")
    expect(both).to_have_count(1)
    expect(both).to_contain_text("甲写的摘要")
    expect(both).to_contain_text("乙写的摘要")
    expect(second.get_by_role("row").filter(has_text="只有对方改了")).to_contain_text("户主姓名")
    expect(second.get_by_role("row").filter(has_text="只有您改了")).to_have_count(2)
    both.get_by_role("radio").nth(1).check()
    second.get_by_role("button", name="按选择保存").click()
    expect(second.get_by_text("两份修改已合并并保存")).to_be_visible()
    kept = queries.as_draft(queries.version_of(row.pk, by=a_compiler()))
    assert (kept.abstract, kept.contact) == ("甲写的摘要", "乙 0571-11111111")
    assert kept.items[1].name == "户主姓名"
    assert (kept.items[-1].field, kept.items[-1].length, kept.items[-1].precision) == ("amount", 12, 2)
    assert len(kept.items) == len(ITEMS) + 1


@pytest.fixture
def shelf(people):
    """Five resources and their index."""
    usecases.seed_synonyms()
    items = an_open_draft().items
    for name, more in (
        ("婚姻登记信息", {}),
        ("机动车登记信息", {"update_cycle": "monthly"}),
        ("婚姻介绍机构名录", {"sharing_type": "withheld", "withheld_basis_rank": "law", "withheld_basis": "《中华人民共和国居民身份证法》第十九条",
                          "withheld_reason": "涉及侦查", "sharing_methods": ()}),
        ("行政村名录", {"items": (*items, ItemDraft("marriages", "婚姻登记数", "I", level="general_1"))}),
        ("水库名录", {}),
    ):  # fmt: skip
        a_resource(an_open_draft(name=name, abstract="按年度核定并保留历史。", **more))
    with an_index():
        yield


def test_one_finds_while_typing(page, shelf):
    page.goto("/")
    box = page.locator("[data-search]")
    options = page.locator("[role=option]")
    box.press_sequentially("婚姻", delay=20)
    expect(options.filter(has_text="婚姻登记信息")).to_be_visible()
    expect(options.locator("mark").first).to_have_text("婚姻")
    box.fill("")
    box.press_sequentially("jdcdj", delay=20)
    expect(options.filter(has_text="机动车登记信息")).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/resources/**")
    expect(page.get_by_role("heading", level=1)).to_have_text("机动车登记信息")


def test_hits_say_why_and_facets_narrow(at_work, shelf):
    page = at_work("shenqing")
    page.goto("/search?q=婚姻")
    hits = page.locator(".hit")
    expect(hits).to_have_count(3)
    expect(hits.filter(has_text="婚姻登记信息").locator("h3 mark")).to_have_text("婚姻")
    by_item = hits.filter(has_text="行政村名录").locator(".why")
    expect(by_item).to_contain_text("婚姻登记数")
    expect(by_item.locator("mark")).to_have_text("婚姻")
    facet = page.locator(".facet").filter(has=page.get_by_role("heading", name="共享类型"))
    expect(facet.get_by_role("link", name="不予共享")).to_contain_text("1")
    facet.get_by_role("link", name="不予共享").click()
    expect(hits).to_have_count(1)
    expect(hits).to_contain_text("婚姻介绍机构名录")
    page.locator(".pills a, .pill").filter(has_text="不予共享").first.click()
    expect(hits).to_have_count(3)


def test_several_are_published_after_a_look_at_what_follows(at_work):
    rows = [a_resource(a_draft(name=name), stage=Stage.CONSENTED) for name in ("低保对象", "特困人员", "孤儿名册")]
    page = at_work("shuju")
    page.goto("/catalog")
    page.get_by_label("全选本页").check()
    page.get_by_label("选择 孤儿名册").uncheck()
    page.get_by_role("button", name="发布所选").click()
    expect(page.get_by_role("dialog")).to_contain_text("原有版本同时被取代")
    page.get_by_role("dialog").get_by_role("button", name="确认").click()
    expect(page.get_by_text("共 2 条，办成 2 条")).to_be_visible()
    assert [queries.version_of(row.pk, by=an_authority()).stage for row in rows] == ["published", "published", "consented"]
    page.goto("/catalog?tab=all")
    page.get_by_label("选择 低保对象").check()
    with page.expect_download() as coming:
        page.locator(".batch").get_by_role("button", name="XLSX").click()
    assert coming.value.suggested_filename == "entries.xlsx"
