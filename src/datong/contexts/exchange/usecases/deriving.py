# SPDX-License-Identifier: Apache-2.0
"""Make the tables that grants are read as: one for each version of the data and policy, ready before it is served.

Kept here: what a table holds follows from the very policy the gateways get, so nothing else can be in it; building runs
in a process of its own, never in the way of a revocation; a table that nobody needs any more is removed.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog
from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from datong.contexts.catalog import face as catalog
from datong.contexts.exchange import queries
from datong.contexts.exchange.usecases.landing import place_of, schema_of
from datong.crypto import keys
from datong.engine import face as engine
from datong.engine.backends.manifests import MANIFEST, derived, versions
from datong.engine.base import Schema
from datong.engine.places import Place, Remote
from datong.engine.plans import deriving
from datong.engine.plans.lookup import Access, RowRule
from datong.kernel.errors import DatongError, Refused, Unknown
from datong.kernel.masks import Mask
from datong.kernel.sharing import Channel, DeliveryMode, ItemType
from datong.wire import policy as wire

log = structlog.get_logger("datong.exchange")

DERIVE = "exchange.derive"
QUEUE = "landing"
FOLDER = "derived"
SPARED = 2 * 3600
"""Seconds for which a table no longer needed stays: longer than an address of a file is good for."""
KEPT = 10
"""Versions of a table that stay where a grant may look back, besides those just superseded."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """What a grant lets out of the lake table of its resource: which version, with which items, rows and masks."""

    grant: str
    lake: Place
    schema: Schema
    access: Access
    version: int
    history: bool = False
    """Whether the grant is of incremental delivery, by which one may look back."""

    @property
    def folder(self) -> Path:
        """Where the derived table of it lies."""
        return home(self.lake.name) / f"{self.version}-{deriving.policy_digest(self.access, self.schema)}"

    @property
    def ready(self) -> bool:
        """Whether that table is there."""
        return (self.folder / MANIFEST).exists()

    @property
    def made(self) -> list[Path]:
        """The tables of this very policy that are there, up to this version, oldest first."""
        folder = self.folder
        digest = folder.name.partition("-")[2]
        return [folder.with_name(f"{one}-{digest}") for one in versions(folder.parent, digest) if one <= self.version]

    @property
    def served(self) -> Path | None:
        """The newest of them: the one of before is read until that of this version is made."""
        if self.ready:
            return self.folder
        made = self.made
        return made[-1] if made else None


def home(name: str) -> Path:
    """Folder of the derived tables of a resource."""
    return Path(settings.NODE_FOLDER.path) / FOLDER / name


def store_of(name: str) -> Remote | None:
    """Where in the object store of the lake the files of these tables lie; None where they lie in that folder."""
    bucket = settings.LAKE_BUCKET
    return Remote(bucket, f"{FOLDER}/{name}", Path(settings.NODE_FOLDER.kept) / FOLDER / name) if bucket else None


def wanted(policy: wire.Policy, channel: Channel = Channel.TABLE) -> Iterator[Outlet]:
    """Give what the grants of a policy let out through a channel, by default as tables; one that fits no table gives none."""
    resources = {one.code: one for one in policy.resources}
    landed = queries.landed_of(sorted(resources))
    schemas: dict[str, Schema] = {}
    for grant in policy.grants:
        resource, serving = resources.get(grant.resource), landed.get(grant.resource)
        if channel not in grant.channels or grant.stage != "active" or resource is None or resource.upstream or serving is None:
            continue
        try:
            if resource.code not in schemas:
                schemas[resource.code] = schema_of(catalog.version(resource.code, serving.version))
            found = _outlet(grant, resource, serving, schemas[resource.code])
        except DatongError as fault:
            log.warning("no table of a grant", grant=grant.number, why=str(fault))
            continue
        if found is not None:
            yield found


def outlet(policy: wire.Policy, number: str, channel: Channel) -> Outlet:
    """Give what one grant lets out through a channel that carries more than single records.

    Raises:
        Unknown: No such grant in force, or nothing has landed.
        Refused: It does not cover the channel, or wants the case of each call.
    """
    grant = next((one for one in policy.grants if one.number == number and one.stage == "active"), None)
    resource = next((one for one in policy.resources if grant is not None and one.code == grant.resource), None)
    if grant is None or resource is None:
        raise Unknown(f"授权 {number} 不在有效状态 (no such grant in force)", remedy="到授权页查看 (see the page of the grant)")
    if channel not in grant.channels:
        raise Refused(
            f"授权 {number} 不含{channel.label} (the grant does not cover this channel)",
            remedy="申请该共享方式 (request this channel)",
        )
    serving = queries.landed_of([resource.code]).get(resource.code)
    if serving is None or resource.upstream is not None:
        raise Unknown(f"{resource.name} 尚未挂接数据 (nothing has landed yet)", remedy="请提供部门挂接 (ask the provider)")
    found = _outlet(grant, resource, serving, schema_of(catalog.version(resource.code, serving.version)))
    if found is None:
        raise Refused(
            f"授权 {number} 须逐件说明办件，不能成批提供 (the grant wants a case number at each call)",
            remedy="用服务接口查询 (call by the interface)",
        )
    return found


def _outlet(grant: wire.Grant, resource: wire.Resource, serving: queries.Landed, schema: Schema) -> Outlet | None:
    masks = {item.field: Mask.parse(item.mask) for item in grant.items}
    keyed = any(mask.keyed for mask in masks.values())
    access = Access(
        columns={item.field: ItemType(item.type) for item in resource.items},
        keys=resource.keys,
        queries=resource.queries,
        granted=masks,
        rows=[RowRule(rule.field, rule.op, tuple(rule.values)) for rule in grant.rows],
        mask_key=keys.load_secret(settings.NODE_FOLDER.key, f"mask {grant.number}") if keyed else b"",
    )
    if serving.lake_version is None or grant.by_case:
        return None
    deriving.check(access, schema)
    lake = place_of(resource.code)
    history = grant.delivery_mode == DeliveryMode.INCREMENTAL.value
    return Outlet(grant.number, lake, schema, access, serving.lake_version, history)


def plan_tables(policy: wire.Policy) -> bool:
    """Queue the making of tables where one lacks; returns whether one does."""
    if all(one.ready for one in wanted(policy)):
        return False
    with contextlib.suppress(AlreadyEnqueued), transaction.atomic():
        app.configure_task(DERIVE, queue=QUEUE, queueing_lock=DERIVE, lock=DERIVE).defer()
    return True


def make_tables(policy: wire.Policy) -> int:
    """Make the tables that lack, and remove those nobody needs; returns how many were made.

    One that cannot be made is told in the log, and the others are made all the same.
    """
    made, needed = 0, set[Path]()
    for one in wanted(policy):
        if not one.ready:
            try:
                _make(one)
                made += 1
            except DatongError as fault:
                log.warning("table not made", grant=one.grant, why=str(fault))
        needed.update(one.made[-KEPT if one.history else -1 :])
    _remove_others(needed, time.time() - SPARED)
    return made


def _make(one: Outlet) -> None:
    engine.apart(
        engine.derive, one.lake, one.schema, one.access, one.folder.parent, version=one.version, history=one.history,
        by=settings.BULK, store=store_of(one.lake.name),
    )  # fmt: skip


def _remove_others(needed: set[Path], before: float) -> None:
    """Remove what nobody needs any more and nobody reads: an address given out for it has ended."""
    for folder in (Path(settings.NODE_FOLDER.path) / FOLDER).glob("*/*"):
        if folder not in needed and _left(folder) < before:
            _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a table: its manifest first, then its files in the store, save those that another version has as well."""
    version, _, digest = folder.name.partition("-")
    ours = _stored(folder)
    shutil.rmtree(folder, ignore_errors=True)
    store = store_of(folder.parent.name)
    if store is None or not ours or not version.isdecimal():
        return
    theirs = [path for one in versions(folder.parent, digest) for path in _stored(folder.with_name(f"{one}-{digest}"))]
    try:
        engine.take_away(Remote(store.bucket, f"{store.key}/{digest}", store.kept / digest), ours - set(theirs))
    except DatongError as fault:
        log.warning("files of a table stay in the store", table=folder.name, why=str(fault))


def stored(name: str) -> set[str]:
    """Paths in the store, below the place of these tables, that some manifest here names."""
    made = [folder for folder in home(name).glob("*-*") if (folder / MANIFEST).is_file()]
    return {f"{folder.name.partition('-')[2]}/{path}" for folder in made for path in _stored(folder)}


def _stored(folder: Path) -> set[str]:
    """Files of a table that lie in the store."""
    try:
        held = derived(folder)
    except DatongError:
        return set()
    return {one.path for one in (*held.filled, *held.changes)} if held is not None and held.at else set()


def _left(folder: Path) -> float:
    """When a table was superseded by the next of its policy, or made where none followed."""
    version, _, digest = folder.name.partition("-")
    later = [one for one in versions(folder.parent, digest) if version.isdecimal() and one > int(version)] if digest else []
    return (folder.with_name(f"{later[0]}-{digest}") if later else folder).stat().st_mtime
