# SPDX-License-Identifier: Apache-2.0
"""How like a demand an entry is, what a draft may say, who may act: rules without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datong.contexts.demands import permissions
from datong.contexts.demands.domain.drafts import MANDATORY, DemandDraft, Urgency, missing, settle
from datong.contexts.demands.domain.matching import Candidate, items_of, judge, likeness, plain, shared
from datong.contexts.demands.domain.stages import BEFORE_CONSENT, DUTY_ENDS, DUTY_MOVES, EDITABLE, ENDED, MOVES, Stage
from datong.kernel.actors import Officer, Role
from datong.kernel.errors import Malformed, Refused

NAMES = st.text("常住人口登记信息数据缴费明细abc 12", min_size=1, max_size=12)
CANDIDATE = Candidate("307001/1", "常住人口登记信息", "P", (("resident_id", "公民身份号码"), ("name", "姓名")))


@given(NAMES, NAMES)
def test_likeness_is_a_share_and_the_same_both_ways(one, other):
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, other) == likeness(other, one)


@given(NAMES, st.lists(NAMES, max_size=5), st.lists(NAMES, max_size=5), st.sampled_from(["", "P", "Q"]))
def test_a_score_is_between_nothing_and_all(name, words, items, expected):
    judged = judge(name, words, items, expected, CANDIDATE, {})
    assert 0 <= judged.score <= 100
    assert len(judged.items) <= len(items) == judged.wanted


@given(NAMES, st.lists(NAMES, max_size=4))
def test_to_be_of_the_department_named_never_counts_against_an_entry(name, items):
    there = judge(name, [], items, "P", CANDIDATE, {}).score
    elsewhere = judge(name, [], items, "Q", CANDIDATE, {}).score
    assert there >= elsewhere


def test_the_same_name_and_items_score_all():
    judged = judge("常住人口登记信息", ["常住人口", "登记"], ["姓名", "公民身份号码"], "P", CANDIDATE, {})
    assert (judged.score, judged.expected, judged.words) == (100, True, ("常住人口", "登记"))


def test_words_that_every_entry_has_count_for_nothing():
    assert plain("灵活就业信息明细") == "灵活就业" and plain("数据") == "数据"
    assert shared(["信息", "登记"], "车辆信息", {}) == ()


def test_another_name_counts_as_the_word():
    others = {"身份证号": ("公民身份号码",), "户口": ("常住人口",)}
    assert items_of(["身份证号"], CANDIDATE.items, others)[0].field == "resident_id"
    assert shared(["户口"], CANDIDATE.name, others) == ("户口",)
    assert items_of(["水位"], CANDIDATE.items, others) == ()


def test_items_are_kept_once_and_without_the_empty_ones():
    assert settle(DemandDraft(name="甲", items=("姓名", " ", "姓名 ", "月份")))["items"] == ["姓名", "月份"]


@pytest.mark.parametrize(
    "changes", [{"name": ""}, {"name": "x" * 201}, {"urgency": ""}, {"basis": "a\x00"}, {"items": ("\u202e",)}]
)
def test_what_does_not_read_is_named(changes):
    with pytest.raises(Malformed) as refused:
        settle(replace(DemandDraft(name="甲"), **changes))
    assert set(refused.value.fields) == set(changes)


def test_everything_missing_is_named_at_once():
    today = date(2026, 11, 22)
    assert set(missing({}, today)) == set(MANDATORY)
    assert missing(dict.fromkeys(MANDATORY, "x") | {"needed_by": today}, today) == {}


def test_stages_fit_together():
    assert all(MOVES[one] == frozenset() for one in ENDED)
    assert {one for one in Stage if Stage.FILED in MOVES[one]} == set(EDITABLE)
    assert all(Stage.MATCHED in MOVES[one] for one in BEFORE_CONSENT), "who finds it himself need not wait"
    assert not any(Stage.ASSIGNED in MOVES[one] for one in Stage if one is not Stage.REVIEWING), "nobody but the authority"
    assert set(DUTY_ENDS) < set(DUTY_MOVES) and Urgency.URGENT.label


def officer(role: Role, department: str = "D", region: str = "330000", account: str = "a") -> Officer:
    return Officer(account, "某", department, "某厅", region, frozenset({role}))


@pytest.mark.parametrize(
    ("check", "may", "may_not"),
    [
        (permissions.check_may_demand, Role.APPLICANT, Role.COMPILER),
        (lambda by: permissions.check_is_demander(by, "D"), Role.APPLICANT, Role.CONSUMER_HEAD),
        (lambda by: permissions.check_may_withdraw(by, "D"), Role.CONSUMER_HEAD, Role.AUTHORITY),
        (lambda by: permissions.check_may_endorse(by, "D", frozenset({"b"})), Role.CONSUMER_HEAD, Role.APPLICANT),
        (lambda by: permissions.check_may_review(by, "330000"), Role.AUTHORITY, Role.AUDITOR),
        (lambda by: permissions.check_may_answer(by, "D"), Role.COMPILER, Role.APPLICANT),
    ],
    ids=["demand", "demander", "withdraw", "endorse", "review", "answer"],
)
def test_each_check_knows_its_role_department_and_region(check, may, may_not):
    check(officer(may))
    elsewhere = officer(may, "E", "420000") if may is not Role.APPLICANT else officer(may, "")
    for refused in (officer(may_not), elsewhere):
        with pytest.raises(Refused) as why:
            check(refused)
        assert why.value.rule and why.value.remedy


def test_nobody_consents_to_what_he_wrote_himself():
    with pytest.raises(Refused, match="own demand"):
        permissions.check_may_endorse(officer(Role.CONSUMER_HEAD), "D", frozenset({"a"}))
    assert permissions.sees_all(officer(Role.AUDITOR)) and not permissions.sees_all(officer(Role.AUTHORITY))


def test_an_applicant_of_another_department_is_not_the_demander():
    with pytest.raises(Refused):
        permissions.check_is_demander(officer(Role.APPLICANT, "E"), "D")
