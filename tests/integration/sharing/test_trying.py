# SPDX-License-Identifier: Apache-2.0
"""The dry run says what the real thing would do; copies and changes begin from what there was."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from datong.contexts.catalog.usecases.laws import seed_laws
from datong.contexts.organisations import face as organisations
from datong.contexts.organisations import usecases as people
from datong.contexts.periods.models import Clock
from datong.contexts.sharing import queries, usecases
from datong.contexts.sharing.domain import Decision, RequestDraft, RowRule, Stage
from datong.contexts.sharing.models import Request
from datong.contexts.sharing.queries import trying
from datong.contexts.sharing.usecases import copying
from datong.kernel.actors import Role
from datong.kernel.errors import Conflict, Malformed, Refused, Unknown
from factories.catalog import a_draft, a_provider_head, a_resource, an_open_draft, someone
from factories.organisations import a_department, an_account
from factories.sharing import (
    CONSUMER,
    a_consumer_head,
    a_grant,
    a_request,
    a_request_draft,
    an_applicant,
    an_application_of,
    today,
)

pytestmark = pytest.mark.django_db


def test_a_trial_writes_nothing_and_names_everything_missing():
    trial = trying.try_draft(RequestDraft(resource=a_resource().resource.code), by=an_applicant())
    assert {
        "basis_kind",
        "basis",
        "scene",
        "scope",
        "channels",
        "term_from",
        "term_until",
        "items",
        "purpose",
    } <= trial.missing.keys()
    assert not trial.complete
    assert Request.objects.count() == 0
    assert trial.notes, "tried with all items"


def test_a_trial_of_what_is_complete_ends_as_the_real_thing_does():
    organisations.seed()
    draft = a_request_draft()
    trial = trying.try_draft(draft, by=an_applicant())
    assert trial.complete, trial.missing
    row = a_request(draft, stage=Stage.ENDORSED)
    clock = Clock.objects.get(subject=row.number)
    answer, delivery = trial.dates
    assert (answer.due, answer.days, answer.published, answer.calendar_version) == (
        clock.due,
        clock.days,
        clock.published,
        clock.calendar_version,
    )
    assert answer.latest > answer.due
    assert delivery.event == answer.due
    made = usecases.grant_request(row.number, by=a_provider_head())
    given = {item["field"]: item["mask"] for item in queries.envelope(made)["grant"]["items"]}
    assert {item.field: item.mask for item in trial.items if item.given} == given
    assert {item.field for item in trial.items if not item.given} == {"case_note"}
    assert all(item.why for item in trial.items if not item.given or item.mask != "none")


def test_a_trial_tells_who_decides_and_whether_somebody_does():
    draft = a_request_draft()
    assert not trying.try_draft(draft, by=an_applicant()).steps[0].posts[0].filled
    an_account(roles=[Role.CONSUMER_HEAD], department=a_department(CONSUMER))
    trial = trying.try_draft(draft, by=an_applicant())
    assert trial.steps[0].posts[0].role == Role.CONSUMER_HEAD
    assert trial.steps[0].posts[0].filled
    assert trial.steps[-1].decides
    assert trial.steps[-1].posts[0].role == Role.PROVIDER_HEAD


def test_an_unconditional_resource_is_answered_in_a_day_and_not_extended():
    organisations.seed()
    trial = trying.try_draft(RequestDraft(resource=a_resource(an_open_draft()).resource.code), by=an_applicant())
    assert (trial.dates[0].days, trial.dates[0].latest) == (1, trial.dates[0].due)


def test_what_no_calendar_covers_is_marked():
    trial = trying.try_draft(a_request_draft(), by=an_applicant())
    assert not trial.dates[0].published
    assert trial.dates[0].warning


def test_what_is_withheld_is_hindered_by_its_law_not_by_an_error():
    withheld = a_resource(a_draft(sharing_type="withheld", sharing_methods=(), withheld_basis="《税收征收管理法》第八条"))
    trial = trying.try_draft(RequestDraft(resource=withheld.resource.code), by=an_applicant())
    assert "《税收征收管理法》第八条" in trial.hindrance
    assert (trial.dates, trial.steps, trial.complete) == ((), (), False)
    assert not any(item.given for item in trial.items)


def test_trials_are_for_applicants_of_the_department():
    row = a_request(stage=Stage.DRAFT)
    assert trying.try_request(row.number, by=an_applicant()).resource == row.resource_id
    with pytest.raises(Refused):
        trying.try_draft(a_request_draft(), by=a_consumer_head())
    with pytest.raises(Refused):
        trying.try_request(row.number, by=a_consumer_head())
    with pytest.raises(Unknown):
        trying.try_request(row.number, by=someone(Role.APPLICANT, "浙江省交通运输厅"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"basis_kind": "law", "basis": "《政务数据共享条例》第二十条"}, "basis"),
        ({"basis_kind": "regulation", "basis": "《居民身份证法》第十九条"}, "basis"),
        ({"basis_kind": "law", "basis": "社会保险法"}, "basis"),
        ({"basis_kind": "regulation", "basis": "《浙江省道路运输条例》第五条"}, "basis"),
        ({"delivery_mode": "incremental"}, "delivery_mode"), ({"update_cycle": "daily"}, "update_cycle"),
        ({"rows": (RowRule("name", "from", ("2026-01-01",)),)}, "rows.0.field"),
    ],
)  # fmt: skip
def test_filing_tells_a_basis_of_another_kind_and_wishes_without_effect(changes, field):
    seed_laws()
    draft = a_request_draft(**changes)
    assert trying.try_draft(draft, by=an_applicant()).missing.keys() == {field}


def test_a_duty_needs_no_law_and_a_typed_law_is_taken_at_its_word():
    seed_laws()
    for kind, basis in (
        ("duty", "低保对象认定（三定规定）"),
        ("law", "《慈善法》第九条"),
        ("regulation", "《政务数据共享条例》第二十条"),
    ):
        assert trying.try_draft(a_request_draft(basis_kind=kind, basis=basis), by=an_applicant()).complete


def test_wishes_are_kept_and_never_quicker_than_the_resource():
    methods = {"sharing_methods": ("call", "table"), "update_cycle": "monthly"}
    resource = a_resource(a_draft(**methods))
    wish = {"channels": ("table",), "delivery_mode": "incremental"}
    with pytest.raises(Malformed) as refused:
        usecases.draft_request(a_request_draft(resource, update_cycle="daily", **wish), by=an_applicant())
    assert refused.value.fields.keys() == {"update_cycle"}
    row = usecases.draft_request(a_request_draft(resource, update_cycle="quarterly", **wish), by=an_applicant())
    assert queries.as_draft(row).update_cycle == "quarterly"
    with pytest.raises(Malformed) as refused:
        usecases.revise_request(row.number, replace(queries.as_draft(row), update_cycle="never"), by=an_applicant())
    assert refused.value.fields.keys() == {"update_cycle"}


@pytest.mark.parametrize("stage", [Stage.REFUSED, Stage.WITHDRAWN, Stage.GRANTED, Stage.DRAFT])
def test_an_earlier_request_is_copied_whatever_became_of_it(stage):
    before = a_request(stage=stage)
    after, taken = copying.copy_request(before.number, by=an_applicant())
    assert (after.stage, after.number != before.number, taken.dropped) == (Stage.DRAFT, True, ())
    assert replace(queries.as_draft(after), amends="") == queries.as_draft(before)


def test_a_copy_leaves_out_what_does_not_fit_any_more_and_says_so():
    before = a_request(stage=Stage.WITHDRAWN)
    people.suspend_application(before.application_id, by=an_applicant(), reason="停用")
    Request.objects.filter(pk=before.pk).update(term_from=today() - timedelta(days=30), term_until=today() - timedelta(days=1))
    after, taken = copying.copy_request(before.number, by=an_applicant())
    assert set(taken.dropped) == {"application", "term_until"}
    assert (after.application_id, after.term_from, after.term_until) == (None, None, None)


def test_only_the_own_departments_requests_are_copied():
    before = a_request(stage=Stage.GRANTED)
    with pytest.raises(Unknown):
        copying.copy_request(before.number, by=someone(Role.APPLICANT, "浙江省交通运输厅"))
    with pytest.raises(Refused):
        copying.copy_request(before.number, by=a_provider_head())


def test_a_change_begins_from_what_was_granted_and_carries_the_grant():
    grant = a_grant()
    row = copying.amend_grant(grant.number, by=an_applicant())
    assert (row.amends_id, row.stage, row.resource_id) == (grant.number, Stage.DRAFT, grant.resource_id)
    with pytest.raises(Conflict) as refused:
        copying.amend_grant(grant.number, by=an_applicant())
    assert refused.value.fields == {"amends": row.number}
    usecases.withdraw_request(row.number, by=an_applicant())
    assert copying.amend_grant(grant.number, by=an_applicant()).amends_id == grant.number


def test_a_change_keeps_its_grant_when_it_is_revised_and_filed():
    grant = a_grant()
    row = copying.amend_grant(grant.number, by=an_applicant())
    revised = usecases.revise_request(row.number, replace(queries.as_draft(row), amends="", scene="年度复核"), by=an_applicant())
    assert revised.amends_id == grant.number
    usecases.file_request(row.number, by=an_applicant())
    usecases.endorse_request(row.number, by=a_consumer_head())
    made = usecases.grant_request(row.number, by=a_provider_head())
    assert queries.envelope(made)["grant"]["supersedes"] == grant.number


def test_a_second_grant_of_one_scope_is_told_before_filing():
    grant = a_grant()
    again = replace(queries.as_draft(grant.request), amends="")
    assert grant.number in trying.try_draft(again, by=an_applicant()).missing["purpose"]


def test_a_grant_that_ended_or_is_anothers_is_not_amended():
    grant = a_grant()
    for number in ("G1", "\x00", grant.number):
        changes = {"amends": number} | ({"application": an_application_of().client_id} if number == grant.number else {})
        with pytest.raises(Malformed) as refused:
            usecases.draft_request(a_request_draft(**changes), by=an_applicant())
        assert "amends" in refused.value.fields, "another resource, or none"
    usecases.suspend_grant(grant.number, "超范围使用", by=a_provider_head())
    usecases.revoke_grant(grant.number, "拒不整改", by=a_provider_head())
    with pytest.raises(Malformed):
        copying.amend_grant(grant.number, by=an_applicant())


def test_a_provider_gives_no_rows_by_a_rule_that_does_not_fit_its_item():
    row = a_request()
    rows = (*queries.as_draft(row).rows, RowRule("name", "from", ("2026-01-01",)))
    with pytest.raises(Malformed) as refused:
        usecases.grant_request(row.number, Decision(rows=rows, opinion="只给新近的"), by=a_provider_head())
    assert refused.value.fields.keys() == {"rows.1.field"}


def test_rows_by_time_and_own_case_reach_the_gateways_policy_and_the_case_is_needed():
    wanted = (
        RowRule("division", "prefix", ("33", "3101")),
        RowRule("registered_on", "from", ("2026-01-01",)),
        RowRule("resident_id", "case"),
    )
    row = a_request(a_request_draft(rows=wanted))
    made = usecases.grant_request(row.number, Decision(require_case=False), by=a_provider_head())
    assert queries.envelope(made)["grant"]["require_case"] is True
    policy = queries.view(made).policy
    assert policy.require_case
    assert [(rule.field, rule.op, tuple(rule.values)) for rule in policy.rows] == [
        (rule.field, rule.op, rule.values) for rule in wanted
    ]
