# SPDX-License-Identifier: Apache-2.0
"""The law as tests: guide 1272, grading and identifiers (rows 34 to 43), each against the running product.

Not here: row 39 stands with the corrections, row 40 (GB/T 36344) with governance.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import asdict, replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from deltalake import DeltaTable
from django.conf import settings
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.audit import face as audit
from datong.contexts.catalog import usecases
from datong.contexts.catalog.domain import ItemDraft, Stage
from datong.contexts.catalog.models import ImportRow
from datong.contexts.catalog.queries import comparing
from datong.contexts.catalog.usecases.laws import seed_laws
from datong.contexts.exchange.models import Batch
from datong.contexts.exchange.usecases.landing import table_of
from datong.contexts.organisations import usecases as organisations
from datong.contexts.sharing import usecases as sharing
from datong.contexts.sharing.domain import Decision, GrantedItem
from datong.engine import face as engine
from datong.kernel.actors import SYSTEM, Role
from datong.kernel.codes import LARGEST_SEQUENCE, ResourceCode
from datong.kernel.errors import Malformed, Refused
from datong.kernel.grading import Harm, HarmedObject, grade
from datong.kernel.identifiers import check_region, check_resident_id, check_uscc, resident_check_digit, uscc_check_digit
from datong.kernel.sharing import FORMATS, FormatClass, ItemType, SharingType
from factories.answering import answering
from factories.books import ENTRY_HEAD, a_book, imported
from factories.catalog import (
    PROVIDER,
    a_compiler,
    a_draft,
    a_new_version,
    a_provider_head,
    a_resource,
    an_authority,
    an_open_draft,
)
from factories.exchange import a_csv_text, a_landed_batch, a_landed_resource, an_offer
from factories.organisations import a_department, an_account, an_application, some_regions
from factories.sharing import CONSUMER, a_consumer_head, a_request_draft, an_applicant

pytestmark = pytest.mark.django_db
GUIDE = re.compile(r"[123]\d{2}\d{3}\d*/\d+", re.ASCII)
"""类(1) 项(2) 目(3) 细目(any) / 序号, as the guide has it."""
WITHHELD_NOTE = ItemDraft("case_note", "案件备注", "C", 200, level="general_2", sharing_type="withheld")
BASIS = {"withheld_basis_rank": "law", "withheld_basis": "《居民身份证法》第十九条", "withheld_reason": "涉及侦查"}


@pytest.fixture
def _lands(monkeypatch):
    """Look at sources in this process and leave no table behind."""
    monkeypatch.setattr(engine, "apart", lambda task, *given, seconds=None, **more: task(*given, **more))
    yield
    for folder in (settings.NODE_FOLDER.lake, settings.NODE_FOLDER.serving, settings.NODE_FOLDER.uploads):
        for inside in folder.iterdir():
            shutil.rmtree(inside) if inside.is_dir() else inside.unlink()


def posted(role, path, body, department=PROVIDER):
    client = Client()
    client.force_login(an_account(roles=[role], department=a_department(department)))
    return client.post(f"/api/v1{path}", body, content_type="application/json")


def asked_for(resource, items, who, *, rows=(), **changes):
    """An endorsed request of an ordinary department, undecided."""
    draft = a_request_draft(resource, application=who.application.client_id, items=items, rows=rows, row_scope="", **changes)
    row = sharing.draft_request(draft, by=an_applicant())
    sharing.file_request(row.number, by=an_applicant())
    return sharing.endorse_request(row.number, by=a_consumer_head())


@given(
    st.from_regex(r"[123][0-9]{2}", fullmatch=True), st.from_regex(r"[0-9]{3}", fullmatch=True), st.from_regex(r"[0-9]{0,26}", fullmatch=True),
    st.integers(1, LARGEST_SEQUENCE), st.integers(1, LARGEST_SEQUENCE),
)  # fmt: skip
def test_row_34_1272_any_code_has_the_form_of_the_guide_and_no_two_share_a_text(item, subitem, detail, one, other):
    code, second = ResourceCode(item + subitem + detail, one), ResourceCode(item + subitem + detail, other)
    assert GUIDE.fullmatch(str(code)) and ResourceCode.parse(str(code)) == code
    assert (code.category.value + code.item, code.subitem, code.detail) == (item, subitem, detail)
    assert (str(code) == str(second)) == (one == other)


@pytest.mark.parametrize("head", ["407001", "007001", "30700", "30700a", "30 001", ""])
def test_row_34_1272_no_entry_gets_a_class_of_another_form(head):
    usecases.seed_classes()
    with pytest.raises(Malformed) as refused:
        usecases.compile_entry(a_draft(class_code=head), by=a_compiler())
    assert "class_code" in refused.value.fields
    if head:
        with pytest.raises(Malformed):
            usecases.add_class(head, "怪类", by=an_authority())


def test_row_34_1272_codes_are_given_once_and_never_again():
    usecases.seed_classes()
    gone = a_resource(stage=Stage.WITHDRAWN).resource.code
    usecases.add_class("3070010001", "户籍", by=an_authority())
    heads = ["307001"] * 3 + ["3070010001"]
    made = [
        usecases.compile_entry(a_draft(name=f"目录{n}", class_code=head), by=a_compiler()).resource.code
        for n, head in enumerate(heads)
    ]
    assert len({gone, *made}) == 5 and all(GUIDE.fullmatch(code) for code in made)
    assert [code.split("/")[0] for code in made] == heads


def test_row_34_1272_bad_codes_of_an_import_are_flagged_and_kept_as_they_were():
    usecases.seed_classes()
    bad = ("41/007", "3070/1", "30700a/1", "407001/1", "307001-1")
    rows = [(f"外来{n}", "307001", "摘要", "无条件共享", "每日", code) for n, code in enumerate([*bad, "3070010001/12"])]
    job = imported(a_book({"目录": [(*ENTRY_HEAD, "信息资源代码"), *rows]}), by=a_compiler())
    told = list(ImportRow.objects.filter(job=job).order_by("line"))
    assert [row.raw["信息资源代码"] for row in told] == [*bad, "3070010001/12"]
    assert ["不合编码规则" in row.flags.get("code", "") for row in told] == [True] * 5 + [False]
    assert all(GUIDE.fullmatch(row.version.resource.code) for row in told), "each got a code of ours"


ELEVEN = {
    "c": ("C", "0012", "0012", "string"), "n": ("N", "001.50", "1.5", "decimal(38,2)"), "y": ("Y", "9.99", "9.99", "decimal(38,2)"),
    "d": ("D", "2020/1/5", "2020-01-05", "date"), "t": ("T", "2020-01-05 08:00", "2020-01-05T00:00:00Z", "timestamp"),
    "l": ("L", "是", True, "boolean"), "m": ("M", " 两 行\n", " 两 行\n", "string"), "g": ("G", "{}", "{}", "string"),
    "b": ("B", "1e3", 1000.0, "double"), "i": ("I", "-7", -7, "long"), "f": ("F", "0.1", 0.1, "double"),
}  # fmt: skip
"""Field to its letter, what the provider hands in, what the consumer gets, and the type in the lake."""


@pytest.mark.usefixtures("_lands")
def test_row_35_1272_all_eleven_types_go_from_the_file_through_the_lake_to_the_consumer(tmp_path):
    assert {letter for letter, *_ in ELEVEN.values()} == set(ItemType)
    drafts = tuple(
        ItemDraft(field, f"项{field}", letter, 12 if letter == "C" else None, 2 if letter in "NY" else None, level="general_1", key=field == "c", nullable=field != "c", query=field == "c")
        for field, (letter, *_) in ELEVEN.items()
    )  # fmt: skip
    home = a_resource(an_open_draft(items=drafts))
    header = [f"项{field}" for field in ELEVEN]
    batch = a_landed_batch(home, an_offer(a_csv_text([[given for _, given, *_ in ELEVEN.values()]], header)))
    assert (batch.stage, batch.rows_good, batch.rows_bad) == ("landed", 1, 0)
    kept = {one.name: one.type for one in DeltaTable(str(table_of(batch))).schema().fields}
    assert {field: getattr(kept[field], "type", str(kept[field])) for field in ELEVEN} == {
        field: lake for field, (*_, lake) in ELEVEN.items()
    }
    who = an_application(by=an_applicant())
    sharing.grant_request(asked_for(home, tuple(ELEVEN), who).number, by=a_provider_head())
    with answering(tmp_path) as gateway:
        reply = gateway.calls(who, f"/v1/resources/{home.resource.code}/records?c=0012", **PURPOSE)
    assert reply.json["records"] == [{field: told for field, (_, _, told, _) in ELEVEN.items()}]


@pytest.mark.usefixtures("_lands")
def test_row_35_1272_lengths_are_bytes():
    items = (ItemDraft("code", "代码", "C", 6, level="general_1", key=True, nullable=False, query=True),)
    batch = a_landed_batch(
        a_resource(an_open_draft(items=items)), an_offer(a_csv_text([["浙江"], ["浙江省"], ["330000"]], ["代码"]))
    )
    assert (batch.rows_good, batch.rows_bad) == (2, 1), "three characters are nine bytes"
    assert [row["code"] for row in engine.quarantine(table_of(batch), str(batch.pk))] == ["too_long"]


PURPOSE = {"Datong-Purpose": quote("低保资格核查")}
TYPES = [(kind, one) for kind in FormatClass for one in FORMATS[kind] or ("自定格式",)]
NAMES = ["电子文件", "电子表格", "数据库", "图形图像", "流媒体", "自描述格式", "服务接口"]


def test_row_36_1272_there_are_the_seven_classes_of_the_guide():
    assert [kind.label for kind in FormatClass] == NAMES


@pytest.mark.parametrize(
    ("kind", "one"),
    [
        (FormatClass.DATABASE, "dm"),
        (FormatClass.SPREADSHEET, "xlsx"),
        (FormatClass.DOCUMENT, "ofd"),
        (FormatClass.SERVICE, "http"),
    ],
)
def test_row_36_1272_a_table_without_items_is_not_filed(kind, one):
    usecases.seed_classes()
    made = usecases.compile_entry(a_draft(format_class=kind.value, format_type=one, items=()), by=a_compiler())
    answer = posted(Role.COMPILER, f"/entries/{made.pk}/file", {})
    assert answer.status_code == 422 and "items" in answer.json()["errors"], "809 art. 13 wants items of every class"


def test_row_36_1272_types_belong_to_their_class():
    usecases.seed_classes()
    row = usecases.compile_entry(a_draft(), by=a_compiler())
    for kind, one in TYPES:
        assert (
            usecases.revise_entry(row.pk, a_draft(format_class=kind.value, format_type=one), by=a_compiler()).format_type == one
        )
    for kind, one in (("spreadsheet", "mp4"), ("stream", "xlsx"), ("database", "pdf"), ("service", "dm")):
        answer = posted(Role.COMPILER, "/entries", asdict(a_draft(format_class=kind, format_type=one)))
        assert answer.status_code == 422 and set(answer.json()["errors"]) == {"format_type"}
    assert posted(Role.COMPILER, "/entries", asdict(a_draft(format_class="卷宗"))).json()["errors"].keys() == {"format_class"}


@pytest.mark.usefixtures("_lands")
def test_row_37_1272_an_unconditional_set_is_served_without_what_is_restricted_in_it(tmp_path):
    seed_laws()
    home = a_resource(an_open_draft(items=(*an_open_draft().items, WITHHELD_NOTE), **BASIS))
    assert home.sharing_type == SharingType.UNCONDITIONAL
    batch = a_landed_batch(
        home,
        an_offer(a_csv_text([("330106000000", "西湖区", "内部甲", "案情乙")], ("区划代码", "区划名称", "内部备注", "案件备注"))),
    )
    who = an_application(by=an_applicant())
    request = asked_for(home, ("code", "title"), who)
    assert request.sharing_type == SharingType.UNCONDITIONAL
    with pytest.raises(Malformed):
        sharing.grant_request(
            request.number, Decision(items=(GrantedItem("title"), GrantedItem("police_note"))), by=a_provider_head()
        )
    sharing.grant_request(request.number, by=a_provider_head())
    path = f"/v1/resources/{home.resource.code}/records?code=330106000000"
    with answering(tmp_path) as gateway:
        reply = gateway.calls(who, path, **PURPOSE)
        refused = [gateway.calls(who, f"{path}&items={field}", **PURPOSE) for field in ("police_note", "case_note")]
    assert reply.json["records"] == [{"code": "330106000000", "title": "西湖区"}]
    assert [one.status for one in refused] == [403, 403]
    assert not any(secret in one.body.decode() for one in (reply, *refused) for secret in ("内部甲", "案情乙"))
    assert "case_note" not in {one.name for one in DeltaTable(str(table_of(batch))).schema().fields}, (
        "what the law withholds never lands"
    )


def test_row_37_1272_the_restricted_item_alone_makes_a_request_conditional_and_the_withheld_one_impossible():
    seed_laws()
    home = a_resource(an_open_draft(items=(*an_open_draft().items, WITHHELD_NOTE), **BASIS))
    who = an_application(by=an_applicant())
    assert asked_for(home, ("code", "police_note"), who).sharing_type == SharingType.CONDITIONAL
    with pytest.raises(Malformed) as refused:
        sharing.draft_request(
            a_request_draft(home, application=who.application.client_id, items=("case_note",)), by=an_applicant()
        )
    assert "items.0" in refused.value.fields


@pytest.mark.usefixtures("_lands")
@pytest.mark.parametrize(("days", "lamp"), [(0, "lamp green"), (3, "lamp red")])
def test_row_38_a_daily_set_three_days_old_is_shown_as_stale(days, lamp):
    home = a_landed_resource()
    assert home.update_cycle == "daily"
    Batch.objects.update(finished_at=timezone.now() - timedelta(days=days))
    page = Client().get(f"/resources/{home.resource.code}").content.decode()
    assert f'<span class="{lamp}">' in page


CELLS = {
    "national_security": "core core important", "economy": "core important general", "social_order": "core important general",
    "public_interest": "core important general", "organisation": "general general general", "individual": "general general general",
}  # fmt: skip


@pytest.mark.parametrize("harmed", list(HarmedObject))
def test_row_41_43697_each_cell_of_the_matrix(harmed):
    assert " ".join(grade(harmed, harm) for harm in Harm) == CELLS[harmed]


def test_row_41_43697_a_core_item_raises_the_set_and_the_change_stays_on_record():
    first = a_resource()
    code = first.resource.code
    assert first.level == "general_4", "as its highest item"
    core = ItemDraft("plan", "总体部署", "M", level="core")
    second = a_new_version(code, items=(*a_draft().items, core), level="general_2")
    assert second.level == "core"
    _old, _new, found = comparing.compare(code, 1, 2, by=a_compiler())
    assert [(one.field, one.before, one.after) for one in found.fields if one.field == "level"] == [
        ("level", "general_4", "core")
    ]
    assert [(one.kind, one.field) for one in found.items] == [("added", "plan")]
    tags = [act.tag for act in audit.acts(by=None, subject=code)]
    assert tags.count("catalog.entry.published") == 2 and "catalog.entry.revised" in tags


@pytest.fixture
def important():
    """A landed set of important data, and an ordinary department's application."""
    items = tuple(replace(item, level="important" if item.field == "title" else item.level) for item in an_open_draft().items)
    home = a_landed_resource(
        items=items, sharing_type="conditional", sharing_scope="省级部门", sharing_use=("verification",), opening_type="closed"
    )
    assert home.level == "important"
    return home, an_application(by=an_applicant())


