# SPDX-License-Identifier: Apache-2.0
"""The law as tests: 校核 within ten working days (809 art. 26), and the window that goes on (国发〔2016〕51号 art. 14)."""

from datetime import UTC, datetime, timedelta

import pytest

from datong.contexts.corrections import face as corrections
from datong.contexts.corrections import usecases
from datong.contexts.corrections.domain.stages import Stage
from datong.contexts.corrections.models import Correction
from datong.contexts.exchange import face as exchange
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.engine import face as engine
from datong.kernel.actors import Role
from datong.kernel.workdays import received_on
from factories import folders
from factories.catalog import a_compiler, an_authority, someone
from factories.corrections import RIGHT, a_correction, a_report, a_used_resource, a_window_clerk, mended_rows
from factories.sharing import CONSUMER

pytestmark = pytest.mark.django_db
OTHER = "浙江省人力资源和社会保障厅"
RECEIVED = datetime(2026, 10, 12, 2, 0, tzinfo=UTC)
"""A Monday in Shanghai; ten working days later is the 26th."""


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    organisations.seed()
    folders.empty()
    monkeypatch.setattr(engine, "apart", lambda task, *given, seconds=None, **more: task(*given, **more))
    yield
    folders.empty()


def kinds(by, number):
    return [one.kind for one in periods.notices(by) if one.subject == number]


def test_row_22_809_26_ten_working_days_and_overdue_on_the_eleventh():
    row = a_correction(at=RECEIVED)
    clock = periods.clock_of(row.number)
    assert (clock.days, clock.due.isoformat()) == (10, "2026-10-26")
    calendar = organisations.working_calendar()
    eleventh = calendar.add_days(received_on(RECEIVED), 11).due
    periods.watch_clocks(datetime(2026, 10, 26, 15, 0, tzinfo=UTC))
    assert "overdue" not in kinds(a_compiler(), row.number), "the last day is in time"
    periods.watch_clocks(datetime.combine(eleventh, datetime.min.time(), UTC) + timedelta(hours=1))
    assert "overdue" in kinds(a_compiler(), row.number)
    assert kinds(an_authority(), row.number) == ["overdue"]


def test_row_22_809_26_a_correction_is_a_new_version_and_every_user_is_told():
    home = a_used_resource(CONSUMER, OTHER)
    row = a_correction(home)
    assert row.stage == Stage.FILED
    usecases.take_up(row.number, by=a_compiler())
    mended_rows(home)
    done = usecases.correct(row.number, "按公告更正", by=a_compiler())
    assert done.corrected_batch == exchange.landed(home.resource.code).batch > row.batch
    assert exchange.held_in(
        home.resource.code, exchange.landed(home.resource.code), {"code": "330100000000"}, "title", RIGHT
    ).holds
    for consumer in (CONSUMER, OTHER):
        told = [one for one in periods.notices(someone(Role.APPLICANT, consumer)) if one.subject_kind == "corrected"]
        assert len(told) == 1
        assert str(done.corrected_batch) in told[0].words
    outcome = [one for one in periods.notices(a_window_clerk()) if one.subject_kind == "correction"]
    assert outcome[0].href == f"/corrections/{row.number}"


def test_row_39_51_14_the_case_goes_on_while_valid_proof_is_shown():
    shown = a_correction(said=a_report(proof_kind="household_register", proof_number="浙户0001"))
    assert shown.blocks_case is False
    answer = corrections.case_may_continue(shown.number, by=a_window_clerk())
    assert answer.continues
    assert "照常办理" in answer.says
    assert "51号" in answer.rule
    assert "第十四条" in answer.rule
    waits = a_correction(said=a_report(case="AJ-8"))
    assert waits.blocks_case is True
    assert not corrections.case_may_continue(waits.number, by=a_window_clerk()).continues
    usecases.show_proof(waits.number, "resident_card", "330106199001010010", by=a_window_clerk())
    waits = Correction.objects.get(pk=waits.pk)
    assert waits.blocks_case is False
    assert corrections.case_may_continue(waits.number, by=a_window_clerk()).continues
    assert periods.clock_of(waits.number).stopped_at is None, "the provider still has to answer"


def test_row_60_gbt_39477_a_delivered_version_is_recalled_and_each_user_gives_a_receipt():
    home = a_used_resource(CONSUMER, OTHER)
    head = someone(Role.PROVIDER_HEAD, home.resource.provider.name)
    row = usecases.recall(home.resource.code, exchange.landed(home.resource.code).batch, "整列错位", by=head)
    for consumer in (CONSUMER, OTHER):
        clerk = someone(Role.APPLICANT, consumer)
        assert [one.subject_kind for one in periods.notices(clerk) if one.subject_kind == "recall"] == ["recall"]
        assert usecases.acknowledge(row.number, "destroyed", by=clerk).stage == "answered"
    row.refresh_from_db()
    assert row.stage == "finished"
