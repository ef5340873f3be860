# SPDX-License-Identifier: Apache-2.0
"""Published resources as the search index takes them: all of them in one stream, or some by code.

Kept here: what is indexed is exactly what `visible` shows to an officer; items come as names and fields, a line each.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from datong.contexts.audit import face as audit
from datong.contexts.catalog.domain.finding import Row

LANDED = "exchange.batch.landed"
"""Act of the data plane after which a resource's data is as fresh as its moment."""
BATCH = 5_000
PLAIN = """
    select r.id, r.code, r.name, v.abstract, v.system, c.code, c.name, d.uscc, d.name, d.short_name, d.region_id,
        v.sharing_type, v.opening_type, v.update_cycle, v.level, v.format_class, v.published_at, v.id, {items}
    from catalog_resource r
    join catalog_version v on v.id = r.current_id
    join catalog_classnode c on c.id = r.class_node_id
    join organisations_department d on d.uscc = r.provider_id
    where r.withdrawn_at is null
"""
ITEMS = "(select string_agg(i.name || ' ' || i.field, E'\\n' order by i.position) from catalog_item i where i.version_id = v.id)"
EVERY = PLAIN.format(items=ITEMS)
SOME = EVERY + " and r.code = any(%s)"
BARE = PLAIN.format(items="null::text")


def every_row(*, with_items: bool = True) -> Iterator[Row]:
    """Give every published resource, streamed inside the caller's transaction.

    Args:
        with_items: False leaves the items out, for a proof that needs none.
    """
    with connection.chunked_cursor() as cursor:
        cursor.itersize = BATCH
        cursor.execute(EVERY if with_items else BARE)
        for row in cursor:
            yield Row._make(row)


def how_many() -> int:
    """Give how many rows `every_row` gives."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from catalog_resource where withdrawn_at is null and current_id is not null")
        return int(cursor.fetchone()[0])


def rows_of(codes: list[str]) -> list[Row]:
    """Give those of these resources that are published."""
    with connection.cursor() as cursor:
        cursor.execute(SOME, [codes])
        return [Row._make(row) for row in cursor.fetchall()]


def codes_of(provider: str) -> list[str]:
    """Give the codes of a department's resources."""
    with connection.cursor() as cursor:
        cursor.execute("select code from catalog_resource where provider_id = %s", [provider])
        return [code for (code,) in cursor.fetchall()]


def stale_days(codes: list[str] | None = None) -> dict[str, date]:
    """Give each resource whose data came in and whose cycle promises something with the day it turns stale.

    Args:
        codes: Only these; None for all.
    """
    landed = audit.latest(LANDED, subjects=codes)
    if not landed:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select r.code, v.update_cycle from catalog_resource r join catalog_version v on v.id = r.current_id"
            " where r.code = any(%s)",
            [list(landed)],
        )
        cycles = dict(cursor.fetchall())
    days = {code: allowed_days(cycle) for code, cycle in cycles.items()}
    return {code: timezone.localdate(landed[code]) + timedelta(days=allowed + 1) for code, allowed in days.items() if allowed}


def allowed_days(cycle: str) -> int:
    """How old data of a promised cycle may be, in days, as the node is set; 0 where nothing is promised."""
    known: Mapping[str, int] = {name: value for name, value in _settings() if isinstance(value, int)}
    return known.get(f"fresh_{cycle}_days", 0)


def _settings() -> list[tuple[str, object]]:
    return [(name, getattr(settings.NODE, name)) for name in settings.NODE.__dataclass_fields__]
