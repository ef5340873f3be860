# SPDX-License-Identifier: Apache-2.0
"""Before a grant ends: both sides are reminded, and the consumer asks for another term, of several grants at once.

Kept here: a renewal is a request like any other, filled in from the grant's document; nothing is prolonged by itself.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import IntegrityError, transaction

from datong.contexts.audit import face as audit
from datong.contexts.periods import face as periods
from datong.contexts.sharing import permissions, queries
from datong.contexts.sharing.domain import GrantStage, RequestDraft, RowRule
from datong.contexts.sharing.domain.lives import REMIND_ON, reminder_due
from datong.contexts.sharing.models import Grant, GrantReminder
from datong.contexts.sharing.usecases import moving
from datong.contexts.sharing.usecases.requesting import draft_request, file_request
from datong.kernel.actors import SYSTEM, Officer
from datong.kernel.errors import DatongError, Malformed
from datong.kernel.workdays import received_on

MOST_AT_ONCE = 100
REMINDED = "sharing.grant.reminded"


@dataclass(frozen=True, slots=True)
class Renewal:
    """What became of one grant of a batch.

    Attributes:
        request: Number of the request that was filed; "" where it was refused.
        fault: The refusal.
    """

    grant: str
    request: str
    fault: DatongError | None = None


def renewal_of(number: str, until: date | None = None, *, by: Officer) -> RequestDraft:
    """Give the request that would renew a grant, as it would be handed in.

    Args:
        number: Of the grant.
        until: New last day; None adds as long a term as the grant had.
        by: Applicant or head of the consumer.

    Raises:
        Unknown: No such grant, or none visible.
        Refused: Not of the consumer.
    """
    row = queries.grant_of(number, by=by)
    permissions.check_may_terminate(by, row.consumer_id)
    told, before = queries.envelope(row)["grant"], queries.as_draft(row.request)
    return RequestDraft(
        resource=row.resource_id,
        application=row.application_id,
        basis_kind=told["basis"]["kind"],
        basis=told["basis"]["citation"],
        scene=told["scene"],
        scope=told["scope"],
        purpose=row.purpose,
        channels=tuple(told["channels"]),
        items=tuple(item["field"] for item in told["items"]),
        rows=tuple(RowRule.of(rule) for rule in told["rows"]),
        row_scope=before.row_scope,
        term_from=moving.today(),
        term_until=until or row.valid_until + (row.valid_until - row.valid_from) + timedelta(days=1),
        quota_per_day=told["quota_per_day"],
        delivery_mode=before.delivery_mode,
        update_cycle=before.update_cycle,
        amends=row.number,
    )


def renew_grants(numbers: list[str], until: date | None = None, *, by: Officer) -> list[Renewal]:
    """Ask for another term of several grants, each in a transaction of its own, and hand the requests to the own head.

    Args:
        numbers: Of the grants; each once.
        until: New last day of all of them; None adds to each as long a term as it had.
        by: An applicant of the consumer.

    Returns:
        What became of each, in the order given.

    Raises:
        Malformed: None named, or too many.
    """
    wanted = list(dict.fromkeys(numbers))
    if not 1 <= len(wanted) <= MOST_AT_ONCE:
        raise Malformed(
            f"请选择1到{MOST_AT_ONCE}份授权 (choose 1 to {MOST_AT_ONCE} grants)", fields={"grants": "请选择 (choose)"}
        )
    return [_renew(number, until, by) for number in wanted]


def _renew(number: str, until: date | None, by: Officer) -> Renewal:
    try:
        with transaction.atomic():
            row = draft_request(renewal_of(number, until, by=by), by=by)
            file_request(row.number, by=by)
    except DatongError as fault:
        return Renewal(number, "", fault)
    return Renewal(number, row.number)


def remind_grants(now: datetime | None = None) -> int:
    """Remind both sides of grants that end in 30, 7 and 1 days, once each; gives how many were reminded of."""
    today = received_on(now or datetime.now(UTC))
    near = Grant.objects.filter(
        stage=GrantStage.ACTIVE, valid_until__gte=today, valid_until__lte=today + timedelta(days=max(REMIND_ON))
    )
    return sum(_remind(pk, today) for pk in list(near.order_by("number").values_list("pk", flat=True)))


def _remind(pk: int, today: date) -> bool:
    row = Grant.objects.select_related(*queries.SIDES).get(pk=pk)
    left = (row.valid_until - today).days
    due = reminder_due(left)
    if due is None or row.reminders.filter(days__lte=due).exists():
        return False
    try:
        with transaction.atomic():
            GrantReminder.objects.create(grant=row, days=due)
            words = (
                f"{row.number} 将于 {row.valid_until} 到期，继续使用的请申请续期"
                f" ({row.number} ends on {row.valid_until}: ask for another term to go on)"
            )
            moving.tell_consumer(row, words, what=periods.NoticeKind.REMINDER)
            moving.tell_provider(row, words, what=periods.NoticeKind.REMINDER)
            audit.record(REMINDED, by=SYSTEM, subject=row.number, facts={"days": due, "until": row.valid_until.isoformat()})
    except IntegrityError:  # another worker was first
        return False
    return True
