# SPDX-License-Identifier: Apache-2.0
"""The law as tests: how a request is answered and by when (Order 809 arts. 21 and 22), one test for each row of the table."""

from datetime import UTC, date, datetime
from unittest.mock import patch

import pytest

from datong.contexts.audit import face as audit
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.contexts.sharing import queries, usecases
from datong.contexts.sharing.domain import Decision, GrantedItem, RefusalCategory, Stage
from datong.contexts.sharing.models import Extension
from datong.contexts.sharing.usecases import PolicyDraft
from datong.kernel.errors import IllegalMove, Malformed, Refused, Unknown
from datong.kernel.workdays import SHANGHAI
from factories.api import signed_in
from factories.catalog import PROVIDER, a_provider_head, a_resource, an_authority, an_open_draft
from factories.organisations import a_department, an_account
from factories.sharing import a_consumer_head, a_request, a_request_draft, an_applicant

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 11, 20, 18, tzinfo=SHANGHAI)
BEFORE_THE_HOLIDAY = datetime(2026, 9, 25, 18, tzinfo=SHANGHAI)


def clock_at(moment: datetime, *modules: str):
    """The time as some use cases see it."""
    patches = [patch(f"datong.contexts.sharing.usecases.{name}.datetime") for name in modules]
    for one in patches:
        one.start().now.return_value = moment.astimezone(UTC)
    return patches


def endorsed_at(moment: datetime, *, unconditional: bool = False):
    """A request the consumer's head stood behind at a moment."""
    organisations.seed()
    more = {"items": ("code", "title"), "rows": ()} if unconditional else {}
    version = a_resource(an_open_draft()) if unconditional else a_resource()
    row = a_request(a_request_draft(version, term_until=date(2028, 1, 1), **more), stage=Stage.FILED)
    patches = clock_at(moment, "requesting")
    try:
        usecases.endorse_request(row.number, by=a_consumer_head())
    finally:
        for one in patches:
            one.stop()
    return queries.request_of(row.number, by=a_provider_head())


def asked_at(moment: datetime, number: str, days: int, reason: str = "须会同三个部门核实"):
    patches = clock_at(moment, "extending")
    try:
        return usecases.ask_extension(number, days, reason, by=a_provider_head())
    finally:
        for one in patches:
            one.stop()


def test_row_10_809_21_unconditional_submitted_friday_evening_is_due_on_monday():
    row = endorsed_at(FRIDAY, unconditional=True)
    assert periods.clock_of(row.number).due == date(2026, 11, 23)


def test_row_10_809_21_an_automatic_answer_rests_on_the_authoritys_policy_and_the_provider_is_told():
    home = a_department(PROVIDER)
    wanted = PolicyDraft(home.uscc, sharing_type="unconditional", automatic=True, reason="国办发〔2026〕1号")
    with pytest.raises(Refused, match="主管部门"):
        usecases.set_policy(wanted, by=a_provider_head())
    policy = usecases.set_policy(wanted, by=an_authority())
    row = endorsed_at(datetime.now(UTC), unconditional=True)
    assert row.stage == Stage.GRANTED
    (act,) = audit.acts(subject=row.number, limit=1)
    assert (act.tag, act.account, act.facts["policy"]) == ("sharing.request.granted", "system", policy.pk)
    (notice,) = periods.notices(a_provider_head())
    assert (notice.subject, row.grant.number in notice.words) == (row.number, True)


def test_row_11_809_21_conditional_ten_working_days_over_the_holiday_and_the_worked_saturday_of_10_october():
    row = endorsed_at(BEFORE_THE_HOLIDAY)
    clock = periods.clock_of(row.number)
    assert organisations.working_calendar().is_workday(date(2026, 10, 10)), "a Saturday that is worked"
    assert clock.due == date(2026, 10, 15), "28 to 30 September, 8, 9 and 10 October, 12 to 15 October"
    assert periods.recomputed(clock).due == clock.due


