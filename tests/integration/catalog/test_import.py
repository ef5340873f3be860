# SPDX-License-Identifier: Apache-2.0
"""Workbooks imported: row-level errors come back, nothing is made twice, a killed import goes on, pages and export."""

import io
from dataclasses import replace

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from datong.contexts.audit import face as audit
from datong.contexts.catalog import queries, usecases
from datong.contexts.catalog.domain import Stage
from datong.contexts.catalog.models import ImportJob, ImportRow, Version
from datong.contexts.catalog.queries.importing import import_job
from datong.contexts.catalog.usecases import importing
from datong.kernel.actors import Role
from datong.kernel.errors import IllegalMove, Malformed, Refused, Unknown
from factories.books import ENTRY_HEAD, a_book, entries_book, imported, queued, read_back, saved
from factories.catalog import PROVIDER, a_compiler, a_resource, an_authority, an_open_draft
from factories.organisations import a_department, an_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def compiler():
    usecases.seed_classes()
    return a_compiler()


def entries(count, start=0):
    return [(f"目录{number:05d}", "307001", "摘要", "无条件共享", "每日") for number in range(start, start + count)]


def items(count, start=0):
    return [(f"目录{number:05d}", "代码", "code", "C", 12, "是") for number in range(start, start + count)]


def body(answer):
    return b"".join(answer.streaming_content)


def test_each_row_becomes_a_draft(compiler):
    job = imported(entries_book(entries(3), items(3)), by=compiler)
    assert (job.stage, job.total, job.imported, job.known, job.refused, job.percent) == ("finished", 3, 3, 0, 0, 100)
    assert list(Version.objects.order_by("pk").values_list("name", "stage", "created_by")) == [(f"目录{n:05d}", "draft", compiler.account) for n in range(3)]
    assert [act.tag for act in reversed(audit.acts(by=None, tag="catalog.import"))] == ["catalog.import.queued", "catalog.import.started", "catalog.import.finished"]


def test_what_a_deputy_hands_in_is_imported_as_his_and_says_for_whom(compiler):
    deputy = replace(compiler, account="bianzhi2", acting_for=frozenset({compiler.account}))
    job = imported(entries_book(entries(1), items(1)), by=deputy)
    assert (job.stage, job.imported, Version.objects.get().created_by) == ("finished", 1, "bianzhi2")
    acts = audit.acts(by=None, tag="catalog.import")
    assert [act.facts["deputy_of"] for act in acts] == [[compiler.account]] * len(acts)


def test_a_wrong_row_costs_the_others_nothing_and_comes_back_with_its_reason(compiler):
    rows = [*entries(1), ("", "307001", "没有名字", "无条件共享", "每日"), ("奇怪", "307001", "x", "也许", "每日"), *entries(1, 5)]
    job = imported(entries_book(rows, [*items(1), ("目录00000", "又一个", "code2", "无此型", "", ""), ("没有的", "x", "x", "C", "", "")]), by=compiler)
    assert (job.imported, job.refused) == (2, 2)
    told = {row.line: set(row.faults) for row in ImportRow.objects.filter(state="refused")}
    assert told == {2: {"items.1.type"}, 3: {"name"}}
    back = read_back((importing.Path(importing.settings.NODE_FOLDER.uploads) / job.result).read_bytes())
    assert back["目录"][0][-2:] == ("导入结果", "错误说明")
    assert [row[-2].split(" ")[0] for row in back["目录"][1:]] == ["有误未导入", "有误未导入", "已导入", "已导入"]
    assert "数据目录名称必填" in back["目录"][2][-1] and "不在可选范围" in back["目录"][3][-1]
    assert "数据类型" in back["项"][2][-1] and "没有名称为“没有的”的目录" in back["项"][3][-1]


