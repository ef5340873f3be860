# SPDX-License-Identifier: Apache-2.0
"""反向编目 end to end: a source is looked at, a person ticks and corrects, drafts are begun; addresses stay secret."""

import os
import re
import sqlite3
import time

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from datong.contexts.audit import face as audit
from datong.contexts.catalog import usecases
from datong.contexts.catalog.models import Version
from datong.kernel.actors import Role
from datong.kernel.errors import Malformed, Refused
from factories import mariadb, stores
from factories.bridges import a_business_database, over_tcp
from factories.catalog import CLASS, PROVIDER, a_compiler, an_authority
from factories.connections import a_connection, a_keeper, of_database
from factories.organisations import a_department, an_account

PAGE = "/catalog/reverse"
SURNAMES = "赵钱孙李周吴郑王冯陈"
PEOPLE = "公民身份号码,姓名,户籍区划,年龄,登记时刻\n" + "".join(
    f"33010219900101{n:03d}X,{SURNAMES[n % 10]}小明,0{n:05d},{n},00:{n:02d}\n" for n in range(10, 40)
)


@pytest.fixture(autouse=True)
def _loopback(settings):
    settings.CONNECTION_NETWORKS = stores.LOOPBACK


@pytest.fixture
def compiler(db):
    usecases.seed_classes()
    client = Client()
    client.force_login(an_account("compiler-of-police", roles=[Role.COMPILER], department=a_department(PROVIDER)))
    return client


@pytest.fixture
def postgres():
    with psycopg.connect(a_business_database(), autocommit=True) as connection:
        connection.execute('create schema "门"; create table "门".people (code varchar(18) primary key, xm varchar(90) not null)')
        connection.execute("comment on column \"门\".people.xm is '姓名'; insert into \"门\".people values ('0012', '张三')")
    with over_tcp(a_business_database()) as dsn:
        yield dsn
    with psycopg.connect(a_business_database(), autocommit=True) as connection:
        connection.execute('drop schema "门" cascade')


def held_in(answer):
    return re.search(r'name="held" value="([^"]+)"', answer.content.decode())[1]


def look(client, name="人员.csv", content=PEOPLE, **more):
    file = SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)
    return client.post(PAGE, {"step": "look", "file": file, **more})


def form(answer, **more):
    """What the page would send: every field of the proposal as it stands."""
    [section] = answer.context["proposals"]
    sent = {"step": "compile", "held": held_in(answer), "class_code": CLASS, "t0-name": section["name"], "t0-abstract": "", "t0-format_class": "spreadsheet",
            "t0-format_type": "csv"}  # fmt: skip
    for row in section["rows"]:
        head, item = f"t0-items-{row['number']}-", row["item"]
        sent |= {head + "name": item.name, head + "field": item.field, head + "type": item.type, head + "length": item.length or "", head + "level": item.level}
        sent |= {head + tick: "1" for tick in ("nullable", "personal") if getattr(item, tick)}
    return sent | more


def test_a_file_becomes_a_draft_of_what_was_ticked(compiler):
    seen = look(compiler)
    page = seen.content.decode()
    assert seen.status_code == 200
    assert "33010219900101" not in page, page[page.index("33010219900101") - 300 : page.index("33010219900101") + 60]
    assert "赵**" in page and "前导零" in page
    assert not any(row["taken"] for row in seen.context["proposals"][0]["rows"])
    sent = form(seen, **{"t0-items-0-take": "1", "t0-items-2-take": "1", "t0-items-2-name": "户籍地区划", "t0-name": "常住人口"})
    made = compiler.post(PAGE, sent)
    row = Version.objects.get()
    assert (made.status_code, made.url) == (302, f"/catalog/{row.pk}/edit")
    assert (row.name, row.level, row.format_type, row.stage) == ("常住人口", "general_3", "csv", "draft")
    assert [(one.field, one.name, one.type, one.personal, one.level) for one in row.items.all()] == [
        ("gongminshenfenhaoma", "公民身份号码", "C", True, "general_3"), ("hujiquhua", "户籍地区划", "C", False, ""),
    ]  # fmt: skip


def test_nothing_is_taken_that_nobody_ticked(compiler):
    seen = look(compiler)
    answer = compiler.post(PAGE, form(seen))
    assert answer.status_code == 422
    assert "没有勾选任何信息项" in answer.content.decode()
    assert not Version.objects.exists()


