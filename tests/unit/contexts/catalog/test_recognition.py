# SPDX-License-Identifier: Apache-2.0
"""Sensitive items are recognised from header words and values, proposed with a reason, and never by chance."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.config.demo import synthetic
from datong.contexts.catalog.domain.recognition import LEAST, masked, recognise
from datong.contexts.catalog.domain.sensitive import MARKS, SensitiveKind
from datong.kernel.identifiers import card_check_digit
from datong.kernel.masks import Mask
from datong.kernel.sharing import Level

PERSONS = list(synthetic.persons(60))
ENTERPRISES = list(synthetic.enterprises(60))


def column(rows, name):
    return [row[name] for row in rows]


def cards(count):
    dice = Random(7)
    heads = [f"62{dice.randrange(10**16):016}" for _ in range(count)]
    return [head + card_check_digit(head) for head in heads]


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("公民身份号码", "resident_id"), ("身份证号", "resident_id"), ("sfzh", "resident_id"), ("GMSFHM", "resident_id"), ("id_card", "resident_id"),
        ("法定代表人身份证号码", "resident_id"), ("统一社会信用代码", "credit_code"), ("TYSHXYDM", "credit_code"),
        ("手机号", "phone"), ("联系人电话", "phone"), ("lxdh", "phone"), ("单位联系电话", "phone"), ("user_mobile", "phone"), ("contactTel", "phone"),
        ("银行卡号", "bank_card"), ("收款账户", "bank_card"), ("护照号码", "passport"), ("电子邮箱", "email"), ("e_mail", "email"),
        ("车牌号", "plate"), ("hphm", "plate"), ("出生日期", "birth_date"), ("csrq", "birth_date"), ("birthday", "birth_date"),
        ("住址", "address"), ("身份证地址", "address"), ("注册地址", "address"), ("出生地", "address"), ("jtzz", "address"),
        ("姓名", "person_name"), ("法定代表人", "person_name"), ("联系人", "person_name"), ("xm", "person_name"),
        ("主要诊断", "health"), ("人脸特征值", "biometric"),
    ],
)  # fmt: skip
def test_header_words_alone_propose(header, kind):
    found = recognise([header])
    assert found is not None
    assert (found.kind, found.confidence) == (kind, 0.7)
    assert "没有可校验的样本" in found.reason
    assert "(the header says so" in found.reason


@pytest.mark.parametrize(
    "header",
    ["企业名称", "项目名称", "行政区划代码", "登记状态", "经营范围", "注册资本", "数量", "code", "name", "status", "成立日期", "批次", "dzs", "电量", "", "xmlns"],
)
def test_ordinary_headers_propose_nothing(header):
    assert recognise([header]) is None


@pytest.mark.parametrize(
    ("rows", "name", "header", "kind"),
    [
        (PERSONS, "resident_id", "公民身份号码", "resident_id"),
        (PERSONS, "resident_id", "c1", "resident_id"),
        (PERSONS, "name", "姓名", "person_name"),
        (PERSONS, "birth", "出生日期", "birth_date"),
        (PERSONS, "phone", "联系电话", "phone"),
        (PERSONS, "address", "住址", "address"),
        (PERSONS, "address", "c6", "address"),
        (ENTERPRISES, "uscc", "c2", "credit_code"),
        (ENTERPRISES, "legal_representative", "法定代表人", "person_name"),
    ],
)
def test_values_bear_it_out(rows, name, header, kind):
    found = recognise([header], column(rows, name))
    assert found is not None
    assert found.kind == kind
    assert found.confidence >= 0.7


@pytest.mark.parametrize("name", ["sex", "birth", "region", "origin"])
def test_plain_columns_without_telling_headers_stay_plain(name):
    assert recognise(["c1"], column(PERSONS, name)) is None


@pytest.mark.parametrize("name", ["name", "registered_capital", "established", "status", "scope", "region"])
def test_enterprise_columns_stay_plain(name):
    found = recognise([synthetic.ENTERPRISE_COLUMNS[name]], column(ENTERPRISES, name))
    assert found is None


@pytest.mark.parametrize("values", [["高中", "初中", "小学", "高中", "大专"] * 20, ["黄色", "白色", "红色", "蓝色", "青色"] * 20])
def test_words_of_a_code_list_are_no_names(values):
    assert recognise(["c1"], values) is None


def test_what_the_header_says_and_the_values_deny_is_not_proposed():
    assert recognise(["身份证号"], ["见附件", "无", "详见档案", "略", "空"]) is None
    assert recognise(["卡号"], ["A-1", "A-2", "A-3", "A-4", "A-5"]) is None


def test_values_outweigh_a_header_that_speaks_of_something_weaker():
    found = recognise(["联系人"], column(PERSONS, "resident_id"))
    assert found is not None
    assert found.kind is SensitiveKind.RESIDENT_ID


def test_bank_cards_check_by_their_digit():
    found = recognise(["c9"], cards(40))
    assert (found.kind, found.level, found.mask, found.personal) == ("bank_card", Level.GENERAL_4, "partial:4:4", True)
    wrong = [one[:-1] + str((int(one[-1]) + 1) % 10) for one in cards(40)]
    assert recognise(["c9"], wrong) is None


def test_few_values_prove_nothing():
    assert recognise(["c1"], column(PERSONS, "resident_id")[:4]) is None
    assert recognise(["c1"], column(PERSONS, "resident_id")[:5]) is not None


def test_some_dirt_does_not_hide_a_column():
    values = column(PERSONS, "resident_id")[:45] + ["不详"] * 5 + [""] * 100 + [None]
    found = recognise(["c1"], values)
    assert found is not None
    assert "90%" in found.reason


@pytest.mark.parametrize(("header", "personal"), [("单位地址", False), ("企业联系电话", False), ("家庭地址", True), ("联系电话", True), ("注册地址", False)])
def test_what_belongs_to_an_organisation_is_not_personal(header, personal):
    found = recognise([header])
    assert (found.personal, found.mask == "none") == (personal, not personal)


@pytest.mark.parametrize("kind", SensitiveKind)
def test_each_kind_proposes_a_mask_and_a_level(kind):
    marks = MARKS[kind]
    assert str(Mask.parse(str(marks.mask))) == str(marks.mask)
    assert marks.level in Level


def test_proposals_of_the_main_kinds():
    found = recognise(["公民身份号码"], column(PERSONS, "resident_id"))
    assert (found.level, found.mask, found.personal, found.confidence) == (Level.GENERAL_3, "partial:6:4", True, 0.99)
    credit = recognise(["统一社会信用代码"], column(ENTERPRISES, "uscc"))
    assert (credit.level, credit.mask, credit.personal) == (Level.GENERAL_1, "none", False)


@given(st.lists(st.text(max_size=20), max_size=4), st.lists(st.one_of(st.none(), st.text(max_size=40)), max_size=40))
def test_anything_may_come_and_no_value_is_quoted(headers, values):
    found = recognise(headers, values)
    if found is not None:
        assert LEAST <= found.confidence <= 1
        assert found.reason.count("(") >= 1
    for value in values:
        assert isinstance(masked(value, found), str)


@given(st.sampled_from(column(PERSONS, "resident_id")), st.text(max_size=8))
def test_an_identity_number_is_never_shown_whole(value, header):
    for finding in (None, recognise([header], [value])):
        assert value not in masked(value, finding)


def test_samples_are_masked_as_proposed():
    assert masked(" 张三丰 ", recognise(["姓名"])) == "张**"
    assert masked("13800138000", recognise(["手机号"])) == "138****8000"
    assert masked("1998-02-03", recognise(["出生日期"])) == "1998"
    assert masked("33010119990101", None) == "330********101"
    assert masked("男", None) == "男"
    assert masked("", None) == masked(None, None) == ""
