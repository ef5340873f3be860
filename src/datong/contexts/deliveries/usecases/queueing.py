# SPDX-License-Identifier: Apache-2.0
"""The queue of deliveries: one job for each, those to one table one after another.

Kept here: a job that the queue lost is queued anew while its delivery is unfinished.
"""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from datong.contexts.connections import face as connections
from datong.contexts.deliveries.domain.stages import UNFINISHED
from datong.contexts.deliveries.models import Delivery

CARRY = "deliveries.carry"
QUEUE = "deliveries"


def enqueue(row: Delivery) -> None:
    """Queue the carrying out of a delivery, in the caller's transaction."""
    place = f"{row.wanted['connection']} {row.wanted['place']}" if row.is_table else row.number
    app.configure_task(CARRY, queue=QUEUE, lock=f"{CARRY} {place}").defer(number=row.number)


def released(row: Delivery) -> None:
    """Let go of the connection of a delivery that has ended."""
    connections.let_go(subject=f"deliveries.delivery {row.number}")


def tend() -> int:
    """Queue anew each unfinished delivery that no job stands for any more; returns how many."""
    left = {row.number: row for row in Delivery.objects.filter(stage__in=UNFINISHED)}
    if not left:
        return 0
    jobs = ProcrastinateJob.objects.filter(task_name=CARRY, status__in=["todo", "doing"])
    forgotten = sorted(left.keys() - set(jobs.values_list("args__number", flat=True)))
    for number in forgotten:
        with transaction.atomic():
            enqueue(left[number])
    return len(forgotten)