def test_row_11_809_21_an_answer_is_yes_or_no():
    refused, granted = a_request(), a_request()
    assert usecases.refuse_request(refused.number, "no_basis", "依据不成立", by=a_provider_head()).stage == Stage.REFUSED
    usecases.grant_request(granted.number, by=a_provider_head())
    for row in (refused, granted):
        with pytest.raises(IllegalMove):
            usecases.refuse_request(row.number, "other", "改口", by=a_provider_head())


@pytest.mark.parametrize("days", [0, 11, -1])
def test_row_12_809_21_eleven_days_are_refused(days):
    row = endorsed_at(BEFORE_THE_HOLIDAY)
    with pytest.raises(Malformed) as refused:
        asked_at(BEFORE_THE_HOLIDAY, row.number, days)
    assert refused.value.fields.keys() == {"days"}
    assert Extension.objects.count() == 0


def test_row_12_809_21_without_consent_the_last_day_stays():
    row = endorsed_at(BEFORE_THE_HOLIDAY)
    asked_at(BEFORE_THE_HOLIDAY, row.number, 10)
    assert periods.clock_of(row.number).due == date(2026, 10, 15), "asked is not granted"
    (told,) = periods.notices(an_authority())
    assert told.subject == row.number and row in queries.waiting(an_authority())
    for by in (a_provider_head(), a_consumer_head()):
        with pytest.raises(Refused):
            usecases.decide_extension(row.number, consent=True, opinion="", by=by)
    with pytest.raises(Malformed):
        usecases.decide_extension(row.number, consent=False, opinion=" ", by=an_authority())
    usecases.decide_extension(row.number, consent=False, opinion="理由不充分", by=an_authority())
    assert periods.clock_of(row.number).due == date(2026, 10, 15)
    assert periods.notices(an_applicant()).count() == 0


def test_row_12_809_21_with_consent_the_last_day_moves_and_the_requester_is_told():
    row = endorsed_at(BEFORE_THE_HOLIDAY)
    asked = asked_at(BEFORE_THE_HOLIDAY, row.number, 10)
    usecases.decide_extension(row.number, consent=True, opinion="情况属实", by=an_authority())
    clock = periods.clock_of(row.number)
    assert (clock.due, clock.extended_days, clock.consent) == (date(2026, 10, 29), 10, asked.number)
    assert periods.recomputed(clock).due == clock.due
    (notice,) = periods.notices(an_applicant())
    assert "2026-10-29" in notice.words and "须会同三个部门核实" in notice.words
    assert periods.notices(an_authority()).count() == 0, "its question is answered"
    with pytest.raises(IllegalMove):
        usecases.decide_extension(row.number, consent=True, opinion="", by=an_authority())


def test_row_12_809_21_once_only_conditional_only_and_not_behind_the_last_day():
    row = endorsed_at(BEFORE_THE_HOLIDAY)
    with pytest.raises(Malformed) as refused:
        asked_at(BEFORE_THE_HOLIDAY, row.number, 5, " ")
    assert refused.value.fields.keys() == {"reason"}
    with pytest.raises(Refused, match="期限已过"):
        asked_at(datetime(2026, 10, 16, 9, tzinfo=SHANGHAI), row.number, 5)
    asked_at(BEFORE_THE_HOLIDAY, row.number, 5)
    usecases.decide_extension(row.number, consent=False, opinion="不同意", by=an_authority())
    with pytest.raises(Refused, match="一次"):
        asked_at(BEFORE_THE_HOLIDAY, row.number, 5)
    free = endorsed_at(FRIDAY, unconditional=True)
    with pytest.raises(Refused, match="有条件"):
        asked_at(FRIDAY, free.number, 1)
    with pytest.raises(Unknown):
        usecases.ask_extension(row.number, 5, "x", by=a_provider_head("浙江省水利厅"))


def test_row_12_809_21_a_question_the_answer_outran_lapses():
    row = a_request()
    usecases.ask_extension(row.number, 3, "需现场核实", by=a_provider_head())
    usecases.grant_request(row.number, by=a_provider_head())
    assert Extension.objects.get(request=row).stage == "lapsed"
    assert periods.notices(an_authority()).count() == 0
    with pytest.raises(IllegalMove):
        usecases.decide_extension(row.number, consent=True, opinion="", by=an_authority())


