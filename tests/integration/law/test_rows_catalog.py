# SPDX-License-Identifier: Apache-2.0
"""The law as tests: what Order 809 asks of the catalogue, by row of the table of rules (1 to 8, 18, 26, 38)."""

from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

import pytest
from django.test import Client

from datong.contexts.audit import face as audit
from datong.contexts.catalog import queries, usecases
from datong.contexts.catalog.domain import Stage
from datong.contexts.catalog.domain.tickets import ExtensionStage, TicketStage
from datong.contexts.catalog.models import Resource
from datong.contexts.catalog.usecases import elements, removals, tickets
from datong.contexts.catalog.usecases.laws import add_law, seed_laws
from datong.contexts.exchange import face as exchange
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.kernel.actors import Role
from datong.kernel.errors import Conflict, Malformed, Refused, Unknown
from datong.kernel.workdays import SHANGHAI
from factories.catalog import (
    PROVIDER,
    a_compiler,
    a_draft,
    a_provider_head,
    a_resource,
    an_authority,
    someone,
)
from factories.changing import a_service_change
from factories.organisations import a_department, an_account
from factories.sharing import CONSUMER, a_department_of, a_grant

pytestmark = pytest.mark.django_db
NINE = ("name", "items", "format_class", "update_cycle", "sharing_type", "sharing_methods", "use_conditions", "level")
"""The nine of art. 13 less the provider, which is the compiler's department and cannot be left out."""


def posted(role, path, body):
    client = Client()
    client.force_login(an_account(roles=[role], department=a_department(PROVIDER)))
    return client.post(f"/api/v1{path}", body, content_type="application/json")


def a_filed_attempt(**changes):
    usecases.seed_classes()
    seed_laws()
    row = usecases.compile_entry(a_draft(name="待改"), by=a_compiler())
    row = usecases.revise_entry(row.pk, a_draft(name="待改", **changes), by=a_compiler())
    return usecases.file_entry(row.pk, by=a_compiler())


def a_ticket(day: str, *, resource: str = "") -> object:
    organisations.seed()
    draft = tickets.TicketDraft("law", "《某条例》修订", "增加数据项", date.fromisoformat(day), resource)
    return tickets.open_ticket(draft, by=a_compiler())


@pytest.mark.parametrize("secrecy", ["state_secret", "work_secret"])
def test_row_1_809_3_a_secret_is_refused_and_on_record(secrecy):
    usecases.seed_classes()
    answer = posted(Role.COMPILER, "/entries", asdict(a_draft(secrecy=secrecy)))
    assert (answer.status_code, answer.json()["rule"]) == (403, "政务数据共享条例第三条")
    assert Resource.objects.count() == 0
    (act,) = audit.acts(limit=1)
    assert (act.tag, act.facts) == ("catalog.entry.secret_refused", {"secrecy": secrecy})


@pytest.mark.parametrize("field", [name for name in NINE if name != "name"])
def test_row_2_809_13_each_mandatory_field_is_named(field):
    empty = () if field in ("items", "sharing_methods") else ""
    with pytest.raises(Malformed) as refused:
        a_filed_attempt(**{field: empty} | ({"items": (replace(a_draft().items[0], level=""),)} if field == "level" else {}))
    assert field in refused.value.fields


def test_row_2_809_13_even_a_draft_has_a_name_and_a_provider():
    usecases.seed_classes()
    with pytest.raises(Malformed) as refused:
        usecases.compile_entry(a_draft(name=" "), by=a_compiler())
    assert "name" in refused.value.fields
    with pytest.raises(Refused):
        usecases.compile_entry(a_draft(), by=replace(a_compiler(), department=""))


@pytest.mark.parametrize("field", ["secrecy_assessment", "personal_assessment"])
def test_row_3_809_13_without_assessments_nothing_is_filed(field):
    with pytest.raises(Malformed) as refused:
        a_filed_attempt(**{field: ""})
    assert set(refused.value.fields) == {field}


