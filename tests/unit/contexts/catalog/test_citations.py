# SPDX-License-Identifier: Apache-2.0
"""Citations are read, conditions are told apart from the list, every stage stands in every table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.catalog.domain.citations import Citation, basis_fault, citations, plain
from datong.contexts.catalog.domain.conditions import UseCondition, joined, listed, parts, self_made
from datong.contexts.catalog.domain.inventory import Completeness, Gap
from datong.contexts.catalog.domain.removals import REMOVAL_HOLDER, REMOVAL_LABELS, REMOVAL_MOVES, REMOVAL_TAG, RemovalStage
from datong.contexts.catalog.domain.tickets import (
    EXTENSION_HOLDER,
    EXTENSION_MOVES,
    EXTENSION_TAG,
    TICKET_HOLDER,
    TICKET_MOVES,
    TICKET_TAG,
    ExtensionStage,
    TicketStage,
)

KNOWN = {"税收征收管理法": "law", "政务数据共享条例": "regulation"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("《税收征收管理法》第八条", [Citation("税收征收管理法", "第八条")]),
        ("《中华人民共和国税收征收管理法》第8条第二款、《甲》", [Citation("中华人民共和国税收征收管理法", "第8条")]),
        ("《甲法》第一百二十条；《乙条例》第三条", [Citation("甲法", "第一百二十条"), Citation("乙条例", "第三条")]),
        ("税收征收管理法第八条", []),
        ("《》第八条", []),
        ("", []),
    ],
)
def test_citations_are_read(text, found):
    assert list(citations(text)) == found


@pytest.mark.parametrize(
    ("text", "rank", "fault"),
    [
        ("《税收征收管理法》第八条", "law", ""),
        ("《中华人民共和国税收征收管理法》第八条", "law", ""),
        ("《税收征收管理法》第八条和《政务数据共享条例》第十四条", "regulation", ""),
        ("《税收征收管理法》", "law", "条款号"),
        ("《税收征收管理法》第八条", "regulation", "位阶"),
        ("《某规定》第八条", "law", "清单"),
        ("不宜共享", "law", "第×条"),
    ],
)
def test_a_basis_is_a_listed_law_with_its_article(text, rank, fault):
    said = basis_fault(text, rank, KNOWN)
    assert fault in said
    assert bool(said) == bool(fault)


@given(st.text(max_size=300), st.sampled_from(["law", "regulation", ""]))
def test_no_text_breaks_the_reading_of_a_basis(text, rank):
    assert isinstance(basis_fault(text, rank, KNOWN), str)


def test_a_title_is_the_same_with_and_without_the_states_name():
    assert plain("中华人民共和国统计法") == plain("统计法") == "统计法"


def test_conditions_of_the_list_need_no_look():
    text = "仅用于履行法定职责，不得提供给第三方；须签订协议。"
    assert listed(text) == (UseCondition.DUTY_ONLY, UseCondition.NO_ONWARD)
    assert self_made(text) == ("须签订协议",)
    assert self_made("") == ()


@given(st.lists(st.sampled_from([one.value for one in UseCondition]), unique=True).map(tuple), st.text(max_size=60))
def test_what_is_chosen_and_what_is_written_come_back(chosen, free):
    text = joined(chosen, free)
    assert {one.value for one in listed(text)} >= set(chosen)
    assert self_made(text) == self_made(free)
    assert set(parts(free)) <= set(parts(text))


@pytest.mark.parametrize("table", [REMOVAL_MOVES, REMOVAL_LABELS, REMOVAL_HOLDER, REMOVAL_TAG])
def test_every_stage_of_a_removal_has_a_row(table):
    assert table.keys() == set(RemovalStage)


def test_only_what_was_asked_is_decided():
    assert {stage for stage in RemovalStage if REMOVAL_MOVES[stage]} == {RemovalStage.ASKED}


@pytest.mark.parametrize("table", [TICKET_MOVES, TICKET_HOLDER, TICKET_TAG])
def test_every_stage_of_a_ticket_has_a_row(table):
    assert table.keys() == set(TicketStage)


@pytest.mark.parametrize("table", [EXTENSION_MOVES, EXTENSION_HOLDER, EXTENSION_TAG])
def test_every_stage_of_an_extension_has_a_row(table):
    assert table.keys() == set(ExtensionStage)


@given(st.integers(0, 50), st.integers(0, 50), st.data())
def test_completeness_is_a_share(systems, duties, data):
    gaps = data.draw(st.integers(0, systems + duties))
    report = Completeness(systems, duties, (Gap("system", 1, "甲", "u", "厅", "无"),) * gaps)
    assert 0 <= report.percent <= 100
    assert (report.percent == 100) == (gaps == 0)