@pytest.mark.usefixtures("_lands")
def test_row_42_important_data_leave_only_after_the_whole_chain_of_approval(important, tmp_path):
    home, who = important
    path = f"/v1/resources/{home.resource.code}/records?code=330106000000"
    request = asked_for(home, ("code", "title"), who)
    for role, department in (
        (Role.APPLICANT, CONSUMER),
        (Role.CONSUMER_HEAD, CONSUMER),
        (Role.COMPILER, PROVIDER),
        (Role.AUTHORITY, "浙江省数据局"),
    ):
        assert posted(role, f"/requests/{request.number}/grant", {}, department).status_code in (403, 404)
    with answering(tmp_path / "before") as gateway:
        refused = gateway.calls(who, path, **PURPOSE)
    assert refused.status == 404, "without a grant a resource is as unknown, and 404 tells less than 403 would"
    assert "西湖区".encode() not in refused.body
    with pytest.raises(Refused):
        sharing.grant_request(request.number, by=a_provider_head())
    sharing.give_opinion(request.number, "agree", "符合重要数据管理要求", by=an_authority())
    made = sharing.grant_request(request.number, by=a_provider_head())
    with answering(tmp_path / "granted") as gateway:
        assert gateway.calls(who, path, **PURPOSE).json["records"][0]["title"] == "西湖区"
    sharing.suspend_grant(made.number, "超范围使用，限期整改", by=a_provider_head())
    with answering(tmp_path / "suspended") as gateway:
        assert gateway.calls(who, path, **PURPOSE).status == 403


