# SPDX-License-Identifier: Apache-2.0
"""Drift: entry and data are compared as they are; a case opens, is taken up, closes by itself, or is dismissed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client, override_settings
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from datong.contexts.audit import face as audit
from datong.contexts.exchange import face, queries, usecases
from datong.contexts.exchange.domain import DriftKind, DriftStage
from datong.contexts.exchange.models import Batch, DriftCase
from datong.contexts.exchange.tasks import NIGHTLY
from datong.contexts.periods import face as periods
from datong.kernel.actors import Role
from datong.kernel.errors import IllegalMove, Malformed, Refused, Unknown
from factories.api import signed_in
from factories.catalog import (
    DATA_BUREAU,
    PROVIDER,
    a_compiler,
    a_draft,
    a_new_version,
    a_provider_head,
    a_resource,
    an_authority,
    an_open_draft,
    someone,
)
from factories.exchange import ROWS, a_csv_text, a_landed_batch, a_landed_resource, an_offer
from factories.organisations import a_department, an_account

pytestmark = pytest.mark.django_db
MANY = tuple((f"33{place:010d}", f"区{place}", "注") for place in range(200))


def kinds(case: DriftCase | None) -> list[str]:
    return [one["kind"] for one in case.findings] if case else []


def source_of(code: str):
    return Batch.objects.filter(source__resource_id=code).first().source


def rewrite(code: str, text: str) -> None:
    """The provider's file as it lies there now."""
    (settings.NODE_FOLDER.uploads / source_of(code).stored).write_text(text, "utf-8")


@pytest.fixture
def code():
    return a_landed_resource(MANY).resource.code


def test_what_tells_the_truth_opens_nothing(code):
    assert usecases.compare(code) is None
    assert DriftCase.objects.count() == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (a_csv_text(MANY, ("区划代码", "别的名称", "内部备注")), [DriftKind.COLUMN, DriftKind.EXTRA]),
        (a_csv_text([(*one, "新") for one in MANY], ("区划代码", "区划名称", "内部备注", "面积")), [DriftKind.EXTRA]),
        (a_csv_text([(one[0], one[1] * 200, one[2]) for one in MANY]), [DriftKind.TYPE]),
        (a_csv_text([*MANY, MANY[0]]), [DriftKind.KEY]),
        (a_csv_text([("", *one[1:]) if place == 3 else one for place, one in enumerate(MANY)]), [DriftKind.KEY]),
        (a_csv_text(MANY[:100]), [DriftKind.ROWS]),
        (a_csv_text([*MANY, *((f"99{place:010d}", "新", "") for place in range(50))]), [DriftKind.ROWS]),
        ("", [DriftKind.UNREADABLE]),
    ],
)
def test_what_differs_is_named(code, text, found):
    rewrite(code, text)
    assert kinds(usecases.compare(code)) == found


def test_columns_not_in_the_entry_are_told_and_nobody_is_warned(code):
    wide = a_csv_text([(*one, "新", "") for one in MANY], ("区划代码", "区划名称", "内部备注", "面积", "人口"))
    rewrite(code, wide)
    case = usecases.compare(code)
    assert [(one["kind"], one["item"], one["found"]) for one in case.findings] == [("extra", "", "面积"), ("extra", "", "人口")]
    assert face.drift(code) is None, "all that the entry says holds"
    (notice,) = periods.notices(a_compiler())
    assert "目录没有写的列" in notice.words
    page = Client()
    page.force_login(an_account("compiler", roles=[Role.COMPILER], department=a_department(PROVIDER)))
    assert page.get("/exchange/drifts").text.count("源有未编目的列") == 1
    assert "面积" in page.get(f"/exchange/drifts/{case.pk}").text
    rewrite(code, a_csv_text([(*one, "", "") for one in MANY[:100]], ("区划代码", "区划名称", "内部备注", "面积", "人口")))
    assert usecases.compare(code).pk == case.pk
    assert face.drift(code) == case
    assert len(list(periods.notices(a_compiler()))) == 2, "told again when the entry is no longer true"


