# SPDX-License-Identifier: Apache-2.0
"""What the machine doors say of published resources, through the one predicate that pages and search use.

Kept here: a walk through the feed goes by primary key within a snapshot: all that was first published up to one moment.
What changes on the way neither skips nor repeats an entry, for keys never change; what is published on the way comes with
the next walk; what is withdrawn or withheld on the way is said no more, from that moment on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from datong.contexts.catalog.models import Resource, Version
from datong.contexts.catalog.queries.entries import LONGEST_CODE, visible
from datong.kernel.actors import Officer
from datong.kernel.errors import Malformed, Unknown
from datong.wire.dcat import Entry, Site

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CHUNK = 500
_OF_VERSION = frozenset(one.name for one in fields(Entry)) & {
    *("name", "abstract", "format_class", "format_type", "sharing_type", "opening_type", "use_conditions", "update_cycle"),
    *("level", "contact", "system"),
}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The public catalogue at one moment.

    Attributes:
        moment: of the last publication or withdrawal; None before the first.
        total: entries the public saw then.
    """

    moment: datetime | None
    total: int

    def __str__(self) -> str:
        """Microseconds and total, as `parse` reads them."""
        since = (self.moment - EPOCH) // timedelta(microseconds=1) if self.moment else 0
        return f"{since}-{self.total}"

    @classmethod
    def parse(cls, text: str) -> Snapshot:
        """Read a snapshot that was given out before.

        Raises:
            Malformed: It was not.
        """
        since, _, total = text.partition("-")
        if not all(part.isascii() and part.isdigit() and len(part) <= 16 for part in (since, total)):
            raise Malformed("没有这样的快照 (there is no such snapshot)", fields={"snapshot": "taken from the first page"})
        return cls(EPOCH + timedelta(microseconds=int(since)), int(total))


def site() -> Site:
    """The node as the machine doors name it."""
    node = settings.NODE
    return Site(node.address, node.gateway_address, node.code, node.name)


def snapshot() -> Snapshot:
    """The public catalogue now."""
    facts = Resource.objects.aggregate(
        total=Count("pk", filter=visible(None)), published=Max("current__published_at"), withdrawn=Max("withdrawn_at")
    )
    moments = [moment for moment in (facts["published"], facts["withdrawn"]) if moment]
    return Snapshot(max(moments, default=None), facts["total"])


def feed(taken: Snapshot, *, after: int, limit: int) -> tuple[list[Entry], int | None]:
    """Give one page of a snapshot.

    Args:
        taken: The snapshot.
        after: Last key of the page before, 0 for the first.
        limit: Entries of the page.

    Returns:
        The entries as they are now, and the key to go on after; None at the end.
    """
    if taken.moment is None:
        return [], None
    rows = list(_rows(visible(None)).filter(pk__gt=after, issued__lte=taken.moment).order_by("pk")[: limit + 1])
    here = rows[:limit]
    return described(here, by=None), here[-1].pk if len(rows) > limit else None


def entry(code: str, *, by: Officer | None) -> Entry:
    """Give one entry that someone may see.

    Raises:
        Unknown: There is none, or none visible.
    """
    known = len(code) <= LONGEST_CODE and code.isprintable()
    found = described(_rows(visible(by)).filter(code=code), by=by) if known else []
    if not found:
        raise Unknown("没有此信息资源 (there is no such resource)")
    return found[0]


def whole(by: Officer | None) -> Iterator[Entry]:
    """Give all that someone may see, in order of key, read piece by piece."""
    after = 0
    while rows := list(_rows(visible(by)).filter(pk__gt=after).order_by("pk")[:CHUNK]):
        yield from described(rows, by=by)
        after = rows[-1].pk


def coded(codes: list[str], *, by: Officer | None) -> list[Entry]:
    """Give those of these codes that someone may see, in their order."""
    found = {one.code: one for one in described(_rows(visible(by)).filter(code__in=codes), by=by)}
    return [found[code] for code in codes if code in found]


def described(rows: Iterable[Resource], *, by: Officer | None) -> list[Entry]:
    """Describe rows of `_rows`; related entries are named where the same reader may see them."""
    taken = list(rows)
    wanted = {code for row in taken for code in row.current.related}
    known = set(Resource.objects.filter(visible(by), code__in=wanted).values_list("code", flat=True)) if wanted else set()
    return [_entry(row, known) for row in taken]


def largest_key() -> int:
    """The largest key of a resource, 0 where there is none."""
    return Resource.objects.aggregate(last=Max("pk"))["last"] or 0


def codes_between(low: int, high: int) -> QuerySet[Resource, Any]:
    """Code and moment of publication of what the public sees, of keys above `low` up to `high`."""
    rows = Resource.objects.filter(visible(None), pk__gt=low, pk__lte=high).order_by("pk")
    return rows.values_list("code", "current__published_at")


def _rows(condition: Q) -> QuerySet[Resource]:
    first = Version.objects.filter(resource=OuterRef("pk"), published_at__isnull=False).order_by("number")
    rows = Resource.objects.filter(condition).select_related("current", "provider", "class_node")
    return rows.annotate(issued=Subquery(first.values("published_at")[:1]))


def _entry(row: Resource, known: set[str]) -> Entry:
    now = row.current
    return Entry(
        code=row.code, class_code=row.class_node.code, class_name=row.class_node.name, provider=row.provider_id,
        provider_name=row.provider.name, region=row.provider.region_id, version=now.number,
        sharing_methods=tuple(now.sharing_methods), related=tuple(code for code in now.related if code in known),
        issued=row.issued, modified=now.published_at, **{name: getattr(now, name) for name in _OF_VERSION},
    )  # fmt: skip
