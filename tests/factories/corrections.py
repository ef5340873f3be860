# SPDX-License-Identifier: Apache-2.0
"""Reports of errors in any stage, brought there by the use cases that people would use."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from datong.contexts.catalog.models import Version
from datong.contexts.corrections import usecases
from datong.contexts.corrections.domain.stages import Stage
from datong.contexts.corrections.models import Correction
from datong.kernel.actors import Officer, Role
from datong.kernel.corrections import Report
from factories.catalog import PROVIDER, a_compiler, someone
from factories.exchange import ROWS, a_csv_text, a_landed_batch, a_landed_resource, an_offer
from factories.sharing import CONSUMER, a_grant, a_request, a_request_draft

WRONG = "杭州市"
RIGHT = "杭州市（副省级）"
a_window_clerk = partial(someone, Role.APPLICANT, CONSUMER)


def a_used_resource(consumer: str = CONSUMER, *others: str) -> Version:
    """A published resource whose rows serve and which departments use under grants."""
    home = a_landed_resource()
    for name in (consumer, *others):
        draft = a_request_draft(home, consumer=name, items=("code", "title"), rows=(), row_scope="")
        a_grant(request=a_request(draft, consumer=name), consumer=name)
    return home


def a_report(**changes: Any) -> Report:
    """A complete report of a data error."""
    said = {
        "kind": "data", "key": {"code": "330100000000"}, "item": "title", "found": WRONG, "expected": RIGHT,
        "evidence": "民政部2026年区划公告", "case": "AJ20261122-7",
    }  # fmt: skip
    return Report(**(said | changes))


def a_correction(
    home: Version | None = None,
    said: Report | None = None,
    *,
    stage: Stage = Stage.FILED,
    by: Officer | None = None,
    at: datetime | None = None,
    **more: Any,
) -> Correction:
    """A report in a stage."""
    clerk = by or a_window_clerk()
    place = home or a_used_resource()
    row = usecases.report(place.resource.code, said or a_report(), by=clerk, at=at, **more)
    if stage is Stage.WITHDRAWN:
        return usecases.withdraw(row.number, by=clerk)
    if stage is Stage.FILED:
        return row
    usecases.take_up(row.number, by=a_compiler(PROVIDER))
    if stage in (Stage.CORRECTED, Stage.CLOSED):
        mended_rows(place)
        usecases.correct(row.number, "已按公告更正", by=a_compiler(PROVIDER))
    if stage is Stage.REJECTED:
        usecases.reject(row.number, "与权威来源核对无误", by=a_compiler(PROVIDER))
    if stage is Stage.CLOSED:
        usecases.rate(row.number, "satisfied", by=clerk)
    return Correction.objects.select_related("resource", "provider", "department").get(pk=row.pk)


def mended_rows(home: Version) -> int:
    """Attach and land the rows with the error corrected; gives the batch."""
    rows = [(code, RIGHT if name == WRONG else name, note) for code, name, note in ROWS]
    landed = a_landed_batch(home, an_offer(a_csv_text(rows)))
    assert landed.stage == "landed", landed.error
    return landed.pk
