# SPDX-License-Identifier: Apache-2.0
"""What a request may rest on: the kind chosen and the law cited must agree (809 art. 20)."""

import pytest

from datong.contexts.catalog.domain.grounds import DutyView, LawView, ground_fault

LISTED = {
    "社会保险法": LawView("社会保险法", "law", repealed=False, articles=()),
    "政务数据共享条例": LawView("政务数据共享条例", "regulation", repealed=False, articles=()),
    "旧法": LawView("旧法", "law", repealed=True, articles=()),
}


def fault(kind, text):
    return ground_fault(kind, text, LISTED, lambda title: title.startswith("浙江省"))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("law", "《社会保险法》第八条"), ("law", "《中华人民共和国社会保险法》第八条"), ("regulation", "《政务数据共享条例》第二十条"),
        ("regulation", "《社会救助暂行办法》第五十八条"), ("law", "《慈善法》第九条"), ("duty", "低保对象认定（三定规定第三条）"),
        ("state_council_decision", "《国务院关于加强数字政府建设的指导意见》"), ("duty", "《浙江省道路运输条例》第五条"),
    ],
)  # fmt: skip
def test_what_is_of_the_kind_chosen_stands(kind, text):
    assert fault(kind, text) == ""


@pytest.mark.parametrize(
    ("kind", "text", "word"),
    [
        ("law", "社会保险法", "《名称》"), ("law", "《社会保险法》", "条款号"), ("law", "《政务数据共享条例》第二十条", "行政法规"),
        ("regulation", "《社会保险法》第八条", "法律"), ("law", "《旧法》第一条", "废止"), ("regulation", "《浙江省道路运输条例》第五条", "地方性"),
        ("law", "《关于开展核查的通知》第一条", "不是法律"), ("state_council_decision", "《关于开展核查的通知》", "国务院"),
        ("state_council_decision", "《社会保险法》第八条", "法律"),
    ],
)  # fmt: skip
def test_what_is_of_another_kind_is_told(kind, text, word):
    assert word in fault(kind, text)


def test_a_duty_is_cited_with_where_it_comes_from():
    assert DutyView("低保对象认定", "三定规定第三条").cited == "低保对象认定（三定规定第三条）"
    assert DutyView("低保对象认定", "").cited == "低保对象认定"