@pytest.mark.usefixtures("_lands")
def test_row_42_the_preview_is_masked_and_shows_nothing_of_important_data(important):
    home, _who = important
    looker = Client()
    looker.force_login(an_account(roles=[Role.APPLICANT], department=a_department(CONSUMER)))
    page = looker.get(f"/resources/{home.resource.code}").text
    assert home.name in page and "西湖区" not in page and "330106000000" not in page
    persons = a_resource()
    heads = [item.name for item in a_draft().items]
    a_landed_batch(persons, an_offer(a_csv_text([("11010519491231002X", "王五四", "330106", "2020-01-05", "涉案")], heads)))
    page = looker.get(f"/resources/{persons.resource.code}").text
    assert "110105********002X" in page and "王**" in page
    assert not any(raw in page for raw in ("11010519491231002X", "王五四", "涉案"))


@pytest.mark.parametrize("level", ["important", "core"])
@pytest.mark.parametrize("own", ["", "open"])
def test_row_42_important_data_are_never_open_to_everybody(level, own):
    usecases.seed_classes()
    first, second, *_ = an_open_draft().items
    draft = an_open_draft(opening_type="open", items=(first, replace(second, level=level, opening_type=own)))
    made = usecases.compile_entry(draft, by=a_compiler())
    answer = posted(Role.COMPILER, f"/entries/{made.pk}/file", {})
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) <= {"opening_type", "items.1.opening_type"}


