# SPDX-License-Identifier: Apache-2.0
"""Deliveries in any stage, brought there by the use cases that people would use."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deltalake import DeltaTable
from django.conf import settings

from datong.contexts.catalog.models import Version
from datong.contexts.deliveries import usecases
from datong.contexts.deliveries.domain.asking import Wanted
from datong.contexts.deliveries.models import Delivery
from datong.contexts.exchange.models import Batch, Source
from datong.contexts.sharing.models import Grant
from datong.engine.base import Column
from datong.kernel.sharing import ItemType
from factories.exchange import ROWS, a_shared_resource
from factories.outflows import a_lake
from factories.sharing import a_grant, a_request, a_request_draft, an_applicant


def a_served_resource(rows: Sequence[Sequence[str]] = ROWS) -> Version:
    """A published resource whose rows lie in the lake as if they had landed."""
    home = a_shared_resource(sharing_methods=("call", "verify", "file", "table"))
    land(home, rows)
    return home


def land(home: Version, rows: Sequence[Sequence[str]]) -> None:
    """Put other rows into the lake table of a resource, as a newer batch would."""
    columns = [Column(one.field, ItemType(one.type), key=one.key) for one in home.items.all()]
    folder = Path(settings.NODE_FOLDER.lake) / home.resource.code.replace("/", "-")
    a_lake(folder, columns, rows)
    source = Source.objects.create(resource_id=home.resource.code, kind="csv", name="区划.csv", attached_by="compiler")
    Batch.objects.create(
        source=source, version=home.number, stage="landed", rows_good=len(rows), finished_at=datetime.now(UTC),
        lake_version=DeltaTable(str(folder)).version(),
    )  # fmt: skip


def a_bulk_grant(channels: Sequence[str] = ("file", "table"), rows: Sequence[Sequence[str]] = ROWS, **changes: Any) -> Grant:
    """A grant on rows that may leave in bulk: code and name, everywhere."""
    home = changes.pop("resource", None) or a_served_resource(rows)
    facts = {"items": ("code", "title"), "rows": (), "row_scope": "全部", "delivery_mode": "full", "update_cycle": "daily"}
    return a_grant(request=a_request(a_request_draft(home, channels=tuple(channels), **(facts | changes))))


def a_delivery(grant: Grant | None = None, **wanted: Any) -> Delivery:
    """A delivery asked for and queued."""
    held = grant or a_bulk_grant()
    return usecases.ask(Wanted(held.number, **wanted), by=an_applicant())


def a_carried_delivery(grant: Grant | None = None, **wanted: Any) -> Delivery:
    """A delivery carried out."""
    made = usecases.run_delivery(a_delivery(grant, **wanted).number)
    assert made is not None
    return made