def test_a_saved_connection_stands_in_for_an_address(compiler, postgres):
    officer = a_keeper()
    made = of_database(officer, postgres)
    assert made.name in compiler.get(PAGE).content.decode()
    seen = compiler.post(PAGE, {"step": "look", "connection": made.number})
    [value] = [one["value"] for one in seen.context["tables"] if one["table"].schema == "门"]
    shown = compiler.post(PAGE, {"step": "propose", "held": held_in(seen), "tables": value})
    assert [row["item"].name for row in shown.context["proposals"][0]["rows"]] == ["code", "姓名"]
    said = {"connection": made.number, "tables": [{"schema_name": "门", "name": "people"}]}
    assert [one["draft"]["name"] for one in compiler.post("/api/v1/proposals", said, "application/json").json()]
    theirs = of_database(a_keeper("民政厅"), postgres)
    assert compiler.post(PAGE, {"step": "look", "connection": theirs.number}).status_code == 404
    assert compiler.post("/api/v1/proposals/tables", {"connection": theirs.number}, "application/json").status_code == 404
    assert compiler.post("/api/v1/proposals/tables", {"connection": a_connection(officer).number}, "application/json").status_code == 422


def test_the_nodes_own_database_and_other_networks_are_not_looked_at(compiler, settings):
    own = connection.settings_dict
    with over_tcp(os.environ["DATONG_DATABASE_URL"].replace("/datong?", f"/{own['NAME']}?")) as dsn:
        answer = compiler.post(PAGE, {"step": "look", "dsn": dsn})
        assert (answer.status_code, "节点自己的数据库" in answer.content.decode()) == (403, True)
        settings.CONNECTION_NETWORKS = ()
        answer = compiler.post(PAGE, {"step": "look", "dsn": dsn})
        assert (answer.status_code, "DATONG_CONNECTION_NETWORKS" in answer.content.decode()) == (422, True)


def test_a_fault_in_one_row_costs_nothing_that_was_typed(compiler):
    seen = look(compiler)
    sent = form(seen, **{"t0-items-1-take": "1", "t0-items-3-take": "1", "t0-items-3-field": "坏 字段", "t0-name": "名称甲"})
    answer = compiler.post(PAGE, sent)
    [section] = answer.context["proposals"]
    assert answer.status_code == 422
    assert (section["name"], section["rows"][3]["item"].field, section["rows"][3]["taken"], section["rows"][0]["taken"]) == ("名称甲", "坏 字段", True, False)
    assert "field" in section["rows"][3]["errors"] and not section["rows"][1]["errors"]
    assert not Version.objects.exists()
    fixed = form(answer, **{"t0-items-3-take": "1", "t0-items-3-field": "nianling"})
    assert compiler.post(PAGE, fixed).status_code == 302


def test_a_postgresql_table_is_chosen_and_its_address_never_shown(compiler, postgres):
    seen = compiler.post(PAGE, {"step": "look", "dsn": postgres})
    [value] = [one["value"] for one in seen.context["tables"] if one["table"].schema == "门"]
    shown = compiler.post(PAGE, {"step": "propose", "held": held_in(seen), "tables": value})
    [section] = shown.context["proposals"]
    assert [(row["item"].field, row["item"].name, row["item"].key, row["found"].declared) for row in section["rows"]] == [
        ("code", "code", True, "character varying(18)"), ("xm", "姓名", False, "character varying(90)"),
    ]  # fmt: skip
    for answer in (seen, shown):
        assert "s3cret" not in answer.content.decode() and "127.0.0.1" not in answer.content.decode()
    made = compiler.post(PAGE, form(shown, **{"tables": value, "t0-items-0-take": "1", "t0-format_class": "database", "t0-format_type": "postgresql"}))
    assert made.status_code == 302
    [act] = audit.acts(by=None, tag="catalog.source.surveyed")
    assert act.facts == {"kind": "postgres", "sources": ["门.people"], "digest": ""}