def test_what_comes_back_is_corrected_by_choosing(compiler):
    job = imported(entries_book([*entries(1), ("奇怪", "307001", "x", "也许", "每日")], [*items(1), ("奇怪", "项", "x", "年月日", "", "")]), by=compiler)
    back = openpyxl.load_workbook(importing.Path(importing.settings.NODE_FOLDER.uploads) / job.result)
    page, second = back["目录"], back["项"]
    assert (page.freeze_panes, back["选项"].sheet_state) == ("A2", "hidden")
    assert {str(one.sqref).split(":")[0] for one in page.data_validations.dataValidation} == {"D2", "E2"}
    assert (page.cell(3, 6).value, page.cell(3, 7).alignment.wrap_text) == ("有误未导入", True)
    assert "“也许”不在可选范围内，已留空，原文保留；可选：无条件共享、有条件共享、不予共享" in page.cell(3, 7).value
    said = second.cell(3, 8).value
    assert "数据类型必填" in said and "“年月日”不在可选范围内" in said and "D 日期型" in said
    assert "(" not in said and page.cell(3, 7).value.endswith("见“项”第 3 行")
    row = ImportRow.objects.get(state="refused")
    assert set(row.faults) == {"items.0.type"} and {"items.0.type", "sharing_type"} == set(row.flags)


def test_the_corrected_sheet_imports_only_what_was_missing(compiler):
    job = imported(entries_book([*entries(2), ("", "307001", "无名", "无条件共享", "每日")]), by=compiler)
    book = openpyxl.load_workbook(importing.Path(importing.settings.NODE_FOLDER.uploads) / job.result)
    book["目录"]["A4"] = "补上的名称"
    again = imported(book, by=compiler)
    assert (again.total, again.imported, again.known, again.refused) == (3, 1, 2, 0)
    assert Version.objects.count() == 3


def test_the_same_entry_of_another_department_is_another_entry(compiler):
    imported(entries_book(entries(1)), by=compiler)
    assert imported(entries_book(entries(1)), by=a_compiler("浙江省民政厅")).imported == 1


def test_an_import_that_ended_is_not_run_again(compiler):
    job = imported(entries_book(entries(2)), by=compiler)
    assert usecases.run_import(job.pk) is usecases.run_import(job.pk + 1000) is None


def test_a_cancelled_import_stops(compiler):
    job = queued(entries_book(entries(3)), by=compiler)
    usecases.cancel_import(job.pk, by=compiler)
    assert usecases.run_import(job.pk) is None
    with pytest.raises(IllegalMove):
        usecases.cancel_import(job.pk, by=compiler)
    assert not Version.objects.exists()


def test_secrets_and_unknown_classes(compiler):
    head = (*ENTRY_HEAD, "涉密属性", "信息资源代码")
    rows = [("密", "307001", "x", "无条件共享", "每日", "国家秘密", ""), ("外", "999", "x", "无条件共享", "每日", "非涉密", "41/007")]
    job = imported(a_book({"目录": [head, *rows]}), by=compiler)
    secret, foreign = ImportRow.objects.filter(job=job)
    assert (secret.state, "secrecy" in secret.faults) == ("refused", True)
    assert audit.acts(by=None, tag="catalog.entry.secret_refused")
    assert (foreign.state, foreign.raw, set(foreign.flags)) == ("imported", {"信息资源代码": "41/007", "分类": "999"}, {"code", "class_code"})
    assert foreign.version.resource.code.startswith("307001/")
    assert imported(entries_book([("无类", "", "x", "", "")]), by=compiler, class_code="").refused == 1


def test_formulas_hidden_sheets_and_two_head_rows(compiler):
    book = a_book({"目录": [("基本", None, None, "共享", None), ENTRY_HEAD, *entries(2)], "隐": [ENTRY_HEAD, *entries(1, 9)], "闲": [("随便",), ("写写",)]})
    book["隐"].sheet_state = "hidden"
    book["目录"]["C3"] = "=A3&B3"
    job = imported(book, by=compiler)
    assert (job.imported, job.refused) == (1, 1)
    assert "公式" in ImportRow.objects.get(state="refused").faults["abstract"]
    log = " ".join(job.log)
    assert "隐藏的工作表“隐”未导入" in log and "工作表“闲”没有认得的表头" in log


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"a,b\n1,2\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")])
def test_what_is_no_workbook_is_refused_at_once(compiler, content):
    with pytest.raises(Malformed):
        queued(content, by=compiler)
    assert not ImportJob.objects.exists()


def test_an_empty_workbook_fails_with_a_sentence(compiler):
    job = imported(a_book({"表": [("甲", "乙")]}), by=compiler)
    assert (job.stage, job.result) == ("failed", "") and "没有目录" in job.error