def test_row_3_809_13_the_compiler_is_not_the_head_who_consents():
    row = a_resource(stage=Stage.FILED)
    with pytest.raises(Refused, match="自己编制"):
        usecases.consent_entry(row.pk, by=someone(Role.PROVIDER_HEAD, PROVIDER, account=row.created_by))
    with pytest.raises(Refused):
        usecases.consent_entry(row.pk, by=a_compiler())


@pytest.mark.parametrize(
    ("rank", "basis"),
    [
        ("部门规定", "《某部门规定》第三条"),
        ("law", "《某部门规定》第三条"),
        ("law", "内部规定不宜共享"),
        ("law", "《税收征收管理法》"),
        ("regulation", "《税收征收管理法》第八条"),
    ],
)
def test_row_4_809_14_15_withholding_needs_a_law_of_the_right_rank(rank, basis):
    with pytest.raises(Malformed) as refused:
        a_filed_attempt(withheld_basis_rank=rank, withheld_basis=basis)
    assert set(refused.value.fields) & {"withheld_basis", "withheld_basis_rank"}


def test_row_4_809_14_15_the_authority_extends_the_list_and_the_reason_is_needed():
    seed_laws()
    add_law("《国防交通法》", "law", by=an_authority())
    assert a_filed_attempt(withheld_basis="《中华人民共和国国防交通法》第十条").stage == Stage.FILED
    with pytest.raises(Malformed) as refused:
        a_filed_attempt(withheld_reason="")
    assert "withheld_reason" in refused.value.fields


@pytest.mark.parametrize("field", ["sharing_scope", "sharing_use"])
def test_row_5_809_15_conditional_sharing_lists_scope_and_use(field):
    with pytest.raises(Malformed) as refused:
        a_filed_attempt(**{field: () if field == "sharing_use" else ""})
    assert field in refused.value.fields


def test_row_5_809_15_conditions_beyond_the_list_go_to_the_authority():
    row = a_filed_attempt(use_conditions="不得提供给第三方；须先与本厅签订协议")
    assert row.self_made == ["须先与本厅签订协议"]
    usecases.consent_entry(row.pk, by=a_provider_head())
    (waiting,) = queries.waiting(an_authority())
    assert waiting.self_made, "flagged in the authority's queue"
    with pytest.raises(Malformed):
        usecases.publish_entry(row.pk, by=an_authority())
    assert usecases.publish_entry(row.pk, by=an_authority(), opinion="符合个人信息保护要求").stage == Stage.PUBLISHED


def test_row_6_809_16_only_the_authority_of_the_same_region_publishes():
    row = a_resource(stage=Stage.CONSENTED)
    for role in (Role.COMPILER, Role.PROVIDER_HEAD):
        assert posted(role, f"/entries/{row.pk}/publish", {}).status_code == 403, "the provider does not publish"
    elsewhere = someone(Role.AUTHORITY, a_department("杭州市数据局", region="330100"))
    with pytest.raises(Unknown):
        usecases.publish_entry(row.pk, by=elsewhere)
    assert usecases.publish_entry(row.pk, by=an_authority()).stage == Stage.PUBLISHED


def test_row_7_809_17_ten_working_days_across_the_national_holiday():
    clock = periods.clock_of(a_ticket("2026-09-25").number)
    assert clock.due == date(2026, 10, 15), "28 to 30 September, 8 to 10 October (a Saturday worked), 12 to 15 October"


def test_row_7_809_17_an_extension_needs_consent_and_is_five_days_once():
    row = a_ticket("2026-09-25")
    with pytest.raises(Malformed):
        tickets.ask_extension(row.pk, 6, "系统改造", by=a_compiler())
    tickets.ask_extension(row.pk, 5, "系统改造", by=a_compiler())
    assert periods.clock_of(row.number).due == date(2026, 10, 15), "asked is not granted"
    with pytest.raises(Refused):
        tickets.decide_extension(row.pk, grant=True, opinion="", by=a_provider_head())
    row = tickets.decide_extension(row.pk, grant=True, opinion="", by=an_authority())
    assert (row.extension, periods.clock_of(row.number).due) == (ExtensionStage.GRANTED, date(2026, 10, 22))
    with pytest.raises(Refused, match="一次"):
        tickets.ask_extension(row.pk, 1, "再延", by=a_compiler())


