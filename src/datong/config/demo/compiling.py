# SPDX-License-Identifier: Apache-2.0
"""Two more ways into the catalogue: a business database compiled in reverse, a workbook that comes back with its fault.

Kept here: the proposal confirms nothing, people do; the workbook is the template the node itself gives, and what is
corrected is the sheet that came back.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import openpyxl

from datong.config.demo import synthetic
from datong.config.demo.chapters import Story, until
from datong.config.demo.clients import Person, Unexpected
from datong.config.demo.telling import Step, sure

TABLE = "养老机构"
CLASS = "101101"
ROWS = 120
LONGEST = 60
COLUMNS = {
    "机构编码": "char(8) primary key", "机构名称": "varchar(200) not null", "负责人": "varchar(60)", "负责人身份证号": "char(18)",
    "行政区划代码": "char(6)", "床位数": "integer", "备案日期": "date", "数据性质": "varchar(30)",
}  # fmt: skip
"""Columns of the department's business table, as its database declares them."""
TAKEN = tuple(column for column in COLUMNS if column != "数据性质")
SAID = {
    "name": "养老机构备案信息【合成数据】",
    "abstract": "备案的养老机构及其负责人、床位数；由业务库反向编目，记录为生成的合成数据",
    "class_code": CLASS, "sharing_type": "conditional", "sharing_scope": "履行养老服务监管职责的部门",
    "sharing_use": ["administrative_basis"], "sharing_methods": ["call"],
    "use_conditions": "仅用于养老服务监管，不得提供给第三方",
    "opening_type": "closed", "update_cycle": "monthly", "contact": "0571-00000000", "system": "养老服务业务系统",
    "secrecy_assessment": "经评估不涉及国家秘密、工作秘密（保评〔2026〕21号）",
    "personal_assessment": "含负责人信息，已完成个人信息保护影响评估（个评〔2026〕21号）",
}  # fmt: skip
"""What only a person can say of the table."""
BOOK = (
    ("福利彩票销售场所", ("场所编号", "C 字符型"), ("地址", "C 字符型")),
    ("社会组织登记信息", ("组织名称", "C 字符型"), ("登记日期", "D 日期型")),
    ("殡葬服务机构信息", ("机构名称", "C 字符型"), ("设立日期", "年月日")),
)
"""Entries of the workbook with their items; the type of the last is no type of the guide."""


def steps(story: Story) -> list[Step]:
    """The steps of this chapter."""
    return [
        Step("reverse", "业务库反向编目 a database compiled in reverse", lambda: _reverse(story), "/catalog/reverse"),
        Step("workbook", "Excel 导入，有误的行退回 a wrong row comes back", lambda: _workbook(story), "/catalog/import"),
        Step("corrected", "改正后再导入，不重复 corrected, nothing twice", lambda: _corrected(story), "/catalog/import"),
    ]


def _reverse(story: Story) -> str:
    compiler, head = story.of("民政厅", "provider_compiler"), story.of("民政厅", "provider_head")
    path, secret = _business_database(story.folder / "demo-files")
    [proposal] = compiler.upload("/proposals/files", path, tables=TABLE)
    found = {one["column"]: one for one in proposal["items"]}
    identity = found["负责人身份证号"]
    sure(proposal["rows"] == ROWS and set(found) == set(COLUMNS), f"the proposal is of {proposal['rows']} rows, {set(found)}")
    sure(identity["finding"] and identity["item"]["personal"], f"the identity numbers were not recognised: {identity}")
    sure(secret not in str(proposal), "a proposal shows an identity number")
    sure((found["床位数"]["item"]["type"], found["备案日期"]["item"]["type"]) == ("I", "D"), f"proposed types: {found}")
    confirmed = {**proposal["draft"], **SAID, "items": [found[column]["item"] for column in TAKEN]}
    made = compiler.post("/entries", confirmed)
    compiler.post(f"/entries/{made['id']}/file")
    head.post(f"/entries/{made['id']}/consent", {"opinion": "同意报送"})
    done = story.of("数据局", "authority").post(f"/entries/{made['id']}/publish", {"opinion": "四性审核通过"})
    sure(done["stage"] == "published", f"the entry compiled in reverse is {done['stage']}")
    story.codes["care"] = done["code"]
    return (
        f"{ROWS} 行 {len(found)} 列，勾选 {len(TAKEN)} 列；身份证号标为个人信息（{identity['finding']['reason'].split(' (')[0]}）"
        f"，样例 {identity['samples'][0]}；已发布 {done['code']}"
    )