def test_only_compilers_import_and_only_their_department_sees(compiler):
    with pytest.raises(Refused):
        queued(entries_book(entries(1)), by=an_authority())
    with pytest.raises(Malformed):
        queued(entries_book(entries(1)), by=compiler, class_code="999999")
    job = imported(entries_book(entries(1)), by=compiler)
    for stranger in (an_authority(), a_compiler("浙江省民政厅")):
        with pytest.raises(Unknown):
            import_job(job.pk, by=stranger)


def test_an_export_reads_back_as_the_same_drafts(compiler):
    row = a_resource(an_open_draft(name="=1+1 公式样的名称"), stage=Stage.DRAFT)
    draft, held = queries.as_draft(row), io.BytesIO()
    usecases.write_entries(held, [row])
    other = a_compiler("浙江省民政厅")
    assert imported(held.getvalue(), by=other).imported == 1
    again = Version.objects.get(resource__provider=other.department)
    assert queries.as_draft(again) == draft


def test_the_template_holds_lists_hints_and_an_example_that_is_not_imported(compiler):
    held = io.BytesIO()
    usecases.write_template(held)
    book = openpyxl.load_workbook(io.BytesIO(held.getvalue()))
    assert book.sheetnames == ["信息资源", "信息项", "填写说明", "选项"]
    assert (book["选项"].sheet_state, book["信息资源"].freeze_panes) == ("hidden", "A3")
    assert len(book["信息资源"].data_validations.dataValidation) >= 7
    assert imported(held.getvalue(), by=compiler).stage == "failed"
    book["信息资源"]["A3"] = "我的目录"
    assert imported(book, by=compiler).imported == 1


@pytest.fixture
def client(compiler):
    made = Client()
    made.force_login(an_account("importer", roles=[Role.COMPILER], department=a_department(PROVIDER)))
    return made


def test_pages_from_template_to_result(client):
    assert client.get("/catalog/template").content[:2] == b"PK"
    assert "还没有导入过" in client.get("/catalog/import").content.decode()
    file = SimpleUploadedFile("我的.xlsx", saved(entries_book([*entries(1), ("", "307001", "", "", "")])))
    sent = client.post("/catalog/import", {"file": file, "class_code": "307001"})
    job = ImportJob.objects.get()
    assert (sent.status_code, sent.url) == (302, f"/catalog/imports/{job.pk}")
    waiting = client.get(sent.url).content.decode()
    assert 'hx-trigger="every 1s"' in waiting and "取消导入" in waiting and "正在读取工作簿" in waiting
    usecases.run_import(job.pk)
    done = client.get(sent.url, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in done and "hx-get" not in done and "信息资源名称：数据目录名称必填" in done and "100% · 2 / 2" in done
    result = client.get(f"/catalog/imports/{job.pk}/sheet")
    assert result.headers["Content-Disposition"].startswith("attachment")
    assert read_back(body(result))["目录"][1][-2].startswith("已导入 307001/")
    assert client.get("/catalog/export").content[:2] == b"PK"
    assert client.post(f"/catalog/imports/{job.pk}").status_code == 409


@pytest.mark.parametrize(("name", "content"), [(None, b""), ("x.csv", b"a"), ("x.xlsx", b"a,b"), ("x.xlsx", b"")])
def test_a_file_that_does_not_do_says_why_on_the_page(client, name, content):
    sent = {"file": SimpleUploadedFile(name, content)} if name else {}
    answer = client.post("/catalog/import", sent)
    assert answer.status_code == 422 and "catalog/imports.html" in [one.name for one in answer.templates]


def test_others_do_not_find_the_pages(client):
    job = imported(entries_book(entries(1)), by=a_compiler("浙江省民政厅"))
    assert client.get(f"/catalog/imports/{job.pk}").status_code == client.get(f"/catalog/imports/{job.pk}/sheet").status_code == 404
    stranger = Client()
    stranger.force_login(an_account(roles=[Role.APPLICANT], department=a_department(PROVIDER)))
    assert {stranger.get(path).status_code for path in ("/catalog/import", "/catalog/template", "/catalog/export")} <= {403, 404}
