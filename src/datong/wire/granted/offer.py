# SPDX-License-Identifier: Apache-2.0
"""What a grant lets be asked: places, items, filters, claims, limits, by its entry in the policy alone.

Kept here: nothing is offered that the gateway would refuse by the grant, the resource or the interface that answers for
it, and nothing outside the grant is named; key items are, for records are asked by them. Proved against the rules by which
calls are judged. What is granted and not here yet (rows, a table, events) is offered, and said to be awaited.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from datong.kernel.sharing import MEASURE_TYPES, RULE_TYPES, Channel, DeliveryMode, ItemType
from datong.wire.granted.bounds import MOST_ROWS
from datong.wire.policy import Grant, Item, Resource, RowRule, Subscription

RECORDS, AGGREGATE, VERIFY, BATCH = "records", "aggregate", "verify", "verify:batch"
TABLE, FILES, EVENTS = "table", "files", "events"
OPEN: Final = "none"
STEERING: Final = frozenset({"items", "limit", "after"})
"""Parameters of a search that are no items; an item of such a name is not searched by."""
GROUPING: Final = frozenset({"by", "measures"})
INCREMENTAL: Final = DeliveryMode.INCREMENTAL.value
ROWS_AWAITED: Final = "数据尚未落地，调用会答 not_landed (rows have not landed yet)"
TABLE_AWAITED: Final = "批量表正在生成，读取会答 table_not_ready (the table is being made)"
EVENTS_AWAITED: Final = "变化事件正在准备，读取会答 events_not_ready (the events are being prepared)"
UNFIT: Final = "授权与资源现状不符，请提供部门重新授权 (the grant does not fit its resource; it has to be given anew)"


@dataclass(frozen=True, slots=True)
class Offer:
    """What one grant offers.

    Attributes:
        grant, resource: As the policy has them.
        places: Where something may be asked, of the names above.
        items: Granted items that the resource has, in its order.
        masks: Field of each to its mask.
        filters: Items that records are searched by.
        needed: Fields of those that each search has to give.
        enough: Fields of those of which each search gives one at least.
        key: Items that name one record in a verification: all of them.
        claims: Items that may be claimed, grouped by and measured: those granted open.
        picked: Items that an aggregate is filtered by.
        awaited: What is not here yet, in words.
    """

    grant: Grant
    resource: Resource
    places: tuple[str, ...]
    items: tuple[Item, ...]
    masks: Mapping[str, str]
    filters: tuple[Item, ...]
    needed: frozenset[str]
    enough: tuple[str, ...]
    key: tuple[Item, ...]
    claims: tuple[Item, ...]
    picked: tuple[Item, ...]
    awaited: tuple[str, ...] = ()

    @property
    def most(self) -> int:
        """Rows of one answer."""
        return min(self.grant.max_rows, MOST_ROWS)

    @property
    def measures(self) -> tuple[str, ...]:
        """What an aggregate measures, as a query writes it."""
        pairs = ((name, one) for name, kinds in MEASURE_TYPES.items() for one in self.claims if ItemType(one.type) in kinds)
        return ("count", *(f"{name}:{one.field}" for name, one in pairs))

    @property
    def reported(self) -> tuple[str, ...]:
        """Fields that a report of an error may name."""
        return tuple(dict.fromkeys(one.field for one in (*self.items, *self.keys)))

    @property
    def keys(self) -> tuple[Item, ...]:
        """Key items of the resource."""
        return tuple(one for one in self.resource.items if one.field in self.resource.keys)

    @property
    def following(self) -> tuple[Subscription, ...]:
        """Subscriptions that are being followed."""
        return tuple(one for one in self.grant.subscriptions if one.stage == "active")

    @property
    def looks_back(self) -> bool:
        """Whether a table may be read as it was, and what changed."""
        return self.grant.delivery_mode == INCREMENTAL


def offer_of(grant: Grant, resource: Resource) -> Offer:
    """Work out what a grant offers on its resource."""
    masks = {one.field: one.mask for one in grant.items}
    items = tuple(one for one in resource.items if one.field in masks)
    claims = tuple(one for one in items if masks[one.field] == OPEN)
    opened = {one.field for one in claims}
    searched = {*resource.keys, *(name for name in resource.queries if name in opened)}
    filters = tuple(one for one in resource.items if one.field in searched - STEERING)
    alone = {*resource.keys} if len(resource.keys) == 1 else set()
    picked = tuple(one for one in resource.items if one.field in (searched & opened) - GROUPING - alone)
    needed, enough = _asked_for(grant, resource, filters)
    made = Offer(
        grant=grant, resource=resource, places=(), items=items, masks=masks, filters=filters, needed=needed, enough=enough,
        key=tuple(one for one in resource.items if one.field in resource.keys), claims=claims, picked=picked,
    )  # fmt: skip
    sound = all(_fits(rule, resource.items) for rule in grant.rows)
    places = tuple(_places(made)) if sound else ()
    return _with(made, places, tuple(_awaited(made, places)) if sound else (UNFIT,))


def narrowed(made: Offer, places: Iterable[str]) -> Offer:
    """The same offer at some places alone."""
    kept = tuple(one for one in made.places if one in {*places})
    return _with(made, kept, tuple(_awaited(made, kept)) if made.places else made.awaited)


def _with(made: Offer, places: tuple[str, ...], awaited: tuple[str, ...]) -> Offer:
    """Leave out what no place asks for."""
    if RECORDS not in places:
        made = replace(made, filters=(), needed=frozenset(), enough=())
    return replace(
        made,
        places=places,
        awaited=awaited,
        key=made.key if VERIFY in places else (),
        picked=made.picked if AGGREGATE in places else (),
    )


def _asked_for(grant: Grant, resource: Resource, filters: tuple[Item, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Fields a search has to give, and those of which it gives one: an interface asks for what it cannot do without."""
    names = [one.field for one in filters]
    if resource.upstream is None:
        return frozenset(names if len(names) == 1 else ()), tuple(names)
    ruled = _ruled(grant)
    taken = {one.item for one in resource.upstream.parameters}
    needed = {one.item for one in resource.upstream.parameters if one.needed} - ruled
    enough = tuple(name for name in names if name in taken)
    return frozenset(needed or (enough if len(enough) == 1 else ())), enough


