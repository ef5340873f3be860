# SPDX-License-Identifier: Apache-2.0
"""Clocks on a real calendar: started, reminded of, run out, extended once, pressed for; notices go to posts."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.conf import settings
from django.test import override_settings

from datong.contexts.audit import face as audit
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face, queries, usecases
from datong.contexts.periods.domain import NoticeKind, Rule
from datong.contexts.periods.models import Clock
from datong.kernel.actors import Role
from datong.kernel.errors import IllegalMove, Malformed, Refused, Unknown
from datong.kernel.workdays import SHANGHAI
from factories.catalog import a_compiler, a_provider_head, an_authority, someone

pytestmark = pytest.mark.django_db


def at(day: str, hour: int = 9) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02d}:00:00").replace(tzinfo=SHANGHAI)


def a_clock(rule: str = Rule.UPDATE, day: str = "2026-09-25", code: str = "U1") -> Clock:
    organisations.seed()
    compiler = a_compiler()
    about = face.Subject("ticket", code, "某目录", "/catalog/tickets/U1")
    return face.start(rule, about, face.Holder(Role.COMPILER, compiler.department, compiler.region), at(day))


def test_809_17_ten_working_days_across_the_national_holiday():
    clock = a_clock()
    assert clock.due == date(2026, 10, 15), "28 to 30 September, 8 to 10 October (a Saturday worked), 12 to 15 October"
    assert clock.published
    assert clock.calendar_version


def test_a_clock_reminds_once_and_escalates_once():
    clock = a_clock()
    assert face.watch_clocks(at("2026-10-12")) == 0
    assert face.watch_clocks(at("2026-10-13")) == 1
    assert face.watch_clocks(at("2026-10-13")) == 0
    assert [row.kind for row in face.notices(a_compiler())] == [NoticeKind.REMINDER]
    assert list(face.notices(an_authority())) == []
    assert face.watch_clocks(at("2026-10-15")) == 0
    assert face.watch_clocks(at("2026-10-16")) == 1
    assert face.watch_clocks(at("2026-10-19")) == 0
    assert [row.kind for row in face.notices(an_authority())] == [NoticeKind.OVERDUE]
    assert [row.kind for row in face.notices(a_compiler())] == [NoticeKind.OVERDUE, NoticeKind.REMINDER]
    assert list(face.notices(a_provider_head())) == [], "the compiler holds it"
    assert [act.tag for act in audit.acts(subject=clock.subject, limit=5)] == ["periods.clock.overdue", "periods.clock.reminded"]


def test_809_17_day_three_of_the_review_counts_as_overdue():
    a_clock(Rule.REVIEW, "2026-10-12")
    late = [face.clocks(an_authority(), late=True, today=date(2026, 10, day)).count() for day in (13, 14, 15)]
    assert late == [0, 0, 1]


def test_a_stopped_clock_is_silent_and_its_notices_are_done_with():
    clock = a_clock()
    face.watch_clocks(at("2026-10-15"))
    assert face.stop(clock.subject, at("2026-10-15", 10), "test.ticket.done") == 1
    assert face.stop(clock.subject, at("2026-10-15", 11), "test.ticket.done") == 0
    assert list(face.notices(a_compiler())) == []
    assert len(queries.notices(a_compiler(), settled=True)) == 1
    assert face.watch_clocks(at("2026-11-30")) == 0


def test_a_clock_stopped_before_its_start_stops_at_its_start():
    clock = a_clock(day="2026-09-25")
    face.stop(clock.subject, at("2026-09-25") - timedelta(days=3), "test.ticket.done")
    clock.refresh_from_db()
    assert clock.stopped_at == clock.started_at


def test_809_17_an_extension_is_given_once_and_counted_from_the_start():
    clock = face.extend(a_clock(), 5)
    assert (clock.due, clock.extended_days) == (date(2026, 10, 22), 5)
    with pytest.raises(Refused, match="一次"):
        face.extend(clock, 1)
    with pytest.raises(Malformed):
        face.extend(a_clock(code="U2"), 6)


def test_the_node_may_shorten_a_period():
    shorter = replace(settings.NODE, catalog_update_days=5)
    with override_settings(NODE=shorter):
        assert a_clock().days == 5
    with override_settings(NODE=replace(settings.NODE, catalog_update_days=11)), pytest.raises(Malformed, match="缩短"):
        a_clock(code="U2")


def test_only_the_authority_of_the_region_presses():
    clock = a_clock()
    with pytest.raises(Refused, match="主管部门"):
        usecases.urge(clock.pk, "请抓紧", by=a_compiler())
    with pytest.raises(Unknown):
        usecases.urge(clock.pk, "请抓紧", by=someone(Role.PROVIDER_HEAD, "浙江省水利厅"))
    with pytest.raises(Malformed):
        usecases.urge(clock.pk, " ", by=an_authority())
    made = usecases.urge(clock.pk, "请抓紧", by=an_authority())
    assert [row.pk for row in face.notices(a_compiler())] == [made.pk]
    face.stop(clock.subject, at("2026-10-15"), "test.ticket.done")
    with pytest.raises(IllegalMove):
        usecases.urge(clock.pk, "请抓紧", by=an_authority())


def test_a_notice_is_settled_once_by_someone_of_the_post():
    clock = a_clock()
    made = usecases.urge(clock.pk, "请抓紧", by=an_authority())
    with pytest.raises(Unknown):
        usecases.settle(made.pk, by=a_provider_head())
    usecases.settle(made.pk, by=a_compiler())
    with pytest.raises(IllegalMove):
        usecases.settle(made.pk, by=a_compiler())
    assert face.done_with("ticket", clock.subject) == 0
