# SPDX-License-Identifier: Apache-2.0
"""Bring a delivery to the consumer's own systems: files to a store, rows into a table of a database.

Kept here: a file arrives under its name whole or not at all, and is read back and compared; the digests and the manifest
follow the data, so whoever sees the manifest sees everything. Rows arrive in one transaction that knows its delivery.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from datong.contexts.connections import face as connections
from datong.contexts.deliveries.models import Delivery
from datong.contexts.deliveries.usecases import writing
from datong.contexts.exchange import face as exchange
from datong.crypto import digests
from datong.engine import face as engine
from datong.engine.errors import TargetAway
from datong.engine.plans.pushing import Order, PushMode
from datong.kernel.errors import Malformed
from datong.wire import deliveries as wire

Progress = Callable[[int], None]
MOST_BEFORE = 20
"""Earlier tries of one delivery whose commit is looked for."""


def to_store(row: Delivery, written: writing.Written, progress: Progress) -> None:
    """Send the files of a delivery to the consumer's store, the manifest last.

    Raises:
        Unknown, Refused: The connection is gone or retired.
        SourceUnreadable: The store is not reached or refuses; asking again may help.
        TargetAway: A file does not read back as it was sent.
    """
    store = connections.writing(row.wanted["connection"], department=row.grant.consumer_id)
    folder, place = writing.home(row.number), row.wanted["place"]
    for name in [*(one.name for one in written.manifest.files), wire.MANIFEST]:
        progress(written.manifest.rows)
        local = folder / name
        there = "/".join(filter(None, (place, f"{row.number}.{name}" if name == wire.MANIFEST else name)))
        store.put(local, there)
        _check(store, local, there)


def _check(store: engine.Store, local: Path, there: str) -> None:
    """Compare what arrived with what was sent, by size and digest."""
    found = store.stat(there)
    if found is not None and found.size == local.stat().st_size:
        with tempfile.TemporaryDirectory(prefix=".check-", dir=local.parent) as beside:
            back = Path(beside) / "back"
            back.touch()
            store.fetch(found, back)
            if digests.of_file(back)["sha256"] == digests.of_file(local)["sha256"]:
                return
    raise TargetAway(
        f"送到的文件与发出的不一致：{there[:200]} (a file does not read back as it was sent)",
        remedy="稍后自动重试 (it is tried again)",
    )


def into_table(
    row: Delivery, outlet: exchange.Outlet, titles: dict[str, str], progress: Progress, commit: Callable[[], None]
) -> engine.Pushed:
    """Bring the rows into the consumer's table.

    Args:
        row: The delivery.
        outlet: What the grant lets out now.
        titles: Item to what people call it.
        progress: Told the rows sent so far; what it raises ends it, and nothing stays.
        commit: Called right before it counts, for the same purpose.

    Raises:
        Unknown, Refused, TargetRefuses: It would not go if it were tried again.
        TargetAway: It may go later.
    """
    what = (outlet.lake, outlet.schema, outlet.access, outlet.version)
    rows = engine.outflow(*what, beside=writing.home(row.number).parent, by=settings.BULK)
    order = order_of(row, outlet.version, keys_of(outlet), titles)
    with rows as out:
        return engine.push(address_of(row), out, order, progress=progress, commit=commit)


def committed(row: Delivery) -> engine.Pushed | None:
    """Give what was committed over there of a delivery to a table although its end never reached this node.

    Raises:
        DatongError: It cannot be told.
    """
    return engine.committed(address_of(row), order_of(row, row.lake_version or 0, (), {}, looking=True))


def address_of(row: Delivery) -> str:
    """Give the address of the consumer's database; used at once and kept nowhere.

    Raises:
        TargetAway: Nobody answers there.
        Unknown, Refused: The connection is gone or retired.
    """
    try:
        return connections.database(row.wanted["connection"], department=row.grant.consumer_id)
    except Malformed as error:
        raise TargetAway(error.message, fields=error.fields, remedy=error.remedy) from None


def order_of(row: Delivery, version: int, keys: tuple[str, ...], titles: dict[str, str], *, looking: bool = False) -> Order:
    """Give what is pushed and how; only looked for, its mode needs no key."""
    return Order(
        delivery=row.ledger_name, table=row.wanted["place"], columns=row.wanted["columns"], titles=titles, keys=keys,
        mode=PushMode.APPEND if looking else PushMode(row.wanted["mode"]), earlier=_before(row), grant=row.grant_id,
        version=version,
    )  # fmt: skip


def keys_of(outlet: exchange.Outlet) -> tuple[str, ...]:
    """Give the key of a table where it leaves whole and unmasked, else nothing."""
    given = outlet.access.granted
    plain = all(key in given and given[key].kind == "none" for key in outlet.schema.keys)
    return outlet.schema.keys if plain else ()


def _before(row: Delivery) -> tuple[str, ...]:
    """The deliveries a delivery tries again: had one of them been committed after all, it is not done twice."""
    found: list[str] = []
    one = row.retries
    while one is not None and len(found) < MOST_BEFORE:
        found.append(one.ledger_name)
        one = one.retries
    return tuple(found)
