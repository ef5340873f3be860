# SPDX-License-Identifier: Apache-2.0
"""Complaints by the public: what is kept and what is not, how often one may knock, who handles them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from datong.contexts.audit import face as audit
from datong.contexts.disputes import face, queries, usecases
from datong.contexts.disputes.domain.complaints import OPEN, TAG, Stage
from datong.contexts.disputes.models import Complaint, ComplaintEntry, Knock
from datong.contexts.disputes.queries.sealing import letter_of
from datong.contexts.disputes.usecases import knocking
from datong.contexts.disputes.usecases.knocking import TooOften
from datong.kernel.actors import Role
from datong.kernel.errors import Conflict, IllegalMove, Malformed, Refused, Unknown
from factories.catalog import someone
from factories.disputes import ADDRESS, a_complaint, a_letter, the_authority
from factories.organisations import a_department
from factories.sharing import CONSUMER, an_applicant

pytestmark = pytest.mark.django_db
OTHER = "浙江省水利厅"


@pytest.mark.parametrize("stage", list(Stage))
def test_every_stage_is_reached_and_its_act_recorded(stage):
    row, _ = a_complaint(stage=stage)
    assert row.stage == stage
    acts = audit.acts(subject=row.number)
    assert TAG[stage] in [act.tag for act in acts]
    assert (row.closed_at is None) == (stage in OPEN)
    assert all("复印件" not in str(act.facts) and "138" not in str(act.facts) for act in acts)


def test_what_a_citizen_wrote_is_sealed_and_his_code_is_not_kept():
    row, filed = a_complaint()
    kept = repr(Complaint.objects.values_list().get(pk=row.pk)) + repr(list(ComplaintEntry.objects.values_list()))
    for word in ("窗口", "13800000000", filed.code, filed.code.replace("-", ""), ADDRESS):
        assert word not in kept
    letter = letter_of(row)
    assert (letter.department, letter.contact) == ("某区民政局", "13800000000")
    assert ADDRESS not in repr(list(Knock.objects.values_list()))


def test_contact_and_department_may_be_left_out():
    row, _ = a_complaint(contact="", department="")
    assert row.with_contact is False


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"about": "weather"}, "about"),
        ({"words": "太短"}, "words"),
        ({"words": "x" * 4001}, "words"),
        ({"words": "藏了一个控制字符\x00在里面"}, "words"),
        ({"contact": "x" * 201}, "contact"),
        ({"contact": "两\n行"}, "contact"),
        ({"trap": "http://spam.example"}, "website"),
        ({"form": "x" * 65}, "form"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_kept(changes, field):
    with pytest.raises(Malformed) as refusal:
        usecases.file_complaint(a_letter(**({"department": ""} | changes)), address=ADDRESS)
    assert set(refusal.value.fields) == {field}
    assert Complaint.objects.count() == 0


def test_every_fault_is_told_at_once():
    with pytest.raises(Malformed) as refusal:
        usecases.file_complaint(usecases.Given(about="", words=""), address=ADDRESS)
    assert set(refusal.value.fields) == {"about", "words"}


def test_one_form_sent_twice_counts_once():
    letter = a_letter()
    usecases.file_complaint(letter, address=ADDRESS)
    with pytest.raises(Conflict, match="已经提交"):
        usecases.file_complaint(letter, address=ADDRESS)
    assert Complaint.objects.count() == 1


def test_one_address_may_knock_so_often_and_no_more():
    now = datetime(2026, 11, 22, 3, 15, tzinfo=UTC)
    for _ in range(knocking.MOST[knocking.FILE]):
        knocking.knock(knocking.FILE, ADDRESS, now)
    with pytest.raises(TooOften) as refusal:
        knocking.knock(knocking.FILE, ADDRESS, now)
    assert (refusal.value.status, refusal.value.retry_after) == (429, 3600)
    knocking.knock(knocking.FILE, "203.0.113.8", now)
    knocking.knock(knocking.LOOK, ADDRESS, now)
    knocking.knock(knocking.FILE, ADDRESS, now + timedelta(hours=1))


def test_an_address_is_forgotten_after_two_days_and_is_another_each_day():
    now = datetime(2026, 11, 22, 3, 15, tzinfo=UTC)
    knocking.knock(knocking.FILE, ADDRESS, now)
    knocking.knock(knocking.FILE, ADDRESS, now + timedelta(days=1))
    assert len(set(Knock.objects.values_list("visitor", flat=True))) == 2
    knocking.knock(knocking.FILE, ADDRESS, now + timedelta(days=3, hours=1))
    assert Knock.objects.count() == 1


@pytest.mark.parametrize(
    "typed", [lambda code: code, str.lower, lambda code: f" {code.replace('-', '')} "], ids=["as given", "small", "bare"]
)
def test_the_code_reads_as_people_type_it(typed):
    row, filed = a_complaint(stage=Stage.CLOSED)
    seen = usecases.look_up(f" {row.number.lower()}", typed(filed.code), address=ADDRESS)
    assert (seen.stage, seen.answer, seen.department_name) == (Stage.CLOSED, "已整改，今后不再要求提交", CONSUMER)


@pytest.mark.parametrize("number", ["P20200101-0001", "", "\x00", "x" * 300])
def test_a_wrong_code_and_an_unknown_number_say_the_same(number):
    row, _ = a_complaint()
    said = []
    for asked in (number, row.number):
        with pytest.raises(Unknown) as refusal:
            usecases.look_up(asked, "0000-0000-0000-0000", address=ADDRESS)
        said.append((refusal.value.message, refusal.value.remedy))
    assert said[0] == said[1]


def test_a_reply_sent_back_stays_in_the_record():
    row, _ = a_complaint(stage=Stage.REPLIED)
    usecases.send_back(row.number, "没有说明何时整改", by=the_authority())
    usecases.reply(row.number, "已于今日整改", by=an_applicant())
    usecases.close(row.number, "已于今日整改", by=the_authority())
    kinds = [one.kind for one in row.entries.all()]
    assert kinds == ["filed", "assigned", "replied", "sent_back", "replied", "closed"]


def test_only_the_authority_assigns_and_closes():
    row, _ = a_complaint(stage=Stage.ASSIGNED)
    for verb, given in (("assign", (a_department(OTHER).uscc,)), ("close", ("好了",)), ("send_back", ("再答",))):
        with pytest.raises(Refused):
            getattr(usecases, verb)(row.number, *given, by=an_applicant())
    with pytest.raises(Refused):
        usecases.reply(row.number, "替他答", by=the_authority())


def test_what_does_not_follow_is_refused():
    row, _ = a_complaint(stage=Stage.ASSIGNED)
    with pytest.raises(IllegalMove):
        usecases.close(row.number, "部门没有答复", by=the_authority())
    with pytest.raises(IllegalMove):
        usecases.send_back(row.number, "没有答复可退", by=the_authority())
    with pytest.raises(Malformed):
        usecases.assign(row.number, "没有这个部门", by=the_authority())
    with pytest.raises(Malformed):
        usecases.reply(row.number, " ", by=an_applicant())


def test_a_complaint_moves_to_another_department_and_the_first_one_sees_it_no_more():
    row, _ = a_complaint(stage=Stage.ASSIGNED)
    usecases.assign(row.number, a_department(OTHER).uscc, by=the_authority())
    with pytest.raises(Unknown):
        queries.complaint_of(row.number, by=an_applicant())
    assert [one.number for one in face.waiting(someone(Role.APPLICANT, OTHER))] == [row.number]


def test_who_waits_for_what():
    row, _ = a_complaint()
    assert [one.number for one in face.waiting(the_authority())] == [row.number]
    assert row.home.name == ""
    assert face.waiting(an_applicant()) == []
    usecases.assign(row.number, a_department(CONSUMER).uscc, by=the_authority())
    assert face.waiting(the_authority()) == []
    assert [one.number for one in face.waiting(an_applicant())] == [row.number]
    assert queries.complaints(the_authority(), q=CONSUMER[:4], stage="assigned", about="demanded_again").count() == 1
    assert queries.complaints(the_authority(), q="\x00").count() == 0