def test_what_was_dismissed_is_told_again_for_another_column(code):
    def compared(header):
        rewrite(code, a_csv_text([(*one, "") for one in MANY], ("区划代码", "区划名称", "内部备注", header)))
        return usecases.compare(code)

    usecases.dismiss_drift(compared("面积").pk, "内部使用", by=an_authority())
    assert compared("面积") is None
    assert compared("人口").stage == DriftStage.OPEN


def test_the_column_of_a_withheld_item_is_known():
    entry = a_draft(name="低保对象")
    row = a_resource(entry)
    shared = [one for one in entry.items if one.sharing_type != "withheld"]
    header = [one.name for one in entry.items]
    values = [[{"C": "330106", "D": "2026-01-02", "M": "备注"}[one.type] for one in entry.items]]
    batch = a_landed_batch(row, an_offer(a_csv_text(values, header)))
    assert batch.stage == "landed", batch.error
    assert set(batch.source.mapping) == {one.field for one in shared}
    assert usecases.compare(row.resource.code) is None


def test_a_few_dirty_rows_are_no_drift(code):
    rewrite(code, a_csv_text([(one[0], "长" * 300, one[2]) if place == 3 else one for place, one in enumerate(MANY)]))
    assert usecases.compare(code) is None


def test_rows_may_move_within_the_nodes_tolerance(code):
    rewrite(code, a_csv_text(MANY[:170]))
    assert usecases.compare(code) is None
    with override_settings(NODE=replace(settings.NODE, drift_rows_percent=5)):
        assert kinds(usecases.compare(code)) == [DriftKind.ROWS]


def test_an_entry_that_changed_is_measured_by_its_new_words(code):
    items = (*an_open_draft().items, an_open_draft().items[2].__class__("area", "面积", "N", level="general_1"))
    a_new_version(code, **{name: getattr(an_open_draft(), name) for name in ("sharing_type", "sharing_scope", "sharing_use", "level")},
                  items=items, withheld_basis_rank="", withheld_basis="", withheld_reason="")  # fmt: skip
    case = usecases.compare(code)
    assert [(one["kind"], one["item"]) for one in case.findings] == [("column", "area")]
    assert case.version == 2


def test_row_38_data_older_than_the_promised_cycle_are_drift(code):
    case = usecases.compare(code, datetime.now(UTC) + timedelta(days=3))
    assert kinds(case) == [DriftKind.STALE]


def test_a_lake_that_lost_rows_is_seen(code):
    Batch.objects.filter(source__resource_id=code).update(rows_good=201)
    assert kinds(usecases.compare(code)) == [DriftKind.ROWS]


def test_a_case_is_told_to_the_provider_and_closes_by_itself(code):
    rewrite(code, a_csv_text(MANY[:100]))
    case = usecases.compare(code)
    assert face.drift(code) == case
    (notice,) = periods.notices(a_compiler())
    assert (notice.subject, notice.href) == (case.number, f"/exchange/drifts/{case.pk}")
    assert usecases.compare(code).pk == case.pk, "one unsettled case"
    rewrite(code, a_csv_text(MANY))
    assert usecases.compare(code).stage == DriftStage.MENDED
    assert face.drift(code) is None
    assert list(periods.notices(a_compiler())) == []
    tags = [act.tag for act in audit.acts(subject=code, limit=2)]
    assert tags == ["exchange.drift.mended", "exchange.drift.opened"]


def test_landing_again_mends_too(code):
    rewrite(code, "")
    usecases.compare(code)
    a_landed_batch(source_of(code).resource.versions.get(), an_offer(a_csv_text(MANY)))
    assert usecases.compare(code).stage == DriftStage.MENDED