def test_row_13_809_21_what_is_missing_is_told_once_with_the_full_list():
    row = a_request()
    with pytest.raises(Malformed):
        usecases.ask_to_complete(row.number, " ", by=a_provider_head())
    back = usecases.ask_to_complete(row.number, "一、依据缺条款；二、范围未列明岗位", by=a_provider_head())
    assert (back.stage, back.note) == (Stage.RETURNED, "一、依据缺条款；二、范围未列明岗位")
    usecases.file_request(row.number, by=an_applicant())
    usecases.endorse_request(row.number, by=a_consumer_head())
    with pytest.raises(Refused, match="一次性告知"):
        usecases.ask_to_complete(row.number, "三、还缺", by=a_provider_head())


def test_row_13_809_21_incomplete_is_no_reason_to_refuse_by_page_or_api():
    assert "incomplete" not in list(RefusalCategory)
    row = a_request()
    an_account("head", roles=["provider_head"], department=a_department(PROVIDER))
    answer = signed_in("head").post(f"/requests/{row.number}/refuse", {"category": "incomplete", "reason": "材料不全"})
    assert (answer.status_code, set(answer.json()["errors"])) == (422, {"category"})


def test_row_14_809_21_a_refusal_needs_reasons_and_they_reach_the_requester():
    row = a_request()
    an_account("head", roles=["provider_head"], department=a_department(PROVIDER))
    empty = signed_in("head").post(f"/requests/{row.number}/refuse", {"category": "beyond_need", "reason": " "})
    assert (empty.status_code, set(empty.json()["errors"])) == (422, {"reason"})
    assert signed_in("head").post(f"/requests/{row.number}/refuse", {"category": "", "reason": "x"}).status_code == 422
    usecases.refuse_request(row.number, "beyond_need", "核对身份不需要住址", by=a_provider_head())
    seen = queries.request_of(row.number, by=an_applicant())
    assert (seen.refusal_category, seen.opinion) == ("beyond_need", "核对身份不需要住址")
    (notice,) = periods.notices(an_applicant())
    assert "核对身份不需要住址" in notice.words


def test_row_14_809_21_giving_less_needs_reasons_and_they_reach_the_requester():
    row = a_request()
    less = Decision(items=(GrantedItem("name"),), opinion="身份证号与核查无关")
    with pytest.raises(Malformed) as refused:
        usecases.grant_request(row.number, Decision(items=less.items), by=a_provider_head())
    assert refused.value.fields.keys() == {"opinion"}
    usecases.grant_request(row.number, less, by=a_provider_head())
    (notice,) = periods.notices(an_applicant())
    assert "部分同意" in notice.words and "身份证号与核查无关" in notice.words


def test_row_15_809_22_delivery_runs_twenty_working_days_from_the_answer_and_is_overdue_on_day_21():
    organisations.seed()
    row = a_request(a_request_draft(term_until=date(2028, 1, 1)))
    patches = clock_at(BEFORE_THE_HOLIDAY, "deciding")
    try:
        made = usecases.grant_request(row.number, by=a_provider_head())
    finally:
        for one in patches:
            one.stop()
    clock = periods.clock_of(made.number)
    assert (clock.days, clock.due) == (20, date(2026, 10, 29))
    assert periods.watch_clocks(datetime(2026, 10, 29, 23, tzinfo=SHANGHAI)) >= 0
    clock.refresh_from_db()
    assert clock.escalated_at is None, "day 20 is in time"
    periods.watch_clocks(datetime(2026, 10, 30, 1, tzinfo=SHANGHAI))
    clock.refresh_from_db()
    assert clock.escalated_at
    (act,) = [act for act in audit.acts(subject=made.number) if act.tag == "periods.clock.overdue"]
    assert act.facts["rule"] == "809-22-delivery"
    usecases.record_delivery(made.number, at=datetime(2026, 10, 30, 9, tzinfo=SHANGHAI))
    clock.refresh_from_db()
    assert clock.stopped_by == "sharing.grant.delivered"
