# SPDX-License-Identifier: Apache-2.0
"""Carry a delivery out: what the grant lets out at that moment, as files or into a table, exactly once in effect.

Kept here: an attempt that was killed is begun again, a few times; files appear whole or not at all, rows in one transaction
that the consumer's database remembers, so a commit whose answer was lost is found and not repeated. Who withdraws, and a
grant that is suspended meanwhile, stop it before anything counts. A failure says why in a sentence.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from datong.contexts.audit import face as audit
from datong.contexts.catalog import face as catalog
from datong.contexts.deliveries.domain.stages import MOVES, TAG, UNFINISHED, DeliveryStage
from datong.contexts.deliveries.models import Delivery
from datong.contexts.deliveries.usecases import queueing, sending, telling, writing
from datong.contexts.exchange import face as exchange
from datong.contexts.sharing import face as sharing
from datong.crypto import digests, keys
from datong.engine import face as engine
from datong.engine.errors import SourceUnreadable
from datong.kernel.actors import SYSTEM
from datong.kernel.errors import Conflict, DatongError, Malformed, Refused, Unknown
from datong.kernel.stages import move
from datong.wire import deliveries as wire

MOST_ATTEMPTS = 5
PATIENCE = 60.0
LOOKS = 1.0
"""Seconds between two looks whether it is to stop, and two notes of the rows done."""
SHOWABLE = re.compile(r"[\u4e00-\u9fff]")
ORDER = "delivery order"


class Stopped(Exception):
    """Somebody withdrew the delivery while it went on."""


def run_delivery(number: str) -> Delivery | None:
    """Carry one delivery out; called by the worker, may be called again.

    Returns:
        The delivery as it ended, or None when it had ended before.

    Raises:
        Exception: It was hindered and may be run again.
    """
    with exchange.alone(f"deliveries.carry {number}", f"delivery {number} is being carried out elsewhere", patience=PATIENCE):
        row = _begin(number)
        return row if row is None or row.stage == DeliveryStage.FAILED else _run(row)


def _run(row: Delivery) -> Delivery:
    try:
        return _into_table(row) if row.is_table else _as_files(row)
    except Stopped:
        writing.removed(row.number)
        return _end(row, DeliveryStage.WITHDRAWN, "已撤回，没有任何内容送出 (withdrawn; nothing was delivered)", {})
    except (Malformed, Refused, Unknown) as error:
        if isinstance(error, SourceUnreadable) and row.attempts < MOST_ATTEMPTS:
            _note(row, "对方暂时不可用，将重试 (the other side is away; it is tried again)")
            _note(row, sentence(error))
            raise
        return _given_up(row, sentence(error))
    except Exception as error:
        why = sentence(error) if isinstance(error, DatongError) else f"{type(error).__name__} (see the node's log)"
        if row.attempts >= MOST_ATTEMPTS:
            return _given_up(row, why)
        _note(row, "中断，将重试 (hindered; it is tried again)")
        _note(row, why)
        raise


def _given_up(row: Delivery, why: str) -> Delivery:
    """Let a delivery fail, unless an attempt of before was committed after all."""
    if row.is_table and row.attempts > 1:
        with suppress(DatongError):
            done = sending.committed(row)
            if done is not None:
                return _arrived(row, row.lake_version, done)
    return _fail(row, why)


def _as_files(row: Delivery) -> Delivery:
    outlet, watch = exchange.outlet(row.grant_id, row.channel), Watch(row)
    wanted = row.wanted
    secret = keys.load_secret(settings.NODE_FOLDER.key, f"{ORDER} {row.number}") if wanted["traced"] else b""
    job = writing.Job(
        row.number, outlet, wanted["form"], wanted["encoding"], wanted["guard"], titles_of(outlet), secret,
    )  # fmt: skip
    written = writing.write(job, watch.rows)
    for words in written.said:
        _note(row, words)
    if wanted["connection"]:
        _note(row, f"文件已生成，开始发送 ({len(written.manifest.files)} files written, sending)")
        sending.to_store(row, written, watch.rows)
    watch.last_look()
    files = written.manifest.files
    data = [one for one in files if one.rows or not one.name.endswith((".sha256", ".sm3"))]
    facts: dict[str, Any] = {
        "lake_version": outlet.version,
        "rows": written.manifest.rows,
        "size": sum(one.size for one in data),
        "files": [{name: getattr(one, name) for name in ("name", "size", "rows", "sha256", "sm3")} for one in files],
        "digest": _digest(row.number),
        "told_apart_by": list(written.told_apart_by),
    }
    stage = DeliveryStage.DELIVERED if wanted["connection"] else DeliveryStage.READY
    made = _end(row, stage, f"完成，共 {written.manifest.rows} 行 (done, {written.manifest.rows} rows)", facts)
    if stage is DeliveryStage.DELIVERED:
        writing.removed(row.number)
    return made


def _digest(number: str) -> str:
    return digests.of_file(writing.home(number) / wire.MANIFEST)["sha256"]


def _into_table(row: Delivery) -> Delivery:
    outlet, watch = exchange.outlet(row.grant_id, row.channel), Watch(row)
    Delivery.objects.filter(pk=row.pk).update(lake_version=outlet.version)
    done = sending.into_table(row, outlet, titles_of(outlet), watch.rows, watch.last_look)
    return _arrived(row, outlet.version, done)


def _arrived(row: Delivery, version: int | None, done: engine.Pushed) -> Delivery:
    sides = {
        "source": {"rows": done.ours.rows, "sum": str(done.ours.hash)},
        "target": {"rows": done.theirs.rows, "sum": str(done.theirs.hash)},
        "inserted": done.inserted, "updated": done.updated, "deleted": done.deleted, "created": done.created,
        "again": done.again,
    }  # fmt: skip
    facts = {"lake_version": version, "rows": done.theirs.rows, "digest": f"{done.theirs.hash:x}"[:64], "sides": sides}
    words = (
        "此前已写入，没有重复 (committed before; nothing was done twice)" if done.again else "两边一致，已写入 (both sides agree)"
    )
    _note(row, words)
    return _end(row, DeliveryStage.DELIVERED, f"送达 {done.theirs.rows} 行 ({done.theirs.rows} rows arrived)", facts)


def titles_of(outlet: exchange.Outlet) -> dict[str, str]:
    """Item to what people call it in the catalogue."""
    view = catalog.served(outlet.lake.name.replace("-", "/", 1))
    return {item.field: item.name for item in view.items} if view is not None else {}


class Watch:
    """Looks now and then whether a delivery is to stop, and notes how far it is."""

    def __init__(self, row: Delivery) -> None:
        self._row, self._next = row, 0.0

    def rows(self, done: int) -> None:
        """Note the rows done.

        Raises:
            Stopped: It was withdrawn.
        """
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + LOOKS
        Delivery.objects.filter(pk=self._row.pk).update(rows_done=done)
        self._stop_if_asked()

    def last_look(self) -> None:
        """Look once more before it counts.

        Raises:
            Stopped: It was withdrawn.
            Unknown, Refused: The grant lets nothing out any more.
        """
        self._stop_if_asked()
        exchange.outlet(self._row.grant_id, self._row.channel)

    def _stop_if_asked(self) -> None:
        if Delivery.objects.filter(pk=self._row.pk, cancel_asked=True).exists():
            raise Stopped


@transaction.atomic
def _begin(number: str) -> Delivery | None:
    row = _locked(number)
    if row.stage not in UNFINISHED:
        return None
    if row.attempts >= MOST_ATTEMPTS:
        return _fail(row, f"交付 {MOST_ATTEMPTS} 次均中断 (it was interrupted {MOST_ATTEMPTS} times)")
    if row.stage == DeliveryStage.QUEUED:  # running: the worker was killed in the middle, so it starts again
        row.stage = move(MOVES, f"delivery {row.number}", DeliveryStage(row.stage), DeliveryStage.RUNNING)
        audit.record(TAG[DeliveryStage.RUNNING], by=SYSTEM, subject=row.number, facts={"grant": row.grant_id})
    row.attempts += 1
    row.started_at, row.rows_done = datetime.now(UTC), 0
    _say(row, "开始交付 (started)" if row.attempts == 1 else f"第 {row.attempts} 次交付 (attempt {row.attempts})")
    row.save()
    return row


def _locked(number: str) -> Delivery:
    return Delivery.objects.select_for_update(of=("self",)).select_related("grant", "retries").get(number=number)


@transaction.atomic
def _end(row: Delivery, stage: DeliveryStage, words: str, facts: dict[str, Any]) -> Delivery:
    held = _locked(row.number)
    if held.stage != DeliveryStage.RUNNING:
        raise Conflict(f"delivery {row.number} has ended elsewhere")
    held.stage = move(MOVES, f"delivery {row.number}", DeliveryStage(held.stage), stage)
    for name, value in facts.items():
        setattr(held, name, value)
    held.rows_done, held.finished_at = held.rows or 0, datetime.now(UTC)
    if held.cancel_asked and stage is not DeliveryStage.WITHDRAWN:
        words += "；撤回来得太晚 (it was withdrawn too late)"
    _say(held, words)
    held.save()
    queueing.released(held)
    if stage is DeliveryStage.DELIVERED:
        sharing.record_delivery(held.grant_id, at=held.finished_at)
    if stage is DeliveryStage.READY:
        telling.ready(held)
    audit.record(TAG[stage], by=SYSTEM, subject=held.number, facts=_told(held))
    return held


def _told(row: Delivery) -> dict[str, Any]:
    """What the act of an end says: whose, what, how much, and by which digest it is known."""
    facts: dict[str, Any] = {
        "grant": row.grant_id, "channel": row.channel, "connection": row.wanted["connection"], "lake_version": row.lake_version,
        "rows": row.rows, "size": row.size, "digest": row.digest,
    }  # fmt: skip
    if row.files:
        facts["files"] = [[one["name"], one["sha256"], one["sm3"]] for one in row.data_files]
    if row.sides:
        facts["sides"] = {side: [row.sides[side]["rows"], row.sides[side]["sum"]] for side in ("source", "target")}
    return facts


@transaction.atomic
def _fail(row: Delivery, why: str) -> Delivery:
    held = _locked(row.number)
    if held.stage not in UNFINISHED:
        return held
    held.stage = move(MOVES, f"delivery {row.number}", DeliveryStage(held.stage), DeliveryStage.FAILED)
    held.error, held.finished_at = why[:2000], datetime.now(UTC)
    _say(held, "交付失败 (failed)")
    held.save()
    queueing.released(held)
    transaction.on_commit(lambda: writing.removed(held.number))
    telling.failed(held, why)
    facts = {"grant": held.grant_id, "why": why[:500]}
    audit.record(TAG[DeliveryStage.FAILED], by=SYSTEM, subject=held.number, facts=facts)
    return held


def _say(row: Delivery, words: str) -> None:
    row.log = [*row.log, f"{timezone.localtime():%H:%M:%S} {words}"]


def _note(row: Delivery, words: str) -> None:
    _say(row, words)
    Delivery.objects.filter(pk=row.pk).update(log=row.log)


def sentence(error: DatongError) -> str:
    """Give an error as one line: what it says, with the fields at fault."""
    said = error.message if SHOWABLE.search(error.message) else f"平台没能完成 ({error.message})"
    fields = "; ".join(f"{name}: {words}" for name, words in error.fields.items())
    return "".join(sign if sign.isprintable() else "·" for sign in (f"{said}: {fields}" if fields else said))
