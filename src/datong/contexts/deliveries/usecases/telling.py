# SPDX-License-Identifier: Apache-2.0
"""Who is told what of a delivery: the consumer's applicant, when there is something for people to do.

Kept here: files that lie ready are told, and what failed or will not come again; what arrived in a consumer's own table or
store is told by the rows there. Who fetches, withdraws or lets lapse has nothing to do any more: the notice is settled.
"""

from datong.contexts.deliveries.models import Delivery, Schedule
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.kernel.actors import SYSTEM, Officer, Role

KIND = "delivery"
READY = "文件已备好，请在期限内下载 (the files are ready: fetch them in time)"
FAILED = "交付失败，请查看原因后重试 (the delivery failed: see why, then ask again)"
STOPPED = "周期交付已停止 (the schedule has stopped)"


def ready(row: Delivery) -> None:
    """Tell that files wait to be fetched."""
    _tell(row, _about(row), READY)


def failed(row: Delivery, why: str) -> None:
    """Tell that a delivery failed, and why."""
    _tell(row, _about(row), f"{FAILED}: {why}")


def stopped(row: Schedule, why: str) -> None:
    """Tell that nothing is delivered again under a schedule."""
    _tell(row, periods.Subject(KIND, row.grant_id, row.grant.resource.name, f"/grants/{row.grant_id}"), f"{STOPPED}: {why}")


def done_with(row: Delivery, *, by: Officer = SYSTEM) -> None:
    """Settle what was told of a delivery."""
    periods.done_with(KIND, row.number, by=by)


def _about(row: Delivery) -> periods.Subject:
    return periods.Subject(KIND, row.number, row.grant.resource.name, f"/deliveries/{row.number}")


def _tell(row: Delivery | Schedule, about: periods.Subject, words: str) -> None:
    consumer = organisations.department(row.grant.consumer_id)
    periods.tell(periods.NoticeKind.TOLD, about, periods.Holder(Role.APPLICANT, consumer.uscc, consumer.region), words)