def _places(made: Offer) -> Iterator[str]:
    covered, landed = {*made.grant.channels}, made.resource.upstream is None
    if Channel.CALL in covered and made.items and _asks(made, {one.field for one in made.filters}):
        yield RECORDS
    if Channel.CALL in covered and landed:
        yield AGGREGATE
    if Channel.VERIFY in covered and made.claims and made.key and _asks(made, {one.field for one in made.key}):
        yield VERIFY
        yield BATCH
    if landed and made.items and not made.grant.by_case:
        yield from _bulk(made, covered)


def _bulk(made: Offer, covered: set[str]) -> Iterator[str]:
    """What carries more than single records: never where each call has to name its case."""
    if Channel.TABLE in covered:
        yield TABLE
    if Channel.FILE in covered:
        yield FILES
    if Channel.SUBSCRIPTION in covered and made.following:
        yield EVENTS


def _asks(made: Offer, given: set[str]) -> bool:
    """Tell whether what may be given is enough for who answers."""
    return made.needed <= given and bool(given & {*made.enough})


def _awaited(made: Offer, places: Iterable[str]) -> Iterator[str]:
    if {RECORDS, VERIFY, AGGREGATE} & {*places} and made.resource.upstream is None and not made.resource.index:
        yield ROWS_AWAITED
    if TABLE in places and not made.grant.table:
        yield TABLE_AWAITED
    if EVENTS in places and not made.grant.events:
        yield EVENTS_AWAITED


def _ruled(grant: Grant) -> set[str]:
    """Fields that a rule of the grant fixes to one value, which is told to an interface."""
    return {rule.field for rule in grant.rows if rule.op in ("eq", "case")}


def _fits(rule: RowRule, items: Iterable[Item]) -> bool:
    kinds = {one.field: ItemType(one.type) for one in items}
    return rule.field in kinds and kinds[rule.field] in RULE_TYPES.get(rule.op, {kinds[rule.field]})