def test_row_7_809_17_submitting_stops_the_period_and_a_return_lets_it_go_on():
    published = a_resource()
    row = a_ticket("2026-09-25", resource=published.resource.code)
    due = periods.clock_of(row.number).due
    draft = usecases.new_version(published.resource.code, by=a_compiler())
    usecases.file_entry(draft.pk, by=a_compiler())
    usecases.consent_entry(draft.pk, by=a_provider_head())
    row.refresh_from_db()
    assert (row.stage, row.version_id) == (TicketStage.SUBMITTED, draft.pk)
    assert periods.clock_of(row.number).stopped_at
    usecases.return_entry(draft.pk, "补充说明", by=an_authority())
    row.refresh_from_db()
    assert (row.stage, periods.clock_of(row.number).stopped_at) == (TicketStage.OPEN, None)
    assert periods.clock_of(row.number).due == due
    usecases.file_entry(draft.pk, by=a_compiler())
    usecases.consent_entry(draft.pk, by=a_provider_head())
    usecases.publish_entry(draft.pk, by=an_authority())
    row.refresh_from_db()
    assert (row.stage, row.ended_by) == (TicketStage.CLOSED, an_authority().account)


def test_row_8_809_17_on_day_three_the_review_is_overdue():
    organisations.seed()
    row = a_resource(stage=Stage.FILED)
    monday = datetime(2026, 10, 12, 9, tzinfo=SHANGHAI)
    with patch("datong.contexts.catalog.usecases.reviewing.datetime") as clock:
        clock.now.return_value = monday
        usecases.consent_entry(row.pk, by=a_provider_head())
    late = [periods.clocks(an_authority(), late=True, today=date(2026, 10, day)).count() for day in (13, 14, 15)]
    assert late == [0, 0, 1]
    assert periods.watch_clocks(datetime(2026, 10, 15, 1, tzinfo=SHANGHAI)) == 1
    (notice,) = periods.notices(an_authority())
    assert (notice.kind, notice.subject) == ("overdue", row.resource.code)


def test_row_18_809_19_a_data_element_has_one_source_department():
    first, second = a_department_of(PROVIDER), a_department_of(CONSUMER)
    elements.add_element(elements.ElementDraft("DE0001", "公民身份号码", "C", source=first), by=an_authority())
    with pytest.raises(Conflict, match="数源部门"):
        elements.name_source("DE0001", second, by=an_authority())
    with pytest.raises(Refused):
        elements.name_source("DE0001", first, by=a_compiler())
    elements.release_source("DE0001", by=an_authority())
    assert elements.name_source("DE0001", second, by=an_authority()).source_id == second


def test_row_26_809_27_a_resource_people_live_on_is_not_taken_away_on_ones_own():
    grant = a_grant()
    code = grant.resource_id
    with pytest.raises(Refused, match="协商"):
        removals.ask_removal(code, "职责调整", by=a_provider_head())
    with pytest.raises(Refused, match="协商"):
        usecases.withdraw_entry(Resource.objects.get(code=code).current_id, "职责调整", by=an_authority())
    with pytest.raises(Refused, match="协商"):
        removals.ask_removal(code, "职责调整", negotiation="已协商并备案，浙数备〔2026〕1号", by=a_provider_head())
    a_service_change(code)
    row = removals.ask_removal(code, "职责调整", negotiation="已协商并备案，浙数备〔2026〕1号", by=a_provider_head())
    removals.decide_removal(row.pk, approve=True, opinion="", by=an_authority())
    assert Resource.objects.get(code=code).withdrawn_at


@pytest.mark.parametrize(
    ("cycle", "days", "colour"),
    [("daily", 0, "green"), ("daily", 3, "red"), ("weekly", 3, "green"), ("monthly", 40, "red"), ("irregular", 900, "none")],
)
def test_row_38_freshness_is_the_age_of_the_last_load_against_the_cycle(cycle, days, colour):
    assert exchange.freshness(cycle, datetime.now(UTC) - timedelta(days=days)) == colour


def test_row_38_where_nothing_landed_there_is_no_lamp():
    assert exchange.freshness("daily", None) == "none"
