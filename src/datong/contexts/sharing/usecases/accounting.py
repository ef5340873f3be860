# SPDX-License-Identifier: Apache-2.0
"""Accounting for use: what the consumer did with the data, kept three years at least (809 arts. 26 and 29).

Kept here: a record is added, never edited; one that was wrong is followed by another one. The database itself refuses to
delete one of less than three years.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from datong.contexts.audit import face as audit
from datong.contexts.sharing import permissions, queries
from datong.contexts.sharing.models import UseRecord
from datong.contexts.sharing.usecases import moving
from datong.kernel import texts
from datong.kernel.actors import Officer
from datong.kernel.errors import Malformed

USE_RECORDED = "sharing.use.recorded"
RULE_29 = "政务数据共享条例第二十九条"
LONGEST: Mapping[str, int] = {"scenario": 500, "process": 1000, "effect": 1000, "storage": 500, "destruction": 500}


@dataclass(frozen=True, slots=True)
class Use:
    """What the consumer says: scenario, process, effect, storage, destruction, over which days."""

    used_from: date | None = None
    used_until: date | None = None
    scenario: str = ""
    process: str = ""
    effect: str = ""
    storage: str = ""
    destruction: str = ""


@transaction.atomic
def record_use(number: str, given: Use, *, by: Officer) -> UseRecord:
    """Add a use record to a grant, as its consumer; also after the grant has ended.

    Raises:
        Unknown: No such grant, or none visible.
        Refused: Neither applicant nor head of the consumer.
        Malformed: With every field that is missing or does not read.
    """
    row = queries.grant_of(number, by=by)
    permissions.check_may_terminate(by, row.consumer_id)
    said = _read(given, row.valid_from)
    made = UseRecord.objects.create(grant=row, used_from=given.used_from, used_until=given.used_until, made_by=by.account, **said)
    facts = {"record": made.pk, "from": str(given.used_from), "until": str(given.used_until)}
    audit.record(USE_RECORDED, by=by, subject=number, facts=facts)
    return made


def _read(given: Use, opens: date) -> dict[str, str]:
    faults: dict[str, str] = {}
    said: dict[str, str] = {}
    for name, longest in LONGEST.items():
        try:
            said[name] = texts.lines(name, getattr(given, name), longest=longest, least=1)
        except Malformed as fault:
            faults |= fault.fields
    faults |= _day_faults(given, opens)
    if faults:
        remedy = "补齐所列内容 (fill in what is named)"
        raise Malformed("使用记录不完整 (the use record is not complete)", fields=faults, remedy=remedy, rule=RULE_29)
    return said


def _day_faults(given: Use, opens: date) -> dict[str, str]:
    if given.used_from is None or given.used_until is None:
        lacking = {"used_from": given.used_from, "used_until": given.used_until}
        return {name: "写明日期 (give the day)" for name, day in lacking.items() if day is None}
    if given.used_from < opens:
        return {"used_from": f"不早于授权生效日 {opens} (not before {opens})"}
    if given.used_until < given.used_from:
        return {"used_until": "截止日早于起始日 (the last day lies before the first)"}
    return {"used_until": "不能晚于今天 (not after today)"} if given.used_until > moving.today() else {}