def _business_database(folder: Path) -> tuple[Path, str]:
    """The SQLite file of the department's business system (合成数据), and one identity number in it."""
    folder.mkdir(exist_ok=True)
    path = folder / "care.sqlite"
    path.unlink(missing_ok=True)
    people = list(synthetic.persons(ROWS))
    rows = [
        (f"{number:08d}", f"{one['address'][:6]}第{number}养老院", one["name"], one["resident_id"], "330106", 30 + number % 200,
         f"20{10 + number % 15}-0{1 + number % 9}-15", synthetic.MARK)
        for number, one in enumerate(people, start=1)
    ]  # fmt: skip
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"create table {TABLE} ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})")
        connection.executemany(f"insert into {TABLE} values ({', '.join('?' * len(COLUMNS))})", rows)  # noqa: S608  our own words
    return path, people[0]["resident_id"]


def _workbook(story: Story) -> str:
    compiler = story.of("民政厅", "provider_compiler")
    book = openpyxl.load_workbook(BytesIO(_page(compiler, "/catalog/template")))
    for name, *items in BOOK:
        _append(book["信息资源"], {"信息资源名称": name, "分类代码": CLASS, "共享类型": "无条件共享", "更新周期": "每月"})
        for item, kind in items:
            _append(book["信息项"], {"信息资源名称": name, "信息项名称": item, "数据类型": kind})
    done = _imported(story, compiler, book, "workbook.xlsx")
    sure((done["imported"], done["refused"]) == (2, 1), f"the workbook: {done}")
    [row] = compiler.get(f"/imports/{done['number']}/rows", state="refused")
    story.keys["import"] = (str(done["number"]),)
    return f"三条目录导入两条；第 {row['line']} 行“{row['name']}”退回：{next(iter(row['flags'].values())).split('；')[0]}"


def _corrected(story: Story) -> str:
    compiler = story.of("民政厅", "provider_compiler")
    [number] = story.keys["import"]
    book = openpyxl.load_workbook(BytesIO(_page(compiler, f"/catalog/imports/{number}/sheet")))
    sheet = book["信息项"]
    [wrong] = [row for row in sheet.iter_rows() if any(cell.value == "年月日" for cell in row)]
    told = str(wrong[_heads(sheet)["错误说明"] - 1].value)
    sure("年月日" in told, f"the sheet that came back does not name the fault: {told}")
    wrong[_heads(sheet)["数据类型"] - 1].value = "D 日期型"
    done = _imported(story, compiler, book, "workbook-corrected.xlsx")
    sure((done["imported"], done["known"], done["refused"]) == (1, 2, 0), f"the corrected workbook: {done}")
    drafts = {name: len(compiler.get("/entries", q=name, stage="draft")["items"]) for name, *_ in BOOK}
    sure(set(drafts.values()) == {1}, f"drafts after two imports: {drafts}")
    words = told.splitlines()[-1].split("；")[0]
    return f"退回的表写明“{words}”；改正后导入 1 条，以前已导入 2 条不重复，共 {len(drafts)} 份草稿"


def _imported(story: Story, compiler: Person, book: openpyxl.Workbook, name: str) -> dict[str, Any]:
    path = story.folder / "demo-files" / name
    book.save(path)
    number = compiler.upload("/imports", path)["number"]
    job: dict[str, Any] = {}

    def over() -> bool:
        job.update(compiler.get(f"/imports/{number}"))
        return bool(job["finished_at"])

    until(over, LONGEST, f"import {number} did not end")
    sure(job["stage"] == "finished", f"import {number}: {job['error']}")
    return job


def _append(sheet: Any, values: dict[str, str]) -> None:
    heads, line = _heads(sheet), sheet.max_row + 1
    for word, value in values.items():
        sheet.cell(line, heads[word], value)


def _heads(sheet: Any) -> dict[str, int]:
    return {str(cell.value).lstrip("*"): cell.column for cell in sheet[1] if cell.value}


def _page(person: Person, path: str) -> bytes:
    """A file of the pages, with the person's own session."""
    answer: httpx.Response = person.http.get(f"{person.base}{path}")
    if answer.status_code != 200:
        raise Unexpected(f"GET {path} answered {answer.status_code}")
    return answer.content