def test_the_provider_takes_it_up_and_the_authority_dismisses(code):
    rewrite(code, a_csv_text(MANY[:100]))
    case = usecases.compare(code)
    with pytest.raises(Refused, match="提供部门"):
        usecases.acknowledge_drift(case.pk, "更正", by=an_authority())
    with pytest.raises(Malformed):
        usecases.acknowledge_drift(case.pk, "", by=a_compiler())
    with pytest.raises(Unknown):
        usecases.acknowledge_drift(case.pk, "更正", by=a_compiler("浙江省水利厅"))
    assert usecases.acknowledge_drift(case.pk, "本周补齐数据", by=a_compiler()).stage == DriftStage.ACKNOWLEDGED
    with pytest.raises(IllegalMove):
        usecases.acknowledge_drift(case.pk, "再说", by=a_provider_head())
    with pytest.raises(Refused, match="主管部门"):
        usecases.dismiss_drift(case.pk, "算了", by=a_compiler())
    assert usecases.dismiss_drift(case.pk, "历史数据已移交档案馆", by=an_authority()).stage == DriftStage.DISMISSED
    assert usecases.compare(code) is None, "dismissed for these findings"
    rewrite(code, "")
    assert kinds(usecases.compare(code)) == [DriftKind.UNREADABLE], "another finding is another case"


def test_the_night_queues_each_resource_that_is_served(code):
    other = a_landed_resource(ROWS)
    before = ProcrastinateJob.objects.count()
    assert usecases.compare_all() == 2
    assert ProcrastinateJob.objects.count() == before + 2
    assert other.resource.code != code
    assert NIGHTLY == "0 18 * * *", "02:00 in Shanghai"
    usecases.compare_quietly(code)
    assert usecases.compare("307001/999") is None


def test_only_provider_and_authority_ask_for_a_comparison(code):
    with pytest.raises(Refused):
        usecases.compare_on_demand(code, by=someone(Role.APPLICANT, "浙江省民政厅"))
    usecases.compare_on_demand(code, by=a_compiler())
    usecases.compare_on_demand(code, by=an_authority())
    assert queries.drifts(someone(Role.APPLICANT, "浙江省民政厅")).count() == 0


def test_the_doors(code):
    rewrite(code, a_csv_text(MANY, ("区划代码", "别的名称", "内部备注")))
    case = usecases.compare(code)
    account = an_account("compiler", roles=[Role.COMPILER], department=a_department(PROVIDER))
    an_account("bureau", roles=[Role.AUTHORITY], department=a_department(DATA_BUREAU))
    compiler, authority = signed_in("compiler"), signed_in("bureau")
    (shown,) = compiler.get("/drifts").json()["items"]
    assert (shown["number"], shown["findings"][0]["kind"]) == (case.pk, "column")
    assert compiler.post(f"/resources/{code}/compare").status_code == 202
    assert compiler.post(f"/drifts/{case.pk}/acknowledge", {"words": ""}).status_code == 422
    browser = Client()
    browser.force_login(account)
    assert "缺少列" in browser.get("/exchange/drifts").text
    assert "区划名称" in browser.get(f"/exchange/drifts/{case.pk}").text
    assert browser.post(f"/exchange/drifts/{case.pk}/acknowledge", {"words": ""}).status_code == 422
    assert browser.post(f"/exchange/drifts/{case.pk}/acknowledge", {"words": "更正目录"}).status_code == 302
    assert browser.post(f"/exchange/drifts/{case.pk}/nonsense").status_code == 404
    assert browser.post(f"/resources/{code}/compare").status_code == 302
    assert authority.post(f"/drifts/{case.pk}/dismiss", {"words": "无妨"}).json()["stage"] == "dismissed"
    assert compiler.get(f"/drifts/{case.pk}").json()["ending"] == "无妨"
    assert compiler.get("/drifts/999").status_code == 404


def test_a_source_is_read_in_a_process_of_its_own(code, a_process):
    rewrite(code, a_csv_text(MANY[:100]))
    assert kinds(usecases.compare(code)) == [DriftKind.ROWS]


def test_the_queue_knows_its_timetable():
    known = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert known["exchange.compare_all"] == NIGHTLY
    assert "exchange.compare" in app.tasks
