# SPDX-License-Identifier: Apache-2.0
"""Lineage: from the column of a source to an item, to the grants that let it out, to what they were used for (血缘).

Kept here: an officer sees of it what the officer sees elsewhere: the source as its batches, grants as in their list,
figures from the calls the gateways recorded. An item withheld by law has no lineage, for it never leaves its provider.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max, Sum

from datong.contexts.catalog import face as catalog
from datong.contexts.exchange.domain import BatchStage
from datong.contexts.exchange.models import Batch, Call
from datong.contexts.exchange.queries import ANSWERED, batches_visible
from datong.contexts.sharing import face as sharing
from datong.kernel.actors import Officer
from datong.kernel.sharing import Channel, SharingType

LIVE = ("active", "suspended")
MOST_GRANTS = 50


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the rows come from; not told to who does not see its batches."""

    source: int
    name: str
    kind: str
    kind_label: str
    batch: int
    lake_version: int | None
    landed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Traced:
    """An item: the column it is read from (empty where the source is not told), and the grants that let it out."""

    field: str
    name: str
    column: str
    grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Used:
    """Use of a grant by one way of sharing: how often it was answered, the rows given, the last time."""

    channel: str
    label: str
    times: int
    rows: int
    last_at: datetime | None


Uses = Callable[[Sequence[str]], Mapping[str, Sequence[Used]]]
_others: list[Uses] = []


def with_uses(told: Uses) -> None:
    """Have uses counted that are no calls: given numbers of grants, what came of each; called once, at the start."""
    _others.append(told)


@dataclass(frozen=True, slots=True)
class Let:
    """A grant: to whom, which items behind which mask, by which ways, and what came of it."""

    number: str
    consumer: str
    application: str
    stage: str
    channels: tuple[str, ...]
    masks: dict[str, str]
    uses: tuple[Used, ...] = ()


@dataclass(frozen=True, slots=True)
class Lineage:
    """The whole of it for one resource, as one officer sees it."""

    resource: str
    name: str
    origin: Origin | None
    items: list[Traced] = field(default_factory=list)
    grants: list[Let] = field(default_factory=list)


def lineage(code: str, *, by: Officer) -> Lineage:
    """Trace a resource.

    Raises:
        Unknown: no such resource for this officer.
    """
    view = catalog.resource(code, by=by)
    landed = batches_visible(by).filter(source__resource=code, stage=BatchStage.LANDED).first()
    mapping = landed.source.mapping if landed is not None else {}
    rows = list(sharing.grants(by, resource=code).filter(stage__in=LIVE)[:MOST_GRANTS])
    uses = _uses([row.number for row in rows])
    grants = [_let(row.number, row.consumer.name, row.application.name, row.stage, uses.get(row.number, ()), by) for row in rows]
    shared = [] if view.sharing_type == SharingType.WITHHELD else view.items
    items = [
        Traced(one.field, one.name, mapping.get(one.field, ""), tuple(let.number for let in grants if one.field in let.masks))
        for one in shared
        if one.sharing_type != SharingType.WITHHELD
    ]
    return Lineage(code, view.name, None if landed is None else _origin(landed), items, grants)


def _origin(landed: Batch) -> Origin:
    one = landed.source
    return Origin(one.pk, one.name, one.kind, one.get_kind_display(), landed.pk, landed.lake_version, landed.finished_at)


def _let(number: str, consumer: str, application: str, stage: str, uses: tuple[Used, ...], by: Officer) -> Let:
    policy = sharing.grant(number, by=by).policy
    masks = {item.field: item.mask for item in policy.items}
    return Let(number, consumer, application, stage, tuple(policy.channels), masks, uses)


def _uses(numbers: list[str]) -> dict[str, tuple[Used, ...]]:
    made = (
        Call.objects.filter(ANSWERED, grant__in=numbers)
        .values("grant", "channel")
        .annotate(times=Sum("calls"), given=Sum("rows", default=0), last_at=Max("at"))
        .order_by("grant", "channel")
    )
    found: dict[str, tuple[Used, ...]] = {}
    for one in made:
        used = Used(one["channel"], _label(one["channel"]), one["times"], one["given"], one["last_at"])
        found[one["grant"]] = (*found.get(one["grant"], ()), used)
    for told in _others:
        for number, more in told(numbers).items():
            found[number] = (*found.get(number, ()), *more)
    return found


def _label(channel: str) -> str:
    return Channel(channel).label if channel in list(Channel) else channel
