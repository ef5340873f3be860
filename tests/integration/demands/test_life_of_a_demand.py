# SPDX-License-Identifier: Apache-2.0
"""A demand from the one who needs data to the entry that answers it: who acts, which clock runs, who is told, what is on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction

from datong.contexts.audit import face as audit
from datong.contexts.catalog import usecases as catalog
from datong.contexts.catalog.domain import Stage as EntryStage
from datong.contexts.catalog.usecases import tickets
from datong.contexts.demands import face, queries, usecases
from datong.contexts.demands.domain.stages import HOLDER as STAGE_HOLDER
from datong.contexts.demands.domain.stages import DutyStage, Stage
from datong.contexts.demands.models import Demand, Responsibility
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.contexts.sharing import usecases as sharing
from datong.kernel.actors import Role
from datong.kernel.errors import IllegalMove, Malformed, Refused, Unknown
from factories.catalog import PROVIDER, a_compiler, a_provider_head, a_resource, an_authority, someone
from factories.demands import HOLDER, a_demand, a_demand_draft, a_holder
from factories.organisations import a_department
from factories.sharing import CONSUMER, a_consumer_head, a_grant, a_request_draft, an_applicant, today

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _calendar():
    organisations.seed()


def told(by, number):
    return [one.words for one in periods.notices(by) if one.subject.startswith(number)]


def tags(number):
    return [one.tag for one in audit.acts(subject=number)][::-1]


def again(row):
    return Demand.objects.get(pk=row.pk)


def test_a_draft_may_lack_anything_but_a_name_and_filing_names_all_that_lacks():
    with pytest.raises(Malformed) as refused:
        usecases.draft_demand(a_demand_draft(name=" "), by=an_applicant())
    assert set(refused.value.fields) == {"name"}
    row = usecases.draft_demand(
        replace(a_demand_draft(), items=(), basis="", scene="", purpose="", basis_kind=""), by=an_applicant()
    )
    with pytest.raises(Malformed) as lacking:
        usecases.file_demand(row.number, by=an_applicant())
    assert set(lacking.value.fields) == {"items", "basis_kind", "basis", "scene", "purpose"}
    assert again(row).stage == Stage.DRAFT


@pytest.mark.parametrize(
    "changes",
    [{"name": "a\u202eb"}, {"items": ("x" * 101,)}, {"items": tuple(map(str, range(61)))}, {"urgency": "now"},
     {"basis_kind": "because"}, {"expected": "nobody"}, {"purpose": "长" * 201}],
    ids=lambda one: next(iter(one)),
)  # fmt: skip
def test_what_does_not_read_is_named(changes):
    with pytest.raises(Malformed) as refused:
        usecases.draft_demand(a_demand_draft(**changes), by=an_applicant())
    assert set(refused.value.fields) == set(changes)


def test_a_day_that_has_passed_is_missing():
    row = a_demand(a_demand_draft(needed_by=today() - timedelta(days=1)))
    with pytest.raises(Malformed) as lacking:
        usecases.file_demand(row.number, by=an_applicant())
    assert set(lacking.value.fields) == {"needed_by"}


def test_the_head_stands_behind_it_and_nobody_behind_his_own():
    row = a_demand(stage=Stage.FILED)
    both = replace(an_applicant(), roles=frozenset({Role.APPLICANT, Role.CONSUMER_HEAD}))
    with pytest.raises(Refused, match="own demand"):
        usecases.endorse_demand(row.number, by=both)
    with pytest.raises(Unknown):
        usecases.endorse_demand(row.number, by=an_authority())
    assert told(a_consumer_head(), row.number)
    usecases.endorse_demand(row.number, by=a_consumer_head())
    assert again(row).stage == Stage.REVIEWING and told(an_authority(), row.number)
    assert not told(a_consumer_head(), row.number), "seen to"


def test_returned_it_is_revised_and_filed_again():
    row = a_demand(stage=Stage.RETURNED)
    with pytest.raises(IllegalMove):
        usecases.endorse_demand(row.number, by=a_consumer_head())
    usecases.revise_demand(row.number, a_demand_draft(coverage="2024年1月至今"), by=an_applicant())
    assert usecases.file_demand(row.number, by=an_applicant()).stage == Stage.FILED
    with pytest.raises(IllegalMove):
        usecases.revise_demand(row.number, a_demand_draft(), by=an_applicant())


def test_this_is_it_ends_in_a_request_that_carries_the_text():
    home = a_resource()
    row = a_demand()
    taken = usecases.take_entry(row.number, home.resource.code, by=an_applicant())
    assert (taken.stage, taken.resource_id) == (Stage.MATCHED, home.resource.code)
    made = usecases.request_entry(row.number, by=an_applicant()).request
    assert (made.purpose, made.basis, made.scene) == (row.purpose, row.basis, row.scene)
    assert {"resident_id", "name"} <= set(
        made.items.values_list("field", flat=True) if hasattr(made.items, "values_list") else made.items
    )
    assert usecases.request_entry(row.number, by=an_applicant()).request_id == made.number, "one under way"
    with pytest.raises(IllegalMove):
        usecases.reopen_demand(row.number, "不是", by=an_applicant())


def test_assigned_with_a_reason_and_the_clock_runs():
    row = a_demand(stage=Stage.REVIEWING)
    with pytest.raises(Malformed):
        usecases.assign_demand(row.number, a_department(HOLDER).uscc, " ", by=an_authority())
    with pytest.raises(Malformed):
        usecases.assign_demand(row.number, a_department(CONSUMER).uscc, "自己", by=an_authority())
    with pytest.raises(Refused):
        usecases.assign_demand(row.number, a_department("湖北省公安厅", region="420000").uscc, "外省", by=an_authority())
    made = usecases.assign_demand(row.number, a_department(HOLDER).uscc, "社会保险由其经办", by=an_authority())
    clock = periods.clock_of(made.number)
    assert (clock.days, clock.rule) == (15, periods.Rule.DEMAND)
    assert told(a_holder(), made.number) and told(an_applicant(), row.number)
    assert [one.number for one in face.waiting(a_holder())] == [made.number]


def test_a_node_may_shorten_the_answer():
    with patch.object(settings, "NODE", replace(settings.NODE, demand_days=5)):
        row = a_demand(stage=Stage.ASSIGNED)
    assert periods.clock_of(f"{row.number}-1").days == 5


def test_not_held_goes_back_with_the_reason_and_another_department_gets_it():
    row = a_demand(stage=Stage.ASSIGNED)
    with pytest.raises(Malformed):
        usecases.give_back(row.number, "", by=a_holder())
    usecases.give_back(row.number, "该业务已划转税务", by=a_holder())
    assert again(row).stage == Stage.REVIEWING
    assert periods.clock_of(f"{row.number}-1").stopped_at is not None
    made = usecases.assign_demand(row.number, a_department(PROVIDER).uscc, "改由其提供", by=an_authority())
    assert made.number == f"{row.number}-2"
    assert queries.demand_of(row.number, by=a_holder()), "who answered may still read it"
    with pytest.raises(Refused):
        usecases.accept_demand(row.number, by=a_holder())


def test_accepted_it_is_a_task_whose_entry_answers_when_published():
    row = a_demand(stage=Stage.COMPILING)
    held = Responsibility.objects.get()
    assert (held.ticket.cause, periods.clock_of(held.ticket.number).rule) == ("demand", periods.Rule.UPDATE)
    entry = a_resource(provider=HOLDER, stage=EntryStage.FILED)
    usecases.supply_entry(row.number, entry.resource.code, by=a_holder())
    assert again(row).stage == Stage.COMPILING, "not published yet"
    catalog.consent_entry(entry.pk, by=a_provider_head(HOLDER))
    catalog.publish_entry(entry.pk, by=an_authority())
    assert face.follow() == 1 and face.follow() == 0
    row = again(row)
    assert (row.stage, row.resource_id) == (Stage.ANSWERED, entry.resource.code)
    assert told(an_applicant(), row.number) and told(a_consumer_head(), row.number)
    assert periods.clock_of(held.ticket.number).stopped_at is not None


def test_an_entry_that_is_published_answers_at_once():
    row = a_demand(stage=Stage.COMPILING)
    entry = a_resource(provider=HOLDER)
    with pytest.raises(Malformed):
        usecases.supply_entry(a_demand(stage=Stage.ASSIGNED).number, a_resource().resource.code, by=a_holder())
    usecases.supply_entry(row.number, entry.resource.code, by=a_holder())
    assert again(row).stage == Stage.ANSWERED and Responsibility.objects.get(demand=row).ticket.stage == "closed"


def test_a_task_excused_goes_to_the_authority_again():
    row = a_demand(stage=Stage.COMPILING)
    tickets.excuse_ticket(Responsibility.objects.get().ticket_id, "已有同类目录", by=an_authority())
    assert face.follow() == 1
    assert (again(row).stage, Responsibility.objects.get().stage) == (Stage.REVIEWING, DutyStage.ENDED)
    assert "demands.demand.task_excused" in tags(row.number)


def test_a_granted_request_fulfils_it():
    row = a_demand(stage=Stage.ANSWERED)
    made = usecases.request_entry(row.number, by=an_applicant()).request
    draft = a_request_draft(row.resource.current, items=("resident_id", "name", "division"))
    sharing.revise_request(made.number, draft, by=an_applicant())
    sharing.file_request(made.number, by=an_applicant())
    sharing.endorse_request(made.number, by=a_consumer_head())
    assert face.follow() == 0
    a_grant(request=made, provider=HOLDER)
    assert face.follow() == 1
    assert again(row).stage == Stage.FULFILLED and tags(row.number)[-1] == "demands.demand.fulfilled"


def test_what_was_not_wanted_goes_to_the_authority_again():
    row = a_demand(stage=Stage.MATCHED)
    usecases.reopen_demand(row.number, "只有省本级，缺各市", by=an_applicant())
    row = again(row)
    assert (row.stage, row.resource_id, row.answered_at) == (Stage.REVIEWING, None, None)
    with pytest.raises(Malformed):
        usecases.decline_demand(row.number, "", by=an_authority())
    assert usecases.decline_demand(row.number, "不是履行职责所需", by=an_authority()).stage == Stage.DECLINED


def test_withdrawn_the_department_need_not_answer():
    row = a_demand(stage=Stage.ASSIGNED)
    usecases.withdraw_demand(row.number, "已从其他渠道取得", by=a_consumer_head())
    assert Responsibility.objects.get().stage == DutyStage.ENDED
    assert periods.clock_of(f"{row.number}-1").stopped_at is not None
    compiling = a_demand(stage=Stage.COMPILING)
    with pytest.raises(IllegalMove):
        usecases.withdraw_demand(compiling.number, by=an_applicant())


def test_unknown_and_forbidden_look_alike():
    row = a_demand(stage=Stage.REVIEWING)
    draft = a_demand()
    stranger = someone(Role.APPLICANT, "浙江省水利厅")
    elsewhere = someone(Role.AUTHORITY, a_department("湖北省数据局", region="420000"))
    for who, number in (
        (stranger, row.number),
        (elsewhere, row.number),
        (an_authority(), draft.number),
        (a_compiler(), row.number),
    ):
        with pytest.raises(Unknown) as hidden:
            queries.demand_of(number, by=who)
        with pytest.raises(Unknown) as absent:
            queries.demand_of("N20000101-0001", by=who)
        assert str(hidden.value) == str(absent.value)


@pytest.mark.parametrize(
    "stage", [one for one in Stage if STAGE_HOLDER[one] and one is not Stage.DRAFT and one is not Stage.COMPILING]
)
def test_whoever_holds_a_stage_has_it_waiting(stage):
    row = a_demand(stage=stage)
    holders = {
        Role.APPLICANT: an_applicant(), Role.CONSUMER_HEAD: a_consumer_head(), Role.AUTHORITY: an_authority(),
        Role.COMPILER: a_holder(),
    }  # fmt: skip
    found = face.waiting(holders[STAGE_HOLDER[stage]])
    assert [one.number for one in found] in ([row.number], [f"{row.number}-1"])
    assert all((one.title, one.href, one.home, one.stage_label) for one in found)


def test_figures_come_from_the_clocks():
    late = a_demand(stage=Stage.ASSIGNED)
    a_demand(stage=Stage.ANSWERED)
    a_demand(stage=Stage.COMPILING)
    a_demand(stage=Stage.FILED)
    seen = face.figures(an_authority())
    assert (seen.total, seen.stages["assigned"], seen.satisfied) == (3, 1, 1)
    assert (seen.answered, seen.answered_in_time, seen.answer_share) == (2, 2, 100)
    after = periods.clock_of(f"{late.number}-1").due + timedelta(days=1)
    then = face.figures(an_authority(), today=after)
    assert (then.answered, then.answered_in_time, then.answer_share, then.supplied) == (3, 2, 67, 1)


def test_every_act_is_on_record():
    row = a_demand(stage=Stage.COMPILING)
    said = [one.rpartition(".")[2] for one in tags(row.number)]
    assert said == ["drafted", "filed", "endorsed", "assigned", "accepted"]


def test_the_database_keeps_what_the_rules_keep():
    row = a_demand(stage=Stage.ASSIGNED)
    for changes in ({"stage": "answered"}, {"stage": "declined"}, {"endorsed_by": "", "endorsed_at": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Demand.objects.filter(pk=row.pk).update(**changes)
    with pytest.raises(IntegrityError), transaction.atomic():
        Responsibility.objects.create(
            number="x",
            demand=row,
            department_id=a_department(PROVIDER).uscc,
            reason="二",
            assigned_by="x",
            assigned_at=datetime.now(UTC),
        )
