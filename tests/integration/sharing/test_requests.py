# SPDX-License-Identifier: Apache-2.0
"""A request from draft to answer (809 arts. 20 and 21), with its clocks and acts."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from unittest.mock import patch

import pytest

from datong.contexts.audit import face as audit
from datong.contexts.organisations import face as organisations
from datong.contexts.organisations import usecases as people
from datong.contexts.periods.models import Clock
from datong.contexts.sharing import queries, usecases
from datong.contexts.sharing.domain import RequestDraft, RowRule, Stage
from datong.contexts.sharing.models import Request
from datong.kernel.actors import Role
from datong.kernel.errors import Conflict, IllegalMove, Malformed, Refused, Unknown
from datong.kernel.workdays import SHANGHAI
from factories.catalog import PROVIDER, a_draft, a_provider_head, a_resource, an_open_draft, someone
from factories.catalog import a_compiler as a_provider_compiler
from factories.sharing import (
    CONSUMER,
    a_consumer_head,
    a_request,
    a_request_draft,
    an_applicant,
    an_application_of,
    today,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("stage", list(Stage))
def test_every_stage_can_be_reached(stage):
    assert a_request(stage=stage).stage == stage


def test_numbers_count_up_by_day():
    first, second = a_request(stage=Stage.DRAFT), a_request(stage=Stage.DRAFT)
    assert first.number == f"R{today():%Y%m%d}-0001"
    assert second.number == f"R{today():%Y%m%d}-0002"


def test_809_20_a_draft_may_lack_everything_and_filing_names_it_all():
    code = a_resource().resource.code
    row = usecases.draft_request(RequestDraft(resource=code), by=an_applicant())
    with pytest.raises(Malformed) as refused:
        usecases.file_request(row.number, by=an_applicant())
    assert {"basis_kind", "basis", "scene", "scope", "channels", "term_from", "term_until"} <= refused.value.fields.keys()
    row.refresh_from_db()
    assert row.stage == Stage.DRAFT


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"items": ("resident_id", "nothing")}, "items.1"),
        ({"items": ("case_note",)}, "items.0"),
        ({"channels": ("file",)}, "channels"),
        ({"rows": (RowRule("nothing", "eq", ("1",)),)}, "rows.0.field"),
        ({"rows": (RowRule("case_note", "eq", ("1",)),)}, "rows.0.field"),
        ({"application": "app-0000000000000000"}, "application"),
        ({"application": "\x00"}, "application"),
        ({"basis": "\ud800"}, "basis"),
    ],
)
def test_what_names_something_that_is_not_there_or_not_shared_is_told(changes, field):
    with pytest.raises(Malformed) as refused:
        usecases.draft_request(a_request_draft(**changes), by=an_applicant())
    assert refused.value.fields.keys() == {field}
    assert Request.objects.count() == 0


def test_only_an_active_application_of_the_own_department_calls():
    other = an_application_of("浙江省交通运输厅")
    own = an_application_of()
    people.suspend_application(own.client_id, by=an_applicant(), reason="停用")
    for client in (other.client_id, own.client_id):
        with pytest.raises(Malformed) as refused:
            usecases.draft_request(a_request_draft(application=client), by=an_applicant())
        assert refused.value.fields.keys() == {"application"}


def test_809_14_what_is_withheld_cannot_be_requested():
    withheld = a_resource(a_draft(sharing_type="withheld", sharing_methods=(), withheld_basis="《税收征收管理法》第八条"))
    with pytest.raises(Refused, match="《税收征收管理法》第八条") as refused:
        usecases.draft_request(a_request_draft(withheld), by=an_applicant())
    assert "主管部门" in refused.value.remedy


def test_an_unknown_resource_is_unknown():
    for code in ("", "307001/99", "\x00", "x" * 100):
        with pytest.raises(Unknown):
            usecases.draft_request(RequestDraft(resource=code), by=an_applicant())


def test_809_20_the_applicant_does_not_endorse_even_as_head():
    row = a_request(stage=Stage.FILED)
    same = someone(Role.CONSUMER_HEAD, CONSUMER, account=row.filed_by)
    with pytest.raises(Refused, match="自己的申请"):
        usecases.endorse_request(row.number, by=same)


def at(moment, name="requesting"):
    clock = patch(f"datong.contexts.sharing.usecases.{name}.datetime")
    mocked = clock.start()
    mocked.now.return_value = moment
    return clock


@pytest.mark.parametrize(
    ("draft", "items", "moment", "due"),
    [
        (a_draft, ("resident_id",), datetime(2026, 9, 25, 18, tzinfo=SHANGHAI), date(2026, 10, 15)),
        (an_open_draft, ("code", "title"), datetime(2026, 9, 18, 18, tzinfo=SHANGHAI), date(2026, 9, 20)),
        (an_open_draft, ("code", "title"), datetime(2026, 11, 20, 18, tzinfo=SHANGHAI), date(2026, 11, 23)),
        (an_open_draft, ("code", "police_note"), datetime(2026, 11, 20, 18, tzinfo=SHANGHAI), date(2026, 12, 4)),
    ],
)
def test_809_21_periods_by_the_strictest_item_asked_for(draft, items, moment, due):
    organisations.seed()
    wanted = a_request_draft(a_resource(draft()), items=items, rows=(), term_until=date(2028, 1, 1))
    row = a_request(wanted, stage=Stage.FILED)
    clock = at(moment)
    try:
        usecases.endorse_request(row.number, by=a_consumer_head())
    finally:
        clock.stop()
    running = queries.clock_of(row.number)
    assert running.due == due
    assert running.published
    assert running.calendar_version == organisations.working_calendar().version


def test_809_21_beyond_the_announced_calendar_the_clock_says_so():
    organisations.seed()
    row = a_request(a_request_draft(term_until=date(2030, 1, 1)), stage=Stage.FILED)
    clock = at(datetime(2029, 12, 28, 9, tzinfo=SHANGHAI))
    try:
        usecases.endorse_request(row.number, by=a_consumer_head())
    finally:
        clock.stop()
    running = queries.clock_of(row.number)
    assert not running.published
    assert "2030" in running.warning


def test_809_21_a_refusal_needs_category_and_reason():
    row = a_request()
    for category, reason, fields in (
        ("unsafe", " ", {"reason"}), ("incomplete", "材料不全", {"category"}), ("", "", {"category", "reason"}),
    ):  # fmt: skip
        with pytest.raises(Malformed) as refused:
            usecases.refuse_request(row.number, category, reason, by=a_provider_head())
        assert refused.value.fields.keys() == fields
    made = usecases.refuse_request(row.number, "unsafe", "未通过安全评估", by=a_provider_head())
    assert (made.stage, made.refusal_category, made.opinion) == (Stage.REFUSED, "unsafe", "未通过安全评估")
    assert Clock.objects.get(subject=row.number).stopped_by == "sharing.request.refused"


def test_809_21_what_is_missing_is_told_once():
    row = a_request()
    back = usecases.ask_to_complete(row.number, "请补充依据条款", by=a_provider_head())
    assert (back.stage, back.note) == (Stage.RETURNED, "请补充依据条款")
    usecases.file_request(row.number, by=an_applicant())
    usecases.endorse_request(row.number, by=a_consumer_head())
    assert Clock.objects.filter(subject=row.number).count() == 2
    assert queries.clock_of(row.number).stopped_at is None
    with pytest.raises(IllegalMove):
        usecases.ask_to_complete(a_request(stage=Stage.REFUSED).number, "还有", by=a_provider_head())
    assert queries.running([row.number])[row.number].rule == "809-21-conditional"
    with pytest.raises(Refused, match="一次性告知"):
        usecases.ask_to_complete(row.number, "还有", by=a_provider_head())


def test_the_requester_never_decides_in_whatever_role():
    row = a_request()
    for account in (row.created_by, row.endorsed_by):
        same = someone(Role.PROVIDER_HEAD, PROVIDER, account=account)
        with pytest.raises(Refused, match="自己的申请"):
            usecases.grant_request(row.number, by=same)
        with pytest.raises(Refused):
            usecases.refuse_request(row.number, "other", "x", by=same)


def test_only_the_providers_head_decides():
    row = a_request()
    with pytest.raises(Refused):
        usecases.grant_request(row.number, by=a_provider_compiler())
    with pytest.raises(Unknown):
        usecases.grant_request(row.number, by=a_provider_head("浙江省交通运输厅"))
    with pytest.raises(Refused):
        usecases.grant_request(row.number, by=a_consumer_head())


def test_a_decision_is_taken_once():
    row = a_request(stage=Stage.GRANTED)
    for attempt in (
        lambda: usecases.grant_request(row.number, by=a_provider_head()),
        lambda: usecases.refuse_request(row.number, "other", "x", by=a_provider_head()),
        lambda: usecases.withdraw_request(row.number, by=an_applicant()),
    ):
        with pytest.raises(IllegalMove):
            attempt()


def test_a_request_is_revised_only_while_it_is_a_draft_and_only_by_one_at_a_time():
    row = a_request(stage=Stage.DRAFT)
    draft = queries.as_draft(row)
    assert usecases.revise_request(row.number, replace(draft, scene="新场景"), by=an_applicant(), revision=1).scene == "新场景"
    with pytest.raises(Conflict):
        usecases.revise_request(row.number, draft, by=an_applicant(), revision=1)
    with pytest.raises(Malformed):
        usecases.revise_request(row.number, replace(draft, resource="307001/9"), by=an_applicant())
    usecases.file_request(row.number, by=an_applicant())
    with pytest.raises(IllegalMove):
        usecases.revise_request(row.number, draft, by=an_applicant())


def test_a_draft_comes_back_as_it_was_handed_in():
    draft = a_request_draft()
    row = usecases.draft_request(draft, by=an_applicant())
    assert queries.as_draft(Request.objects.get(pk=row.pk)) == draft


def test_a_return_by_the_own_head_needs_a_note():
    row = a_request(stage=Stage.FILED)
    with pytest.raises(Malformed):
        usecases.return_request(row.number, "", by=a_consumer_head())
    endorsed = a_request()
    with pytest.raises(IllegalMove):
        usecases.return_request(endorsed.number, "撤", by=a_consumer_head())


def test_withdrawing_stops_the_clock():
    row = a_request()
    usecases.withdraw_request(row.number, by=a_consumer_head(), note="不再需要")
    assert Clock.objects.get(subject=row.number).stopped_at


def test_who_sees_a_request():
    row = a_request(stage=Stage.FILED)
    outsiders = [a_provider_head(), an_applicant_of("浙江省交通运输厅"), someone(Role.SYSADMIN, CONSUMER)]
    for by in outsiders:
        with pytest.raises(Unknown):
            queries.request_of(row.number, by=by)
    for by in (an_applicant(), a_consumer_head(), *(someone(role, "浙江省数据局") for role in (Role.AUTHORITY, Role.AUDITOR, Role.SECURITY))):
        assert queries.request_of(row.number, by=by) == row
    usecases.endorse_request(row.number, by=a_consumer_head())
    assert queries.request_of(row.number, by=a_provider_head()) == row
    draft = a_request(stage=Stage.DRAFT)
    assert draft not in queries.requests(someone(Role.AUTHORITY, "浙江省数据局"))


def an_applicant_of(name):
    return someone(Role.APPLICANT, name)


def test_what_waits_for_whom():
    filed, endorsed, returned = (a_request(stage=stage) for stage in (Stage.FILED, Stage.ENDORSED, Stage.RETURNED))
    assert list(queries.waiting(an_applicant())) == [returned]
    assert list(queries.waiting(a_consumer_head())) == [filed]
    assert list(queries.waiting(a_provider_head())) == [endorsed]
    assert list(queries.waiting(someone(Role.AUDITOR, PROVIDER))) == []


def test_lists_narrow():
    row = a_request()
    by = an_applicant()
    for wanted, found in (
        ({"stage": "endorsed"}, True), ({"stage": "draft"}, False), ({"side": "consumer"}, True), ({"side": "provider"}, False),
        ({"q": row.number[-6:]}, True), ({"q": "常住人口"}, True), ({"q": "' or 1=1"}, False), ({"resource": row.resource_id}, True),
        ({"q": "\x00", "stage": "\x00", "resource": "\x00"}, True),
    ):  # fmt: skip
        assert (row in queries.requests(by, **wanted)) is found, wanted


def test_every_step_leaves_its_act():
    row = a_request(stage=Stage.GRANTED)
    assert [act.tag for act in reversed(audit.acts(subject=row.number))] == [
        "sharing.request.drafted", "sharing.request.filed", "sharing.request.endorsed", "sharing.request.granted",
    ]  # fmt: skip


def test_a_failed_step_leaves_nothing():
    row = a_request()
    before = len(audit.acts(limit=500)), Clock.objects.count()
    with pytest.raises(Malformed):
        usecases.refuse_request(row.number, "nonsense", "x", by=a_provider_head())
    assert (len(audit.acts(limit=500)), Clock.objects.count()) == before


def test_a_request_that_waited_past_its_term_is_not_filed():
    draft = a_request_draft(term_from=today() - timedelta(days=9), term_until=today() - timedelta(days=1))
    row = usecases.draft_request(draft, by=an_applicant())
    with pytest.raises(Malformed) as refused:
        usecases.file_request(row.number, by=an_applicant())
    assert refused.value.fields.keys() == {"term_until"}
