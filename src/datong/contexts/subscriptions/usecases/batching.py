# SPDX-License-Identifier: Apache-2.0
"""The batches that are pushed: CloudEvents 1.0 in structured batches, made of the very events that gateways give.

Kept here: what goes out follows the published policy, as at the gateways; a batch that is tried again is the same batch
under the same id; `sequence` tells the order, `partitionkey` the record where its whole key is granted unmasked.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from django.conf import settings

from datong.contexts.exchange import face as exchange
from datong.contexts.subscriptions.domain import BATCH
from datong.contexts.subscriptions.models import Push
from datong.kernel.errors import DatongError
from datong.kernel.sharing import Channel
from datong.wire import events
from datong.wire import policy as wire
from datong.wire.instants import text_of

KIND = "application/cloudevents-batch+json"
TYPES = {"insert": "datong.record.inserted", "update": "datong.record.updated", "delete": "datong.record.deleted"}
RESYNC = "datong.resync.required"


@dataclass(frozen=True, slots=True)
class Batch:
    """Some events on their way to a receiver.

    Attributes:
        number: Of the subscription.
        key: Under which the receiver knows it, the same each time it is sent.
        after: Cursor before it.
        until: Cursor after it.
        grant: As the policy has it.
        versions: Of the lake table.
        claimed: When its sender took it.
    """

    number: str
    key: str
    after: str
    until: str
    events: int
    body: bytes
    grant: wire.Grant
    versions: tuple[int, ...]
    claimed: datetime
    policy_version: int


def next_batch(push: Push, now: datetime) -> Batch | None:
    """Give what is to be sent next, None where nothing is or nothing may be now."""
    policy = exchange.published(now)
    row = push.subscription
    grant = next((one for one in policy.grants if one.number == row.grant_id), None) if policy is not None else None
    if policy is None or grant is None or not _in_force(grant, row.number, now):
        return None
    held = events.manifest(settings.NODE_FOLDER.path / grant.events)
    if held is None or _used_up(grant):
        return None
    limit = min(push.batch or BATCH, grant.max_rows)
    try:
        after = events.Cursor.parse(push.sent_to)
        page = events.page(settings.NODE_FOLDER.path / grant.events, held, after, limit)
    except FileNotFoundError:
        return None
    except DatongError:
        said = [_resync(row.number, push.sent_to, held, now)]
        return _batch(push, grant, events.Page((), held.end), said, policy.version, now)
    if not page.lines:
        return None
    keys = _keys(policy, grant)
    said = [_event(msgspec.json.decode(line), row.number, grant, keys) for line in page.lines]
    return _batch(push, grant, page, said, policy.version, now)


def _batch(push: Push, grant: wire.Grant, page: events.Page, said: list[Any], version: int, now: datetime) -> Batch:
    number, until = push.subscription.number, str(page.next if not page.lines else said[-1]["id"])
    key = hashlib.sha256(f"{number}\n{push.sent_to}\n{until}".encode()).hexdigest()[:32]
    body = msgspec.json.encode(said)
    return Batch(number, f"msg_{key}", push.sent_to, until, len(page.lines), body, grant, page.versions, now, version)


def _in_force(grant: wire.Grant, number: str, now: datetime) -> bool:
    at = now.timestamp()
    opens, closes = grant.term()
    covered = grant.stage == "active" and Channel.SUBSCRIPTION in grant.channels and opens <= at < closes
    told = any(one.number == number and one.stage == "active" for one in grant.subscriptions)
    return covered and told and bool(grant.events) and not grant.by_case


def _used_up(grant: wire.Grant) -> bool:
    """Whether the day's calls of a grant are used up; a batch that was taken counts as one, as a page at a gateway."""
    return grant.quota_per_day is not None and not exchange.usage(grant.number, grant.quota_per_day).left


def _keys(policy: wire.Policy, grant: wire.Grant) -> list[str]:
    """Key items, if every one of them is granted as it is."""
    resource = next(one for one in policy.resources if one.code == grant.resource)
    plain = {item.field for item in grant.items if item.mask == "none"}
    return list(resource.keys) if set(resource.keys) <= plain else []


def _event(told: dict[str, Any], number: str, grant: wire.Grant, keys: list[str]) -> dict[str, Any]:
    cursor = events.Cursor.parse(told["id"])
    made = _head(told["id"], TYPES[told["type"]], number, told["at"]) | {
        "subject": grant.resource,
        "sequence": f"{cursor.version:018d}{cursor.index:09d}",
        "data": {name: told[name] for name in ("version", "before", "after") if name in told},
    }
    if keys:
        image = told.get("after") or told["before"]
        made["partitionkey"] = "/".join(str(image[key]) for key in keys)
    return made


def _resync(number: str, after: str, held: events.Manifest, now: datetime) -> dict[str, Any]:
    """Tell a receiver to read everything anew; it is sent once for each place at which that happened."""
    head = _head(f"resync-{after}-{held.end}", RESYNC, number, text_of(now.astimezone(UTC).timestamp()))
    return head | {"data": {"cursor": str(held.end)}}


def _head(identifier: str, kind: str, number: str, at: str) -> dict[str, Any]:
    source = f"urn:datong:{settings.NODE.code}:subscription:{number}"
    return {
        "specversion": "1.0", "id": identifier, "source": source, "type": kind, "time": at, "datacontenttype": "application/json",
    }  # fmt: skip
