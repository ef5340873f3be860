# SPDX-License-Identifier: Apache-2.0
"""Rows attached and landed, brought there by the use cases that people would use."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings

from datong.contexts.catalog.domain import EntryDraft, ItemDraft
from datong.contexts.catalog.models import Version
from datong.contexts.exchange import usecases
from datong.contexts.exchange.models import Batch
from datong.crypto import keys
from datong.kernel import canonical
from datong.ledger.log import Log
from factories.catalog import PROVIDER, a_compiler, a_resource, an_open_draft
from factories.organisations import a_department

HEADER = ("区划代码", "区划名称", "内部备注")
ROWS = (("330000000000", "浙江省", "甲"), ("330100000000", "杭州市", "乙"), ("330106000000", "西湖区", "丙"))


def a_csv_text(rows: Iterable[Sequence[str]] = ROWS, header: Sequence[str] = HEADER) -> str:
    """A table as CSV text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows([header, *rows])
    return out.getvalue()


def an_offer(content: bytes | str | None = None, name: str = "区划.csv", **more: Any) -> usecases.Offer:
    """A file handed in."""
    text = a_csv_text() if content is None else content
    return usecases.Offer(name=name, pieces=[text.encode() if isinstance(text, str) else text], **more)


def a_shared_resource(draft: EntryDraft | None = None, *, provider: str = PROVIDER, **changes: Any) -> Version:
    """A published resource of three open items; `code` is its key."""
    return a_resource(draft or an_open_draft(**changes), provider=provider)


def a_batch(resource: Version | None = None, offer: usecases.Offer | None = None, *, provider: str = PROVIDER) -> Batch:
    """Rows attached and queued, not landed yet."""
    home = resource or a_shared_resource(provider=provider)
    return usecases.attach(home.resource.code, offer or an_offer(), by=a_compiler(provider))


def a_landed_batch(resource: Version | None = None, offer: usecases.Offer | None = None, *, provider: str = PROVIDER) -> Batch:
    """Rows attached and landed."""
    made = usecases.run_batch(a_batch(resource, offer, provider=provider).pk)
    assert made is not None
    return made


def a_landed_resource(rows: Iterable[Sequence[str]] = ROWS, *, provider: str = PROVIDER, **changes: Any) -> Version:
    """A published resource whose rows serve."""
    home = a_shared_resource(provider=provider, **changes)
    landed = a_landed_batch(home, an_offer(a_csv_text(rows)), provider=provider)
    assert landed.stage == "landed", landed.error
    return home


def some_calls(name: str, records: Iterable[dict[str, Any]]) -> None:
    """Evidence of a gateway: a log of this name with these records behind those it has."""
    place = settings.NODE_FOLDER.evidence / name
    log = Log.open(place, origin=f"test/{name}", signer=keys.load_signer(settings.NODE_FOLDER.key))
    try:
        log.append([canonical.dumps(record) for record in records])
    finally:
        log.close()


def a_call(number: int = 1, **changes: Any) -> dict[str, Any]:
    """One record as a gateway writes it."""
    told = {
        "kind": "call", "at": f"2026-03-0{number % 9 + 1}T02:03:04Z", "request_id": f"r{number}", "client": "app-1",
        "department": a_department(PROVIDER).uscc, "grant": "", "resource": "307001/1", "channel": "call", "purpose": "低保资格核查",
        "case": f"办件{number}", "status": 200, "code": "ok", "rows": 1,
    }  # fmt: skip
    return told | changes


def index_of(batch: Batch) -> Path:
    """The index a landed batch serves from."""
    return Path(settings.NODE_FOLDER.path) / batch.index


def items(*drafts: tuple[str, str, str]) -> tuple[ItemDraft, ...]:
    """Items by (field, name, type letter); the first is the key."""
    return tuple(
        ItemDraft(field, name, letter, level="general_1", key=not place, nullable=bool(place), query=not place)
        for place, (field, name, letter) in enumerate(drafts)
    )
