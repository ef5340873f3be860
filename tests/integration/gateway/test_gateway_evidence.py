# SPDX-License-Identifier: Apache-2.0
"""Evidence under load and after a restart: many callers at once, each with its proof."""

from __future__ import annotations

import asyncio
import errno
import os
from threading import Event

import orjson
import pytest

from datong.crypto.keys import load_verifier
from datong.gateway import app as gateway_app
from datong.gateway import evidence as evidence_of
from datong.gateway.lookups import OPEN_INDEXES, REMEMBERED_SHAPES, Shelf
from datong.gateway.past import recover
from datong.ledger import files, read, receipts
from datong.ledger.verify import verify_directory
from factories.gateways import PLACE, Node, Reply, Standing, a_grant, lawful, started

DAY = 86_400


def at_once(gateway: Standing, token: str, count: int) -> list[dict]:
    """Send many calls through one event loop; the headers of each answer."""

    async def call() -> dict:
        sent: list = []

        async def receive() -> dict:
            raise AssertionError

        async def send(message: dict) -> None:
            sent.append(message)

        headers = [(name.lower().encode(), value.encode()) for name, value in lawful(token).items()]
        scope = {"type": "http", "method": "GET", "raw_path": f"{PLACE}/records".encode(), "query_string": b"id=1", "headers": headers}
        await gateway.app(scope, receive, send)
        return {"status": sent[0]["status"]} | {name.decode(): value.decode() for name, value in sent[0]["headers"]}

    async def all_calls() -> list[dict]:
        return await asyncio.gather(*(call() for _ in range(count)))

    return asyncio.run(all_calls())


def test_many_at_once_each_get_their_own_proof(node: Node):
    with started(node, a_grant(quota_per_day=150)) as gateway:
        replies = at_once(gateway, gateway.token(node.civil), 200)
        assert sorted(reply["status"] for reply in replies) == [200] * 150 + [429] * 50
        verifier = load_verifier(node.signer.public_pem())
        for reply in replies:
            receipt = receipts.decode(reply["datong-receipt"])
            receipts.verify_receipt(receipt, verifier)
            assert receipt.record is not None
            assert orjson.loads(receipt.record)["request_id"] == reply["datong-request-id"]
        recorded = [one["request_id"] for one in node.evidence() if one["kind"] == "call"]
        assert sorted(recorded) == sorted(reply["datong-request-id"] for reply in replies)
        gateway.app._evidence.close()
        assert {reply["status"] for reply in at_once(gateway, gateway.app._plane._callers.tokens.mint("civil-app", "x", 0), 3)} == {503}


def test_the_past_is_read_from_today_on(node: Node):
    noon = 1_790_006_400.0 + DAY / 2
    for ago in (2, 1, 0):
        with started(node, now=noon - ago * DAY) as gateway:
            at_once(gateway, gateway.token(node.civil), 10)
    past = recover(node.folder / "evidence" / "gateway-0", noon + 60)
    assert past.calls == {"SQ-1": 10}
    assert len(past.assertions) == 1
    assert recover(node.folder / "nowhere", noon).calls == {}


def test_records_of_other_kinds_are_passed_over(node: Node):
    with started(node) as gateway:
        writer = gateway.app._evidence._writer
        for record in (b"not json", b'{"kind":"other","at":"2026-01-01T00:00:00Z"}', b'{"at":7}'):
            writer.submit(record).result(60)
        now = gateway.clock.now
    assert recover(node.folder / "evidence" / "gateway-0", now).calls == {}


def test_a_shelf_closes_the_longest_unused(node: Node):
    shelf, lying = Shelf(), node.folder / "serving" / "persons.sqlite"
    for number in range(OPEN_INDEXES + 3):
        (node.folder / f"{number}.sqlite").hardlink_to(lying)
        shelf.take(str(node.folder / f"{number}.sqlite"))
    assert len(shelf._open) == OPEN_INDEXES
    shelf.close()
    assert not shelf._open


def test_shapes_of_questions_do_not_pile_up(gateway: Standing):
    standing = gateway.app.holder.current(gateway.clock.now).standings("civil-app", "3330001001/1")[0]
    first = gateway.app._desk.access(standing)
    assert gateway.app._desk.access(standing) is first
    first.compiled.update(dict.fromkeys(range(REMEMBERED_SHAPES + 1), ""))
    assert gateway.app._desk.access(standing) is not first