@pytest.mark.mariadb
def test_a_mariadb_table_is_proposed(db):
    with mariadb.served() as dsn:
        mariadb.run(dsn, "create table people (sfzh char(18) primary key comment '身份证号', ok tinyint(1), t time)", "insert into people values ('330102199001011234', 1, '00:10')")
        offer = usecases.offer_address(dsn)
        by = a_compiler()
        [table] = usecases.list_tables(offer, by=by)
        [made] = usecases.propose_entries(offer, [(table.schema, table.name)], by=by)
    assert [(one.item.field, one.item.name, one.item.type, one.item.personal) for one in made.items] == [
        ("sfzh", "身份证号", "C", True), ("ok", "ok", "L", False), ("t", "t", "C", False),
    ]  # fmt: skip
    assert (made.draft.format_class, made.draft.format_type) == ("database", "mysql")
    assert mariadb.PASSWORD not in repr(offer)


def test_tables_of_a_sqlite_file_become_drafts_together(compiler, tmp_path):
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute("create table a (code text primary key)")
        connection.execute("create table b (code text)")
    connection.close()
    seen = look(compiler, "x.db", (tmp_path / "x.db").read_bytes())
    ticks = [one["value"] for one in seen.context["tables"]]
    shown = compiler.post(PAGE, {"step": "propose", "held": held_in(seen), "tables": ticks})
    sent = {"step": "compile", "held": held_in(shown), "tables": ticks, "class_code": CLASS}
    for place, name in enumerate("ab"):
        sent |= {f"t{place}-name": name, f"t{place}-items-0-take": "1", f"t{place}-items-0-name": "代码", f"t{place}-items-0-field": "code", f"t{place}-items-0-type": "C"}
    bad = compiler.post(PAGE, sent | {"t1-items-0-type": ""})
    assert bad.status_code == 422 and not Version.objects.exists()
    assert [bool(one["errors"]) for one in bad.context["proposals"]] == [False, True]
    assert compiler.post(PAGE, sent).url == "/catalog?tab=mine"
    assert Version.objects.count() == 2


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"dsn": "postgresql://me:s3cret@h/x?passfile=/etc/passwd"}, "不接受的选项"),
        ({"dsn": "mysql://me:s3cret@127.0.0.1:1/x"}, "连接不上"),
        ({"dsn": "sqlite:///etc/s3cret"}, "连接串须以"),
        ({}, "请重新选择来源"),
        ({"held": "AAAA"}, "请重新选择来源"),
    ],
)
def test_a_source_that_does_not_work_says_why_and_nothing_else(compiler, sent, words):
    answer = compiler.post(PAGE, {"step": "look", **sent})
    assert answer.status_code == 422
    assert words in answer.content.decode() and "s3cret" not in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [("x.exe", b"MZ", "这种文件不能用"), ("x.csv", b"", "文件是空的"), ("x.xlsx", b"PK\x03\x04nothing", "损坏"), ("x.db", b"nothing", "不是 SQLite 文件"),
     ("x.csv", b"\xff\xfe\x00", "")],
)  # fmt: skip
def test_files_that_lie_are_told(compiler, name, content, words):
    answer = look(compiler, name, content)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_token_is_of_one_account_and_one_day(compiler, monkeypatch):
    offer = usecases.offer_file("a.csv", [b"k\n1\n"])
    mine, other = a_compiler(), an_authority()
    token = usecases.seal(offer, by=mine)
    assert usecases.unseal(token, by=mine) == offer
    for wrong, by in ((token, other), (token[:-4] + "AAAA", mine), ("", mine), ("%%%", mine)):
        with pytest.raises(Malformed):
            usecases.unseal(wrong, by=by)
    later = time.time() + 90_000
    monkeypatch.setattr("time.time", lambda: later)
    with pytest.raises(Malformed):
        usecases.unseal(token, by=mine)


def test_only_compilers_look(db):
    offer = usecases.Offer(kind="csv", stored="x")
    for call in (lambda: usecases.list_tables(offer, by=an_authority()), lambda: usecases.propose_entries(offer, by=an_authority())):
        with pytest.raises(Refused):
            call()
    client = Client()
    client.force_login(an_account(roles=[Role.APPLICANT], department=a_department(PROVIDER)))
    assert client.get(PAGE).status_code in (403, 404)


def test_tables_that_are_not_there_are_named(compiler, tmp_path):
    sqlite3.connect(tmp_path / "x.db").execute("create table a (code)").connection.close()
    offer = usecases.offer_file("x.db", [(tmp_path / "x.db").read_bytes()])
    for chosen in ([], [("", "b")], [("", "a")] * 11):
        with pytest.raises(Malformed) as caught:
            usecases.propose_entries(offer, chosen, by=a_compiler())
        assert "tables" in caught.value.fields
