# SPDX-License-Identifier: Apache-2.0
"""Taking in what the gateways put into the inbox: each row becomes one report, however often this runs.

Kept here: a row is turned into a report in one transaction that also empties its sealed words; what cannot be taken in
says why, and its sender reads it. The clock starts when the gateway received it.
"""

from datetime import UTC, datetime

import structlog
from django.conf import settings
from django.db import transaction

from datong.contexts.corrections.domain.stages import Door
from datong.contexts.corrections.models import Inbox
from datong.contexts.corrections.usecases.reporting import report
from datong.contexts.organisations import face as organisations
from datong.contexts.periods import face as periods
from datong.kernel.actors import Officer
from datong.kernel.errors import DatongError, Unavailable
from datong.wire import inbox as wire

AT_ONCE = 200
LONGEST_PROBLEM = 500
log = structlog.get_logger("datong.corrections")


def take_in() -> int:
    """Turn waiting rows of the inbox into reports; gives how many were taken."""
    waiting = Inbox.objects.filter(taken_at=None).order_by("at", "reference").values_list("reference", flat=True)
    return sum(_take(reference) for reference in list(waiting[:AT_ONCE]))


def _take(reference: str) -> bool:
    try:
        return _one(reference)
    except Unavailable:
        return False
    except DatongError as error:
        log.warning("report of the inbox not taken", reference=reference, error=error.message)
        said = "；".join([error.message, *error.fields.values()])[:LONGEST_PROBLEM]
        return _leave(reference, said)


@transaction.atomic
def _one(reference: str) -> bool:
    row = Inbox.objects.select_for_update(skip_locked=True).filter(reference=reference, taken_at=None).first()
    if row is None:
        return False
    letter = wire.unseal(bytes(row.sealed), reference, wire.secret(settings.NODE_FOLDER.key))
    made = report(letter.resource, letter.report, by=_sender(letter), grant=letter.grant, door=Door.GATEWAY, at=row.at)
    clock = periods.clock_of(made.number)
    row.number, row.due, row.sealed = made.number, clock.due if clock else None, b""
    row.taken_at = datetime.now(UTC)
    row.save()
    return True


@transaction.atomic
def _leave(reference: str, why: str) -> bool:
    waiting = Inbox.objects.filter(reference=reference, taken_at=None)
    return bool(waiting.update(problem=why, digest="", sealed=b"", taken_at=datetime.now(UTC)))


def _sender(letter: wire.Letter) -> Officer:
    """Give the application as the officer who reports: its client id, its department, no role."""
    application = organisations.application(letter.client)
    home = organisations.department(letter.department)
    return Officer(application.client_id, application.name, home.uscc, home.name, home.region)