@pytest.mark.parametrize("torn", [False, True])
def test_a_full_disk_closes_the_gateway_and_room_opens_it_again_with_every_record(node: Node, monkeypatch: pytest.MonkeyPatch, torn: bool):
    """Shut by the share that is full, or by a write that the disk cut short: nothing acknowledged is lost by either."""
    with started(node) as gateway:
        token, evidence, share = gateway.token(node.civil), gateway.app.evidence(), [0.985]
        receipts_given = [gateway.records(token).headers["datong-receipt"] for _ in range(3)]
        if torn:
            monkeypatch.setattr(files, "write_all", half_written)
            assert gateway.records(token).code == "evidence_unavailable"
            monkeypatch.undo()
        else:
            monkeypatch.setattr(evidence._room, "_measure", lambda _: share[0])
            evidence.tend()
            ready = gateway.ask("GET", "/readyz")
            assert (ready.status, ready.json["checks"]["evidence"]) == (503, False)
            assert ready.json["evidence_disk_percent"] == 98.5 and ready.json["warnings"]
        assert gateway.records(token).code == "evidence_unavailable"
        share[0] = 0.5
        evidence.tend()
        assert gateway.ask("GET", "/readyz").json["checks"]["evidence"]
        receipts_given.append(gateway.records(token).headers["datong-receipt"])
        kept = [body for _, body in read.records(node.folder / "evidence" / "gateway-0")]
        assert {receipts.decode(one).record for one in receipts_given} <= set(kept)
    assert all(report.ok for report in verify_directory(node.folder / "evidence"))


def test_a_silent_disk_holds_no_call_up_and_is_told_of(node: Node, monkeypatch: pytest.MonkeyPatch):
    """A write that takes seconds: who waits is sent away in time, who comes is refused at once, and it goes on by itself."""
    answers, asked, truly = Event(), Event(), files.write_all

    def slow(handle: int, data: bytes) -> None:
        asked.set()
        assert answers.wait(30)
        truly(handle, data)

    with started(node) as gateway:
        token, evidence = gateway.token(node.civil), gateway.app.evidence()
        before = gateway.records(token).headers["datong-receipt"]
        monkeypatch.setattr(evidence_of, "PATIENCE", 0.0)
        monkeypatch.setattr(files, "write_all", slow)

        async def meanwhile() -> Reply:
            headers = lawful(token)
            waiting = asyncio.ensure_future(gateway.asking("GET", f"{PLACE}/records?id=1", headers=headers))
            await asyncio.to_thread(asked.wait, 30)
            evidence.watch()
            return await asyncio.wait_for(waiting, 30)

        assert asyncio.run(meanwhile()).code == "evidence_unavailable"
        assert gateway.records(token).code == "evidence_unavailable"
        ready = gateway.ask("GET", "/readyz")
        assert (ready.status, ready.json["checks"]["evidence"], ready.json["warnings"]) == (503, False, ["the disk of the evidence is silent"])
        answers.set()
        while evidence.silent:
            evidence.watch()
        assert gateway.ask("GET", "/readyz").status == 200
        kept = {receipts.decode(one).record for one in (before, gateway.records(token).headers["datong-receipt"])}
        assert kept <= {body for _, body in read.records(node.folder / "evidence" / "gateway-0")}
    assert all(report.ok for report in verify_directory(node.folder / "evidence"))


def half_written(handle: int, data: bytes) -> None:
    """What a disk does that has room for half of it."""
    os.write(handle, data[: len(data) // 2])
    raise OSError(errno.ENOSPC, "No space left on device")


def test_whatever_goes_wrong_beside_the_disk_is_looked_at_again(node: Node, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(gateway_app, "EVERY", 0)

    async def tended(gateway: Standing) -> int:
        looks, enough = [], asyncio.Event()
        monkeypatch.setattr(gateway.app._evidence, "tend", lambda: looks.append(1))

        async def write() -> None:
            if len(looks) > 1:
                enough.set()
            raise RuntimeError

        monkeypatch.setattr(gateway.app, "_write_tally", write)
        tending = asyncio.create_task(gateway.app._tend())
        await asyncio.wait({tending, asyncio.create_task(enough.wait())}, return_when=asyncio.FIRST_COMPLETED)
        tending.cancel()
        return len(looks)

    with started(node) as gateway:
        assert asyncio.run(tended(gateway)) > 1