def test_row_42_what_is_general_in_a_set_may_be_open_when_the_important_item_is_kept_back():
    usecases.seed_classes()
    first, second, *_ = an_open_draft().items
    draft = an_open_draft(opening_type="open", items=(first, replace(second, level="important", opening_type="closed")))
    made = usecases.compile_entry(draft, by=a_compiler())
    assert posted(Role.COMPILER, f"/entries/{made.pk}/file", {}).status_code == 200


@pytest.mark.parametrize(
    ("first17", "whole"),
    [
        ("11010519491231002", "11010519491231002X"), ("44052418800101001", "440524188001010014"), ("81000019900307123", ""),
        ("82000019900307123", ""), ("83000019900307123", ""),
    ],
)  # fmt: skip
def test_row_43_11643_resident_ids_those_of_hong_kong_macau_and_taiwan_too(first17, whole):
    made = first17 + resident_check_digit(first17)
    assert check_resident_id(made) == (whole or made)
    wrong = made[:-1] + ("0" if made[-1] != "0" else "1")
    with pytest.raises(Malformed):
        check_resident_id(wrong)


@pytest.mark.parametrize("code", ["11650000010183859F", "11100000000013338W", "11430000006122244L", "91350100M000100Y43"])
def test_row_43_32100_real_credit_codes(code):
    assert check_uscc(code) == code
    for place in (1, 8, 17):
        with pytest.raises(Malformed):
            check_uscc(code[:place] + ("2" if code[place] != "2" else "3") + code[place + 1 :])


@pytest.mark.parametrize("letter", "ANY")
def test_row_43_32100_bodies_whose_code_begins_with_a_letter_can_be_entered(letter):
    some_regions()
    head = f"{letter}2330106MA2AX1B2C"
    code = head + uscc_check_digit(head)
    assert organisations.create_department(code, f"单位{letter}", by=SYSTEM, region="330000").uscc == code
    with pytest.raises(Malformed):
        organisations.create_department(head + ("0" if code[17] != "0" else "1"), f"错{letter}", by=SYSTEM, region="330000")


def test_row_43_2260_divisions_have_six_digits_and_gone_ones_are_no_error():
    assert [check_region(code) for code in ("330000", "510221", "810000")] == ["330000", "510221", "810000"]
    for wrong in ("", "33000", "3300000", "033000", "33000a", "３30000"):
        with pytest.raises(Malformed):
            check_region(wrong)
