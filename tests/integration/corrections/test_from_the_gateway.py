# SPDX-License-Identifier: Apache-2.0
"""An application's report goes from the gateway through the inbox to the provider and back, on the real tables."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from django.conf import settings
from django.db import connection

from datong.contexts.audit import face as audit
from datong.contexts.corrections import queries, usecases
from datong.contexts.corrections.domain.stages import Stage
from datong.contexts.corrections.models import Correction, Inbox
from datong.contexts.exchange import usecases as exchange
from datong.contexts.periods import face as periods
from datong.contexts.sharing.models import Grant
from datong.gateway.app import Gateway
from datong.gateway.config import GatewayConfig
from datong.kernel.corrections import Report
from datong.wire import inbox as wire
from factories.catalog import a_compiler
from factories.corrections import RIGHT, WRONG, a_used_resource, mended_rows
from factories.gateways import Clock, Standing

pytestmark = pytest.mark.django_db(transaction=True)


class Door:
    """A gateway on this node's folder and database, and the application that calls it."""

    def __init__(self) -> None:
        name = connection.settings_dict["NAME"]
        place = settings.NODE_FOLDER
        config = GatewayConfig(
            node_code=settings.NODE.code, node_dir=place.path, signing_key=place.key, public_key=place.evidence / "node.pub",
            policy_file=place.path / "run" / "policy-of-test", evidence_dir=place.evidence, log_name="gateway-9",
            dsn=os.environ["DATONG_DATABASE_URL"].replace("/datong?", f"/{name}?"), poll_seconds=0.1,
        )  # fmt: skip
        self.app = Gateway(config)
        self.app.start()

    def ask(self, method: str, path: str, token: str, body: Any = None) -> Any:
        """Ask as the application."""
        headers = {"Authorization": f"Bearer {token}"}
        raw = b"" if body is None else orjson.dumps(body)
        kind = "" if body is None else "application/json"
        return Standing(None, self.app, Clock(0)).ask(method, path, headers=headers, body=raw, kind=kind)  # type: ignore[arg-type]


@pytest.fixture
def home():
    return a_used_resource()


@pytest.fixture
def door(home) -> Iterator[Door]:
    exchange.publish_policy()
    made = Door()
    newest = exchange.policy.queries.newest_policy()
    made.app.holder.offer(bytes(newest.document))
    yield made
    made.app.stop()
    (settings.NODE_FOLDER.path / "run" / "policy-of-test").unlink(missing_ok=True)


def token_of(door: Door, grant: Grant) -> str:
    """A token without the dance of assertions: the gateway mints it as it would after one."""
    snapshot = door.app.holder.current(time.time())
    client = snapshot.clients[grant.application_id]
    return door.app._plane._callers.tokens.mint(client.client_id, snapshot.keys_of(client.client_id, time.time())[0].print, time.time())


def test_from_the_application_to_the_provider_and_back(home, door):
    grant = Grant.objects.get()
    token, place = token_of(door, grant), f"/v1/resources/{home.resource.code}/corrections"
    said = {"kind": "data", "key": {"code": "330100000000"}, "item": "title", "found": WRONG, "expected": RIGHT, "case": "AJ-9"}
    answer = door.ask("POST", place, token, said)
    assert answer.status == 202, answer.body
    href = answer.json["href"]
    assert usecases.take_in() == 1
    assert usecases.take_in() == 0, "once"
    row = Correction.objects.get()
    assert (row.door, row.grant, row.department_id, row.reporter) == (
        "gateway",
        grant.number,
        grant.consumer_id,
        grant.application_id,
    )
    assert row.filed_at == Inbox.objects.get().at
    assert queries.values_of(row).expected == RIGHT
    assert bytes(Inbox.objects.get().sealed) == b""
    stands = door.ask("GET", href, token).json
    clock = periods.clock_of(row.number)
    assert (stands["state"], stands["number"], stands["due"]) == ("filed", row.number, clock.due.isoformat())
    assert stands["case_continues"] is False
    usecases.take_up(row.number, by=a_compiler())
    batch = mended_rows(home)
    usecases.correct(row.number, "已更正", by=a_compiler())
    stands = door.ask("GET", href, token).json
    assert (stands["state"], stands["corrected_batch"], stands["opinion"]) == ("corrected", batch, "已更正")
    assert stands["case_continues"] is True
    again = door.ask("POST", place, token, said)
    assert again.json["href"] != href, "answered: the same again is a new report"
    assert audit.acts(subject=row.number, limit=9)[-1].account == grant.application_id


def a_letter(home, **changes: Any) -> wire.Letter:
    grant = Grant.objects.get()
    facts: dict[str, Any] = {
        "reference": "a" * 32, "at": "2026-11-02T01:02:03Z", "client": grant.application_id, "department": grant.consumer_id,
        "resource": home.resource.code, "version": 1, "grant": grant.number,
        "report": Report(kind="data", key={"code": "330100000000"}, item="title", found=WRONG, expected=RIGHT),
    }  # fmt: skip
    return wire.Letter(**(facts | changes))


def put(letter: wire.Letter, sealed: bytes | None = None) -> None:
    key = wire.secret(settings.NODE_FOLDER.key)
    Inbox.objects.create(
        reference=letter.reference, at=letter.at, client=letter.client, resource=letter.resource,
        digest=wire.digest(letter, key), sealed=wire.seal(letter, key) if sealed is None else sealed,
    )  # fmt: skip


def test_what_cannot_be_taken_in_says_why_and_stops_nothing(home):
    put(a_letter(home, resource="307001/999"))
    put(a_letter(home, reference="b" * 32), sealed=b"\x01" + bytes(60))
    put(a_letter(home, reference="c" * 32, client="nobody"))
    put(a_letter(home, reference="d" * 32, report=Report(kind="catalog", evidence="摘要与数据不符")))
    assert usecases.take_in() == 4
    problems = dict(Inbox.objects.values_list("reference", "problem"))
    assert "没有此信息资源" in problems["a" * 32]
    assert all(problems[letter * 32] for letter in "bc")
    assert Correction.objects.count() == 1, "the last one is well formed"
    assert not Inbox.objects.filter(taken_at=None).exists()
    assert Correction.objects.get().stage == Stage.FILED


def test_several_workers_at_once_make_one_report_of_each_letter(home):
    put(a_letter(home))
    put(a_letter(home, reference="b" * 32, report=Report(kind="interface", evidence="每天早上超时")))

    def work(_number: int) -> int:
        try:
            return usecases.take_in()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        taken = sum(workers.map(work, range(4)))
    assert taken == Correction.objects.count() == 2
    assert periods.running(list(Correction.objects.values_list("number", flat=True))).keys() == set(
        Inbox.objects.values_list("number", flat=True)
    )


def test_a_sealed_letter_of_another_reference_is_no_letter(home):
    key = wire.secret(settings.NODE_FOLDER.key)
    put(a_letter(home, reference="b" * 32), sealed=wire.seal(a_letter(home), key))
    usecases.take_in()
    assert Correction.objects.count() == 0
